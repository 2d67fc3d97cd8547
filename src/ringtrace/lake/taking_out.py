"""Rows of the lake on their way out: a stream of them, or one Parquet file. Memory stays flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import TIMED_BY

_BATCH = 2_000
_THREADS = 2
_MEMORY = "256MB"
Columns = Mapping[str, str]
"""Names of columns with their SQL types."""


def fact_sql(lake: LakeReader, fact: str, columns: Sequence[str], since_ms: int, until_ms: int) -> str:
    """The rows of a fact from one moment to before another, in order of time, as SQL."""
    named = ", ".join(f'"{name}"' for name in columns)
    at = TIMED_BY[fact]
    rows = lake.table(fact)
    return f"SELECT {named} FROM {rows} WHERE {at} >= {since_ms:d} AND {at} < {until_ms:d} ORDER BY {at}"  # noqa: S608


def count_rows(sql: str) -> int:
    with closing(_engine()) as engine:
        found = engine.execute(f"SELECT count(*) FROM ({sql})").fetchone()  # noqa: S608 - SQL of ours
    return int(found[0]) if found else 0


def stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows, some at a time."""
    with closing(_engine()) as engine:
        answer = engine.execute(sql)
        while rows := answer.fetchmany(_BATCH):
            yield from rows


def query_to_parquet(sql: str, path: Path) -> None:
    with closing(_engine()) as engine:
        _copy(engine, sql, path)


def rows_to_parquet(rows: Iterable[Mapping[str, Any]], columns: Columns, path: Path) -> int:
    """Writes rows as one Parquet file; how many there were. `TIMESTAMP` columns are given in ms since 1970 (UTC)."""
    count = 0
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".ndjson") as staged, closing(_engine()) as engine:
        for row in rows:
            staged.write(msgspec.json.encode(row) + b"\n")
            count += 1
        staged.flush()
        _copy(engine, _staged_sql(staged.name, columns, any_rows=bool(count)), path)
    return count


def _staged_sql(name: str, columns: Columns, *, any_rows: bool) -> str:
    if not any_rows:
        nothing = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns.items())
        return f"SELECT {nothing} WHERE false"
    read = ", ".join(f"'{column}': '{'BIGINT' if kind == 'TIMESTAMP' else kind}'" for column, kind in columns.items())
    named = ", ".join(
        f'make_timestamp("{column}" * 1000) AS "{column}"' if kind == "TIMESTAMP" else f'"{column}"'
        for column, kind in columns.items()
    )
    return f"SELECT {named} FROM read_json('{name}', format = 'newline_delimited', columns = {{{read}}})"  # noqa: S608


def _copy(engine: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    """Raises StoreUnavailable where the disk or a file is gone."""
    target = str(path).replace("'", "''")
    try:
        engine.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        raise StoreUnavailable(
            "The file could not be written.", hint="Check the disk’s space, then try again."
        ) from error


def _engine() -> duckdb.DuckDBPyConnection:
    """One of its own, so that a long download holds up no page."""
    spills = tempfile.gettempdir()
    return duckdb.connect(":memory:", config={"threads": _THREADS, "memory_limit": _MEMORY, "temp_directory": spills})
