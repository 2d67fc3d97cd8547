"""The engines' port, on DuckDB: named files, no shared names, spilling, whole columns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ringtrace.core.errors import PartMissing, StoreUnavailable
from ringtrace.lake.definitions.shipped import shipped_sql
from ringtrace.lake.engines.duckdb import DuckDBEngine
from ringtrace.lake.engines.port import Files, Rows
from ringtrace.lake.engines.spark import SparkEngine
from ringtrace.lake.schemas import columns
from tests.rooms.lake_worlds import asked, made

COLUMNS = {"name": "VARCHAR", "number": "BIGINT", "share": "DOUBLE", "yes": "BOOLEAN", "on": "DATE"}
ROW = ("O'Neil", 2**53 + 1, 0.1 + 0.2, True, date(2026, 11, 24))


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine()
    yield engine
    engine.close()


def test_it_takes_rows_as_they_are(engine: DuckDBEngine) -> None:
    nothing = (None,) * len(COLUMNS)
    rows = engine.ask("SELECT * FROM given", {"given": Rows(COLUMNS, [ROW, nothing])})
    assert [tuple(row.values()) for row in rows] == [ROW, nothing]


@pytest.mark.parametrize("table", [Files(COLUMNS), Rows(COLUMNS)])
def test_it_knows_the_types_of_an_empty_table(engine: DuckDBEngine, table: Files | Rows) -> None:
    rows = engine.ask("DESCRIBE SELECT * FROM given", {"given": table})
    assert {row["column_name"]: row["column_type"] for row in rows} == COLUMNS
    assert engine.ask("SELECT * FROM given", {"given": table}) == []


def test_it_writes_exactly_the_columns_it_is_told_in_order(engine: DuckDBEngine, tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    sql = "SELECT sum(n) AS total, max(n) AS other FROM range(10) t(n) UNION ALL SELECT -1, 0 ORDER BY total DESC"
    engine.write(sql, {}, path, {"total": "BIGINT"})
    assert engine.ask("SELECT * FROM made", {"made": Files({"total": "BIGINT"}, [str(path)])}) == [
        {"total": 45},
        {"total": -1},
    ]
    assert [row[1] for row in duckdb.execute("DESCRIBE FROM read_parquet($1)", [str(path)]).fetchall()] == ["BIGINT"]


def test_one_thread_writes_the_same_bytes_again_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    facts = made(1, visitors=200, calls=300)
    turned = {fact: rows[::-1] for fact, rows in facts.items()}
    written = []
    for number, rows in enumerate((facts, facts, turned)):
        engine = DuckDBEngine(threads=1)
        path = tmp_path / f"{number}.parquet"
        engine.write(shipped_sql("credits"), asked(rows, tmp_path / str(number)), path, columns("credits"))
        engine.close()
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


def test_more_threads_differ_in_last_digits_only(engine: DuckDBEngine, tmp_path: Path) -> None:
    tables = asked(made(1, visitors=200, calls=300), tmp_path)
    single = DuckDBEngine(threads=1)
    here, there = (one.ask(shipped_sql("credits"), tables) for one in (engine, single))
    single.close()
    models = [name for name, kind in columns("credits").items() if kind == "DOUBLE"]
    assert [[row[name] for name in row if name not in models] for row in here] == [
        [row[name] for name in row if name not in models] for row in there
    ]
    off = max(
        abs((one[name] or 0) - (other[name] or 0)) for one, other in zip(here, there, strict=True) for name in models
    )
    assert off < 1e-12


def test_it_keeps_the_tables_of_two_questions_apart(engine: DuckDBEngine) -> None:
    def ask(number: int) -> int:
        tables = {"given": Rows({"n": "BIGINT"}, [(number,)])}
        return int(engine.ask("SELECT sum(n) AS n FROM given, range(1000)", tables)[0]["n"])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(60))) == [number * 1000 for number in range(60)]


def test_it_spills_what_does_not_fit_memory(tmp_path: Path) -> None:
    numbered = "SELECT row_number() OVER (ORDER BY md5(n::VARCHAR), n) AS row FROM range(3_000_000) t(n)"
    sql = f"SELECT max(row) AS last FROM ({numbered})"  # noqa: S608 - our own
    narrow = DuckDBEngine(memory="128MB")
    with pytest.raises(StoreUnavailable, match="Memory"):
        narrow.ask(sql, {})
    narrow.close()
    spilling = DuckDBEngine(memory="128MB", spill_dir=tmp_path)
    assert spilling.ask(sql, {}) == [{"last": 3_000_000}]
    spilling.close()


def test_it_says_what_is_gone(engine: DuckDBEngine, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"gone\.parquet"):
        engine.ask("SELECT * FROM given", {"given": Files(COLUMNS, [str(tmp_path / "gone.parquet")])})
    with pytest.raises(StoreUnavailable):
        engine.write("SELECT 1 AS n", {}, tmp_path / "no" / "folder.parquet", {"n": "BIGINT"})


def test_it_refuses_a_text_that_engines_read_differently(engine: DuckDBEngine) -> None:
    with pytest.raises(ValueError, match="backslash"):
        engine.ask("SELECT * FROM given", {"given": Files(COLUMNS, ["a\\b.parquet"])})


def test_it_says_what_to_install_for_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(PartMissing, match=r"ringtrace\[spark\]"):
        SparkEngine("spark://127.0.0.1:7077")
