"""What the definitions are compiled to: the same text each time, for every dialect, without the traps of any."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import pytest
from ibis.expr.types import Table

from ringtrace.attribution.model import Rule
from ringtrace.attribution.registry import LAKE_MODELS, MODELS
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.lake.definitions.compile import FOLDER, texts
from ringtrace.lake.definitions.compiled import DEFINITIONS, DIALECTS, compile_table, sql_of
from ringtrace.lake.definitions.credits import CREDITS_COLUMNS
from ringtrace.lake.definitions.flat import flat_shares, flat_statistics
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.shipped import SHIPPED, shipped_sql
from ringtrace.lake.schemas import columns

_BARE_DECIMAL = re.compile(r"(?<![\w.'\"])\d+(\.\d*([eE][+-]?\d+)?|[eE][+-]?\d+)")
_STRING = re.compile(r"'[^']*'")


@cache
def _flat(name: str) -> Table:
    model = MODELS[name]
    return flat_shares(model, 30) if isinstance(model, Rule) else flat_statistics(model, 30)


def _every_text(dialect: str) -> dict[str, str]:
    own = {name: sql_of(name, dialect) for name in DEFINITIONS}
    return own | {f"flat {name}": compile_table(_flat(name), dialect) for name in MODELS}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_compiles_everything_without_bare_decimals_and_approximations(dialect: str) -> None:
    for name, text in _every_text(dialect).items():
        assert _BARE_DECIMAL.findall(_STRING.sub("''", text)) == [], name
        assert re.findall(r"(?i)\b(uniq|approx_\w+|hll\w*)\(", text) == [], name


def test_its_search_for_bare_decimals_finds_them() -> None:
    for text in ("x * 0.3", "(1.0", "-7.5", "1e6 + x"):
        assert _BARE_DECIMAL.search(text), text
    assert not _BARE_DECIMAL.search('"t0"."a" + CAST(\'\' AS DOUBLE) + 86400000')


def test_what_is_shipped_is_what_is_compiled() -> None:
    hint = "run python -m ringtrace.lake.definitions.compile"
    assert {path.name: path.read_text() for path in FOLDER.glob("*.sql")} == texts(), hint
    for name in SHIPPED:
        assert shipped_sql(name) == sql_of(name, "duckdb")


def test_it_reads_what_is_shipped_without_ibis() -> None:
    code = (
        "import sys\n"
        "from ringtrace.lake.definitions.asking import tables_of\n"
        "from ringtrace.lake.definitions.shipped import shipped_sql\n"
        "from ringtrace.lake.engines.duckdb import DuckDBEngine\n"
        "engine = DuckDBEngine()\n"
        "assert engine.ask(shipped_sql('credits'), tables_of({}, 0, 1)) == []\n"
        "print([name for name in ('ibis', 'sqlglot', 'pyspark', 'pandas', 'pyarrow') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_credits_have_the_columns_of_the_fact() -> None:
    assert tuple(columns("credits")) == CREDITS_COLUMNS
    assert set(LAKE_MODELS) <= set(CREDITS_COLUMNS)


def test_its_text_does_not_depend_on_the_process() -> None:
    code = (
        "import hashlib\n"
        "from ringtrace.lake.definitions.compiled import sql_of\n"
        "texts = [sql_of(name, dialect) for name in ('credits', 'coalitions') for dialect in ('duckdb', 'bigquery')]\n"
        "print(hashlib.sha256(''.join(texts).encode()).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_it_compiles_once_a_process() -> None:
    assert sql_of("paths", "trino") is sql_of("paths", "trino")


def test_it_refuses_what_it_does_not_know() -> None:
    with pytest.raises(BadInput, match="no definition"):
        sql_of("revenue")
    with pytest.raises(BadInput, match="no dialect"):
        sql_of("paths", "mssql")
    with pytest.raises(BadInput, match="no level"):
        Laying(level="page")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no rule"):
        Laying(dedupe="within:soon")
    with pytest.raises(BadInput, match="No journey"):
        Laying(by="weather")
    with pytest.raises(NotFound, match="shipped"):
        shipped_sql("coalitions")
