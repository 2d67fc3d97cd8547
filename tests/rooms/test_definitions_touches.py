"""The lake's journeys as a table of touches: `attribute` finds in them the credit that the lake keeps."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from ringtrace.attribution import attribute
from ringtrace.attribution.registry import RULES
from ringtrace.lake.definitions.compiled import sql_of
from ringtrace.lake.definitions.laying import DEFAULT, Laying
from ringtrace.lake.definitions.shipped import shipped_sql
from ringtrace.lake.engines.duckdb import DuckDBEngine
from ringtrace.lake.journeys import TOUCHES
from ringtrace.lake.schemas import columns
from tests.rooms.lake_worlds import asked, made

LAYINGS = [DEFAULT, Laying(level="session"), Laying(level="campaign"), Laying(dedupe="consecutive")]
DIMENSIONS = {name: kind for name, kind in columns("touchpoints").items() if name in ("channel", "source", "campaign")}


@pytest.mark.parametrize("laying", LAYINGS, ids=lambda laying: f"{laying.level}-{laying.dedupe}")
def test_rules_give_what_the_lakes_credits_hold(laying: Laying, tmp_path: Path) -> None:
    """Credits hold every response, converting or not; touches only count those that converted."""
    engine = DuckDBEngine(threads=1)
    tables = asked(made(3, visitors=40, calls=80), tmp_path)
    engine.write(sql_of("touches", "duckdb", laying), tables, tmp_path / "touches.parquet", TOUCHES | DIMENSIONS)
    counted = {
        row["response_id"]
        for row in engine.ask("SELECT response_id FROM conversions WHERE kind IN ('call', 'form')", tables)
    }
    held = engine.ask(sql_of("credits", "duckdb", laying), tables)
    engine.close()
    found = attribute(
        pd.read_parquet(tmp_path / "touches.parquet"),
        list(RULES),
        duplicates="keep",
        at="at_ms",
        converted_at="converted_at_ms",
    )
    for rule in RULES:
        kept: dict[str, float] = defaultdict(float)
        for row in held:
            if row["response_id"] in counted and row["reason"] is None:
                kept[row["channel"]] += row[rule]
        of_rule = found["model"] == rule
        credited = dict(zip(found["channel"][of_rule], found["conversions"][of_rule], strict=True))
        assert {channel: total for channel, total in credited.items() if total} == pytest.approx(dict(kept), abs=1e-4)


def test_values_are_weighed_by_the_probability(tmp_path: Path) -> None:
    engine = DuckDBEngine(threads=1)
    tables = asked(made(4, visitors=40, calls=80), tmp_path)
    rows = engine.ask(shipped_sql("touches"), tables)
    paths = engine.ask(shipped_sql("paths"), tables)
    engine.close()
    journeys = {row["journey"]: row for row in rows}
    value = sum(row["value"] * row["p"] for row in journeys.values() if row["converted"] and row["value"])
    assert value * 100 == pytest.approx(sum(row["value_cents"] for row in paths), abs=len(journeys))
    assert sum(row["journeys"] for row in paths) == len(journeys)
    ppm = sum(round(row["p"] * 1e6) for row in journeys.values() if row["converted"])
    assert ppm == pytest.approx(sum(row["converted_ppm"] for row in paths), abs=len(journeys))
