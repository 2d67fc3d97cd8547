"""What people can do: `check_*` validates, `do_*` writes in one transaction. Pages, command line and town use these."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F

from ringtrace.core.errors import BadInput, BadUrl, NotFound
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Source
from ringtrace.flows.interpreter import read_flow
from ringtrace.privacy.keys import connection_purpose
from ringtrace.telephony.registry import CARRIERS
from ringtrace.web.directory import publish_after_commit
from ringtrace.web.models import (
    Account,
    CallRow,
    Company,
    Connection,
    Membership,
    OutcomeRow,
    Pool,
    Role,
    Site,
    SpendRow,
    TrackingNumber,
    User,
)
from ringtrace.web.models.keys import connection_id
from ringtrace.web.months import mark_stale

_MOST_NUMBERS = 5_000
_SIP_ADDRESS = re.compile(
    r"[sS][iI][pP]:(?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?(?:;[A-Za-z0-9_.=-]+)*\Z"
)


def check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"{name!r} is not a time zone.", hint="Choose one such as America/New_York.") from error
    return name


def check_origin(url: str) -> str:
    """`https://shop.example` of any address on that site. Raises BadUrl."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise BadUrl(f"{url!r} is not a web address.", hint="Write it like https://www.example.com.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadUrl(f"{url!r} is not a web address.", hint="Write it like https://www.example.com.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def check_numbers(text: str, region: str) -> list[str]:
    """E.164 of every number in a pasted text, one a line or separated by commas. Raises with the one that is wrong."""
    pieces = [piece.strip() for piece in text.replace(";", "\n").replace(",", "\n").splitlines() if piece.strip()]
    if not pieces:
        raise BadInput("There is no number here.", hint="Paste your tracking numbers, one a line.")
    if len(pieces) > _MOST_NUMBERS:
        raise BadInput(f"That is more than {_MOST_NUMBERS} numbers.", hint="Add them in several goes.")
    return list(dict.fromkeys(read_phone(piece, region) for piece in pieces))


def check_destination(text: str, region: str) -> str:
    """E.164 of a phone number, or a `sip:` address as it is. Raises BadInput."""
    plain = text.strip()
    if not plain.lower().startswith("sip:"):
        return read_phone(plain, region)
    if not _SIP_ADDRESS.match(plain):
        raise BadInput(f"{text!r} is not a SIP address.", hint="Write it like sip:frontdesk@pbx.example.com.")
    return f"sip:{plain[4:]}"


@transaction.atomic
def do_create_owner(
    email: str, password: str | None, company_name: str, time_zone: str, currency: str, region: str = "US"
) -> Company:
    """The first owner with an account and a company of one name. `password` None: signs in by one-time link only."""
    owner = User.objects.create_user(email, password)
    account = Account.objects.create(name=company_name)
    Membership.objects.create(user=owner, account=account, role=Role.OWNER)
    return Company.objects.create(
        account=account, name=company_name, time_zone=check_time_zone(time_zone), currency=currency, region=region
    )


@transaction.atomic
def do_change_company(company: Company, name: str, time_zone: str, currency: str, region: str) -> Company:
    """Facts already counted stay as they are; reports cut their days in the new zone."""
    company.name = name
    company.time_zone = check_time_zone(time_zone)
    company.currency = currency
    company.region = region
    company.save()
    publish_after_commit()
    return company


@transaction.atomic
def do_create_site(company: Company, name: str, urls: Iterable[str]) -> Site:
    site = Site.objects.create(company=company, name=name, origins=_origins(urls))
    publish_after_commit()
    return site


@transaction.atomic
def do_change_site(site: Site, name: str, urls: Iterable[str]) -> Site:
    site.name = name
    site.origins = _origins(urls)
    site.save()
    publish_after_commit()
    return site


def _origins(urls: Iterable[str]) -> list[str]:
    origins = list(dict.fromkeys(check_origin(url) for url in urls))
    if not origins:
        raise BadUrl("A site needs its address.", hint="Write it like https://www.example.com.")
    return origins


@transaction.atomic
def do_connect_carrier(company: Company, carrier: str, name: str, secret: str, public_url: str = "") -> Connection:
    """Connects a carrier account. An empty `secret` is made up for carriers that take one of ours (SIP)."""
    if carrier not in CARRIERS:
        raise BadInput(f"{carrier!r} is not a carrier we speak with.", hint=f"Choose one of {', '.join(CARRIERS)}.")
    if not secret and carrier == "twilio":
        raise BadInput("Twilio's auth token is needed to check its signatures.", hint="Copy it from Twilio's console.")
    own_id = connection_id()
    sealed = settings.KEYS.seal(secret or secrets.token_urlsafe(32), connection_purpose(own_id))
    connection = Connection.objects.create(
        connection_id=own_id,
        company=company,
        carrier=carrier,
        name=name,
        public_url=(public_url or settings.EDGE_URL).rstrip("/"),
        sealed_secret=sealed,
    )
    publish_after_commit()
    return connection


def connection_secret(connection: Connection) -> str:
    """The secret in clear, for the carrier's own configuration. Never log it."""
    secret: str = settings.KEYS.unseal(connection.sealed_secret, connection_purpose(connection.pk))
    return secret


@transaction.atomic
def do_create_pool(site: Site, name: str, target: str, hold_secs: int = 1800, cooldown_secs: int = 300) -> Pool:
    pool = Pool.objects.create(
        site=site,
        name=name,
        target_e164=read_phone(target, site.company.region),
        hold_secs=hold_secs,
        cooldown_secs=cooldown_secs,
    )
    publish_after_commit()
    return pool


@transaction.atomic
def do_set_hold(pool: Pool, hold_secs: int) -> Pool:
    pool.hold_secs = hold_secs
    pool.save(update_fields=["hold_secs"])
    publish_after_commit()
    return pool


@transaction.atomic
def do_add_numbers(
    connection: Connection,
    numbers: Iterable[str],
    flow: Mapping[str, object],
    *,
    pool: Pool | None = None,
    static_source: Source | None = None,
    name: str = "",
) -> list[TrackingNumber]:
    """Adds tracking numbers (E.164) to a pool, or static ones standing for a source. Raises BadInput for one taken."""
    read_flow(flow)
    wanted = list(numbers)
    taken = sorted(TrackingNumber.objects.filter(e164__in=wanted).values_list("e164", flat=True))
    if taken:
        raise BadInput(f"{taken[0]} is already a tracking number here.", hint="Remove it from the list.")
    rows = [
        TrackingNumber(
            company_id=connection.company_id,
            connection=connection,
            e164=e164,
            pool=pool,
            static_source=msgspec.to_builtins(static_source) if static_source else None,
            name=name,
            flow=dict(flow),
        )
        for e164 in wanted
    ]
    made = TrackingNumber.objects.bulk_create(rows)
    publish_after_commit()
    return made


@transaction.atomic
def do_mark_outcome(
    call: CallRow,
    kind: OutcomeKind,
    value_cents: int | None,
    at_ms: int,
    *,
    by: User | None = None,
    note: str = "",
    external_id: str = "",
) -> OutcomeRow:
    """Marks what came of a call. The same `external_id` again replaces, never doubles."""
    if value_cents is not None and not 0 <= value_cents < 10**13:
        raise BadInput("A value cannot be negative or astronomical.", hint="Give it in the company's currency.")
    fields = {"call": call, "kind": kind, "value_cents": value_cents, "at_ms": at_ms, "note": note, "marked_by": by}
    if external_id:
        before = OutcomeRow.objects.filter(company=call.company, external_id=external_id).first()
        if before is not None and before.call_id != call.pk:
            mark_stale(call.company, [before.call.started_ms])
        outcome, _ = OutcomeRow.objects.update_or_create(company=call.company, external_id=external_id, defaults=fields)
    else:
        outcome = OutcomeRow.objects.create(company=call.company, **fields)
    CallRow.objects.filter(pk=call.pk).update(changed_ms=F("changed_ms") + 1)  # open call logs show it by themselves
    mark_stale(call.company, [call.started_ms])
    return outcome


@transaction.atomic
def do_book_spend(
    company: Company, on_date: date, source: str, medium: str, campaign: str, cost_cents: int
) -> SpendRow:
    """What a campaign cost on a day; a later figure replaces the earlier."""
    row, _ = SpendRow.objects.update_or_create(
        company=company,
        on_date=on_date,
        source=source,
        medium=medium,
        campaign=campaign,
        defaults={"cost_cents": cost_cents},
    )
    mark_stale(company, months=[f"{on_date:%Y-%m}"])
    return row


def find_call(call_id: str) -> CallRow:
    """A call by its id, for the command line: whoever can run it can read the ledger. Raises NotFound."""
    call = CallRow.objects.filter(pk=call_id).select_related("company").first()
    if call is None:
        raise NotFound(f"There is no call {call_id!r}.", hint="Copy the id from the call's page.")
    return call


def find_connection(carrier: str, connection_id: str = "") -> Connection:
    """The one connection of a carrier, or the one named; for the command line. Raises NotFound."""
    found = Connection.objects.filter(carrier=carrier, **({"pk": connection_id} if connection_id else {}))[:2]
    if len(found) != 1:
        names = ", ".join(Connection.objects.filter(carrier=carrier).values_list("pk", flat=True))
        raise NotFound(
            f"There is not exactly one such {carrier} connection.",
            hint=f"Name one: {names}." if names else "Make one under Numbers first.",
        )
    return found[0]


def first_site(company: Company) -> Site:
    """The company's first site, for the demo. Raises NotFound."""
    site = Site.objects.filter(company=company).order_by("pk").first()
    if site is None:
        raise NotFound("This company has no site.", hint="Make one by the first-run link.")
    return site
