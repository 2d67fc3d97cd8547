"""The worker's drain: in order, once in effect, whatever breaks in between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings

from ringtrace.core.calls import ReportKind
from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, ms_from_at
from ringtrace.core.consent import Consent
from ringtrace.flows.interpreter import ring_flow
from ringtrace.lake.months import month_of
from ringtrace.privacy.keys import caller_purpose
from ringtrace.web import actions, pools
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    Connection,
    ContactRow,
    JournalPlace,
    LeaseRow,
    MatchRow,
    PassedOver,
    PersonRow,
    Pool,
    RefusalRow,
    StaleMonth,
    TapRow,
    VisitRow,
)
from ringtrace.wire.journal import RefusalsCounted
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker import drain as drain_module
from ringtrace.worker.drain import drain
from ringtrace.worker.people_facts import identities
from ringtrace.worker.response_facts import calls
from ringtrace.worker.spans import span_of
from tests.rooms.books import NOW_MS, OTHER_POOLED, POOLED, PRINTED, Books, ledger, marks, new_books

pytestmark = pytest.mark.django_db

OVERFLOW = "+13105550149"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


def place() -> int:
    return JournalPlace.objects.get(reader="worker").seq


def test_it_writes_what_the_journal_tells(books: Books) -> None:
    books.write(*books.a_day())
    books.drain()
    visit = VisitRow.objects.get(pk="v1")
    assert (visit.pages, visit.last_seen_ms) == (2, NOW_MS + 2 * MINUTE_MS)
    assert LeaseRow.objects.get(visit="v1").clicked_ms == NOW_MS + 2 * MINUTE_MS
    call = CallRow.objects.get(pk="c1")
    assert (call.status, call.ring_secs, call.talk_secs) == ("answered", 4, 60)
    assert (call.attributed_by, call.visit_id, call.is_first_call) == ("visit", "v1", True)
    assert call.p_visit is not None
    assert call.p_visit > 0.9
    assert CallRow.objects.get(pk="c3").attributed_by == "static_number"
    assert not MatchRow.objects.filter(pk="c3").exists()
    assert RefusalRow.objects.get().count == 3
    assert place() == len(books.a_day())


def test_a_journal_drained_twice_is_drained_once(books: Books) -> None:
    books.write(*books.a_day())
    books.drain()
    once = ledger()
    assert drain(books.journal, NOW_MS) == 0
    assert ledger() == once


def test_an_event_that_comes_again_changes_nothing(books: Books) -> None:
    day = [event for event in books.a_day() if not isinstance(event, RefusalsCounted)]
    books.write(*day)
    books.drain()
    once = ledger()
    books.write(*day)
    books.drain()
    assert ledger() == once
    assert not PassedOver.objects.exists()


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_size_of_the_batches_does_not_matter(books: Books, most: int) -> None:
    books.write(*books.a_day())
    books.drain(most)
    in_steps = ledger()
    for model in (VisitRow, RefusalRow):
        model.objects.all().delete()
    JournalPlace.objects.update(seq=0)
    books.drain()
    whole = ledger()
    for rows in (*in_steps.values(), *whole.values()):
        for row in rows:
            row.pop("id", None)
    assert whole == in_steps


@pytest.mark.parametrize("step", ["take_reports", "_count_refusals", "mark_stale"])
def test_what_breaks_in_between_loses_and_doubles_nothing(
    books: Books, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    books.write(*books.a_day())
    with monkeypatch.context() as patch:
        patch.setattr(drain_module, step, die)
        with pytest.raises(KeyboardInterrupt):
            books.drain()
    assert not any(ledger().values())
    assert place() == 0
    books.drain()
    assert VisitRow.objects.count() == 2
    assert CallRow.objects.count() == 3
    assert CallReportRow.objects.count() == 12
    assert RefusalRow.objects.get().count == 3


def test_a_place_that_cannot_be_read_is_passed_over_and_written_down(
    books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    books.write(books.seen("v1"))
    books.write_noise()
    books.write(books.seen("v2"))
    books.drain()
    assert set(VisitRow.objects.values_list("pk", flat=True)) == {"v1", "v2"}
    assert "journal place 2 is passed over (unreadable)" in caplog.text
    assert PassedOver.objects.get().seq == 2
    assert books.journal.connection.execute("SELECT count(*) FROM journal").fetchone() == (3,)
    assert place() == 3


def test_events_of_removed_companies_are_passed_over(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    day = books.a_day()
    books.write(*(msgspec.structs.replace(event, company_id="company_gone") for event in day), books.seen("v9"))
    books.drain()
    assert list(VisitRow.objects.values_list("pk", flat=True)) == ["v9"]
    assert not CallReportRow.objects.exists()
    assert RefusalRow.objects.get().company_key == "company_gone"  # an edge may still count what it refuses for one
    assert f"{len(day) - 1} events of removed companies were passed over" in caplog.text
    assert place() == len(day) + 1


def test_a_call_to_a_removed_number_is_passed_over_and_its_reports_kept(
    books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    books.write(*books.answered("c1", NOW_MS), *books.answered("c2", NOW_MS, OTHER_POOLED))
    books.numbers[POOLED].delete()
    books.drain()
    assert [row.pk for row in CallRow.objects.all()] == ["c2"]
    assert CallReportRow.objects.filter(call_id="c1").count() == 4
    assert "a number that was removed" in caplog.text


@pytest.mark.parametrize("seed", range(8))
def test_reports_in_any_order_and_any_batches_make_the_same_call(books: Books, seed: int) -> None:
    chance = random.Random(seed)
    reports = [
        *books.answered("c1", NOW_MS + MINUTE_MS, holder=books.lease("v1")),
        *books.answered("c2", NOW_MS, PRINTED),
    ]
    chance.shuffle(reports)
    books.write(books.seen("v1"))
    books.drain()
    for report in reports:
        books.write(report)
        if chance.random() < 0.5:
            books.drain()
    books.drain()
    call = CallRow.objects.get(pk="c1")
    assert (call.status, call.started_ms, call.ring_secs, call.talk_secs) == ("answered", NOW_MS + MINUTE_MS, 4, 60)
    assert (call.answered_ms, call.ended_ms) == (call.started_ms + 4_000, call.started_ms + 64_000)
    assert (call.attributed_by, call.visit_id, call.caller_hash) == ("visit", "v1", "caller of c1")
    assert call.p_visit == pytest.approx(0.993, abs=0.001)
    verdict = MatchRow.objects.get(pk="c1").verdict
    assert verdict["weighed"][0]["reasons"] == [
        "Called 1 min after seeing the number",
        "Held the number when the call came",
    ]


@pytest.mark.parametrize("in_one_batch", [True, False])
@pytest.mark.parametrize("later_first", [True, False])
def test_the_earliest_call_of_a_caller_is_the_first(books: Books, later_first: bool, in_one_batch: bool) -> None:
    early = books.answered("early", NOW_MS, caller_hash="same")
    late = books.answered("late", NOW_MS + HOUR_MS, OTHER_POOLED, caller_hash="same")
    for reports in (late, early) if later_first else (early, late):
        books.write(*reports)
        if not in_one_batch:
            books.drain()
    books.drain()
    assert dict(CallRow.objects.values_list("pk", "is_first_call")) == {"early": True, "late": False}


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_caller_who_rings_again_is_known_by_the_visit_before(books: Books, in_one_batch: bool) -> None:
    books.write(books.seen("v1"), *books.answered("c1", NOW_MS + MINUTE_MS, caller_hash="same"))
    if not in_one_batch:
        books.drain()
    books.write(books.seen("rival", NOW_MS + 2 * HOUR_MS))
    books.write(*books.answered("c2", NOW_MS + 2 * DAY_MS, caller_hash="same"))
    books.drain()
    again = CallRow.objects.get(pk="c2")
    assert again.visit_id == "v1"
    assert again.is_first_call is False


def test_a_withheld_caller_is_neither_first_nor_a_repeat(books: Books) -> None:
    books.write(*books.answered("c1", NOW_MS, caller_hash=None, caller_sealed=None))
    books.drain()
    call = CallRow.objects.get(pk="c1")
    assert call.is_first_call is None
    assert call.caller_sealed is None


def test_a_visit_may_hold_two_numbers(books: Books) -> None:
    both = (books.lease("v1"), books.lease("v1", OTHER_POOLED))
    books.write(books.seen("v1", leases=both), books.tap("v1", NOW_MS + 59 * SECOND_MS, OTHER_POOLED))
    books.write(*books.answered("c1", NOW_MS + MINUTE_MS), *books.answered("c2", NOW_MS + MINUTE_MS, OTHER_POOLED))
    books.drain()
    assert dict(LeaseRow.objects.values_list("e164", "clicked_ms")) == {
        POOLED: None,
        OTHER_POOLED: NOW_MS + 59 * SECOND_MS,
    }
    assert dict(CallRow.objects.values_list("pk", "visit_id")) == {"c1": "v1", "c2": "v1"}


def test_a_visit_that_was_shown_its_number_again_is_one_candidate(books: Books) -> None:
    again_ms = NOW_MS + 3 * HOUR_MS
    again = books.lease("v1", from_ms=again_ms, suffix="-again")
    books.write(books.seen("v1"), books.alive("v1", again_ms, again, url="https://plumber.example/"))
    books.write(*books.answered("c1", again_ms + MINUTE_MS, holder=again))
    books.drain()
    weighed = MatchRow.objects.get(pk="c1").verdict["weighed"]
    assert [one["visit_id"] for one in weighed] == ["v1"]
    assert weighed[0]["reasons"][0] == "Called 1 min after seeing the number"


def test_what_came_after_the_call_does_not_speak(books: Books) -> None:
    books.write(books.seen("v1"), *books.answered("c1", NOW_MS + MINUTE_MS)[1:])
    books.write(books.alive("v1", NOW_MS + 2 * MINUTE_MS, books.lease("v1")), books.tap("v1", NOW_MS + 3 * MINUTE_MS))
    books.write(books.seen("late", NOW_MS + 2 * MINUTE_MS))
    books.write(books.answered("c1", NOW_MS + MINUTE_MS)[0])
    books.drain()
    weighed = MatchRow.objects.get(pk="c1").verdict["weighed"]
    assert [one["visit_id"] for one in weighed] == ["v1"]
    assert weighed[0]["reasons"] == ["Called 1 min after seeing the number", "The page was still open"]


def test_a_change_marks_its_month(books: Books) -> None:
    books.write(books.seen("v1"))
    books.drain()
    assert marks() == {"2026-09": 1}
    books.write(*books.answered("c1", NOW_MS))
    books.drain()
    assert marks()["2026-09"] > 1
    StaleMonth.objects.all().delete()
    books.drain()
    assert marks() == {}


def test_a_call_that_moves_to_another_month_marks_both(books: Books) -> None:
    october_ms = ms_from_at(datetime(2026, 10, 1, tzinfo=UTC))
    arrived, _, _, ended = books.answered("c1", october_ms - 10 * SECOND_MS)
    books.write(books.said("c1", ReportKind.ANSWERED, october_ms + SECOND_MS))
    books.drain()
    assert marks() == {"2026-10": 1}
    StaleMonth.objects.all().delete()
    books.write(arrived, ended)
    books.drain()
    assert marks().keys() == {"2026-09", "2026-10"}


def test_a_worker_that_comes_too_late_takes_nothing_and_never_moves_back(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = books.journal.read_events

    def overtaken(after: int, limit: int) -> Any:
        events = read(after, limit)
        JournalPlace.objects.update(seq=99)
        return events

    books.write(books.seen("v1"))
    monkeypatch.setattr(books.journal, "read_events", overtaken)
    assert drain(books.journal, NOW_MS) == 0
    assert place() == 99
    assert not VisitRow.objects.exists()


def test_one_odd_event_holds_up_nobody(books: Books) -> None:
    far = books.said("odd", ReportKind.ARRIVED, 1 << 53)  # in the year 287396
    books.write(books.seen("v1"), far, *books.answered("c1", NOW_MS + MINUTE_MS))
    books.drain()
    assert CallRow.objects.get().pk == "c1"
    assert VisitRow.objects.get().pk == "v1"
    passed = PassedOver.objects.get()
    assert (passed.seq, passed.why) == (2, "ValueError")
    assert place() == 6
    assert len(books.journal.read_events(0, 100)) == 6


def test_a_sign_of_life_makes_no_month_stale(books: Books) -> None:
    books.write(books.seen("v1"))
    books.drain()
    StaleMonth.objects.all().delete()
    books.write(books.alive("v1", NOW_MS + MINUTE_MS, books.lease("v1")), books.tap("v1", NOW_MS + 2 * MINUTE_MS))
    books.drain()
    assert marks() == {}
    assert VisitRow.objects.get().last_seen_ms == NOW_MS + 2 * MINUTE_MS


def test_a_call_to_another_companys_number_is_not_taken(books: Books) -> None:
    charlie = actions.do_create_owner("charlie@example.com", None, "Charlie's", "UTC", "USD")
    books.write(*(msgspec.structs.replace(event, company_id=charlie.pk) for event in books.answered("stolen", NOW_MS)))
    books.drain()
    assert not CallRow.objects.exists()


# What else a visit does


def test_it_keeps_what_a_visit_said_of_itself(books: Books) -> None:
    consent = Consent(said="granted", ad_storage=True, ad_user_data=False)
    more: dict[str, Any] = {"region": "US-CA", "ids": {"ga_client": "12.34", "fbp": "fb.1"}, "shown": (PRINTED,)}
    books.write(books.seen("v1", leases=(), consent=consent, **more))
    books.drain()
    visit = VisitRow.objects.get()
    assert (visit.region, visit.ids, visit.shown) == ("US-CA", {"ga_client": "12.34", "fbp": "fb.1"}, [PRINTED])
    assert msgspec.convert(visit.consent, Consent) == consent
    assert visit.refused == ""  # it was shown a number, a static one


def test_it_keeps_texts_that_no_database_takes_whole(books: Books) -> None:
    replace = msgspec.structs.replace
    books.write(replace(books.seen("v1"), url="https://plumber.example/\0x", referrer="\0", ids={"fbp": "a\0b"}))
    books.write(books.sent("v1", NOW_MS, "quo\0te"))
    books.drain()
    visit = VisitRow.objects.get()
    assert (visit.url, visit.referrer, visit.ids) == ("https://plumber.example/x", "", {"fbp": "ab"})
    assert ContactRow.objects.get().name == "quote"


def test_it_keeps_every_tap_and_the_last_one_with_the_lease(books: Books) -> None:
    taps_ms = [NOW_MS + second * SECOND_MS for second in (10, 20, 30)]
    books.write(books.seen("v1"), *(books.tap("v1", tap_ms) for tap_ms in taps_ms))
    books.write(books.tap("v1", taps_ms[0] + 1, PRINTED))  # a static number: nobody holds it
    books.drain()
    found = sorted(TapRow.objects.values_list("at_ms", "e164", "visit_id"))
    assert found == sorted([*((tap_ms, POOLED, "v1") for tap_ms in taps_ms), (taps_ms[0] + 1, PRINTED, "v1")])
    assert LeaseRow.objects.get().clicked_ms == taps_ms[-1]


def test_it_keeps_forms_and_people(books: Books) -> None:
    books.write(*books.a_day(), books.sent("v1", NOW_MS + 3 * MINUTE_MS, "x" * 5_000))
    books.drain()
    assert sorted(len(form) for form in ContactRow.objects.values_list("name", flat=True)) == [5, 200]
    person = PersonRow.objects.get()
    assert (person.visitor_id, person.phone_hash, person.email_hash) == (
        "visitor of v1",
        CallRow.objects.get(pk="c1").caller_hash,
        "of an address",
    )
    assert VisitRow.objects.get(pk="v1").last_seen_ms == NOW_MS + 3 * MINUTE_MS


def test_nothing_of_one_company_lands_in_another(books: Books) -> None:
    """Neither by naming its visit, nor its site, nor its lease."""
    charlie = actions.do_create_owner("charlie@example.com", None, "Charlie's", "UTC", "USD")
    his_site = actions.do_create_site(charlie, "charlie.example", ["https://charlie.example"])
    books.write(books.seen("v1"))
    books.drain()
    once = ledger()
    later_ms = NOW_MS + MINUTE_MS
    signs: list[Any] = [
        books.tap("v1", later_ms),
        books.sent("v1", later_ms),
        books.named("v1", later_ms),
        books.alive("v1", later_ms, books.lease("v1")),
    ]
    replace = msgspec.structs.replace
    books.write(*(replace(sign, company_id=charlie.pk) for sign in signs))
    books.write(*(replace(sign, company_id=charlie.pk, site_id=his_site.pk) for sign in signs))
    books.write(*(replace(sign, site_id=his_site.pk) for sign in signs))
    books.write(replace(books.seen("v2"), company_id=charlie.pk))
    longer = replace(books.lease("v1"), until_ms=NOW_MS + DAY_MS)
    books.write(replace(books.said("c9", ReportKind.ARRIVED, later_ms, holder=longer), company_id=charlie.pk))
    books.drain()
    assert {name: rows for name, rows in ledger().items() if name != "CallReportRow"} == {
        name: rows for name, rows in once.items() if name != "CallReportRow"
    }


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_called_number_stays_with_its_visit_for_longer(books: Books, in_one_batch: bool) -> None:
    longer = msgspec.structs.replace(books.lease("v1"), until_ms=NOW_MS + 5 * HOUR_MS)
    books.write(books.seen("v1"))
    if not in_one_batch:
        books.drain()
    books.write(books.said("c1", ReportKind.ARRIVED, NOW_MS + MINUTE_MS, holder=longer))
    books.write(books.alive("v1", NOW_MS + 2 * MINUTE_MS, books.lease("v1")))  # an end told before the call
    books.drain()
    assert LeaseRow.objects.get().until_ms == NOW_MS + 5 * HOUR_MS


def test_an_overflow_number_says_nothing_of_its_calls(books: Books) -> None:
    pool = Pool.objects.get()
    shared = actions.do_add_numbers(Connection.objects.get(), [OVERFLOW], ring_flow("+13105550199", 20))[0]
    pools.do_set_overflow(pool, shared)
    books.numbers[OVERFLOW] = shared
    books.write(books.seen("v1"), *books.answered("c1", NOW_MS + MINUTE_MS, OVERFLOW))
    books.drain()
    call = CallRow.objects.get()
    assert (call.attributed_by, call.visit_id, call.p_none) == ("overflow_number", None, None)
    assert not MatchRow.objects.exists()
    month = span_of(books.company.pk, "2026-09")
    assert list(identities(month)) == []
    assert [fact.p_known for fact in calls(month)] == [None]


def test_it_says_where_a_caller_is_from_by_the_carrier_else_by_the_number(books: Books) -> None:
    sealed = settings.KEYS.seal("+12125550123", caller_purpose(books.company.pk))
    told = {"caller_region": "US-TX", "caller_name_sealed": "sealed name"}
    books.write(*books.answered("c1", NOW_MS, caller_sealed=sealed, **told))
    books.write(*books.answered("c2", NOW_MS + 1, caller_sealed=sealed))
    books.write(*books.answered("c3", NOW_MS + 2, caller_sealed="of another key"))
    books.drain()
    regions = dict(CallRow.objects.values_list("call_id", "caller_region"))
    assert regions == {"c1": "US-TX", "c2": "US-NY", "c3": ""}
    assert CallRow.objects.get(pk="c1").name_sealed == "sealed name"


def test_it_says_how_long_before_a_caller_called_last(books: Books) -> None:
    books.write(*books.answered("c1", NOW_MS, caller_hash="same"))
    books.write(*books.answered("c3", NOW_MS + 3 * HOUR_MS, caller_hash="same"))
    books.drain()
    StaleMonth.objects.all().delete()
    books.write(*books.answered("c2", NOW_MS + HOUR_MS, caller_hash="same"))  # told late: c3's month is published anew
    books.drain()
    assert StaleMonth.objects.exists()
    since = {fact.call_id: fact.since_last_secs for fact in calls(span_of(books.company.pk, month_of(NOW_MS)))}
    assert since == {"c1": None, "c2": 3_600, "c3": 7_200}


def test_a_visitor_that_is_known_late_changes_the_months_of_later_contacts(books: Books) -> None:
    old_ms = NOW_MS - 40 * DAY_MS
    company, kept = books.company, {"kind": "form", "at_ms": NOW_MS, "phone_hash": "of a phone"}
    ContactRow.objects.create(contact_id="k1", company=company, **kept)
    books.write(books.seen("v1", old_ms))
    books.drain()
    events: list[Any] = [books.named("v1", old_ms + 1, "of a phone")]
    for event in [*events, *books.answered("c", old_ms, caller_hash="of a phone")]:
        StaleMonth.objects.all().delete()
        books.write(event)
        books.drain()
        assert month_of(NOW_MS) in marks()
