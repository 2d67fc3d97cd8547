"""A company's books for tests of the worker: ledger, journal, and events as its edge would write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Manager

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import HOUR_MS, MINUTE_MS, SECOND_MS, ms_from_at
from ringtrace.core.numbers import Lease
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.web import actions
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    Company,
    ContactRow,
    LeaseRow,
    MatchRow,
    PersonRow,
    RefusalRow,
    StaleMonth,
    TapRow,
    TrackingNumber,
    VisitRow,
)
from ringtrace.wire.journal import (
    AnyEvent,
    CallReported,
    FormSent,
    NumberClicked,
    PersonNamed,
    RefusalsCounted,
    VisitAlive,
    VisitSeen,
    encode_event,
)
from ringtrace.wire.sqlite import SqliteWire, append, last_place
from ringtrace.worker.drain import drain

NOW_MS = ms_from_at(datetime(2026, 9, 15, 12, tzinfo=UTC))
POOLED, OTHER_POOLED, PRINTED = "+13105550140", "+13105550141", "+13105550130"


@dataclass(frozen=True)
class Books:
    """A company's ledger, the journal of its edge, and the events that its edge would write."""

    journal: SqliteWire
    company: Company
    site_id: str
    connection_id: str
    numbers: dict[str, TrackingNumber]

    def write(self, *events: AnyEvent) -> None:
        """Each a commit of its own; `test_drain_places.py` has several in one."""
        for event in events:
            append(self.journal.connection, last_place(self.journal.connection), [encode_event(event)])

    def write_noise(self) -> None:
        """A row that no edge of this format wrote."""
        append(self.journal.connection, last_place(self.journal.connection), [b"\xc1 nonsense"])

    def drain(self, most: int = 1_000) -> None:
        while drain(self.journal, NOW_MS, most=most):
            pass

    def lease(self, visit: str, e164: str = POOLED, from_ms: int = NOW_MS, suffix: str = "") -> Lease:
        return Lease(
            lease_id=f"lease-{visit}-{e164}{suffix}",
            e164=e164,
            pool_id="pool",
            target_e164="+13105550123",
            visit_id=visit,
            visitor_id=f"visitor of {visit}",
            from_ms=from_ms,
            until_ms=from_ms + HOUR_MS,
        )

    def _of(self, visit: str, at_ms: int, kind: str) -> dict[str, Any]:
        return {
            "event_id": f"{kind}-{visit}-{at_ms}",
            "at_ms": at_ms,
            "company_id": self.company.pk,
            "visit_id": visit,
            "visitor_id": f"visitor of {visit}",
            "site_id": self.site_id,
        }

    def seen(self, visit: str, at_ms: int = NOW_MS, leases: tuple[Lease, ...] | None = None, **more: Any) -> VisitSeen:
        return VisitSeen(
            **self._of(visit, at_ms, "seen"),
            url="https://plumber.example/",
            referrer="",
            source=Source(channel=Channel.EMAIL, source="newsletter", medium="email"),
            leases=(self.lease(visit, from_ms=at_ms),) if leases is None else leases,
            **more,
        )

    def alive(self, visit: str, at_ms: int, *leases: Lease, url: str | None = None) -> VisitAlive:
        return VisitAlive(**self._of(visit, at_ms, "alive"), leases=leases, url=url)

    def tap(self, visit: str, at_ms: int, e164: str = POOLED) -> NumberClicked:
        return NumberClicked(**self._of(visit, at_ms, "tap"), e164=e164)

    def sent(self, visit: str, at_ms: int, form: str = "quote") -> FormSent:
        return FormSent(**self._of(visit, at_ms, "form"), form=form, url="https://plumber.example/quote")

    def named(self, visit: str, at_ms: int, phone_hash: str | None = None) -> PersonNamed:
        return PersonNamed(**self._of(visit, at_ms, "person"), phone_hash=phone_hash, email_hash="of an address")

    def said(self, call: str, kind: ReportKind, at_ms: int, e164: str = POOLED, **more: Any) -> CallReported:
        return CallReported(
            event_id=f"{call}-{kind}",
            at_ms=at_ms,
            company_id=self.company.pk,
            call_id=call,
            connection_id=self.connection_id,
            carrier="kamailio",
            carrier_call_id=call,
            kind=kind,
            number_id=self.numbers[e164].pk,
            called_e164=e164,
            **{"caller_hash": f"caller of {call}", "caller_sealed": "sealed", **more},
        )

    def answered(self, call: str, at_ms: int, e164: str = POOLED, **more: Any) -> list[CallReported]:
        """All reports of a call that rings 4 s and talks 60 s."""
        ended_ms = at_ms + 64 * SECOND_MS
        return [
            self.said(call, ReportKind.ARRIVED, at_ms, e164, ring_timeout_secs=20, **more),
            self.said(call, ReportKind.RINGING, at_ms + SECOND_MS, e164, **more),
            self.said(call, ReportKind.ANSWERED, at_ms + 4 * SECOND_MS, e164, **more),
            self.said(
                call, ReportKind.ENDED, ended_ms, e164, cause=EndCause.HUNG_UP, ring_secs=4, talk_secs=60, **more
            ),
        ]

    def refused(self, count: int) -> RefusalsCounted:
        return RefusalsCounted(
            event_id="refusals", at_ms=NOW_MS, company_id=self.company.pk, site_id=self.site_id, counts={"bot": count}
        )

    def a_day(self) -> list[AnyEvent]:
        """Two visits, a form, three calls (one to the printed number) and a few robots."""
        return [
            self.seen("v1"),
            self.seen("v2", NOW_MS + MINUTE_MS, (self.lease("v2", OTHER_POOLED, NOW_MS + MINUTE_MS),)),
            self.alive("v1", NOW_MS + MINUTE_MS, self.lease("v1"), url="https://plumber.example/more"),
            self.sent("v1", NOW_MS + MINUTE_MS + SECOND_MS),
            self.named("v1", NOW_MS + MINUTE_MS + 2 * SECOND_MS, "caller of c1"),
            self.tap("v1", NOW_MS + 2 * MINUTE_MS),
            *self.answered("c1", NOW_MS + 2 * MINUTE_MS + 1, holder=self.lease("v1")),
            self.refused(3),
            self.alive("v2", NOW_MS + 4 * MINUTE_MS, self.lease("v2", OTHER_POOLED, NOW_MS + MINUTE_MS)),
            *self.answered("c2", NOW_MS + 5 * MINUTE_MS, OTHER_POOLED),
            *self.answered("c3", NOW_MS + 6 * MINUTE_MS, PRINTED),
        ]


def new_books(journal: SqliteWire) -> Books:
    """A company with a site, two pooled numbers and a printed one."""
    company = actions.do_create_owner("alice@example.com", None, "Alice's Plumbing", "America/Los_Angeles", "USD")
    site = actions.do_create_site(company, "plumber.example", ["https://plumber.example"])
    connection = actions.do_connect_carrier(company, "kamailio", "SIP", "")
    pool = actions.do_create_pool(site, "Web site", "+13105550123")
    flow = ring_flow("+13105550199", 20)
    made = actions.do_add_numbers(connection, [POOLED, OTHER_POOLED], flow, pool=pool)
    flyer = Source(channel=Channel.OFFLINE, source="flyer", medium="offline")
    made += actions.do_add_numbers(connection, [PRINTED], flow, static_source=flyer)
    return Books(
        journal=journal,
        company=company,
        site_id=site.pk,
        connection_id=connection.pk,
        numbers={number.e164: number for number in made},
    )


def marks() -> dict[str, int]:
    return dict(StaleMonth.objects.values_list("month", "mark"))


def ledger() -> dict[str, list[dict[str, Any]]]:
    """Everything a drain writes, but for the marks, which may only grow."""
    models = (VisitRow, LeaseRow, TapRow, ContactRow, PersonRow, CallRow, CallReportRow, MatchRow, RefusalRow)
    managers: list[Manager[Any]] = [model.objects for model in models]
    return {manager.model.__name__: list(manager.order_by("pk").values()) for manager in managers}
