"""Alerts: each comes of what it tells of, and is silent otherwise."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.models import F

from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, at_from_ms, wall_clock
from ringtrace.core.ids import new_id
from ringtrace.web import alerts
from ringtrace.web.alerts import Alert, Severity, open_alerts
from ringtrace.web.hooks import do_make_hook
from ringtrace.web.models import (
    CallRow,
    HookMessageRow,
    ImportRun,
    MailRow,
    RefusalRow,
    RunState,
    Site,
    SpendRow,
    StaleMonth,
    TrackingNumber,
    VisitRow,
)
from ringtrace.web.pasted import Pasted
from ringtrace.web.rhythm import WEEK_MS, is_unusually_often
from tests.doors.cast import PAID, Cast, make_call, make_visit

WEEKS = 5


def _alerts(cast: Cast, now_ms: int | None = None) -> dict[str, Alert]:
    return {alert.kind: alert for alert in open_alerts(cast.company, wall_clock() if now_ms is None else now_ms)}


def _visits(cast: Cast, *, every_ms: int, until_ago_ms: int = 0, weeks: int = WEEKS) -> None:
    """Visits at a steady pace, up to some time ago."""
    now_ms = wall_clock()
    times = range(now_ms - weeks * WEEK_MS, now_ms - until_ago_ms, every_ms)
    VisitRow.objects.bulk_create(
        VisitRow(
            visit_id=new_id("visit", ms),
            company=cast.company,
            site=cast.site,
            visitor_id="somebody",
            started_ms=ms,
            last_seen_ms=ms,
            url="https://alice.example/",
            device="mobile",
            channel="Direct",
            source={"channel": "Direct"},
        )
        for ms in times
    )


def _calls(cast: Cast, times: list[int], status: str = "answered") -> None:
    for ms in times:
        make_call(cast.number, None, status=status, started_ms=ms)


def test_it_is_silent_where_all_is_well(cast: Cast) -> None:
    assert _alerts(cast) == {}
    assert "To look at" not in cast.alice.get("/").content.decode()


def test_a_site_that_fell_silent(cast: Cast) -> None:
    _visits(cast, every_ms=10 * MINUTE_MS, until_ago_ms=6 * HOUR_MS)
    VisitRow.objects.filter(pk=cast.visit.pk).update(started_ms=wall_clock() - WEEK_MS)
    alert = _alerts(cast)["site_silent"]
    assert alert.severity is Severity.URGENT
    assert alert.title.startswith("Alice’s site: no visit since ")
    assert alert.hint.startswith("In the same hours of the weeks before, 3")
    page = html.unescape(cast.alice.get("/").content.decode())
    assert alert.title in page
    assert f'href="{alert.url}">{alert.link}' in page


def test_a_site_that_is_usually_silent_at_this_hour(cast: Cast) -> None:
    """No visits between two of its busy days, week after week, are its rhythm."""
    _visits(cast, every_ms=10 * MINUTE_MS, until_ago_ms=6 * HOUR_MS)
    now_ms = wall_clock()
    for week in range(1, WEEKS):
        began_ms = now_ms - week * WEEK_MS - 6 * HOUR_MS
        VisitRow.objects.filter(started_ms__gt=began_ms, started_ms__lt=began_ms + 6 * HOUR_MS).delete()
    VisitRow.objects.filter(pk=cast.visit.pk).update(started_ms=now_ms - WEEK_MS // 2)
    assert _alerts(cast) == {}


def test_a_quiet_site_is_given_the_time_that_it_takes(cast: Cast) -> None:
    _visits(cast, every_ms=8 * HOUR_MS, until_ago_ms=30 * HOUR_MS)
    VisitRow.objects.filter(pk=cast.visit.pk).update(started_ms=wall_clock() - WEEK_MS)
    assert _alerts(cast) == {}


def test_a_young_site_that_fell_silent(cast: Cast) -> None:
    now_ms = wall_clock()
    for nth in range(25):
        make_visit(cast.company, cast.site, PAID, ago_ms=30 * HOUR_MS + nth * MINUTE_MS)
    VisitRow.objects.filter(pk=cast.visit.pk).update(started_ms=now_ms - 31 * HOUR_MS)
    assert "site_silent" in _alerts(cast)
    assert "site_silent" not in _alerts(cast, now_ms - 10 * HOUR_MS)


def test_a_site_without_any_visit(cast: Cast) -> None:
    Site.objects.create(company=cast.company, name="Shop", origins=["https://shop.example"])
    alert = _alerts(cast)["no_visits_yet"]
    assert (alert.severity, alert.title) == (Severity.NOTE, "No visit of Shop has come yet")


def test_a_site_whose_page_did_not_pass_its_check(cast: Cast) -> None:
    found = [{"state": "good", "title": "It answers"}, {"state": "bad", "title": "There is no tag", "todo": "Add it."}]
    checked_ms = cast.visit.started_ms + 1
    Site.objects.update(checked={"url": "https://alice.example/", "findings": found}, checked_ms=checked_ms)
    alert = _alerts(cast)["check_failed"]
    assert (alert.title, alert.hint) == ("Alice’s site: There is no tag", "Add it.")
    make_visit(cast.company, cast.site, PAID, ago_ms=0)  # the tag works: that is the better proof
    assert _alerts(cast) == {}


def test_a_number_that_stands_elsewhere(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pasted = Pasted(
        number_id=cast.number.pk,
        e164=cast.number.e164,
        pool_name="Main",
        callers=9,
        expected=0.5,
        p_chance=1e-9,
        days=8,
        watched_days=28,
        first_ms=0,
        last_ms=0,
        calls=(),
    )
    monkeypatch.setattr(alerts, "pasted_numbers", lambda _company, _now_ms: [pasted])
    assert "(310) 555-0101" in _alerts(cast)["pasted"].title
    monkeypatch.setattr(alerts, "pasted_numbers", lambda _company, _now_ms: [])
    assert "pasted" in _alerts(cast)  # looked at once an hour
    cache.clear()
    assert _alerts(cast) == {}


def test_a_carrier_that_tells_of_no_calls(cast: Cast) -> None:
    now_ms = wall_clock()
    _visits(cast, every_ms=30 * MINUTE_MS)
    _calls(cast, list(range(now_ms - WEEKS * WEEK_MS, now_ms - 2 * DAY_MS, 2 * HOUR_MS)))
    CallRow.objects.filter(pk=cast.call.pk).update(started_ms=now_ms - WEEK_MS)
    assert "though visits go on" in _alerts(cast)["connection_silent"].title
    VisitRow.objects.filter(started_ms__gt=now_ms - 2 * DAY_MS).delete()
    assert "connection_silent" not in _alerts(cast)


def test_calls_that_nobody_answers(cast: Cast) -> None:
    now_ms = wall_clock()
    for week in range(1, 5):
        began_ms = now_ms - week * WEEK_MS
        _calls(cast, [began_ms - nth * HOUR_MS for nth in range(1, 10)])
        _calls(cast, [began_ms - 12 * HOUR_MS], "missed")
    _calls(cast, [now_ms - nth * HOUR_MS for nth in range(1, 8)], "missed")
    assert _alerts(cast)["unanswered"].title == "7 of the 8 calls of the last 24 hours were not answered"
    CallRow.objects.filter(started_ms__gt=now_ms - 5 * HOUR_MS).update(status="answered")
    assert "unanswered" not in _alerts(cast)


def test_an_unusual_share_is_rare_by_chance() -> None:
    assert is_unusually_often(9, 10, 10, 100)
    assert not is_unusually_often(3, 10, 10, 100)
    assert not is_unusually_often(4, 4, 0, 100)
    assert not is_unusually_often(9, 10, 1, 5)


def _refused(cast: Cast, reason: str, count: int, ago_ms: int = HOUR_MS, site: str = "") -> None:
    RefusalRow.objects.create(
        company_key=cast.company.pk, site_key=site, hour_ms=wall_clock() - ago_ms, reason=reason, count=count
    )


def test_a_pool_that_ran_out(cast: Cast) -> None:
    _visits(cast, every_ms=30 * MINUTE_MS, weeks=1)
    _refused(cast, "pool_empty", 2, site=cast.site.pk)
    assert _alerts(cast) == {}
    _refused(cast, "pool_empty", 38, 2 * HOUR_MS, site=cast.site.pk)
    alert = _alerts(cast)["pool_empty"]
    assert alert.title == "The numbers of Alice’s site ran out 40 times in a week"
    assert alert.severity is Severity.URGENT
    RefusalRow.objects.update(hour_ms=F("hour_ms") - 8 * DAY_MS)
    assert _alerts(cast) == {}


@pytest.mark.parametrize("reason", ["forged", "unsigned", "stale", "unknown_number"])
def test_webhooks_that_prove_nothing(cast: Cast, reason: str) -> None:
    _refused(cast, reason, 2)
    _refused(cast, "bot", 500)
    assert _alerts(cast) == {}
    _refused(cast, reason, 5, 2 * HOUR_MS)
    assert _alerts(cast)[reason].title.startswith("7 ")


def test_messages_that_wait_to_be_mended(cast: Cast) -> None:
    hook, _ = do_make_hook(cast.company, "standard", "Shop", 0)
    assert _alerts(cast) == {}
    HookMessageRow.objects.create(hook=hook, digest="1", sealed="", why="x", at_ms=0)
    assert _alerts(cast)["hook_kept"].title == "Shop: 1 message waits to be mended"


def _run(cast: Cast, state: str, ago_ms: int, changed_ago_ms: int = 0) -> None:
    now_ms = wall_clock()
    ImportRun.objects.create(
        company=cast.company,
        what="outcomes",
        file_name="sales.csv",
        digest="d",
        state=state,
        place=120,
        began_ms=now_ms - ago_ms,
        changed_ms=now_ms - changed_ago_ms,
    )


def test_an_import_that_stopped(cast: Cast) -> None:
    _run(cast, RunState.RUNNING, HOUR_MS)
    assert _alerts(cast) == {}
    ImportRun.objects.update(changed_ms=wall_clock() - HOUR_MS)
    assert "import_stopped" in _alerts(cast)
    ImportRun.objects.update(state=RunState.STOPPED)
    assert _alerts(cast)["import_stopped"].title == "The import of sales.csv stopped at row 120"
    _run(cast, RunState.DONE, MINUTE_MS)
    assert _alerts(cast) == {}


def test_a_lake_that_is_behind(cast: Cast) -> None:
    now_ms = wall_clock()
    StaleMonth.objects.create(company=cast.company, month="2026-10", since_ms=now_ms - MINUTE_MS)
    assert _alerts(cast) == {}
    StaleMonth.objects.update(since_ms=now_ms - HOUR_MS)
    assert _alerts(cast)["lake_behind"].title == "Reports do not have the newest of 2026-10 yet"


def _spend(cast: Cast, source: str, ago: Callable[[int], int], times: int) -> None:
    today_on = at_from_ms(wall_clock()).astimezone(cast.company.zone).date()
    SpendRow.objects.bulk_create(
        SpendRow(
            company=cast.company,
            on_date=today_on - timedelta(days=ago(nth)),
            source=source,
            medium="cpc",
            cost_cents=100,
        )
        for nth in range(times)
    )


def test_spend_that_stopped(cast: Cast) -> None:
    _spend(cast, "google", lambda nth: nth + 1, 30)
    _spend(cast, "flyer", lambda nth: 20 + 14 * nth, 4)
    assert _alerts(cast) == {}
    SpendRow.objects.filter(source="google").delete()
    _spend(cast, "google", lambda nth: nth + 6, 30)
    assert _alerts(cast)["spend_stopped"].title.startswith("No spend of google after ")
    assert "flyer" not in _alerts(cast)["spend_stopped"].title


def test_an_email_that_was_given_up(cast: Cast) -> None:
    now_ms = wall_clock()
    mail = {"company": cast.company, "kind": "report", "subject": "x", "text": "x", "made_ms": 0, "due_ms": 0}
    MailRow.objects.create(to="a@example.com", given_up_ms=now_ms - 8 * DAY_MS, **mail)
    MailRow.objects.create(to="a@example.com", sent_ms=now_ms, **mail)
    assert _alerts(cast) == {}
    MailRow.objects.create(to="a@example.com", given_up_ms=now_ms - HOUR_MS, **mail)
    assert _alerts(cast)["mail_given_up"].title == "1 e-mail could not be sent"


def test_a_company_without_numbers(cast: Cast) -> None:
    CallRow.objects.all().delete()
    TrackingNumber.objects.all().delete()
    assert _alerts(cast)["no_numbers"].severity is Severity.NOTE


def test_it_tells_the_worst_first_and_nothing_of_another_company(cast: Cast) -> None:
    Site.objects.create(company=cast.company, name="Shop", origins=["https://shop.example"])
    _refused(cast, "forged", 5)
    assert [alert.severity for alert in open_alerts(cast.company, wall_clock())] == [Severity.URGENT, Severity.NOTE]
    charlies = cast.charlie.get("/").content.decode()
    assert "Shop" not in charlies
    assert "signature" not in charlies
