"""The definitions as SQL text of any dialect. Compiling costs a tenth of a second, so it is done once a process."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

import ibis
from ibis.expr.types import Table

from ringtrace.core.errors import BadInput
from ringtrace.lake.definitions.coalitions import coalitions
from ringtrace.lake.definitions.credits import credits as credits_of
from ringtrace.lake.definitions.laying import DEFAULT, Laying
from ringtrace.lake.definitions.numbers import without_bare_decimals
from ringtrace.lake.definitions.paths import paths
from ringtrace.lake.definitions.people import people
from ringtrace.lake.definitions.steps import steps
from ringtrace.lake.definitions.touches import touches
from ringtrace.lake.definitions.transitions import transitions

DIALECTS = ("duckdb", "pyspark", "bigquery", "snowflake", "databricks", "clickhouse", "trino", "postgres")

DEFINITIONS: Mapping[str, Callable[[Laying], Table]] = MappingProxyType(
    {
        "people": lambda _: people().order_by("visitor_id"),
        "steps": steps,
        "credits": credits_of,
        "paths": paths,
        "touches": touches,
        "coalitions": coalitions,
        "transitions_1": partial(transitions, order=1),
        "transitions_2": partial(transitions, order=2),
        "transitions_3": partial(transitions, order=3),
        "transitions_4": partial(transitions, order=4),
    }
)


_RANDOM_NAME = re.compile(
    r"ibis_bq_arr_\w+"
)  # Ibis draws a name for BigQuery's arrays; each stands in a scope of its own


@lru_cache(maxsize=256)
def sql_of(name: str, dialect: str = "duckdb", laying: Laying = DEFAULT) -> str:
    """One SELECT over the tables of `inputs.py`. Raises BadInput for an unknown name or dialect."""
    if name not in DEFINITIONS:
        raise BadInput(f"There is no definition {name}.", hint=f"There are {', '.join(DEFINITIONS)}.")
    return compile_table(_table(name, laying), dialect)


@lru_cache(maxsize=64)
def _table(name: str, laying: Laying) -> Table:
    return DEFINITIONS[name](laying)


def compile_table(table: Table, dialect: str) -> str:
    """The SQL text of an expression, without bare decimals. Raises BadInput for an unknown dialect."""
    if dialect not in DIALECTS:
        raise BadInput(f"There is no dialect {dialect}.", hint=f"There are {', '.join(DIALECTS)}.")
    text = ibis.to_sql(without_bare_decimals(table), dialect=_compiler_of(dialect))
    return _RANDOM_NAME.sub("ibis_entry", str(text)).strip() + "\n"


def _compiler_of(dialect: str) -> str:
    return "databricks" if dialect == "pyspark" else dialect
