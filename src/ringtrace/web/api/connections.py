"""Connections: the carriers' accounts. A secret goes in and never comes out."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from ninja import Router

from ringtrace.core.errors import BadInput
from ringtrace.web.access import access_connection, access_connections
from ringtrace.web.actions import do_change_connection, do_connect_carrier, fresh_secret
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Id, Limit
from ringtrace.web.api.reading import Name, Title, Word, one, or_else
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.forms.connections import CARRIER_NAMES
from ringtrace.web.models import Connection

router = Router(tags=["connections"])
_OWN_SECRET = frozenset({"twilio"})
"""Carriers that make the secret themselves; for the others it is made here."""


class NewConnectionBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`secret`: Twilio's auth token; other carriers take one that is made here, of `ringtrace sip config`."""

    carrier: Word
    name: Name = ""
    secret: Name = ""
    public_url: Name = ""


class ConnectionBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `renew`: a new secret where it is made here."""

    name: Title | UnsetType = UNSET
    public_url: Name | UnsetType = UNSET
    secret: Name = ""
    renew: bool = False


class ConnectionOut(Struct, frozen=True, kw_only=True):
    """`public_url`: where the carrier reaches the edge."""

    connection_id: str
    carrier: str
    name: str
    public_url: str


class ConnectionPage(Struct, frozen=True, kw_only=True):
    connections: list[ConnectionOut]
    next: str | None


@operation(
    router,
    "GET /connections",
    "list_connections",
    "Carriers' accounts, the newest first",
    READS,
    answers=ConnectionPage,
    rows="connections",
)
def listed(request: ApiRequest, carrier: Exactly = "", cursor: Cursor = "", limit: Limit = USUAL) -> ConnectionPage:
    rows = same(access_connections(user_of(request), company_of(request)), carrier=carrier)
    found, following = page_of(rows, "", cursor, limit)
    return ConnectionPage(connections=[_out(row) for row in found], next=following)


@operation(
    router,
    "POST /connections",
    "make_connection",
    "Connect a carrier's account",
    SETS,
    body=NewConnectionBody,
    answers=ConnectionOut,
)
def make(request: ApiRequest) -> ConnectionOut:
    body = one(request, NewConnectionBody)
    if body.secret and body.carrier not in _OWN_SECRET:
        raise BadInput("That carrier takes a secret of ours.", hint="Leave secret out.")
    name = body.name.strip() or CARRIER_NAMES.get(body.carrier, body.carrier)
    made = do_connect_carrier(company_of(request), body.carrier, name, body.secret, body.public_url)
    say_about(request, made.pk)
    return _out(made)


@operation(
    router,
    "PATCH /connections/{connection_id}",
    "change_connection",
    "Change a carrier's account",
    SETS,
    body=ConnectionBody,
    answers=ConnectionOut,
)
def change(request: ApiRequest, connection_id: Id) -> ConnectionOut:
    row, body = (
        own(request, access_connection(user_of(request), connection_id), "connection"),
        one(request, ConnectionBody),
    )
    refresh(row)
    secret = _secret(row, body)
    name, url = or_else(body.name, row.name).strip(), or_else(body.public_url, row.public_url)
    return _out(do_change_connection(row, name, url, secret))


def _secret(row: Connection, body: ConnectionBody) -> str:
    """The new one; "" keeps the old."""
    is_theirs = row.carrier in _OWN_SECRET
    if body.secret and not is_theirs:
        raise BadInput("That carrier takes a secret of ours.", hint="Send renew instead.")
    if body.renew and is_theirs:
        raise BadInput("That carrier makes its secret itself.", hint="Send it as secret.")
    return fresh_secret() if body.renew else body.secret


def _out(row: Connection) -> ConnectionOut:
    return ConnectionOut(connection_id=row.pk, carrier=row.carrier, name=row.name, public_url=row.public_url)
