"""What people can do: `check_*` validates, `do_*` writes in one transaction. Pages, command line and town use these."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from zoneinfo import available_timezones

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from ringtrace.core.errors import BadInput, BadUrl, NotFound
from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Source
from ringtrace.flows.interpreter import read_flow
from ringtrace.lake.months import LONGEST_LOOKBACK_DAYS
from ringtrace.privacy.keys import connection_purpose
from ringtrace.telephony.registry import CARRIERS
from ringtrace.web.addresses import check_host, check_origin, check_public_url
from ringtrace.web.directory import publish_after_commit
from ringtrace.web.models import (
    Account,
    CallRow,
    Company,
    Connection,
    Membership,
    Pool,
    Role,
    Site,
    TrackingNumber,
    User,
)
from ringtrace.web.models.keys import connection_id
from ringtrace.web.months import mark_all_stale

_MOST_NUMBERS = 5_000
_SIP_ADDRESS = re.compile(
    r"[sS][iI][pP]:(?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?(?:;[A-Za-z0-9_.=-]+)*\Z"
)


def check_time_zone(name: str) -> str:
    if name not in _zones():
        raise BadInput(f"{name!r} is not a time zone.", hint="Choose one such as America/New_York.")
    return name


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The zones of places; not those that stand for "whatever this machine has" or "not set"."""
    return frozenset(available_timezones() - {"Factory", "localtime", "posixrules"})


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


def check_lookback(days: int) -> int:
    if not 1 <= days <= LONGEST_LOOKBACK_DAYS:
        raise BadInput(f"{days} days cannot be looked back.", hint=f"Choose 1 to {LONGEST_LOOKBACK_DAYS}.")
    return days


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
def do_change_company(
    company: Company, name: str, time_zone: str, currency: str, region: str, *, lookback_days: int | None = None
) -> Company:
    """Facts already counted stay as they are; reports cut their days in the new zone. `lookback_days` None: as it is;
    another than before: the journeys of every month are laid out anew."""
    if lookback_days is not None and lookback_days != company.lookback_days:
        company.lookback_days = check_lookback(lookback_days)
        mark_all_stale(company)
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
def do_change_site(
    site: Site,
    name: str,
    urls: Iterable[str],
    *,
    consent: str | None = None,
    ignored_referrers: Iterable[str] | None = None,
) -> Site:
    """`consent` and `ignored_referrers` (hosts) None: as they are."""
    site.name = name
    site.origins = _origins(urls)
    site.consent = consent or site.consent
    if ignored_referrers is not None:
        site.ignored_referrers = list(dict.fromkeys(check_host(host) for host in ignored_referrers))
    site.save()
    publish_after_commit()
    return site


@transaction.atomic
def do_make_server_key(site: Site) -> str:
    """A fresh key for the site's own server, in place of the one before. It is returned here and kept nowhere."""
    key = f"rsk_{secrets.token_urlsafe(32)}"
    site.server_key_hash = hashlib.sha256(key.encode()).hexdigest()
    site.save(update_fields=["server_key_hash"])
    publish_after_commit()
    return key


@transaction.atomic
def do_remove_server_key(site: Site) -> None:
    site.server_key_hash = ""
    site.save(update_fields=["server_key_hash"])
    publish_after_commit()


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
    connection = Connection.objects.create(
        connection_id=own_id,
        company=company,
        carrier=carrier,
        name=name,
        public_url=check_public_url(public_url or settings.EDGE_URL),
        sealed_secret=_seal(secret or fresh_secret(), own_id),
    )
    publish_after_commit()
    return connection


@transaction.atomic
def do_change_connection(connection: Connection, name: str, public_url: str, secret: str = "") -> Connection:
    """An empty `secret` keeps the one there is. The carrier has to be told a new address or secret by hand."""
    connection.name = name
    connection.public_url = check_public_url(public_url or settings.EDGE_URL)
    if secret:
        connection.sealed_secret = _seal(secret, connection.pk)
    connection.save(update_fields=["name", "public_url", "sealed_secret"])
    publish_after_commit()
    return connection


def fresh_secret() -> str:
    """A secret for carriers that take one of ours."""
    return secrets.token_urlsafe(32)


def _seal(secret: str, own_id: str) -> str:
    sealed: str = settings.KEYS.seal(secret, connection_purpose(own_id))
    return sealed


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
    """Puts tracking numbers (E.164) into a pool, or static ones standing for a source. Raises BadInput for one taken.

    A number of the company that was taken out of its pool comes back with its calls.
    """
    read_flow(flow)
    wanted = list(numbers)
    back = _out_of_use(connection.company_id, wanted)
    source = msgspec.to_builtins(static_source) if static_source else None
    fields = {"connection": connection, "pool": pool, "static_source": source, "name": name, "flow": dict(flow)}
    made = TrackingNumber.objects.bulk_create(
        TrackingNumber(company_id=connection.company_id, e164=e164, **fields) for e164 in wanted if e164 not in back
    )
    TrackingNumber.objects.filter(e164__in=back).update(**fields, site=None, target_e164="", when={})
    publish_after_commit()
    return [*TrackingNumber.objects.filter(e164__in=back), *made]


def _out_of_use(company_id: str, wanted: Sequence[str]) -> set[str]:
    """Those of `wanted` that are this company's already and in no use. Raises BadInput for one that is taken.

    What is said of a number taken is the same whoever has it.
    """
    there = TrackingNumber.objects.filter(e164__in=wanted)
    unused = there.filter(company=company_id, pool__isnull=True, static_source__isnull=True, overflow_of__isnull=True)
    back = set(unused.values_list("e164", flat=True))
    taken = there.exclude(e164__in=back).order_by("e164").first()
    if taken is not None:
        raise BadInput(
            f"{taken.e164} cannot be used: it is in use already or not yours.", hint="Remove it from the list."
        )
    return back


@transaction.atomic
def do_change_flow(number: TrackingNumber, flow: Mapping[str, object], *, with_sisters: bool = False) -> int:
    """Where calls to it go from now on; `with_sisters`: also those of its pool that did the same. Returns how many
    numbers changed. Raises BadInput."""
    read_flow(flow)
    changed = TrackingNumber.objects.filter(pk=number.pk)
    if with_sisters and number.pool_id is not None:
        changed = TrackingNumber.objects.filter(pool=number.pool_id, flow=number.flow) | changed
    times = changed.update(flow=dict(flow))
    number.flow = dict(flow)
    publish_after_commit()
    return times


@transaction.atomic
def do_take_out_number(number: TrackingNumber) -> None:
    """Out of its pool: it is shown to nobody new. Calls to it still ring where they did, and count as before."""
    number.pool = None
    number.save(update_fields=["pool"])
    publish_after_commit()


@transaction.atomic
def do_remove_number(number: TrackingNumber) -> None:
    """For good: calls to it are refused from now on. Raises BadInput for one in a pool, or with calls of its own."""
    if number.pool_id is not None:
        raise BadInput(f"{number.e164} is in a pool.", hint="Take it out of the pool first.")
    if number.overflow_of.exists():
        raise BadInput(f"{number.e164} is the overflow of a pool.", hint="Choose another overflow for the pool first.")
    try:
        number.delete()
    except ProtectedError as error:  # and a static number's calls count by it
        raise BadInput(f"{number.e164} had calls, and they belong to it.", hint="It has to stay.") from error
    publish_after_commit()


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
