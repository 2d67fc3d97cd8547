"""DuckDB, embedded: the engine of one machine. Files are read where they lie; what does not fit memory spills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.engines.port import Columns, Files, Rows, Tables, empty_sql, named_rows, quoted, values_sql

TYPES = {kind: kind for kind in ("VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "VARCHAR[]")}
_GONE = (duckdb.IOException, duckdb.OutOfMemoryException)


class DuckDBEngine:
    """One database in memory, a cursor a question.

    `memory` such as '512MB'; `spill_dir` is where what exceeds it goes (None: nowhere, it fails).
    With one thread the same question to the same files gives the same bytes; with more, sums differ in the last digits.
    """

    dialect = "duckdb"

    def __init__(self, *, memory: str | None = None, spill_dir: Path | None = None, threads: int = 2) -> None:
        spills = "" if spill_dir is None else str(spill_dir)
        config: dict[str, str | bool | int | float | list[str]] = {"threads": threads, "temp_directory": spills}
        if memory is not None:
            config["memory_limit"] = memory
        self._shared = duckdb.connect(":memory:", config=config)

    def ask(self, sql: str, tables: Tables) -> list[dict[str, Any]]:
        with self._over(tables) as cursor, _said():
            answer = cursor.execute(sql)
            return named_rows([column[0] for column in answer.description], iter(answer.fetchall()))

    def write(self, sql: str, tables: Tables, path: Path, columns: Columns) -> None:
        wanted = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items())
        copy = f"COPY (SELECT {wanted} FROM ({sql})) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
        with self._over(tables) as cursor, _said():
            cursor.execute(copy)

    def close(self) -> None:
        self._shared.close()

    @contextmanager
    def _over(self, tables: Tables) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that knows the tables: temporary views are a cursor's own, so that no two questions mix."""
        with self._shared.cursor() as cursor, _said():
            for name, table in tables.items():
                cursor.execute(f'CREATE TEMP VIEW "{name}" AS {_select(table)}')
            yield cursor


def _select(table: Files | Rows) -> str:
    if isinstance(table, Rows):
        return values_sql(table, TYPES)
    if not table.paths:
        return empty_sql(table.columns, TYPES)
    names = ", ".join(f'"{name}"' for name in table.columns)
    return f"SELECT {names} FROM read_parquet([{', '.join(map(quoted, table.paths))}])"  # noqa: S608


@contextmanager
def _said() -> Iterator[None]:
    """What DuckDB raises where a file, the disk or the memory is gone, in our own words."""
    try:
        yield
    except _GONE as error:
        raise StoreUnavailable(
            f"The lake did not answer: {str(error).splitlines()[0]}",
            hint="Check the disk's space and the lake's files.",
        ) from error
