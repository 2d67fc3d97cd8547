"""What an engine of the lake can do: ask, and write an answer as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

Columns = Mapping[str, str]
"""Names of columns with their SQL types: VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE."""

Cell = str | int | float | bool | date | None


@dataclass(frozen=True)
class Files:
    """A table in Parquet files, all named: no engine lists a folder. Without paths it is empty, and still typed."""

    columns: Columns
    paths: Sequence[str] = ()


@dataclass(frozen=True)
class Rows:
    """A small table that is given with the question: a few hundred rows at most, cells in the order of the columns."""

    columns: Columns
    rows: Sequence[Sequence[Cell]] = ()


Tables = Mapping[str, Files | Rows]


class Engine(Protocol):
    """Runs the SQL of its own dialect. One engine may be used by several threads."""

    @property
    def dialect(self) -> str:
        """The name by which `definitions.compiled.sql_of` knows it."""
        ...

    def ask(self, sql: str, tables: Tables) -> list[dict[str, Any]]:
        """The rows of one SELECT, in its order. Raises StoreUnavailable where a file or the engine is gone."""
        ...

    def write(self, sql: str, tables: Tables, path: Path, columns: Columns) -> None:
        """Writes the answer as one Parquet file of exactly these columns, in the order of its rows.

        The file appears whole or not at all if the caller names a path that nobody reads yet. Raises StoreUnavailable.
        """
        ...

    def close(self) -> None: ...


def values_sql(table: Rows, types: Mapping[str, str]) -> str:
    """A SELECT that gives the rows, with the engine's own names of types."""
    names = list(table.columns)
    kinds = [types[kind] for kind in table.columns.values()]
    if not table.rows:
        return empty_sql(table.columns, types)
    lines = [
        "SELECT "
        + ", ".join(
            f"CAST({_literal(cell)} AS {kind}) AS {name}" for cell, kind, name in zip(row, kinds, names, strict=True)
        )
        for row in table.rows
    ]
    return " UNION ALL ".join(lines)


def empty_sql(columns: Columns, types: Mapping[str, str]) -> str:
    """A SELECT of these columns without rows."""
    nothing = ", ".join(f"CAST(NULL AS {types[kind]}) AS {name}" for name, kind in columns.items())
    return f"SELECT {nothing} WHERE 1 = 0"


def _literal(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell) if isinstance(cell, int) else quoted(str(cell))


def quoted(text: str) -> str:
    """The text as a SQL string. For our own paths and ids: Spark would read a backslash in it, so none may be there."""
    if "\\" in text:
        raise ValueError(f"a backslash in {text!r}")
    return "'" + text.replace("'", "''") + "'"


def named_rows(names: Sequence[str], rows: Iterator[Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
