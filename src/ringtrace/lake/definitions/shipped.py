"""The SQL that the product runs, compiled before it was packed. Reading it loads no Ibis."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ringtrace.core.errors import NotFound
from ringtrace.lake.definitions.laying import DEFAULT, Laying

SHIPPED: tuple[tuple[str, Laying], ...] = (
    *((name, DEFAULT) for name in ("credits", "paths", "people", "steps", "touches")),
    *((name, Laying(level=level)) for level in ("session", "campaign") for name in ("credits", "paths")),
)


def file_name(name: str, laying: Laying) -> str:
    """Such as `credits.sql`, or `credits-session.sql` for another way to lay out."""
    other = [part for part, usual in zip(_parts(laying), _parts(DEFAULT), strict=True) if part != usual]
    return "-".join([name, *(part.replace(":", "-") for part in other)]) + ".sql"


@cache
def shipped_sql(name: str, laying: Laying = DEFAULT) -> str:
    """DuckDB's text of a definition. Raises NotFound for one that is not shipped: `compiled.sql_of` makes it."""
    file = files("ringtrace.lake.definitions") / "duckdb" / file_name(name, laying)
    if (name, laying) not in SHIPPED or not file.is_file():
        raise NotFound(f"No SQL is shipped for {name} of {laying}.", hint="Compile it with compiled.sql_of.")
    return file.read_text()


def _parts(laying: Laying) -> tuple[str, str, str]:
    return laying.level, laying.dedupe, laying.by
