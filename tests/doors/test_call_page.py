"""One call's page: the evidence in order, what is corrected on it, and who saw a caller."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.web.customers import phone_hash
from ringtrace.web.evidence import holdings_of, path_of
from ringtrace.web.models import AuditKind, AuditRow, CallReportRow, CallRow, LeaseRow, OutcomeRow, StaleMonth, User
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.pages.call import reports_of
from ringtrace.web.timeline import Event, draw_timeline, long_words
from tests.doors.cast import CALLER, MAIL, Cast, make_call, make_lease, make_match, make_report, make_visit


def _page(client: Client, call: CallRow, query: str = "") -> str:
    answer = client.get(f"/calls/{call.pk}/{query}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _leased(cast: Cast, from_ms: int, until_ms: int, clicked_ms: int | None = None) -> LeaseRow:
    lease = make_lease(cast, cast.number)
    lease.from_ms, lease.until_ms, lease.clicked_ms = from_ms, until_ms, clicked_ms
    lease.save()
    return lease


def test_it_tells_who_was_shown_the_number_before_at_and_after_the_call(cast: Cast) -> None:
    at_ms, alice = cast.call.started_ms, User.objects.get(email="alice@example.com")
    other = make_visit(cast.company, cast.site, MAIL)
    early = _leased(cast, at_ms - 5 * HOUR_MS, at_ms - 4 * HOUR_MS)
    LeaseRow.objects.filter(pk=early.pk).update(visit=other)
    _leased(cast, at_ms - MINUTE_MS, at_ms + HOUR_MS, clicked_ms=at_ms - 8_000)
    late = _leased(cast, at_ms + 2 * HOUR_MS, at_ms + 3 * HOUR_MS)
    LeaseRow.objects.filter(pk=late.pk).update(visit=other)
    told = holdings_of(alice, cast.call, [], cast.visit.pk)
    assert [(one.when, one.is_best) for one in told] == [("before", False), ("held", True), ("after", False)]
    page = _page(cast.alice, cast.call)
    assert "held it when the call came" in page
    assert "of the pool Alice’s pool" in page


def test_it_keeps_who_was_shown_the_number_from_others(cast: Cast) -> None:
    _leased(cast, cast.call.started_ms - MINUTE_MS, cast.call.started_ms + HOUR_MS)
    charlie = User.objects.get(email="charlie@example.com")
    assert holdings_of(charlie, cast.call, [], None) == []


def test_it_tells_the_way_the_call_took(cast: Cast) -> None:
    make_report(cast.call, ReportKind.ARRIVED, 0)
    make_report(cast.call, ReportKind.ANSWERED, 7)
    make_report(cast.call, ReportKind.ENDED, 132, EndCause.HUNG_UP)
    reports = reports_of(CallReportRow.objects.filter(call_id=cast.call.pk))
    told = path_of(cast.call, reports)
    assert [one.title for one in told] == [
        "It came in",
        "Step 1: ring sip:alice@pbx.example for up to 25 seconds",
        "It ended",
    ]
    assert told[1].words == "It rang 7 s, then it was answered. They talked 2:05."
    assert told[2].words == "Somebody hung up."


def test_it_says_what_nobody_reported(cast: Cast) -> None:
    call = make_call(cast.number, None, status="missed", caller=None)
    CallRow.objects.filter(pk=call.pk).update(ring_secs=None)
    page = _page(cast.alice, call)
    assert "Whether it rang was not reported." in page
    assert "The caller withheld their number" in page
    assert "do not record calls yet" in page
    assert "Nothing is sent anywhere yet" in page
    assert "No page is known to have shown" in page


def test_it_shows_the_callers_other_calls(cast: Cast) -> None:
    earlier = make_call(cast.number, None, status="missed", started_ms=cast.call.started_ms - DAY_MS)
    others = make_call(cast.number, None, caller="+12125550188")
    caller = phone_hash(cast.company.pk, CALLER)
    CallRow.objects.filter(pk__in=[earlier.pk, cast.call.pk]).update(caller_hash=caller)
    do_mark_outcome(earlier, OutcomeKind.SALE, 12_300, earlier.started_ms)
    page = _page(cast.alice, cast.call)
    section = page[page.index("This caller’s other calls") :]
    assert f"/calls/{earlier.pk}/" in section
    assert "$123" in section
    assert f"/calls/{others.pk}/" not in section


def test_it_leads_to_the_calls_before_and_after(cast: Cast) -> None:
    same = make_call(cast.number, None, started_ms=cast.call.started_ms)
    earlier = make_call(cast.number, None, started_ms=cast.call.started_ms - DAY_MS)
    first, second = sorted([cast.call.pk, same.pk])
    page = _page(cast.alice, CallRow.objects.get(pk=second))
    assert re.search(rf'href="/calls/{first}/" rel="prev"', page)
    assert 'rel="next"' not in page
    assert re.search(rf'href="/calls/{earlier.pk}/" rel="prev"', _page(cast.alice, CallRow.objects.get(pk=first)))


def test_it_draws_a_time_line_and_says_the_same_in_words(cast: Cast) -> None:
    make_match(cast.call, cast.visit)
    do_mark_outcome(cast.call, OutcomeKind.SALE, None, cast.call.started_ms + 9 * DAY_MS)
    page = _page(cast.alice, cast.call)
    assert "Time line: 1 visit, 1 outcome, this call over 9 days" in page
    assert page.count("<circle class=") == 3
    assert ">9 days<" in page
    assert ">9 days<" not in _page(cast.alice, cast.call, "?line=real")


def test_it_notes_once_an_hour_who_saw_a_caller_in_clear(cast: Cast) -> None:
    for client in (cast.alice, cast.alice, cast.bob):
        _page(client, cast.call)
    seen = AuditRow.objects.filter(kind=AuditKind.SEEN, about=cast.call.pk)
    assert [row.actor for row in seen] == ["alice@example.com"]
    withheld = make_call(cast.number, None, caller=None)
    _page(cast.alice, withheld)
    assert not AuditRow.objects.filter(about=withheld.pk).exists()


def test_it_says_who_changed_what_to_those_who_may_change(cast: Cast) -> None:
    cast.alice.post(f"/calls/{cast.call.pk}/spam/", {"spam": "yes"})
    outcome = do_mark_outcome(cast.call, OutcomeKind.LEAD, None, cast.call.started_ms)
    cast.alice.post(f"/calls/{cast.call.pk}/outcome/{outcome.pk}/remove/")
    section = _page(cast.alice, cast.call)
    section = section[section.index("Who changed what") :]
    assert section.index("removed an outcome") < section.index("spam")
    assert "alice@example.com" in section
    assert "Who changed what" not in _page(cast.bob, cast.call)


def test_it_changes_what_an_outcome_was_and_was_worth(cast: Cast) -> None:
    outcome = do_mark_outcome(cast.call, OutcomeKind.LEAD, None, cast.call.started_ms)
    OutcomeRow.objects.filter(pk=outcome.pk).update(said_cents=900, currency="EUR", value_cents=1_000)
    StaleMonth.objects.all().delete()
    address = f"/calls/{cast.call.pk}/outcome/{outcome.pk}/"
    assert cast.alice.post(address, {"kind": "sale", "value": "1,250.50", "note": "paid"}).status_code == 302
    outcome.refresh_from_db()
    assert (outcome.kind, outcome.value_cents, outcome.note) == ("sale", 125_050, "paid")
    assert (outcome.said_cents, outcome.currency, str(outcome.marked_by)) == (None, "", "alice@example.com")
    assert StaleMonth.objects.exists()


@pytest.mark.parametrize("form", [{"kind": "sale", "value": "much"}, {"kind": "nonsense"}, {"kind": "call"}, {}])
def test_it_says_beside_the_field_what_an_outcome_cannot_be(cast: Cast, form: dict[str, str]) -> None:
    outcome = do_mark_outcome(cast.call, OutcomeKind.LEAD, None, cast.call.started_ms)
    answer = cast.alice.post(f"/calls/{cast.call.pk}/outcome/{outcome.pk}/", form)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    outcome.refresh_from_db()
    assert outcome.kind == "lead"


def test_it_keeps_a_kind_of_the_companys_own(cast: Cast) -> None:
    outcome = do_mark_outcome(cast.call, "site_survey", None, cast.call.started_ms)
    assert "Site survey" in _page(cast.alice, cast.call)
    address = f"/calls/{cast.call.pk}/outcome/{outcome.pk}/"
    assert cast.alice.post(address, {"kind": "site_survey", "value": "9"}).status_code == 302


def test_it_folds_long_gaps_and_keeps_distances_between_them() -> None:
    at = [0, 60_000, 120_000, 30 * DAY_MS, 30 * DAY_MS + 60_000]
    drawn = draw_timeline([Event(at_ms=ms, kind="visit", words="") for ms in at])
    assert drawn is not None
    assert [fold.words for fold in drawn.folds] == ["30 days"]
    xs = [mark.x for mark in drawn.marks]
    assert xs == sorted(xs)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    assert xs[4] - xs[3] == pytest.approx(xs[1] - xs[0], abs=0.2)
    real = draw_timeline([Event(at_ms=ms, kind="visit", words="") for ms in at], folded=False)
    assert real is not None
    assert real.folds == ()
    assert real.marks[1].x - real.marks[0].x < 1


def test_it_draws_nothing_of_one_moment_and_bounds_what_it_draws() -> None:
    assert draw_timeline([Event(at_ms=5, kind="call", words="")]) is None
    many = draw_timeline([Event(at_ms=nth * DAY_MS, kind="visit", words="") for nth in range(1_000)])
    assert many is not None
    assert len(many.marks) == 200
    assert len(many.folds) <= 8
    assert all(many.left <= mark.x <= many.width for mark in many.marks)


@pytest.mark.parametrize(
    ("ms", "words"),
    [(40_000, "40 seconds"), (MINUTE_MS, "1 minute"), (26 * HOUR_MS, "1 day"), (9 * HOUR_MS, "9 hours")],
)
def test_it_says_how_long_in_words(ms: int, words: str) -> None:
    assert long_words(ms) == words
