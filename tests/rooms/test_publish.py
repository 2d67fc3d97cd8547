"""What changed reaches the lake and the edge, whatever is busy or broken meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from pytest_django import Settings

from ringtrace.attribution.registry import LAKE_LEARNERS
from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput, StoreUnavailable
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.sources import Channel, Source
from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.lake import derive as derive_module
from ringtrace.lake.draft import Draft
from ringtrace.lake.home import read_manifest
from ringtrace.lake.manifest import Manifest
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import MODEL_COLUMNS, SpendFact
from ringtrace.lake.writer import LakeWriter
from ringtrace.web import actions, pools
from ringtrace.web.directory import publish_if_behind
from ringtrace.web.models import CallRow, StaleMonth, VisitRow
from ringtrace.web.months import ledger_months, mark_stale, month_of
from ringtrace.web.naming import do_align
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.spend import do_book_spend
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker.publish import mark_behind, publish_stale
from ringtrace.worker.spans import span_of
from ringtrace.worker.spend_facts import spend
from ringtrace.worker.touch_facts import touchpoints
from tests.rooms.books import NOW_MS, PRINTED, Books, marks, new_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


class _BusyWriter(LakeWriter):
    """A lake that takes so long to write that something changes meanwhile."""

    def commit(self, draft: Draft, now_ms: int) -> Manifest:
        manifest = super().commit(draft, now_ms)
        for place in manifest.places():
            mark_stale(place.company_id, months=[place.month])
        return manifest


def test_a_change_while_a_month_is_published_is_published_again(books: Books, tmp_path: Path) -> None:
    books.write(*books.a_day())
    books.drain()
    assert publish_stale(_BusyWriter(tmp_path / "lake"), NOW_MS) is not None
    assert set(marks()) == {"2026-09"}
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is not None
    assert marks() == {}
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is None


def test_a_month_that_cannot_be_published_holds_up_no_other(
    books: Books, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    books.write(books.seen("v1"), books.seen("v2", NOW_MS - 40 * DAY_MS))
    books.drain()
    VisitRow.objects.filter(pk="v2").update(source={"channel": "no such channel"})
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is not None
    assert set(marks()) == {"2026-08"}
    assert "month 2026-08" in caplog.text
    touched = LakeReader(tmp_path / "lake", books.company.pk).ask(
        "SELECT visit_id FROM {touchpoints}", {}, facts=("touchpoints",)
    )
    assert touched == [{"visit_id": "v1"}]


def test_a_month_whose_journeys_cannot_be_made_holds_up_no_other(
    books: Books, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.write(books.seen("v1"), books.seen("v2", NOW_MS - 40 * DAY_MS))
    books.drain()
    made = derive_module.derive_month

    def broken(draft: Draft, company_id: str, month: str, lookback_days: int) -> bool:
        if month == "2026-08":
            raise duckdb.InvalidInputException("no such journey")
        return made(draft, company_id, month, lookback_days)

    monkeypatch.setattr(derive_module, "derive_month", broken)
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is not None
    assert set(marks()) == {"2026-08"}
    assert "journeys of month 2026-08" in caplog.text
    reader = LakeReader(tmp_path / "lake", books.company.pk)
    assert reader.ask("SELECT visit_id FROM {touchpoints}", {}, facts=("touchpoints",)) == [{"visit_id": "v1"}]


@pytest.mark.django_db(transaction=True)
def test_the_directory_reaches_the_edge_once_its_store_is_back(
    books: Books, settings: Settings, tmp_path: Path
) -> None:
    settings.EDGE_STORE = tmp_path / "away" / "edge.sqlite"
    actions.do_create_site(books.company, "second.example", ["https://second.example"])
    assert publish_fails()
    settings.EDGE_STORE = tmp_path / "edge.sqlite"
    assert publish_if_behind()
    assert not publish_if_behind()
    found = books.journal.read_directory()
    assert found is not None
    assert "https://second.example" in {origin for site in found.sites for origin in site.origins}


def publish_fails() -> bool:
    try:
        publish_if_behind()
    except StoreUnavailable:
        return True
    return False


def ask(books: Books, lake: Path, sql: str, *facts: str) -> list[dict[str, Any]]:
    return LakeReader(lake, books.company.pk).ask(sql, {}, facts=facts)


def publish(lake: Path) -> Manifest | None:
    with closing(LakeWriter(lake)) as writer:
        return publish_stale(writer, NOW_MS)


@pytest.fixture
def lake(books: Books, tmp_path: Path) -> Path:
    """A lake that has a day in September and a visit of August."""
    books.write(books.seen("v0", NOW_MS - 25 * DAY_MS), *books.a_day())
    books.drain()
    publish(tmp_path / "lake")
    return tmp_path / "lake"


def test_it_publishes_what_the_ledger_has(books: Books, lake: Path) -> None:
    touches = ask(books, lake, "SELECT * FROM {touchpoints} ORDER BY at_ms, kind DESC", "touchpoints")
    assert [(row["kind"], row["visit_id"], row["channel"]) for row in touches] == [
        ("visit", "v0", "Email"),
        ("visit", "v1", "Email"),
        ("visit", "v2", "Email"),
        ("number", None, "Offline"),
    ]
    who = ask(books, lake, "SELECT visitor_id, key_kind, key, p FROM {identities} ORDER BY ALL", "identities")
    assert {"visitor_id": "call:c3", "key_kind": "call", "key": "c3", "p": 1.0} in who
    assert {row["key_kind"] for row in who} == {"call", "form", "phone", "email"}
    assert {row["key"] for row in who if row["key_kind"] == "phone"} == {f"caller of c{n}" for n in (1, 2, 3)}
    counts = ask(books, lake, "SELECT kind, definition, response_id FROM {conversions} ORDER BY ALL", "conversions")
    assert [(row["kind"], row["definition"]) for row in counts] == [("call", "qualified-1")] * 3 + [("form", None)]


def test_every_response_has_its_credit_by_every_model(books: Books, lake: Path) -> None:
    for model in MODEL_COLUMNS:
        rows = LakeReader(lake, books.company.pk).ask(
            "SELECT kind, response_id, sum({credit}) AS whole, min({credit}) AS least FROM {credits} GROUP BY ALL",
            {},
            facts=("credits",),
            model=model,
        )
        assert sorted(row["kind"] for row in rows) == ["call", "call", "call", "form"]
        wholes = {None if row["whole"] is None else round(row["whole"], 9) for row in rows}
        assert wholes == ({None} if model in LAKE_LEARNERS else {1.0})
    reasons = ask(books, lake, "SELECT model, reason FROM {fits} WHERE reason IS NOT NULL", "fits")
    assert {row["model"] for row in reasons} == set(LAKE_LEARNERS)
    assert all("enough" in row["reason"] for row in reasons)


def test_a_call_to_a_printed_number_is_the_numbers(books: Books, lake: Path) -> None:
    rows = ask(books, lake, "SELECT * FROM {credits} WHERE response_id = 'c3'", "credits")
    assert [(row["source"], row["linear"], row["p"], row["visit_id"]) for row in rows] == [("flyer", 1.0, 1.0, None)]


def test_what_changed_nothing_changes_nothing(books: Books, lake: Path) -> None:
    before = read_manifest(lake)
    mark_stale(books.company, months=["2026-08", "2026-09"])
    assert publish(lake) == before
    assert marks() == {}


def test_a_late_outcome_rewrites_only_the_month_of_its_call(books: Books, lake: Path) -> None:
    before = {(place.fact, place.month): place.entry for place in read_manifest(lake).places()}
    do_mark_outcome(CallRow.objects.get(pk="c1"), OutcomeKind.SALE, 5_000, NOW_MS + 90 * DAY_MS)
    publish(lake)
    after = {(place.fact, place.month): place.entry for place in read_manifest(lake).places()}
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {month for _, month in changed} == {"2026-09"}
    assert ("conversions", "2026-09") in changed
    assert not changed & {("touchpoints", "2026-09"), ("calls", "2026-09"), ("identities", "2026-09")}


def test_a_visit_that_came_late_is_in_the_journeys_of_the_month_after(books: Books, lake: Path) -> None:
    before = read_manifest(lake)
    VisitRow.objects.filter(pk="v0").update(visitor_id="visitor of v1")
    mark_stale(books.company, months=["2026-08"])
    after = publish(lake)
    assert after is not None
    assert before.entry("touchpoints", books.company.pk, "2026-09") == after.entry(
        "touchpoints", books.company.pk, "2026-09"
    )
    rows = ask(books, lake, "SELECT visit_id FROM {credits} WHERE response_id = 'c1' ORDER BY position", "credits")
    assert [row["visit_id"] for row in rows][:2] == ["v0", "v1"]


def test_a_month_beyond_the_lookback_is_left_alone(books: Books, lake: Path) -> None:
    books.write(*books.answered("c9", NOW_MS + 100 * DAY_MS))
    books.drain()
    publish(lake)
    before = read_manifest(lake)
    VisitRow.objects.filter(pk="v0").update(source={"channel": "Direct"})
    mark_stale(books.company, months=["2026-08"])
    after = publish(lake)
    assert after is not None
    for fact in ("credits", "paths", "fits"):
        entries = [state.entry(fact, books.company.pk, "2026-12") for state in (before, after)]
        assert entries[0] == entries[1]
    assert before.data_version != after.data_version


def test_the_companys_lookback_decides_what_a_journey_holds(books: Books, lake: Path) -> None:
    VisitRow.objects.filter(pk="v0").update(visitor_id="visitor of v1")
    mark_stale(books.company, months=["2026-08"])
    publish(lake)
    sql = "SELECT count(DISTINCT visit_id) AS visits FROM {credits} WHERE response_id = 'c1'"
    assert ask(books, lake, sql, "credits") == [{"visits": 2}]
    same = {"name": "A", "time_zone": "UTC", "currency": "USD", "region": "US"}
    actions.do_change_company(books.company, **same, lookback_days=30)
    assert marks() == {}
    actions.do_change_company(books.company, **same, lookback_days=7)
    assert set(marks()) == {"2026-08", "2026-09"}
    publish(lake)
    assert ask(books, lake, sql, "credits") == [{"visits": 1}]
    for days in (0, 366):
        with pytest.raises(BadInput):
            actions.do_change_company(books.company, **same, lookback_days=days)


def test_a_lake_of_an_older_schema_is_published_anew(books: Books, lake: Path) -> None:
    """Also months that the ledger no longer knows of, so that nothing of the old is left."""
    files = {"calls": {books.company.pk: {"2026-09": "calls/old.parquet", "2025-01": "calls/older.parquet"}}}
    before = read_manifest(lake)
    (lake / "manifest.json").write_bytes(msgspec.json.encode({"version": 7, "schema": 1, "files": files}))
    with closing(LakeWriter(lake)) as writer:
        assert mark_behind(writer) == 3
        assert set(marks()) == {"2025-01", "2026-08", "2026-09"}
        publish_stale(writer, NOW_MS)
        assert mark_behind(writer) == 0
    after = read_manifest(lake)
    assert (after.files, after.data_version, after.version) == (before.files, before.data_version, 8)
    assert marks() == {}


def test_a_lake_of_other_definitions_is_made_anew(books: Books, lake: Path) -> None:
    before = read_manifest(lake)
    older = msgspec.structs.replace(before, definitions="older")
    (lake / "manifest.json").write_bytes(msgspec.json.encode(older))
    with closing(LakeWriter(lake)) as writer:
        assert mark_behind(writer) == 2
        publish_stale(writer, NOW_MS)
    assert read_manifest(lake).definitions == before.definitions
    assert read_manifest(lake).data_version == before.data_version


def test_forms_and_people_mark_their_months(books: Books, lake: Path) -> None:
    books.write(books.sent("v0", NOW_MS + 40 * DAY_MS))
    books.drain()
    assert "2026-10" in marks()
    publish(lake)
    books.write(books.named("v0", NOW_MS + 80 * DAY_MS))
    books.drain()
    assert "2026-12" in marks()


def test_another_source_of_a_printed_number_marks_its_calls(books: Books, lake: Path) -> None:
    pools.do_change_static(
        books.numbers[PRINTED], name="Van", stands_for=Source(channel=Channel.OFFLINE, source="van", medium="offline")
    )
    assert set(marks()) == {"2026-09"}
    publish(lake)
    rows = ask(books, lake, "SELECT source FROM {credits} WHERE response_id = 'c3'", "credits")
    assert rows == [{"source": "van"}]


def test_publishing_everything_lets_go_of_companies_that_are_gone(books: Books, lake: Path) -> None:
    with closing(LakeWriter(lake)) as writer:
        spent = SpendFact(
            company_id="gone", on_date=date(2026, 9, 1), source="bing", medium="cpc", campaign=None, cost_cents=1
        )
        writer.publish({("gone", "2026-09"): {"spend": [spent]}}, NOW_MS)
        mark_stale(books.company, months=["2026-09"])
        publish_stale(writer, NOW_MS)
        assert {place.company_id for place in writer.published().places()} == {"gone", books.company.pk}
        mark_stale(books.company, months=["2026-08", "2026-09"])
        publish_stale(writer, NOW_MS, repair=True)
        assert {place.company_id for place in writer.published().places()} == {books.company.pk}


def test_months_whose_calls_nobody_made_are_not_made_again_and_again(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have credits, all unknown, and no path to learn from."""
    books.write(*books.answered("c1", NOW_MS - 60 * DAY_MS, caller_hash=None))
    books.write(*books.answered("c2", NOW_MS, caller_hash=None))
    books.drain()
    publish(tmp_path / "lake")
    assert read_manifest(tmp_path / "lake").files["paths"] == {}
    made: list[str] = []
    lay = derive_module._lay_tables

    def note(draft: Draft, company_id: str, month: str, *rest: Any) -> None:
        made.append(month)
        lay(draft, company_id, month, *rest)

    monkeypatch.setattr(derive_module, "_lay_tables", note)
    mark_stale(books.company, months=["2026-07", "2026-09"])
    publish(tmp_path / "lake")
    assert made == []
    do_mark_outcome(CallRow.objects.get(pk="c2"), OutcomeKind.LEAD, None, NOW_MS)
    publish(tmp_path / "lake")
    assert made == ["2026-09"]


def test_spend_has_the_names_of_the_rules_and_the_channel_of_what_it_paid_for(books: Books) -> None:
    do_align(books.company, NameRule(field=NameField.CAMPAIGN, said="Emergency_Plumbing", means="emergency"))
    do_book_spend(books.company, date(2026, 9, 1), "google", "cpc", "emergency plumbing", 500)
    do_book_spend(books.company, date(2026, 9, 1), "flyer", "offline", "", 700)
    facts = [
        (fact.channel, fact.source, fact.campaign, fact.cost_cents)
        for fact in spend(span_of(books.company.pk, "2026-09"))
    ]
    assert facts == [("Offline", "flyer", None, 700), ("Paid Search", "google", "emergency", 500)]


def test_a_month_that_cannot_be_is_passed_over_and_holds_up_no_other(books: Books, lake: Path) -> None:
    mark_stale(books.company, months=["9999-12", "0201-01", "2026-09"])
    assert publish(lake) is not None
    assert set(StaleMonth.objects.values_list("month", flat=True)) <= {"9999-12", "0201-01"}


@pytest.mark.usefixtures("lake")
def test_a_call_of_long_ago_marks_its_own_month_alone(books: Books) -> None:
    CallRow.objects.filter(pk="c1").update(started_ms=40 * DAY_MS)
    assert ledger_months(books.company.pk) == {"1970-02", "2026-08", "2026-09"}


@pytest.mark.usefixtures("lake")
def test_a_renamed_medium_is_of_the_channel_of_its_new_name(books: Books) -> None:
    VisitRow.objects.filter(pk="v1").update(
        source={"channel": "Unassigned", "source": "google", "medium": "ppc-google"}
    )
    do_align(books.company, NameRule(field=NameField.MEDIUM, said="ppc-google", means="cpc"))
    touches = {touch.touch_id: touch for touch in touchpoints(span_of(books.company.pk, month_of(NOW_MS)))}
    assert (touches["v1"].channel, touches["v1"].medium) == ("Paid Search", "cpc")


def test_it_says_since_when_the_lake_lacks_a_month(books: Books, tmp_path: Path) -> None:
    """A month that changed while it was published lacks what came since then, not what came before."""
    books.write(books.seen("v1"))
    books.drain()
    StaleMonth.objects.update(since_ms=NOW_MS - DAY_MS)
    with closing(_BusyWriter(tmp_path / "lake")) as writer:
        publish_stale(writer, NOW_MS)
    assert StaleMonth.objects.get().since_ms == NOW_MS
