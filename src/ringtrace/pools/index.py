"""From a key of sixteen bytes to the slot that holds it: four bytes an entry, where a dict takes two hundred.

Open addressing with linear probing; removal moves later entries back, so that no gaps are left (Knuth, The Art of
Computer Programming, volume 3, section 6.4, algorithm R). Keys are spread evenly already: they are digests.
"""

from __future__ import annotations

from array import array

KEY_BYTES = 16


class KeyIndex:
    """Over `keys`, a column of sixteen bytes a slot that the owner writes: before `add`, and not before `remove`."""

    def __init__(self, keys: bytearray, table: bytes | None = None) -> None:
        slots = len(keys) // KEY_BYTES
        size = 1 << (2 * slots + 1).bit_length()
        self._keys = keys
        self._mask = size - 1
        self.table = array("i", bytes(size * 4) if table is None else table)
        if len(self.table) != size:
            raise ValueError("an index of another size")

    def find(self, key: bytes) -> int:
        """The slot, or -1."""
        table, mask, keys = self.table, self._mask, self._keys
        place = int.from_bytes(key[:4], "little") & mask
        while found := table[place]:
            at = (found - 1) * KEY_BYTES
            if keys[at : at + KEY_BYTES] == key:
                return found - 1
            place = (place + 1) & mask
        return -1

    def add(self, key: bytes, slot: int) -> None:
        """`key` must not be there yet, of whatever slot."""
        table, mask = self.table, self._mask
        place = int.from_bytes(key[:4], "little") & mask
        while table[place]:
            place = (place + 1) & mask
        table[place] = slot + 1

    def remove(self, key: bytes, slot: int) -> None:
        """Forgets `slot` under `key`; nothing happens if it is not there."""
        table, mask = self.table, self._mask
        place = int.from_bytes(key[:4], "little") & mask
        while table[place] != slot + 1:
            if not table[place]:
                return
            place = (place + 1) & mask
        self._close_gap(place)

    def _close_gap(self, gap: int) -> None:
        table, mask, keys = self.table, self._mask, self._keys
        place = gap
        while True:
            place = (place + 1) & mask
            found = table[place]
            if not found:
                break
            at = (found - 1) * KEY_BYTES
            home = int.from_bytes(keys[at : at + 4], "little") & mask
            if (place - home) & mask >= (place - gap) & mask:
                table[gap] = found
                gap = place
        table[gap] = 0
