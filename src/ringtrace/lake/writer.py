"""Publishes a company's month: every fact of it as a new Parquet file, then one manifest that names them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import msgspec
from msgspec import Struct

from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.ids import new_id
from ringtrace.lake.manifest import Manifest, read_manifest, sync_folder, write_manifest
from ringtrace.lake.schemas import FACTS, columns

UNREAD_AFTER_SECS = 600

Facts = Mapping[str, Sequence[Struct]]


class LakeWriter:
    """The one writer of a lake folder. Not for two processes at once: the worker's data directory lock sees to that."""

    def __init__(self, lake_dir: Path, *, unread_after_secs: float = UNREAD_AFTER_SECS) -> None:
        self._dir = lake_dir
        self.unread_after_secs = unread_after_secs
        self._unnamed_since: dict[Path, float] = {}
        self._dir.mkdir(parents=True, exist_ok=True)
        self._engine = duckdb.connect(":memory:", config={"threads": 1})

    def publish(self, months: Mapping[tuple[str, str], Facts], now_ms: int) -> Manifest:
        """Replaces each (company_id, month) by its facts, all in one new manifest; returns that.

        A fact without rows leaves no file. Raises StoreUnavailable or OSError when the disk does not take it; then
        nothing changed.
        """
        old = read_manifest(self._dir)
        files = {fact: {company: dict(of) for company, of in old.files.get(fact, {}).items()} for fact in FACTS}
        for (company_id, month), facts in months.items():
            for fact in FACTS:
                of_company = files[fact].setdefault(company_id, {})
                of_company.pop(month, None)
                rows = facts.get(fact, ())
                if rows:
                    of_company[month] = self._write(fact, company_id, month, rows, now_ms)
        manifest = Manifest(version=old.version + 1, files=files)
        write_manifest(self._dir, manifest)
        return manifest

    def sweep(self) -> int:
        """Removes files that no manifest has named for ten minutes, so that no reader is still at them; how many.

        Counted from when this writer first found them unnamed: a file that was replaced a moment ago stays.
        """
        named = read_manifest(self._dir).all_paths()
        now = time.monotonic()
        unnamed = {path for path in self._dir.rglob("*.parquet") if str(path.relative_to(self._dir)) not in named}
        self._unnamed_since = {path: self._unnamed_since.get(path, now) for path in unnamed}
        stale = [path for path, since in self._unnamed_since.items() if now - since >= self.unread_after_secs]
        for path in stale:
            path.unlink()
            del self._unnamed_since[path]
        return len(stale)

    def close(self) -> None:
        self._engine.close()

    def _write(self, fact: str, company_id: str, month: str, rows: Sequence[Struct], now_ms: int) -> str:
        relative = f"{fact}/{company_id}/{month}-{new_id('p', now_ms)}.parquet"
        path = self._dir / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._dir, suffix=".ndjson") as staged:
            staged.write(msgspec.json.Encoder().encode_lines(rows))
            staged.flush()
            self._copy(fact, Path(staged.name), path)
        _sync_file(path)
        sync_folder(path.parent)
        return relative

    def _copy(self, fact: str, staged: Path, path: Path) -> None:
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns(fact).items())
        names = ", ".join(columns(fact))
        copy = (
            f"COPY (SELECT {names} FROM read_json(?, format = 'newline_delimited', columns = {{{types}}}))"  # noqa: S608
            " TO '" + str(path).replace("'", "''") + "' (FORMAT parquet, COMPRESSION zstd)"
        )
        try:
            self._engine.execute(copy, [str(staged)])
        except duckdb.IOException as error:
            raise StoreUnavailable(f"The lake did not take {fact}.", hint="Check the disk's space.") from error


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
