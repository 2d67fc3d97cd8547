"""What somebody should look at now, as far as the ledger knows: each with what to do and where.

A check is a function of a company and the time; a new one joins `CHECKS`. None asks more than a few indexed counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Sum
from django.urls import reverse
from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import DAY_MS, MINUTE_MS, at_from_ms
from ringtrace.core.phones import show_phone
from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.web.models import (
    CallRow,
    Company,
    Connection,
    Hook,
    ImportRun,
    LeaseRow,
    MailRow,
    RefusalRow,
    RunState,
    Site,
    SpendRow,
    StaleMonth,
    TrackingNumber,
    VisitRow,
)
from ringtrace.web.pasted import WATCHED_DAYS, pasted_numbers
from ringtrace.web.rhythm import WEEK_MS, WEEKS, is_unusually_often, unusual_silence
from ringtrace.web.uploads import DISCARDED

_VISITS_GO_ON = 20
_EMPTY_DAYS, _EMPTY_LEAST, _EMPTY_SHARE, _EMPTY_MUCH = 7, 3, 0.01, 0.05
_UNPROVEN_LEAST = 3
_BEHIND_MS = 15 * MINUTE_MS
_STUCK_MS = 15 * MINUTE_MS
_IMPORT_DAYS, _MAIL_DAYS = 14, 7
_SPEND_DAYS, _SPEND_OFTEN, _SPEND_LATE_DAYS, _SPEND_TOLD_DAYS = 28, 20, 3, 45
_PASTED_SECS, _MOST_LEASES = 3600, 50_000
_OVER = (
    *(CallStatus.ANSWERED, CallStatus.MISSED, CallStatus.ABANDONED, CallStatus.VOICEMAIL),
    *(CallStatus.BUSY, CallStatus.FAILED),
)


class Severity(StrEnum):
    """The worst first."""

    URGENT = "urgent"  # calls or visits are being lost
    WARNING = "warning"  # figures are wrong or late
    NOTE = "note"


class Alert(Struct, frozen=True, kw_only=True):
    """`kind` is stable; `hint` says what to do; `url` and `link`: where, and the words of the link."""

    kind: str
    severity: Severity
    title: str
    hint: str
    url: str
    link: str


Check = Callable[[Company, int], Iterator[Alert]]


def open_alerts(company: Company, now_ms: int) -> tuple[Alert, ...]:
    """What is wrong at this moment, the worst first."""
    order = list(Severity)
    found = [alert for check in CHECKS for alert in check(company, now_ms)]
    return tuple(sorted(found, key=lambda alert: order.index(alert.severity)))


def _silent_sites(company: Company, now_ms: int) -> Iterator[Alert]:
    """A site that had visits and has none, or never had one."""
    for site in Site.objects.filter(company=company).order_by("name"):
        visits = VisitRow.objects.filter(company=company, site=site)
        if not visits.exists():
            yield Alert(
                kind="no_visits_yet",
                severity=Severity.NOTE,
                title=f"No visit of {site.name} has come yet",
                hint="Put the script tag on its pages, then open one of them: it is seen here within seconds.",
                url=reverse("settings"),
                link="Show the tag",
            )
        elif silence := unusual_silence(visits, "started_ms", now_ms):
            yield Alert(
                kind="site_silent",
                severity=Severity.URGENT,
                title=f"{site.name}: no visit since {_moment(company, silence.last_ms)}",
                hint=f"In the same hours of the weeks before, {silence.usual:,.0f} came on average. See whether the "
                "site is up and its pages still carry the script tag.",
                url=reverse("settings"),
                link="Check the site",
            )


def _empty_pools(company: Company, now_ms: int) -> Iterator[Alert]:
    """Visits that got no number because every one was in use."""
    since_ms = now_ms - _EMPTY_DAYS * DAY_MS
    rows = RefusalRow.objects.filter(company_key=company.pk, reason=Refusal.POOL_EMPTY.value, hour_ms__gte=since_ms)
    names = dict(Site.objects.filter(company=company).values_list("pk", "name"))
    for site_key, refused in rows.values_list("site_key").annotate(refused=Sum("count")).order_by("site_key"):
        visits = VisitRow.objects.filter(company=company, started_ms__gte=since_ms)
        share = refused / max(refused, visits.filter(site_id=site_key).count() if site_key else visits.count())
        if refused >= _EMPTY_LEAST and share >= _EMPTY_SHARE:
            yield Alert(
                kind="pool_empty",
                severity=Severity.URGENT if share >= _EMPTY_MUCH else Severity.WARNING,
                title=f"The numbers of {names.get(site_key, 'a site')} ran out {refused:,} times in a week",
                hint=f"{HINTS[Refusal.POOL_EMPTY]} Those visits saw the printed number, and their calls stay unknown.",
                url=reverse("numbers"),
                link="Numbers and pools",
            )


def _unproven_webhooks(company: Company, now_ms: int) -> Iterator[Alert]:
    """What carriers sent and could not prove, or sent of numbers that are not here."""
    rows = RefusalRow.objects.filter(company_key=company.pk, hour_ms__gte=now_ms - DAY_MS)
    counts = dict(rows.values_list("reason").annotate(n=Sum("count")))
    for reason, words in (
        (Refusal.FORGED, "carrier webhooks did not match their signature"),
        (Refusal.UNSIGNED, "carrier webhooks had no signature"),
        (Refusal.STALE, "carrier webhooks were signed too long ago"),
        (Refusal.UNKNOWN_NUMBER, "reports told of calls to numbers that are not set up here"),
    ):
        if counts.get(reason.value, 0) >= _UNPROVEN_LEAST:
            yield Alert(
                kind=reason.value,
                severity=Severity.URGENT,
                title=f"{counts[reason.value]:,} {words} since yesterday",
                hint=f"{HINTS[reason]} What they told of is in no figure.",
                url=reverse("numbers"),
                link="Connections",
            )


def _silent_connections(company: Company, now_ms: int) -> Iterator[Alert]:
    """A carrier that tells of no calls while people go on visiting."""
    for connection in Connection.objects.filter(company=company).order_by("name"):
        calls = CallRow.objects.filter(company=company, connection=connection)
        silence = unusual_silence(calls, "started_ms", now_ms)
        if silence is None:
            continue
        visits = VisitRow.objects.filter(company=company, started_ms__gt=silence.last_ms)[:_VISITS_GO_ON].count()
        if visits >= _VISITS_GO_ON:
            yield Alert(
                kind="connection_silent",
                severity=Severity.URGENT,
                title=f"{connection.name}: no call since {_moment(company, silence.last_ms)}, though visits go on",
                hint=f"In the same hours of the weeks before, {silence.usual:,.0f} came on average. Call one of the "
                "numbers; if nothing shows up, check the webhook addresses at the carrier.",
                url=reverse("numbers"),
                link="Connections",
            )


def _unanswered(company: Company, now_ms: int) -> Iterator[Alert]:
    """Calls of the last day that nobody answered, against the same day of the weeks before."""
    bad, seen = _unanswered_of(company, now_ms - DAY_MS, now_ms)
    weeks = [now_ms - nth * WEEK_MS for nth in range(1, WEEKS + 1)]
    usual = [_unanswered_of(company, until_ms - DAY_MS, until_ms) for until_ms in weeks] if bad else []
    if is_unusually_often(bad, seen, sum(one for one, _ in usual), sum(one for _, one in usual)):
        yield Alert(
            kind="unanswered",
            severity=Severity.URGENT,
            title=f"{bad} of the {seen} calls of the last 24 hours were not answered",
            hint="That is far more than on this day of the weeks before. See whether the destination still rings "
            "where somebody is.",
            url=reverse("calls"),
            link="Show the calls",
        )


def _unanswered_of(company: Company, since_ms: int, until_ms: int) -> tuple[int, int]:
    """How many calls that are over nobody answered, and how many there were."""
    calls = CallRow.objects.filter(company=company, started_ms__gt=since_ms, started_ms__lte=until_ms, status__in=_OVER)
    counts = dict(calls.order_by().values_list("status").annotate(n=Count("pk")))
    return sum(n for status, n in counts.items() if status != CallStatus.ANSWERED), sum(counts.values())


def _kept_messages(company: Company, _now_ms: int) -> Iterator[Alert]:
    hooks = Hook.objects.filter(company=company).annotate(waiting=Count("kept")).filter(waiting__gt=0)
    for hook in hooks.order_by("pk"):
        yield Alert(
            kind="hook_kept",
            severity=Severity.WARNING,
            title=f"{hook.name or hook.source}: {_many(hook.waiting, 'message waits', 'messages wait')} to be mended",
            hint="They were proven but could not be read. Mend what they lack, then take them again.",
            url=reverse("hook", kwargs={"hook_id": hook.pk}),
            link="Show them",
        )


def _stopped_imports(company: Company, now_ms: int) -> Iterator[Alert]:
    """The last import of a file stopped, or its process is gone."""
    runs = ImportRun.objects.filter(company=company, began_ms__gte=now_ms - _IMPORT_DAYS * DAY_MS)
    newest: dict[tuple[str, str, str], ImportRun] = {}
    for run in runs.order_by("began_ms"):
        newest[run.what, run.system, run.digest or run.file_name] = run
    for run in newest.values():
        is_stuck = run.state == RunState.RUNNING and now_ms - run.changed_ms > _STUCK_MS
        if (run.state == RunState.STOPPED and not run.choices.get(DISCARDED)) or is_stuck:
            yield Alert(
                kind="import_stopped",
                severity=Severity.WARNING,
                title=f"The import of {run.file_name or run.system or run.what} stopped at row {run.place:,}",
                hint="What was taken until then is kept. Start it again: it goes on where it stopped.",
                url=reverse("imports"),
                link="Imports",
            )


def _late_lake(company: Company, now_ms: int) -> Iterator[Alert]:
    """Months that the lake does not have, for longer than publishing takes."""
    late = StaleMonth.objects.filter(company=company, since_ms__lt=now_ms - _BEHIND_MS)
    months = sorted(late.values_list("month", flat=True))
    if months:
        which = months[0] if len(months) == 1 else f"{len(months)} months ({months[0]} to {months[-1]})"
        yield Alert(
            kind="lake_behind",
            severity=Severity.WARNING,
            title=f"Reports do not have the newest of {which} yet",
            hint="The call log is up to date. If this stays, see the worker’s log, or run ringtrace lake check.",
            url=reverse("calls"),
            link="Call log",
        )


def _stopped_spend(company: Company, now_ms: int) -> Iterator[Alert]:
    """Spend of a source that came nearly every day, and stopped."""
    today_on = at_from_ms(now_ms).astimezone(company.zone).date()
    rows = SpendRow.objects.filter(company=company, on_date__gte=today_on - timedelta(days=120), on_date__lte=today_on)
    last = rows.values_list("source", "medium").annotate(last=Max("on_date")).order_by("source", "medium")
    late: dict[date, list[str]] = {}
    for source, medium, last_on in last:
        days_late = (today_on - last_on).days
        if not _SPEND_LATE_DAYS < days_late <= _SPEND_TOLD_DAYS:
            continue
        recent = rows.filter(source=source, medium=medium, on_date__gt=last_on - timedelta(days=_SPEND_DAYS))
        if recent.values("on_date").distinct().count() >= _SPEND_OFTEN:
            late.setdefault(last_on, []).append(source)
    for last_on, sources in sorted(late.items()):
        yield Alert(
            kind="spend_stopped",
            severity=Severity.WARNING,
            title=f"No spend of {_and(sources)} after {last_on:%-d %b}",
            hint="It came nearly every day before. Import what is missing: until then costs per call are too low. "
            "If the ads were stopped, nothing is to do.",
            url=reverse("imports"),
            link="Imports",
        )


def _given_up_mails(company: Company, now_ms: int) -> Iterator[Alert]:
    mails = MailRow.objects.filter(company=company, given_up_ms__gte=now_ms - _MAIL_DAYS * DAY_MS)
    if many := mails.count():
        yield Alert(
            kind="mail_given_up",
            severity=Severity.WARNING,
            title=f"{_many(many, 'e-mail', 'e-mails')} could not be sent",
            hint="Check the address, and the mail server in the settings of Ringtrace.",
            url=reverse("settings"),
            link="Settings",
        )


def _failed_checks(company: Company, _now_ms: int) -> Iterator[Alert]:
    """A site whose page did not pass its last check. A visit since then is the better proof, and ends it."""
    for site in Site.objects.filter(company=company, checked__isnull=False).order_by("name"):
        bad = [one for one in (site.checked or {}).get("findings", ()) if one.get("state") == "bad"]
        visits = VisitRow.objects.filter(company=company, site=site, started_ms__gt=site.checked_ms or 0)
        if bad and not visits.exists():
            yield Alert(
                kind="check_failed",
                severity=Severity.WARNING,
                title=f"{site.name}: {bad[0].get('title', 'its page did not pass the check')}",
                hint=bad[0].get("todo") or "Mend it, then check the page again.",
                url=reverse("settings"),
                link="Check again",
            )


def _pasted_numbers(company: Company, now_ms: int) -> Iterator[Alert]:
    """Numbers that strangers call although no visit was shown them; looked for once an hour."""
    found = cache.get_or_set(f"pasted:{company.pk}", lambda: _few_pasted(company, now_ms), _PASTED_SECS)
    for e164, callers, days in found or ():
        yield Alert(
            kind="pasted",
            severity=Severity.WARNING,
            title=f"{show_phone(e164)} seems to stand somewhere outside your pages",
            hint=f"{callers} people called it in {days} days without having been shown it by a visit. Give that place "
            "a static number of its own, and take this one out of its pool.",
            url=reverse("numbers"),
            link="Numbers and pools",
        )


def _few_pasted(company: Company, now_ms: int) -> list[tuple[str, int, int]]:
    """None for companies with so many leases that a page cannot wait for them: the page of numbers tells."""
    leases = LeaseRow.objects.filter(company=company, from_ms__gte=now_ms - max(WATCHED_DAYS) * DAY_MS)
    if leases[: _MOST_LEASES + 1].count() > _MOST_LEASES:
        return []
    return [(one.e164, one.callers, one.watched_days) for one in pasted_numbers(company, now_ms)]


def _no_numbers(company: Company, _now_ms: int) -> Iterator[Alert]:
    if not TrackingNumber.objects.filter(company=company).exists():
        yield Alert(
            kind="no_numbers",
            severity=Severity.NOTE,
            title="There are no tracking numbers yet",
            hint="Without one no call can be told from another. The wizard takes a few minutes.",
            url=reverse("start"),
            link="Go on with the set-up",
        )


CHECKS: tuple[Check, ...] = (
    _silent_sites,
    _silent_connections,
    _unanswered,
    _empty_pools,
    _unproven_webhooks,
    _late_lake,
    _kept_messages,
    _stopped_imports,
    _stopped_spend,
    _given_up_mails,
    _failed_checks,
    _pasted_numbers,
    _no_numbers,
)


def _moment(company: Company, ms: int) -> str:
    return f"{at_from_ms(ms).astimezone(company.zone):%a %-d %b, %H:%M}"


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _and(names: list[Any]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
