"""The cast: Alice owns, Bob reads on her account, Charlie has his own account and must never get in."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.http.response import HttpResponseBase
from django.test import Client

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import MINUTE_MS, SECOND_MS, wall_clock
from ringtrace.core.ids import new_id
from ringtrace.core.matches import Match, Weighed
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.lake.writer import LakeWriter
from ringtrace.privacy.keys import caller_purpose
from ringtrace.web import actions
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    Company,
    Connection,
    LeaseRow,
    MatchRow,
    Membership,
    Pool,
    RefusalRow,
    Role,
    Site,
    TrackingNumber,
    User,
    VisitRow,
)
from ringtrace.web.months import mark_stale
from ringtrace.wire.journal import CallReported, encode_event
from ringtrace.worker.publish import publish_stale

PASSWORD = "a long enough password"
CALLER, CALLER_SHOWN = "+13105557734", "(310) 555-7734"
PAID = Source(
    channel=Channel.PAID_SEARCH,
    source="google",
    medium="cpc",
    campaign="emergency-leaks",
    keyword="burst pipe help",
    landing_page="/leaks",
)
MAIL = Source(channel=Channel.EMAIL, source="newsletter", medium="email", landing_page="/spring")


@dataclass(frozen=True)
class Cast:
    """Everything of Alice's, and a browser for each person."""

    company: Company
    site: Site
    pool: Pool
    connection: Connection
    number: TrackingNumber
    visit: VisitRow
    call: CallRow
    alice: Client
    bob: Client
    charlie: Client
    nobody: Client


def make_cast() -> Cast:
    company = actions.do_create_owner("alice@example.com", PASSWORD, "Alice’s Plumbing", "America/Los_Angeles", "USD")
    bob = User.objects.create_user("bob@example.com", PASSWORD)
    Membership.objects.create(user=bob, account=company.account, role=Role.VIEWER)
    make_charlie()
    site = actions.do_create_site(company, "Alice’s site", ["https://alice.example"])
    pool = actions.do_create_pool(site, "Alice’s pool", "+13105550199")
    connection = actions.do_connect_carrier(
        company, "twilio", "Alice’s Twilio", "alices-token", "https://calls.example"
    )
    numbers = actions.do_add_numbers(connection, ["+13105550101"], ring_flow("sip:alice@pbx.example", 25), pool=pool)
    visit = make_visit(company, site, PAID)
    return Cast(
        company=company,
        site=site,
        pool=pool,
        connection=connection,
        number=numbers[0],
        visit=visit,
        call=make_call(numbers[0], visit),
        alice=browser("alice@example.com"),
        bob=browser("bob@example.com"),
        charlie=browser("charlie@example.com"),
        nobody=Client(),
    )


def found_cast() -> Cast:
    """The cast that another process made."""
    company = Company.objects.get(name="Alice’s Plumbing")
    return Cast(
        company=company,
        site=company.sites.get(),
        pool=Pool.objects.get(site__company=company),
        connection=Connection.objects.get(company=company),
        number=TrackingNumber.objects.get(company=company, e164="+13105550101"),
        visit=VisitRow.objects.filter(company=company).earliest("started_ms"),
        call=CallRow.objects.filter(company=company).earliest("started_ms"),
        alice=browser("alice@example.com"),
        bob=browser("bob@example.com"),
        charlie=browser("charlie@example.com"),
        nobody=Client(),
    )


def make_charlie() -> Company:
    company = actions.do_create_owner(
        "charlie@example.com", PASSWORD, "Charlie’s Heating", "Europe/Berlin", "EUR", "DE"
    )
    actions.do_create_site(company, "Charlie’s site", ["https://charlie.example"])
    return company


def browser(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def make_visit(company: Company, site: Site, source: Source, *, ago_ms: int = 5 * MINUTE_MS) -> VisitRow:
    started_ms = wall_clock() - ago_ms
    return VisitRow.objects.create(
        visit_id=new_id("visit", started_ms),
        company=company,
        site=site,
        visitor_id=new_id("visitor", started_ms),
        started_ms=started_ms,
        last_seen_ms=started_ms + MINUTE_MS,
        url=f"https://alice.example{source.landing_page}?{_tags(source)}",
        device="mobile",
        channel=source.channel.value,
        source=msgspec.to_builtins(source),
    )


def _tags(source: Source) -> str:
    """The parameters that make this source of a link."""
    said = {"source": source.source, "medium": source.medium, "campaign": source.campaign, "term": source.keyword}
    return urlencode({f"utm_{name}": text for name, text in said.items() if text})


def make_call(
    number: TrackingNumber,
    visit: VisitRow | None,
    *,
    status: str = "answered",
    caller: str | None = CALLER,
    started_ms: int | None = None,
    p_visit: float = 0.83,
) -> CallRow:
    started_ms = wall_clock() - MINUTE_MS if started_ms is None else started_ms
    sealed = settings.KEYS.seal(caller, caller_purpose(number.company_id)) if caller else None
    return CallRow.objects.create(
        call_id=new_id("call", started_ms),
        company_id=number.company_id,
        number=number,
        connection=number.connection,
        status=status,
        started_ms=started_ms,
        ring_secs=7.0,
        talk_secs=125.0 if status == "answered" else None,
        caller_sealed=sealed,
        is_first_call=True if caller else None,
        attributed_by="visit" if visit else "nothing",
        visit=visit,
        p_visit=p_visit if visit else None,
        p_none=0.1,
        changed_ms=started_ms,
    )


def make_match(call: CallRow, visit: VisitRow, p: float = 0.83) -> None:
    weighed = Weighed(visit_id=visit.pk, visitor_id=visit.visitor_id, p=p, reasons=("Tapped the number 8 s before",))
    verdict = Match(
        weighed=(weighed,), p_none=1 - p, none_reasons=("Calls come by themselves twice a month",), params="p1"
    )
    MatchRow.objects.create(call=call, verdict=msgspec.to_builtins(verdict), params="p1", made_ms=call.started_ms)


def make_report(call: CallRow, kind: ReportKind, after_secs: float, cause: EndCause | None = None) -> None:
    event = CallReported(
        event_id=new_id("event", call.started_ms),
        at_ms=call.started_ms + round(after_secs * SECOND_MS),
        company_id=call.company_id,
        call_id=call.pk,
        connection_id=call.connection_id or "",
        carrier="twilio",
        carrier_call_id="CA1",
        kind=kind,
        number_id=call.number_id or "",
        called_e164=call.number.e164 if call.number else call.called_e164,
        cause=cause,
    )
    CallReportRow.objects.create(event_id=event.event_id, call_id=call.pk, body=encode_event(event))


def publish(company: Company, *times_ms: int) -> None:
    """Brings the ledger's facts to the lake, as the worker does."""
    mark_stale(company, times_ms)
    with closing(LakeWriter(settings.LAKE_DIR)) as writer:
        publish_stale(writer, wall_clock())


def make_lease(cast: Cast, number: TrackingNumber) -> LeaseRow:
    now_ms = wall_clock()
    return LeaseRow.objects.create(
        lease_id=new_id("lease", now_ms),
        company=cast.company,
        visit=cast.visit,
        visitor_id=cast.visit.visitor_id,
        pool_id=cast.pool.pk,
        e164=number.e164,
        from_ms=now_ms - MINUTE_MS,
        until_ms=now_ms + MINUTE_MS,
        last_seen_ms=now_ms,
    )


def mark(client: Client, call: CallRow, **fields: str) -> HttpResponseBase:
    """Opens the call's page and saves its outcome form, a sale unless `fields` say otherwise."""
    found = re.search(r'name="sealed_nonce" value="([^"]+)"', client.get(f"/calls/{call.pk}/").content.decode())
    form = {"kind": "sale", "sealed_nonce": found[1] if found else ""}
    return client.post(f"/calls/{call.pk}/outcome/", form | fields)


def site_form(site: Site, **fields: str) -> dict[str, str]:
    """What the settings of a site post."""
    usual = {"name": "Shop", "origins": "https://shop.example", "consent": "not_needed", "ignored_referrers": ""}
    return {f"{site.pk}-{name}": value for name, value in (usual | fields).items()}


def make_refusal(company_key: str, reason: str, count: int, site_key: str = "") -> None:
    RefusalRow.objects.create(
        company_key=company_key, site_key=site_key, hour_ms=wall_clock(), reason=reason, count=count
    )
