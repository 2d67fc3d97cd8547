"""The SQL that the product runs by itself, compiled before it was packed. Reading it loads no Ibis."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ringtrace.core.errors import NotFound

SHIPPED = ("credits", "paths", "people", "steps", "touches")
"""The definitions, laid out by DEFAULT; any other way is compiled when it is asked for."""


@cache
def shipped_sql(name: str) -> str:
    """DuckDB's text of a definition. Raises NotFound for one that is not shipped: `compiled.sql_of` makes it."""
    file = files("ringtrace.lake.definitions") / "duckdb" / f"{name}.sql"
    if name not in SHIPPED or not file.is_file():
        raise NotFound(f"No SQL is shipped for {name}.", hint="Compile it with compiled.sql_of.")
    return file.read_text()
