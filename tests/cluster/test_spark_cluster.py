"""The definitions on a real cluster, a master and two workers, give what they give on DuckDB."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.definitions.compiled import sql_of
from ringtrace.lake.engines.duckdb import DuckDBEngine
from ringtrace.lake.engines.port import Engine, Files, Rows, Tables
from ringtrace.lake.engines.spark import SparkEngine
from ringtrace.lake.schemas import columns
from tests.cluster.harness import (
    WORKERS,
    Cluster,
    connected,
    need_spark_parts,
    running_cluster,
    tasks_by_executor,
)
from tests.rooms.lake_worlds import asked, made

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.timeout(600)]
DEFINITIONS = ("steps", "credits", "paths", "coalitions", "transitions_2")


@dataclass(frozen=True)
class Sides:
    cluster: Cluster
    spark: SparkEngine
    duckdb: DuckDBEngine
    tables: Tables


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    need_spark_parts()
    folder = tmp_path_factory.mktemp("cluster")
    tables = asked(made(11), folder / "lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        duckdb = DuckDBEngine()
        with running_cluster(folder) as cluster, connected(cluster) as spark:
            yield Sides(cluster, spark, duckdb, tables)
        duckdb.close()


def _ask(engine: Engine, name: str, tables: Tables) -> list[dict[str, Any]]:
    return engine.ask(sql_of(name, engine.dialect), tables)


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)
    return type(one) is not type(other) or one != other


@pytest.mark.parametrize("name", DEFINITIONS)
def test_it_gives_what_duckdb_gives(sides: Sides, name: str) -> None:
    here, there = _ask(sides.duckdb, name, sides.tables), _ask(sides.spark, name, sides.tables)
    assert len(here) == len(there) > 20
    assert list(here[0]) == list(there[0])
    differing = [
        (row, column, one[column], other[column])
        for row, (one, other) in enumerate(zip(here, there, strict=True))
        for column in one
        if _differ(one[column], other[column])
    ]
    assert differing == []


def test_it_runs_on_both_workers(sides: Sides) -> None:
    sides.spark.ask("SELECT count(*) AS n FROM range(0, 1000, 1, 8)", {})
    state = sides.cluster.state()
    assert [worker["coresused"] for worker in state["workers"]] == [1] * WORKERS
    assert len({worker["id"] for worker in state["workers"]}) == WORKERS
    assert [application["name"] for application in state["activeapps"]] == ["ringtrace"]
    tasks = tasks_by_executor(sides.spark)
    assert len(tasks) == WORKERS
    assert all(tasks.values()), tasks


def test_it_writes_one_file_of_exactly_these_columns(sides: Sides, tmp_path: Path) -> None:
    wanted = columns("paths")
    for engine, name in ((sides.spark, "there"), (sides.duckdb, "here")):
        engine.write("SELECT * FROM given ORDER BY path DESC", {"given": _paths()}, tmp_path / name, wanted)
    files = {name: Files(wanted, [str(tmp_path / name)]) for name in ("there", "here")}
    there, here = (sides.duckdb.ask(f"SELECT * FROM {name}", files) for name in files)  # noqa: S608 - our own names
    assert there == here
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "there"]


def test_it_says_that_a_file_is_gone(sides: Sides) -> None:
    with pytest.raises(StoreUnavailable, match="Spark"):
        sides.spark.ask("SELECT * FROM given", {"given": Files({"n": "BIGINT"}, ["/nowhere/gone.parquet"])})


def _paths() -> Rows:
    rows = [
        ("acme", path, number, 1_000_000 * number, None) for number, path in enumerate(("Email", "Direct > O'Neil"))
    ]
    return Rows(columns("paths"), rows)
