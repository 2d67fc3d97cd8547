"""The SQL of the definitions gives what the same definitions in plain Python give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS, RULES
from ringtrace.core.clock import DAY_MS
from ringtrace.lake.definitions.asking import LOOKBACK_MS
from ringtrace.lake.definitions.compiled import sql_of
from ringtrace.lake.definitions.laying import DEFAULT, Laying
from ringtrace.lake.engines.duckdb import DuckDBEngine
from ringtrace.lake.schemas import columns
from tests.rooms.lake_worlds import EFFECTS, SINCE_MS, Facts, asked, made
from tests.rooms.plain_journeys import idle_journeys_of, journeys_of, people_of, shares_of, steps_of

LAYINGS = [
    DEFAULT,
    Laying(level="session"),
    Laying(level="campaign"),
    Laying(dedupe="consecutive"),
    Laying(dedupe="within:720"),
    Laying(level="campaign", dedupe="consecutive"),
]
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(threads=1)
    yield engine
    engine.close()


def _named(laying: Laying) -> str:
    return f"{laying.level}-{laying.dedupe}"


def _ask(engine: DuckDBEngine, facts: Facts, folder: Path, name: str, laying: Laying = DEFAULT) -> list[dict[str, Any]]:
    return engine.ask(sql_of(name, "duckdb", laying), asked(facts, folder))


@pytest.mark.parametrize("seed", SEEDS)
def test_it_joins_visitors_who_share_a_key(engine: DuckDBEngine, tmp_path: Path, seed: int) -> None:
    facts = made(seed)
    rows = _ask(engine, facts, tmp_path, "people")
    assert {row["visitor_id"]: row["person_id"] for row in rows} == people_of(facts)
    assert len({row["person_id"] for row in rows}) < len(rows)


@pytest.mark.parametrize("laying", LAYINGS, ids=_named)
@pytest.mark.parametrize("seed", SEEDS)
def test_it_lays_out_the_same_steps(engine: DuckDBEngine, tmp_path: Path, seed: int, laying: Laying) -> None:
    facts = made(seed)
    expected = []
    for journey in journeys_of(facts, laying):
        steps = steps_of(facts, journey)
        for index, touch in enumerate(journey.touches):
            at = {name: getattr(steps, name)[index] for name in vars(steps)}
            assert journey.response is not None
            expected.append(
                {**journey.response, "person_id": journey.person, "touch_id": touch["touch_id"], "p": journey.p, **at}
            )
    expected.sort(key=lambda row: (row["at_ms"], row["response_id"], row["person_id"], row["position"]))
    rows = _ask(engine, facts, tmp_path, "steps", laying)
    assert expected
    for row, one in zip(rows, expected, strict=True):
        exact = {name for name in one if name not in ("p", "days_before")}
        assert {name: row[name] for name in exact} == {name: one[name] for name in exact}
        assert (row["p"], row["days_before"]) == pytest.approx((one["p"], one["days_before"]), rel=1e-11)
    of_touch = {touch["touch_id"]: touch for touch in facts["touchpoints"]}
    for row in rows:
        touch = of_touch[row["touch_id"]]
        assert {name: row[name] for name in touch if name not in ("kind", "visitor_id", "at_ms")} == {
            name: value for name, value in touch.items() if name not in ("kind", "visitor_id", "at_ms")
        }


@pytest.mark.parametrize("laying", LAYINGS, ids=_named)
@pytest.mark.parametrize("seed", SEEDS)
def test_it_credits_by_every_rule_as_numpy_does(
    engine: DuckDBEngine, tmp_path: Path, seed: int, laying: Laying
) -> None:
    facts = made(seed)
    rows = _ask(engine, facts, tmp_path, "credits", laying)
    found = {(row["response_id"], row["touch_id"]): row for row in rows if row["touch_id"]}
    count = 0
    for journey in journeys_of(facts, laying):
        assert journey.response is not None
        shares = shares_of(steps_of(facts, journey))
        for index, touch in enumerate(journey.touches):
            row = found[journey.response["response_id"], touch["touch_id"]]
            assert {name: row[name] for name in RULES} == pytest.approx(
                {name: share[index] * journey.p for name, share in shares.items()}, rel=1e-9, abs=1e-12
            )
            count += 1
    assert count == len(found) > 0
    assert list(rows[0]) == list(columns("credits"))


@pytest.mark.parametrize("laying", LAYINGS, ids=_named)
def test_it_gives_away_every_response_once_by_every_model(engine: DuckDBEngine, tmp_path: Path, laying: Laying) -> None:
    facts = made(3)
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in _ask(engine, facts, tmp_path, "credits", laying):
        for model in LAKE_MODELS:
            if row[model] is not None:
                total[row["response_id"], model] += row[model]
    fitted = {(one.company_id, one.model) for one in EFFECTS}
    for response in {row["response_id"] for row in _ask(engine, facts, tmp_path, "credits", laying)}:
        company = response.partition("-")[0]
        said = {model for model in LAKE_MODELS if (response, model) in total}
        assert said == {*RULES, *(model for model in LAKE_LEARNERS if (company, model) in fitted)}
    assert dict(total) == pytest.approx(dict.fromkeys(total, 1.0))


def test_it_says_what_goes_to_no_touch(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(4)
    rest: defaultdict[tuple[str, str], float] = defaultdict(float)
    known: Counter[str] = Counter()
    for journey in journeys_of(facts, DEFAULT):
        assert journey.response is not None
        known[journey.response["response_id"]] += round(journey.p * 1e12)
        if not journey.touches:
            rest[journey.response["response_id"], "no_touches"] += journey.p
    rows = _ask(engine, facts, tmp_path, "credits")
    for response_id in {row["response_id"] for row in rows}:
        if 10**12 - known[response_id] > 1_000:
            rest[response_id, "unknown"] = 1 - known[response_id] / 1e12
    said = {(row["response_id"], row["reason"]): row["p"] for row in rows if row["reason"]}
    assert said == pytest.approx(dict(rest))
    assert {reason for _, reason in said} == {"unknown", "no_touches"}


def test_it_shares_by_effects_and_equally_where_all_are_zero(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(5)
    effects = {one.player: one.effect for one in EFFECTS if (one.company_id, one.model) == ("acme", "markov")}
    rows = _ask(engine, facts, tmp_path, "credits")
    found = {(row["response_id"], row["touch_id"]): row["markov"] for row in rows}
    fallen_back = 0
    for journey in journeys_of(facts, DEFAULT):
        assert journey.response is not None
        if journey.company_id != "acme" or not journey.touches:
            continue
        count = Counter(touch["channel"] for touch in journey.touches)
        parts = [effects.get(touch["channel"], 0.0) / count[touch["channel"]] for touch in journey.touches]
        if not sum(parts):
            fallen_back += 1
            parts = [1.0 / count[touch["channel"]] for touch in journey.touches]
        for touch, part in zip(journey.touches, parts, strict=True):
            share = found[journey.response["response_id"], touch["touch_id"]]
            assert share == pytest.approx(journey.p * part / sum(parts))
    assert fallen_back


def _expected_paths(facts: Facts, laying: Laying) -> dict[tuple[str, str], tuple[int, int, int]]:
    counts = {row["response_id"] for row in facts["conversions"] if row["kind"] in ("call", "form")}
    value: Counter[str] = Counter()
    for row in facts["conversions"]:
        value[row["response_id"]] += row["value_cents"] or 0 if row["kind"] == "sale" else 0
    journeys = journeys_of(facts, laying)
    idle = idle_journeys_of(
        facts, laying, journeys_of(facts, Laying(level="session" if laying.level == "session" else "visitor"))
    )
    paths: defaultdict[tuple[str, str], tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for journey in [*(one for one in journeys if one.touches), *idle]:
        response = "" if journey.response is None else journey.response["response_id"]
        ppm = int(journey.p * 1e6 + 0.5) if response in counts else 0
        cents = int((ppm * value[response] + 500_000) // 1_000_000)
        key = journey.company_id, " > ".join(touch["channel"] for touch in journey.touches)
        many, all_ppm, all_cents = paths[key]
        paths[key] = (many + 1, all_ppm + ppm, all_cents + cents)
    return dict(paths)


@pytest.mark.parametrize("laying", LAYINGS, ids=_named)
@pytest.mark.parametrize("seed", SEEDS)
def test_it_adds_up_converting_and_other_paths(engine: DuckDBEngine, tmp_path: Path, seed: int, laying: Laying) -> None:
    facts = made(seed)
    rows = _ask(engine, facts, tmp_path, "paths", laying)
    found = {
        (row["company_id"], row["path"]): (row["journeys"], row["converted_ppm"], row["value_cents"]) for row in rows
    }
    assert found == _expected_paths(facts, laying)
    assert list(found) == sorted(found)
    assert any(ppm for _, ppm, _ in found.values())


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_counts_transitions_that_agree_with_the_paths(engine: DuckDBEngine, tmp_path: Path, order: int) -> None:
    facts = made(6)
    expected: Counter[tuple[str, str, str]] = Counter()
    for row in _ask(engine, facts, tmp_path, "paths"):
        players = row["path"].split(" > ")
        width = min(order, len(players))
        states = [" > ".join(players[at : at + width]) for at in range(len(players) - width + 1)]
        for state, after in zip(["(start)", *states], states, strict=False):
            expected[row["company_id"], state, after] += row["journeys"] * 1_000_000
        expected[row["company_id"], states[-1], "(conversion)"] += row["converted_ppm"]
        expected[row["company_id"], states[-1], "(null)"] += row["journeys"] * 1_000_000 - row["converted_ppm"]
    rows = _ask(engine, facts, tmp_path, f"transitions_{order}")
    found = {(row["company_id"], row["state"], row["next_state"]): row["ppm"] for row in rows}
    assert found == {key: ppm for key, ppm in expected.items() if ppm}


def test_it_counts_coalitions_that_agree_with_the_paths(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(7)
    expected: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in _ask(engine, facts, tmp_path, "paths"):
        coalition = " + ".join(sorted(set(row["path"].split(" > "))))
        expected[row["company_id"], coalition].update(
            {name: row[name] for name in ("journeys", "converted_ppm", "value_cents")}
        )
    rows = _ask(engine, facts, tmp_path, "coalitions")
    found = {(row.pop("company_id"), row.pop("coalition")): row for row in rows}
    assert found == expected


def test_its_month_does_not_depend_on_what_is_learned_later(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(8)
    before = {name: _ask(engine, facts, tmp_path / "before", name) for name in ("credits", "paths")}
    later = SINCE_MS + 30 * DAY_MS
    visitors = sorted({touch["visitor_id"] for touch in facts["touchpoints"]})
    facts["identities"] += [
        dict(facts["identities"][0], visitor_id=visitor, key_kind="email", key="all", p=1.0, at_ms=later)
        for visitor in visitors
    ]
    facts["touchpoints"] += [
        dict(touch, touch_id=f"later-{touch['touch_id']}", at_ms=later + DAY_MS) for touch in facts["touchpoints"]
    ]
    assert {name: _ask(engine, facts, tmp_path / "after", name) for name in before} == before


def test_it_gives_the_same_whatever_the_order_of_the_rows(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(9)
    turned = {fact: rows[::-1] for fact, rows in facts.items()}
    for name in ("steps", "credits", "paths", "coalitions", "transitions_2"):
        assert _ask(engine, facts, tmp_path / "a", name) == _ask(engine, turned, tmp_path / "b", name)


def test_it_holds_touches_up_to_the_lookback_and_the_response_itself(engine: DuckDBEngine, tmp_path: Path) -> None:
    facts = made(10, visitors=1, calls=0)
    visitor = facts["touchpoints"][0]["visitor_id"]
    at_ms = SINCE_MS + DAY_MS
    ages = {"now": 0, "edge": LOOKBACK_MS, "beyond": LOOKBACK_MS + 1, "after": -1}
    facts["touchpoints"] = [
        dict(facts["touchpoints"][0], touch_id=name, visitor_id=visitor, at_ms=at_ms - age)
        for name, age in ages.items()
    ]
    facts["calls"] = [
        {
            "company_id": "acme",
            "call_id": "k",
            "number_id": "n",
            "started_ms": at_ms,
            "status": "answered",
            "attributed_by": "match",
        }
    ]
    facts["identities"] = [
        {
            "company_id": "acme",
            "visitor_id": visitor,
            "key_kind": "call",
            "key": "k",
            "p": 1.0,
            "at_ms": at_ms,
            "visit_id": None,
        }
    ]
    rows = _ask(engine, facts, tmp_path, "steps")
    assert [row["touch_id"] for row in rows] == ["edge", "now"]


def test_it_answers_a_month_without_anything(engine: DuckDBEngine, tmp_path: Path) -> None:
    nothing: Facts = {"touchpoints": [], "identities": [], "conversions": [], "calls": []}
    for name in ("people", "steps", "credits", "paths", "coalitions", "transitions_1"):
        assert _ask(engine, nothing, tmp_path, name) == []
