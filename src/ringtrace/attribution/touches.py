"""A table of touches, whatever it lies in: Parquet files, Arrow, pandas, Polars, Ibis, or columns of NumPy."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
from msgspec import Struct
from nanoarrow._utils import NanoarrowException  # it has no public name

from ringtrace.core.errors import BadInput

_VIEW = "touches"
_IDS = ("VARCHAR", "ENUM", "BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "SMALLINT", "HUGEINT", "UUID", "BLOB")
_UNITS = {"_us": 1, "_ms": 1_000, "_secs": 1_000_000, "_s": 1_000_000}
_DOUBLES = ("DOUBLE", "FLOAT")  # what whole numbers become in a table library that has no missing integers
_INTEGERS = ("BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "SMALLINT", "USMALLINT", "TINYINT", "UTINYINT", "HUGEINT")


class Kind(StrEnum):
    """What a table came as, and what its results go back as."""

    PATHS = "paths"
    ARROW = "arrow"
    PANDAS = "pandas"
    POLARS = "polars"
    IBIS = "ibis"
    NUMPY = "numpy"


class Columns(Struct, frozen=True, kw_only=True):
    """Which column is what. Required: `journey` (an id, text or integer), `at` (a time) and `player` (text).

    `converted` (bool, or 0 and 1) says on any row of a journey that it converted; `value` what that brought, the same
    on each row that has it; `p` the probability that the conversion is this journey's (1); `converted_at` when it
    converted; `channel` says which touches were direct or paid where the player is something else; `lead` and
    `opportunity` (bool) mark the touches before those were made. None: there is no such column.
    """

    journey: str = "journey"
    at: str = "at"
    player: str = "channel"
    converted: str = "converted"
    value: str | None = None
    p: str | None = None
    converted_at: str | None = None
    channel: str | None = None
    lead: str | None = None
    opportunity: str | None = None


OPTIONAL = ("value", "p", "converted_at", "channel", "lead", "opportunity")


@dataclass(frozen=True)
class Touches:
    """An opened table: `engine` holds it as the view `touches`; `types` its columns with their types."""

    engine: duckdb.DuckDBPyConnection
    kind: Kind
    types: Mapping[str, str]
    columns: Columns

    @property
    def source(self) -> str:
        return _VIEW

    def ask(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a question to the table. Raises BadInput where a value cannot be read."""
        with reading():
            return self.engine.execute(sql, values).fetchall()

    @property
    def at_us(self) -> str:
        """SQL of the touch's time in microseconds since 1970 (UTC)."""
        return self.moment(self.columns.at)

    def moment(self, column: str) -> str:
        return _moment(column, self.types[column])


@contextmanager
def reading() -> Iterator[None]:
    """Says as BadInput what the engine says of a value that it cannot read."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException, NanoarrowException) as error:
        raise BadInput(
            "A value of the table cannot be read as what its column is said to be.",
            hint=f"The engine says: {str(error).splitlines()[0][:200]}",
        ) from error


def quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def open_touches(journeys: object, columns: Columns, *, memory_bytes: int | None = None) -> Touches:
    """Opens a table. Raises BadInput for one that cannot be read, and for columns it does not have."""
    config: dict[str, Any] = {"threads": os.cpu_count() or 1, "preserve_insertion_order": True}
    if memory_bytes is not None:
        config["memory_limit"] = f"{max(memory_bytes // (1 << 20), 64)}MB"
    engine = duckdb.connect(":memory:", config=config)
    engine.execute("SET TimeZone = 'UTC'")
    kind = _kind_of(journeys)
    try:
        _register(engine, kind, journeys)
        described = engine.execute(f"DESCRIBE {_VIEW}").fetchall()
    except duckdb.Error as error:
        raise BadInput(
            "The table cannot be opened.", hint=f"The engine says: {str(error).splitlines()[0][:200]}"
        ) from error
    types = {row[0]: row[1] for row in described}
    found = _found(columns, types)
    _check_types(found, types)
    return Touches(engine, kind, types, found)


def _kind_of(journeys: object) -> Kind:
    if isinstance(journeys, str | Path) or (isinstance(journeys, list | tuple) and journeys):
        return Kind.PATHS
    if isinstance(journeys, dict):
        return Kind.NUMPY
    package = type(journeys).__module__.partition(".")[0]
    kinds = {"pyarrow": Kind.ARROW, "pandas": Kind.PANDAS, "polars": Kind.POLARS, "ibis": Kind.IBIS}
    if package not in kinds:
        raise BadInput(
            f"A {type(journeys).__name__} is no table of touches.",
            hint="Give Parquet paths, an Arrow, pandas, Polars or Ibis table, or a dict of NumPy arrays.",
        )
    return kinds[package]


def _register(engine: duckdb.DuckDBPyConnection, kind: Kind, journeys: Any) -> None:
    if kind is Kind.PATHS:
        paths = [str(path) for path in (journeys if isinstance(journeys, list | tuple) else [journeys])]
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        engine.execute(f"CREATE TEMP VIEW {_VIEW} AS SELECT * FROM read_parquet([{listed}], union_by_name = true)")  # noqa: S608
        return
    if kind is Kind.IBIS:
        journeys = journeys.to_pyarrow()
    if kind is Kind.POLARS and hasattr(journeys, "collect"):
        journeys = journeys.collect()
    engine.register(_VIEW, journeys)


def _found(columns: Columns, types: Mapping[str, str]) -> Columns:
    """The columns that are there; raises BadInput for one that was named or is needed and is not."""
    for role in ("journey", "at", "player", "converted", *OPTIONAL):
        name = getattr(columns, role)
        if name is None or name in types:
            continue
        near = difflib.get_close_matches(name, types, n=1)
        raise BadInput(
            f"The table has no column {name!r} for `{role}`.",
            hint=f"{f'Did you mean {near[0]!r}? ' if near else ''}It has: {', '.join(types)}.",
        )
    return columns


def _check_types(columns: Columns, types: Mapping[str, str]) -> None:
    kind = types[columns.journey].split("(")[0]
    if kind not in _IDS:
        raise BadInput(
            f"Column {columns.journey!r} is {types[columns.journey]}: no id of a journey.",
            hint="Name the column of visitor or journey ids.",
        )
    for column in filter(None, (columns.at, columns.converted_at)):
        _moment(column, types[column])
    if types[columns.converted].split("(")[0] not in ("BOOLEAN", *_INTEGERS, "DOUBLE", "FLOAT", "DECIMAL"):
        raise BadInput(
            f"Column {columns.converted!r} is {types[columns.converted]}: it cannot say whether a journey converted.",
            hint="Give booleans, or 0 and 1.",
        )


def _moment(column: str, kind: str) -> str:
    name = quoted(column)
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return (
            f"epoch_us({name}::TIMESTAMP)" if kind in ("DATE", "TIMESTAMP_S", "TIMESTAMP_MS") else f"epoch_us({name})"
        )
    if kind == "VARCHAR":
        return f"epoch_us({name}::TIMESTAMPTZ)"
    if kind in (*_INTEGERS, *_DOUBLES):
        name = f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END" if kind in _DOUBLES else name
        for ending, us in _UNITS.items():
            if column.endswith(ending):
                return f"({name}::BIGINT * {us})" if us > 1 else f"{name}::BIGINT"
        raise BadInput(
            f"Column {column!r} holds numbers, and nothing says of which unit.",
            hint=f"Give times, or name the column for its unit: {', '.join(column + end for end in _UNITS)}.",
        )
    raise BadInput(f"Column {column!r} is {kind}: no time.", hint="Give timestamps, or ISO 8601 text with its zone.")
