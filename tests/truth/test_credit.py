"""Credit in the lake and the report, beside the ledger and the town's causes."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest

from ringtrace.attribution.registry import LAKE_MODELS
from ringtrace.core.clock import at_from_ms
from ringtrace.demo.score import NO_VISIT
from ringtrace.demo.truth import ANYWAY
from ringtrace.lake.reader import LakeReader
from ringtrace.reports.by_source import BySource, by_source
from ringtrace.reports.questions import Scope
from tests.truth.conftest import BuiltTown


@pytest.fixture(scope="session")
def lake(built: BuiltTown) -> LakeReader:
    return LakeReader(built.data_dir / "lake", built.facts.company_id)


@pytest.mark.parametrize("model", LAKE_MODELS)
def test_the_shares_of_a_call_sum_to_one(built: BuiltTown, lake: LakeReader, model: str) -> None:
    sums = lake.ask(
        "SELECT response_id, sum({credit}) AS share, min({credit}) AS least FROM {credits}"
        " WHERE kind = 'call' GROUP BY response_id",
        {},
        facts=["credits"],
        model=model,
    )
    assert {row["response_id"] for row in sums} == set(built.facts.call_ids.values())
    for row in sums:
        assert row["share"] == pytest.approx(1, abs=1e-9)
        assert row["least"] >= 0


@pytest.mark.parametrize("model", LAKE_MODELS)
def test_a_printed_number_has_the_credit_of_its_calls(built: BuiltTown, lake: LakeReader, model: str) -> None:
    """All of it, but for callers who are known from elsewhere: their visits before the call have their part."""
    rows = lake.ask(
        "SELECT response_id, source, channel, length, {credit} AS share FROM {credits} WHERE kind = 'call'",
        {},
        facts=["credits"],
        model=model,
    )
    source_of = {built.facts.call_ids[key]: built.dials[key].static for key in built.calls if built.dials[key].static}
    alone = [row for row in rows if row["response_id"] in source_of and row["length"] == 1]
    assert len(alone) > 0.7 * len(source_of)
    assert all((row["source"], row["share"]) == (source_of[row["response_id"]], 1) for row in alone)
    offline = {row["response_id"] for row in rows if row["channel"] == "Offline"}
    assert offline >= source_of.keys()
    assert len(offline) < 1.2 * len(source_of)  # somebody who called the van's number, and then another


def test_the_last_touch_of_a_call_to_a_printed_number_is_that_number(built: BuiltTown, lake: LakeReader) -> None:
    rows = lake.ask(
        "SELECT response_id, source FROM {credits} WHERE kind = 'call' AND {credit} = 1 AND channel = 'Offline'",
        {},
        facts=["credits"],
        model="last_touch",
    )
    source_of = {built.facts.call_ids[key]: built.dials[key].static for key in built.calls if built.dials[key].static}
    assert {row["response_id"]: row["source"] for row in rows}.items() >= source_of.items()


@pytest.mark.parametrize("model", LAKE_MODELS)
def test_the_report_adds_up_to_the_ledger(built: BuiltTown, model: str) -> None:
    report = by_source(_whole(built), model)
    calls = built.calls.values()
    sales = built.ask("SELECT count(*) AS sales, sum(value_cents) AS cents FROM web_outcomerow WHERE kind = 'sale'")[0]
    refunded = built.ask("SELECT sum(value_cents) AS cents FROM web_outcomerow WHERE kind = 'refund'")[0]
    spent = built.ask("SELECT sum(cost_cents) AS cents FROM web_spendrow")[0]
    visits = built.ask("SELECT count(*) AS visits FROM web_visitrow")[0]
    assert _sum(report, "calls") == pytest.approx(len(calls), abs=1e-6)
    assert _sum(report, "answered") == pytest.approx(sum(row["status"] == "answered" for row in calls), abs=1e-6)
    assert _sum(report, "first_calls") == pytest.approx(sum(bool(row["is_first_call"]) for row in calls), abs=1e-6)
    assert sales["sales"] > 30
    assert _sum(report, "sales") == pytest.approx(sales["sales"], abs=1e-6)
    assert _sum(report, "revenue_cents") == pytest.approx(sales["cents"] - refunded["cents"], abs=0.01)
    assert _sum(report, "cost_cents") == spent["cents"]
    assert _sum(report, "visits") == visits["visits"]


def _whole(built: BuiltTown) -> Scope:
    return Scope(
        lake=built.data_dir / "lake",
        company_id=built.facts.company_id,
        time_zone="America/Los_Angeles",
        since_on=at_from_ms(built.truth.start_ms - 86_400_000).date(),
        until_on=at_from_ms(built.truth.end_ms + 86_400_000).date(),
    )


def _sum(report: BySource, field: str) -> float:
    return sum(getattr(line, field) or 0 for line in report.lines)


def test_credit_comes_near_the_causes(built: BuiltTown) -> None:
    """No model can name those who would have called anyway: a part of the error is theirs, whatever the model."""
    firsts = sum(built.table.caused.values())
    anyway = built.table.caused[ANYWAY] / firsts
    assert {one.model for one in built.table.models} == set(LAKE_MODELS)
    for one in built.table.models:
        assert sum(one.credited.values()) == pytest.approx(firsts, abs=1e-6)
        assert anyway <= one.misplaced < 0.35
        assert 0.9 < one.overcredited < 1.3
        assert one.credited[NO_VISIT] < 0.25 * firsts


def test_last_touch_rewards_those_who_only_close(built: BuiltTown) -> None:
    caused = built.table.caused["direct / none"] + built.table.caused.get("google / cpc · brand", 0.0)
    by_model = {one.model: one.credited for one in built.table.models}
    last = by_model["last_touch"]["direct / none"] + by_model["last_touch"].get("google / cpc · brand", 0.0)
    first = by_model["first_touch"]["direct / none"] + by_model["first_touch"].get("google / cpc · brand", 0.0)
    assert last > first > caused


def test_the_command_line_credits_the_lakes_own_journeys(built: BuiltTown, lake: LakeReader) -> None:
    """Each conversion counts with the probability that somebody we know made it, as in the lake's credits."""
    known = lake.ask(
        "SELECT sum(c.linear) AS p FROM {credits} c WHERE c.reason IS NULL AND c.response_id IN"
        " (SELECT response_id FROM {conversions} WHERE kind IN ('call', 'form'))",
        {},
        facts=["credits", "conversions"],
    )[0]["p"]
    since, until = _whole(built).since_on, _whole(built).until_on
    out = built.data_dir / "credit.csv"
    arguments = [sys.executable, "-m", "ringtrace", "credit", "--data", str(built.data_dir), "--since", str(since)]
    arguments += ["--until", str(until), "--model", "all", "--out", str(out)]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with out.open() as file:
        rows = list(csv.DictReader(file))
    for model in {row["model"] for row in rows}:
        credited = sum(float(row["conversions"]) for row in rows if row["model"] == model)
        assert credited == pytest.approx(known, abs=0.01), model
    assert {row["data_version"] for row in rows} == {rows[0]["data_version"]}
