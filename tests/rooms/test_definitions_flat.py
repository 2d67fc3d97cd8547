"""The SQL that is printed for warehouses, run here on DuckDB."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from ringtrace.attribution.layout import is_direct, is_paid
from ringtrace.attribution.registry import MODELS, RULES
from ringtrace.attribution.steps import NUMPY_OPS
from ringtrace.cli import build_parser, main
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel
from ringtrace.lake.definitions.compiled import DIALECTS
from ringtrace.lake.definitions.flat import DIRECT, PAID
from ringtrace.lake.definitions.printed import sql_text

DAY_MS = 86_400_000
TOUCHES = [  # journey, day, player, converted, value
    ("a", 0, "Paid Social", False, None),
    ("a", 5, "Organic Search", False, None),
    ("a", 12, "Paid Social", False, None),
    ("a", 30, "Paid Search", False, None),
    ("a", 38, "Direct", True, 12_000.0),
    ("b", 1, "Email", True, None),
    ("b", 2, "(direct)", False, 30.0),
    ("c", 3, "Email", False, None),
    ("c", 4, "Display", False, None),
    ("d", 7, None, True, 5.0),
    ("d", 7, "Direct", False, None),
]


def _run(model: str, lookback_days: int | None = None) -> list[dict[str, Any]]:
    rows = ", ".join(
        f"('{journey}', {day * DAY_MS}, {'NULL' if player is None else repr(player)}, {converted}, {value or 'NULL'})"
        for journey, day, player, converted, value in TOUCHES
    )
    engine = duckdb.connect(":memory:")
    with engine:
        engine.execute(
            "CREATE TABLE touches (journey VARCHAR, at_ms BIGINT, player VARCHAR, converted BOOLEAN, value DOUBLE)"
        )
        engine.execute(f"INSERT INTO touches VALUES {rows}")  # noqa: S608 - our own rows
        answer = engine.execute(sql_text(model, "duckdb", lookback_days))
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _expected(model: str) -> dict[tuple[str, int], float]:
    journeys: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for journey, day, player, *_ in TOUCHES:
        journeys[journey].append((day, player or "(none)"))
    shares = {}
    for journey in ("a", "b", "d"):
        touches = sorted(journeys[journey])
        length, days = len(touches), np.array([day for day, _ in touches])
        players = [player for _, player in touches]
        last_sent = max((at for at, player in enumerate(players, 1) if not is_direct(player)), default=0)
        last_paid = max((at for at, player in enumerate(players, 1) if is_paid(player)), default=0)
        steps = SimpleNamespace(
            position=np.arange(1, length + 1),
            length=np.full(length, length),
            days_before=(days.max() - days).astype(float),
            last_sent=np.full(length, last_sent),
            last_paid=np.full(length, last_paid),
            lead=np.zeros(length, dtype=int),
            opportunity=np.zeros(length, dtype=int),
            repeats=np.array([players.count(player) for player in players]),
        )
        weights = np.broadcast_to(np.asarray(RULES[model].weigh(steps, NUMPY_OPS), dtype=float), length)
        shared = weights / weights.sum() if weights.sum() else np.full(length, 1 / length)
        shares.update({(journey, at): float(share) for at, share in enumerate(shared, 1)})
    return shares


@pytest.mark.parametrize("model", RULES)
def test_it_shares_as_the_library_does(model: str) -> None:
    rows = _run(model)
    assert {(row["journey"], row["position"]): row["share"] for row in rows} == pytest.approx(_expected(model))


def test_it_gives_the_published_example_of_time_decay() -> None:
    values = [row["value"] for row in _run("time_decay") if row["journey"] == "a"]
    assert values == pytest.approx([175.20, 287.44, 574.88, 3_417.04, 7_545.45], abs=0.005)


def test_it_leaves_out_what_lies_before_the_lookback_and_no_conversion_for_it() -> None:
    rows = _run("linear", 30)
    assert [row["position"] for row in rows if row["journey"] == "a"] == [1, 2, 3]
    assert [row["share"] for row in rows if row["journey"] == "a"] == pytest.approx([1 / 3] * 3)
    assert [row["value"] for row in _run("linear", 0) if row["journey"] == "b"] == [30.0]


def test_it_gives_the_statistics_of_data_driven_models() -> None:
    steps = {(row["state"], row["next_state"]): row["ppm"] for row in _run("markov")}
    assert steps["(start)", "Email"] == 2_000_000
    assert steps["Display", "(null)"] == 1_000_000
    assert steps["Direct", "(conversion)"] == 2_000_000
    sets = {row["coalition"]: row for row in _run("shapley")}
    assert sets["Display + Email"] == {"coalition": "Display + Email", "journeys": 1, "converted_ppm": 0, "value": None}
    assert sets["(direct) + Email"]["value"] == 30.0
    assert "Email > Display" in {row["state"] for row in _run("markov_2")}


def test_it_takes_the_same_names_for_direct_and_paid_as_the_library() -> None:
    assert all(map(is_direct, DIRECT))
    assert all(map(is_paid, PAID))
    for channel in Channel:
        assert is_direct(channel) == (channel.lower() in DIRECT)
        assert is_paid(channel) == (channel.lower() in PAID or channel.lower().startswith("paid"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_its_header_says_what_it_reads_and_if_it_was_run(dialect: str) -> None:
    for model in MODELS:
        text = sql_text(model, dialect, 30)
        header = [line for line in text.splitlines() if line.startswith("-- ")]
        assert text.startswith("\n".join(header))
        assert any("not run" in line for line in header) == (dialect != "duckdb")
        assert all(any(f"  {column} " in line for line in header) for column in ("journey", "at_ms", "converted"))
        assert any("not its shares" in line for line in header) == (model not in RULES)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["sql", "time_decay", "--dialect", "bigquery", "--lookback-days", "90"])
    assert capsys.readouterr().out == sql_text("time_decay", "bigquery", 90)
    with pytest.raises(SystemExit, match="1"):
        main(["sql", "astrology"])
    assert "astrology" in capsys.readouterr().err


def test_the_command_offers_the_dialects_there_are() -> None:
    options = build_parser().parse_args(["sql", "linear"])
    assert options.dialect == "duckdb"
    for dialect in DIALECTS:
        assert build_parser().parse_args(["sql", "linear", "--dialect", dialect]).dialect == dialect
    with pytest.raises(BadInput, match="lookback"):
        sql_text("linear", "duckdb", -1)
