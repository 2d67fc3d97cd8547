"""The journeys page shows what the reports answer, keeps what is asked in its address, and breaks at no address."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_django import Settings

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS, MODELS
from ringtrace.core.clock import wall_clock
from ringtrace.lake.schemas import FitFact
from ringtrace.reports.journeys.conversions import MEASURES
from ringtrace.reports.journeys.models import BY
from ringtrace.web.credit_shown import credit_by_model
from ringtrace.web.journeys_shown import PREFER
from ringtrace.web.models import CompanySeat, Role, User
from tests.doors.cast import Cast
from tests.doors.metric_days import publish_facts
from tests.rooms.journey_lakes import MAIL, PAID, Seen, call, journey, journey_facts
from tests.rooms.metric_lakes import COMPANY, DAY, NOON_MS

SPAN = f"since={DAY}&until={DAY}"


@pytest.fixture
def day(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    """The hand-made journeys are Alice's."""
    publish_facts(cast, settings, tmp_path / "lake", journey_facts())


def _text(cast: Cast, address: str) -> str:
    answer = cast.alice.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def _words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def _table(page: str, name: str) -> list[list[str]]:
    """The cells of a table, row by row, as words."""
    found = re.search(rf'<table class="table[^"]*{name}">(.*?)</table>', page, re.DOTALL)
    assert found is not None, name
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    return [[_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def _charts(page: str) -> dict[str, Any]:
    texts = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return {data["kind"]: data for data in map(json.loads, texts)}


def test_it_lays_every_model_side_by_side(cast: Cast, day: None) -> None:
    page = _text(cast, f"/journeys/?{SPAN}")
    head, *rows = _table(page, "models-table")
    assert head[:3] == ["Channel", "Spread", "First touch"]
    assert len(head) == len(LAKE_MODELS) + 2
    lines = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert lines[PAID]["First touch"] == "1.8"
    assert lines[PAID]["Last touch"] == "2.8 (furthest)"
    assert lines["Unknown"]["Linear"] == "1.4"
    assert set(rows[-1][2:]) == {"6"}
    assert "Last touch differs most" in _words(page)
    for name in LAKE_MODELS:
        assert MODELS[name].meaning in page
        assert PREFER[name] in page


def test_a_figure_leads_to_its_rows(cast: Cast, day: None) -> None:
    page = _text(cast, f"/journeys/?{SPAN}")
    why = next(url for url in re.findall(r'href="(/metrics/why/[^"]+)"', page) if "model=last_touch" in url)
    assert "2.8" in _words(_text(cast, why))
    only = next(url for url in re.findall(r'href="(/metrics/\?[^"]+)"', page) if "filter=channel:Email" in url)
    assert "Channel is Email" in _text(cast, only)


def test_it_shows_paths_with_what_no_visit_explains(cast: Cast, day: None) -> None:
    rows = _table(_text(cast, f"/journeys/?{SPAN}"), "paths-table")[1:]
    assert rows[0] == [PAID, "1.8", "30 %", "$300", "1", "54 min"]
    assert [f"{MAIL} ×2 {PAID}", "1.0", "17 %", "$60", "3", "3.0 days"] in rows
    assert rows[-1][:3] == ["No known visit", "1.4", "23 %"]
    assert any(row[0] == "20 before … Direct ×20" for row in rows)


def test_charts_and_tables_have_the_same_numbers(cast: Cast, day: None) -> None:
    page = _text(cast, f"/journeys/?{SPAN}")
    charts = _charts(page)
    assert set(charts) == {"dots", "sankey", "grouped-bars"}
    flows = {(link["source"], link["target"]): link["value"] for link in charts["sankey"]["links"]}
    assert flows["1 Paid Search", "0 Call"] == 2.8
    assert {node["when"] for node in charts["sankey"]["nodes"] if node["step"] == 5} == {"before that"}
    told = re.search(r"From each visit to the next.*?</table>", page, re.DOTALL)
    assert told is not None
    assert told[0].count("<tr>") == len(flows) + 1
    assert all(label in page for label in ("Flow diagram: through which channels", "A dot for each model"))
    assert {node["tone"] for node in charts["sankey"]["nodes"]} >= {"accent", "tone-1", "tone-unknown"}


@pytest.mark.parametrize(("by", "measure"), list(zip(BY, MEASURES, strict=True)))
def test_it_shows_every_measure_by_everything(cast: Cast, day: None, by: str, measure: str) -> None:
    page = _text(cast, f"/journeys/?{SPAN}&by={by}&measure={measure}")
    totals = _table(page, "models-table")[-1]
    assert len(set(totals[2:])) == 1
    assert totals[2] == {"calls": "6", "qualified": "5", "sales": "2", "revenue": "$360"}[measure]


def test_only_some_are_looked_at_and_then_no_figure_leads_astray(cast: Cast, day: None) -> None:
    page = _text(cast, f"/journeys/?{SPAN}&channel={MAIL}&landing_page=spring")
    assert _table(page, "models-table")[-1][2] == "1"
    assert "/metrics/why/" not in page
    assert "Only calls that such a visit may have led to" in page
    none = _text(cast, f"/journeys/?{SPAN}&landing_page=nowhere")
    assert "No call of these days has such a visit before it." in none


def test_thin_months_are_named_and_stand_on_a_line_of_their_own(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    rows = [
        msgspec.structs.replace(row, **dict.fromkeys(LAKE_LEARNERS)) for row in call("T", journey(1.0, Seen(PAID, 1)))
    ]
    thin = FitFact(company_id=COMPANY, model="markov", params="{}", player=None, effect=None, reason="12 are too few.")
    publish_facts(cast, settings, tmp_path / "lake", {"credits": rows, "fits": [thin]})
    page = _text(cast, f"/journeys/?{SPAN}")
    assert "2026-10: 12 are too few." in page
    lines = {row[0]: row for row in _table(page, "models-table")}
    assert lines["Data too thin"][-1] == "1"
    assert "Unknown: all these months are too thin" in lines[PAID][-1]


def test_an_empty_span_teaches(cast: Cast, day: None) -> None:
    page = _text(cast, "/journeys/?since=2020-01-01&until=2020-01-02")
    assert "Here you will see which visits came before them" in page
    assert "Sales come from" in _text(cast, "/journeys/?since=2020-01-01&until=2020-01-02&measure=sales")


@pytest.mark.parametrize(
    "part",
    [
        *("by=colour", "measure=luck", "channel=Nonsense", "landing_page=%00", "landing_page=" + "x" * 3000),
        *("days=0", "since=2026-13-01", "paths=more", "by=", "channel=%ff", "landing_page=%25%27%24x%7B"),
    ],
)
def test_no_address_breaks_it(cast: Cast, day: None, part: str) -> None:
    assert cast.alice.get(f"/journeys/?{part}").status_code == 200
    assert cast.alice.get(f"/journeys/?{SPAN}&{part}").status_code == 200


def test_a_calls_credit_is_shown_by_every_model(cast: Cast, day: None) -> None:
    alice = User.objects.get(email="alice@example.com")
    shown = credit_by_model(cast.company, "D", NOON_MS, alice)
    assert [head.name for head in shown.heads] == list(LAKE_MODELS)
    assert [row.channel for row in shown.rows] == [MAIL, "Organic Search", "Direct", "Direct", None]
    assert shown.rows[-1].reason == "Nobody we know"
    assert shown.sees_all
    assert credit_by_model(cast.company, "nothing", wall_clock(), alice).rows == ()


def test_journeys_that_are_hardly_likely_are_told_together(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    rows = call("L", journey(0.9, Seen(PAID, 1)), *(journey(0.01, Seen(MAIL, hour)) for hour in (2, 3, 4)))
    publish_facts(cast, settings, tmp_path / "lake", {"credits": rows})
    shown = credit_by_model(cast.company, "L", NOON_MS, User.objects.get(email="alice@example.com"))
    assert [(row.channel, row.reason) for row in shown.rows] == [
        (PAID, ""),
        (None, "3 visits that are hardly likely, together"),
        (None, "Nobody we know"),
    ]
    assert [sum(row.shares[nth] or 0 for row in shown.rows) for nth in range(len(LAKE_MODELS))] == pytest.approx(
        [1.0] * len(LAKE_MODELS)
    )


def test_an_agent_is_told_of_no_visit_that_is_not_theirs_to_see(cast: Cast, day: None) -> None:
    bob = User.objects.get(email="bob@example.com")
    CompanySeat.objects.create(user=bob, company=cast.company, role=Role.AGENT, agent_name="Bob")
    shown = credit_by_model(cast.company, "D", NOON_MS, bob)
    assert {(row.channel, row.source, row.campaign, row.landing_page, row.touch_ms) for row in shown.rows} == {
        (None, None, None, None, None)
    }
    assert [row.hidden for row in shown.rows] == [True, True, True, True, False]
    assert not shown.sees_all
