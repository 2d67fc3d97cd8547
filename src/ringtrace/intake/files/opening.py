"""The bytes of an uploaded file, whatever it is packed in, and the encoding they are written in."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from msgspec import Struct

from ringtrace.core.errors import BadInput, UnreadableBody

MOST_BYTES = 8 * 2**30  # unpacked: a small archive may hold a boundless file
_CHUNK = 2**20
_HEAD = 2**16
_WORKBOOK_HINT = "Open it in a spreadsheet program and save the sheet as CSV (UTF-8)."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Encoding(Struct, frozen=True):
    name: str
    note: str = ""


class Bytes:
    """Where a file's bytes are: opened anew for each reading, so that two may go on at once.

    A `.gz`, or a `.zip` with one file in it, is unpacked while it is read. `total_bytes`: as they lie there, packed.
    Raises UnreadableBody for a workbook.
    """

    def __init__(self, file: Path | str | BinaryIO) -> None:
        self._file = file if not isinstance(file, str) else Path(file)
        window = self._window()
        self.total_bytes = window.seek(0, io.SEEK_END)
        window.seek(0)
        self._mark = window.read(8)
        window.close()
        if self._mark.startswith(b"\xd0\xcf\x11\xe0"):
            raise UnreadableBody("This is an old Excel workbook, not a table of text.", hint=_WORKBOOK_HINT)

    def open(self) -> tuple[BinaryIO, Callable[[], int]]:
        """The unpacked bytes from the start, and how far the reading has come of `total_bytes`."""
        window = self._window()
        if self._mark.startswith(b"\x1f\x8b"):
            packed = gzip.GzipFile(fileobj=window)
            packed.myfileobj = cast(io.FileIO, window)  # so that it is closed with what reads it
            return cast(BinaryIO, packed), lambda: window.position
        if self._mark.startswith(b"PK\x03\x04"):
            return _only_member(window), lambda: window.position
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, window), _CHUNK)), lambda: window.position

    def _window(self) -> _Window:
        return _Window(self._file.open("rb") if isinstance(self._file, Path) else self._file, owns=self._is_path)

    @property
    def _is_path(self) -> bool:
        return isinstance(self._file, Path)


class _Window(io.RawIOBase):
    """A file that several readers share: each keeps its own place."""

    def __init__(self, file: BinaryIO, *, owns: bool) -> None:
        self._file = file
        self._owns = owns
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = self.position if whence == io.SEEK_CUR else 0
        wanted = self._file.seek(0, io.SEEK_END) + offset if whence == io.SEEK_END else start + offset
        if wanted < 0:
            raise OSError("before the start of the file")
        self.position = wanted
        return wanted

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._file.seek(self.position)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def close(self) -> None:
        if self._owns and not self.closed:
            self._file.close()
        super().close()


def _only_member(window: _Window) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(cast(BinaryIO, window))
    except zipfile.BadZipFile as error:
        raise UnreadableBody("The zip archive is damaged.", hint="Download or pack it again.") from error
    names = [info.filename for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
    if "[Content_Types].xml" in names:
        raise UnreadableBody("This is an Excel workbook, not a table of text.", hint=_WORKBOOK_HINT)
    if len(names) != 1:
        raise UnreadableBody(f"The zip archive holds {len(names)} files.", hint="Send one table at a time.")
    try:
        return cast(BinaryIO, archive.open(names[0]))
    except (RuntimeError, NotImplementedError) as error:  # a password, a method that is not built in
        raise UnreadableBody("The zip archive cannot be opened.", hint="Unpack it and send the table.") from error


def find_encoding(source: Bytes) -> Encoding:
    """Reads all of it once. By its mark; UTF-16 without one by where its zeros are; UTF-8 where it holds from start to
    end; else Windows' Latin (cp1252). A few bytes that break UTF-8 in a file that is plainly UTF-8 are noted."""
    stream, _ = source.open()
    with stream:
        head = _read(stream, _HEAD)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return Encoding(name)
        if wide := _utf16_without_mark(head):
            return Encoding(wide)
        _refuse_junk(head)
        return _utf8_or_latin(stream, head)


def _read(stream: BinaryIO, size: int) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise UnreadableBody("The packed file is damaged.", hint="Download or pack it again.") from error


def _utf16_without_mark(head: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every other byte: the second of each pair where the low byte is first."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0) / pairs, head[1 : 2 * pairs : 2].count(0) / pairs
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _refuse_junk(head: bytes) -> None:
    controls = sum(head.count(code) for code in (*range(9), 11, 12, *range(14, 32)))
    if head.startswith((b"%PDF", b"\x89PNG")) or controls > len(head) * 0.05 + 2:
        raise UnreadableBody("This is not a table of text.", hint="Export it as CSV and send that file.")


def _utf8_or_latin(stream: BinaryIO, head: bytes) -> Encoding:
    strict = codecs.getincrementaldecoder("utf-8")("replace")
    bad = good = seen = 0
    chunk = head
    while chunk:
        seen += len(chunk)
        if seen > MOST_BYTES:
            raise BadInput("The file is too large to be read.", hint="Send it in parts.")
        text = strict.decode(chunk)
        if not text.isascii():
            bad += text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
            good += len(text) - len(text.encode("ascii", "ignore"))
        chunk = _read(stream, _CHUNK)
    bad += len(strict.decode(b"", final=True))
    if bad <= 0:
        return Encoding("utf-8")
    if good - bad > 20 * bad:
        return Encoding("utf-8", f"{bad} places are no readable text and are shown as �.")
    return Encoding("cp1252", "The file is not UTF-8: it was read as Windows' Latin (cp1252).")
