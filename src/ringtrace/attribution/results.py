"""Results: columns with what they were made of, given back as what the journeys came as."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
from msgspec import Struct

from ringtrace.attribution.touches import Kind, quoted
from ringtrace.core.errors import BadInput, PartMissing, StoreUnavailable

DEFINITION = "touches-1"
"""The version of what a touch table means: order, ties, duplicates, shares. It changes when any result would."""

Column = Any  # a NumPy array, or a list of text


class Made(Struct, frozen=True, kw_only=True):
    """What a result was made of: with the same four, the same bytes."""

    model: str
    params: str
    definition: str
    data_version: str


def give_back(columns: Mapping[str, Column], kind: Kind, out: Path | None) -> Any:
    """The columns as a table of this kind; written to `out` (.parquet or .csv) where one is named, which is then the
    answer for paths. Raises BadInput where nothing says where to write."""
    if out is not None:
        write(columns, out)
    if kind is Kind.PATHS:
        if out is None:
            raise BadInput("Nothing says where the result goes.", hint="Name a file with out=, such as credit.parquet.")
        return out
    if kind is Kind.NUMPY:
        return dict(columns)
    try:
        if kind is Kind.PANDAS:
            return import_module("pandas").DataFrame(_listed(columns))
        if kind is Kind.POLARS:
            return import_module("polars").DataFrame(_listed(columns))
        table = import_module("pyarrow").table(_listed(columns))
        return table if kind is Kind.ARROW else import_module("ibis").memtable(table)
    except ImportError as error:
        raise PartMissing(f"{error.name} is not installed.", hint=f"pip install {error.name}") from error


def _listed(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Text as lists, so that every library sees text and its missing values alike."""
    return {name: column.tolist() if column.dtype == object else column for name, column in columns.items()}


def write(columns: Mapping[str, Column], out: Path) -> None:
    """Writes columns beside the file and renames it over: whole or not at all. Raises BadInput, StoreUnavailable."""
    formats = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}
    if out.suffix not in formats:
        raise BadInput(f"{out.name} is neither .parquet nor .csv.", hint="Name the file by what it shall be.")
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("columns", dict(columns))
        named = ", ".join(f"{_typed(quoted(name), column)} AS {quoted(name)}" for name, column in columns.items())
        fresh = out.with_name(f".{out.name}.fresh")
        target = str(fresh).replace("'", "''")
        try:
            engine.execute(f"COPY (SELECT {named} FROM columns) TO '{target}' ({formats[out.suffix]})")  # noqa: S608
        except duckdb.IOException as error:
            raise StoreUnavailable(
                f"{out} cannot be written.", hint="Check the folder and the disk's space."
            ) from error
        fresh.replace(out)


def _typed(name: str, column: Any) -> str:
    return f"{name}::VARCHAR" if column.dtype == object else name


def constant(value: str, rows: int) -> Any:
    return np.full(rows, value, dtype=object)


def made_columns(made: Made, rows: int) -> dict[str, Column]:
    return {name: constant(value, rows) for name, value in msgspec.structs.asdict(made).items()}
