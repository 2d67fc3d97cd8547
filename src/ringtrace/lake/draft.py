"""The next state of the lake in the making: files beside those that are read, then one manifest that names them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import msgspec
from msgspec import Struct

from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.home import LakeHome, Raw
from ringtrace.lake.manifest import FileEntry, Files, Manifest, data_version_of, encode_manifest
from ringtrace.lake.schemas import BASE_FACTS, FACTS, SCHEMA, columns, empty_table

PART, STAGED = ".part", ".ndjson"
THREADS = 1  # so that bytes depend on rows alone
_DIGEST_BYTES = 16
_BLOCK = 1 << 20
_BATCH = 10_000


class Draft:
    """What the next manifest will name. Nothing of it is seen before `commit`; a crash leaves files that nobody names.

    A partition whose rows are as they were keeps its file, and one that is made again from the same rows gets the same
    name. `repair`: every file is written, even where it should be there.
    """

    def __init__(
        self,
        home: LakeHome,
        engine: duckdb.DuckDBPyConnection,
        old: Manifest,
        over: Raw | None,
        *,
        definitions: str,
        repair: bool = False,
    ) -> None:
        self._home = home
        self.old = old
        self._over = over
        self._definitions = definitions
        self._repair = repair
        self.engine = engine
        self.files: Files = {
            fact: {company: dict(months) for company, months in old.files.get(fact, {}).items()} for fact in FACTS
        }

    def put_rows(self, fact: str, company_id: str, month: str, rows: Iterable[Struct]) -> bool:
        """Replaces a partition by rows; none: it has no file. Returns whether it changed.

        Raises StoreUnavailable or OSError when the disk does not take it.
        """
        with tempfile.NamedTemporaryFile(dir=self._home.folder, suffix=STAGED) as staged:
            made_from = _stage(staged, f"rows {SCHEMA} {fact}", rows)
            any_rows = bool(staged.tell())
            if self.is_made(fact, company_id, month, made_from, any_rows=any_rows):
                return False
            if not any_rows:
                return self._name(fact, company_id, month, None)
            types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns(fact).items())
            read = f"read_json('{sql_text(staged.name)}', format = 'newline_delimited', columns = {{{types}}})"
            return self.put_query(fact, company_id, month, f"SELECT * FROM {read}", made_from)  # noqa: S608

    def put_query(self, fact: str, company_id: str, month: str, query: str, made_from: str) -> bool:
        """Replaces a partition by a query's rows, in its order; `made_from` is the digest of all that it reads."""
        typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in columns(fact).items())
        with tempfile.NamedTemporaryFile(dir=self._home.folder, suffix=PART, delete=False) as part:
            fresh = Path(part.name)
        copy = (
            f"COPY (SELECT {typed} FROM ({query})) TO '{sql_text(str(fresh))}'"  # noqa: S608 - SQL of ours
            " (FORMAT parquet, COMPRESSION zstd)"
        )
        try:
            rows = self._copy(fact, copy)
            if not rows:
                return self._name(fact, company_id, month, None)
            path = f"{fact}/{company_id}/{month}-{digest_of_file(fresh)}.parquet"
            self._place(fresh, path)
            return self._name(fact, company_id, month, FileEntry(path=path, rows=rows, made_from=made_from))
        finally:
            fresh.unlink(missing_ok=True)

    def entries_of(self, company_id: str) -> dict[str, dict[str, FileEntry]]:
        """What this draft names of a company, by fact and month; `put_back` takes it again."""
        return {fact: dict(self.files[fact].get(company_id, {})) for fact in FACTS}

    def put_back(
        self, company_id: str, entries: Mapping[str, Mapping[str, FileEntry]], month: str | None = None
    ) -> None:
        """Names what was named before, of one month or of all."""
        for fact, months in entries.items():
            of_company = self.files[fact].setdefault(company_id, {})
            for each in {*of_company, *months} if month is None else {month}:
                if each in months:
                    of_company[each] = months[each]
                else:
                    of_company.pop(each, None)

    def keep_companies(self, company_ids: Collection[str]) -> None:
        """Names nothing of any other company."""
        for fact, companies in self.files.items():
            self.files[fact] = {company: months for company, months in companies.items() if company in company_ids}

    def drop(self, fact: str, company_id: str, month: str) -> bool:
        """A partition without rows; returns whether it had any."""
        return self._name(fact, company_id, month, None)

    def is_made(self, fact: str, company_id: str, month: str, made_from: str, *, any_rows: bool = True) -> bool:
        """Whether the partition was made from just this already, and its file is there."""
        entry = self.entry(fact, company_id, month)
        if entry is None:
            return not any_rows
        return not self._repair and entry.made_from == made_from and self._home.has(entry.path)

    def entry(self, fact: str, company_id: str, month: str) -> FileEntry | None:
        return self.files[fact].get(company_id, {}).get(month)

    def months_of(self, company_id: str) -> list[str]:
        """The months of which the company has a base fact."""
        return sorted({month for fact in BASE_FACTS for month in self.files[fact].get(company_id, {})})

    def names(self, fact: str, company_id: str, months: Sequence[str]) -> list[str]:
        of_company = self.files[fact].get(company_id, {})
        return [of_company[month].path for month in months if month in of_company]

    def table(self, fact: str, company_id: str, months: Sequence[str]) -> str:
        """A fact's rows of some months as this draft has them, as something to select from."""
        return table_of(fact, self._home.local(self.names(fact, company_id, months)))

    def commit(self) -> Manifest:
        """Makes it what readers see; where nothing changed, nothing is written. Raises LakeMoved, OSError."""
        files = {fact: {of: dict(months) for of, months in self.files[fact].items() if months} for fact in FACTS}
        is_old = files == {fact: {of: m for of, m in self.old.files.get(fact, {}).items() if m} for fact in FACTS}
        if is_old and self.old.version and self.old.definitions == self._definitions:
            return self.old
        manifest = Manifest(
            version=self.old.version + 1,
            definitions=self._definitions,
            data_version=data_version_of(files),
            files=files,
        )
        self._home.write_raw(encode_manifest(manifest), self._over)
        return manifest

    def _name(self, fact: str, company_id: str, month: str, entry: FileEntry | None) -> bool:
        of_company = self.files[fact].setdefault(company_id, {})
        before = of_company.get(month)
        if entry is None:
            of_company.pop(month, None)
        else:
            of_company[month] = entry
        return (before and before.path) != (entry and entry.path)

    def _copy(self, fact: str, copy: str) -> int:
        try:
            counted = self.engine.execute(copy).fetchone()
        except duckdb.IOException as error:
            raise StoreUnavailable(f"The lake did not take {fact}.", hint="Check the disk's space.") from error
        return int(counted[0]) if counted else 0

    def _place(self, fresh: Path, path: str) -> None:
        """Durable under its name before a manifest names it. What lay there under this name had the same content."""
        target = self._home.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(target)
        self._home.keep(path)


def _stage(file: IO[bytes], what: str, rows: Iterable[Struct]) -> str:
    """Writes rows as JSON lines, some thousand at a time, and returns the digest of all."""
    hashed, encoder = hashlib.blake2b(what.encode(), digest_size=_DIGEST_BYTES), msgspec.json.Encoder()
    ahead = iter(rows)
    while batch := list(islice(ahead, _BATCH)):
        lines = encoder.encode_lines(batch)
        hashed.update(lines)
        file.write(lines)
    file.flush()
    return hashed.hexdigest()


def digest(*parts: bytes) -> str:
    """32 hexadecimal digits for the parts, in order (BLAKE2b)."""
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.hexdigest()


def digest_of_file(path: Path) -> str:
    """The digest that a data file has in its name: BLAKE2b of its bytes, 32 hexadecimal digits."""
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


def table_of(fact: str, files: Sequence[str]) -> str:
    """What DuckDB reads these files of a fact by; a typed empty table where there is none."""
    if not files:
        return empty_table(fact)
    quoted = ", ".join(f"'{sql_text(path)}'" for path in files)
    return f"read_parquet([{quoted}])"


def sql_text(text: str) -> str:
    """For between single quotes."""
    return text.replace("'", "''")


Facts = Mapping[str, Sequence[Struct]]
