"""What programs send, read strictly: a field we do not know, or a value that cannot be, is refused and named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import unquote

import msgspec
from django.http import HttpRequest
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ringtrace.core.clock import ms_from_at
from ringtrace.core.errors import BadInput, UnreadableBody
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Source
from ringtrace.intake.hooks.bodies import read_email
from ringtrace.intake.port import PersonIn, Problem
from ringtrace.sources import channel_of
from ringtrace.web.models import Company

MOST_ROWS = 1_000
FIRST_ON, LAST_ON = date(2000, 1, 1), date(2999, 12, 31)
_HINT = "docs/api.md has the fields of each body."

Moment: TypeAlias = Annotated[datetime, Meta(tz=True, description="RFC 3339, with an offset.")]
Name: TypeAlias = Annotated[str, Meta(max_length=200)]
Title: TypeAlias = Annotated[str, Meta(max_length=200, pattern=r"\S", description="Not empty.")]
Word: TypeAlias = Annotated[str, Meta(max_length=120)]
Text: TypeAlias = Annotated[str, Meta(max_length=2_000)]
ExternalId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Currency: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Cents: TypeAlias = Annotated[int, Meta(ge=0, le=MOST_CENTS)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
Secs: TypeAlias = Annotated[float, Meta(ge=0, le=1_000_000)]

_Body = TypeVar("_Body")
_Value = TypeVar("_Value")
_NUL = b"\\u0000"


class PersonBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Any of these joins somebody. `crm_id` carries its system: `mycrm:51`."""

    phone: Name | None = None
    email: Name | None = None
    crm_id: Name | None = None
    name: Name | None = None


class SourceBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: Name | None = None
    medium: Name | None = None
    campaign: Name | None = None
    ad_group: Name | None = None
    keyword: Name | None = None
    content: Name | None = None
    landing_page: Name | None = None


class Refused(Struct, frozen=True, kw_only=True):
    """A row that was not taken: its `index` in what was sent, from 0."""

    index: int
    message: str
    hint: str = ""


def one(request: HttpRequest, kind: type[_Body]) -> _Body:
    """The body, which is one object. Raises UnreadableBody."""
    body: _Body = _decoded(request.body, kind)
    return body


def or_else(said: _Value | UnsetType, there: _Value) -> _Value:
    """What the body says; where it says nothing, what is there."""
    return there if said is UNSET else said


def rows(
    request: HttpRequest, kind: type[_Body], read: Callable[[_Body], _Value]
) -> tuple[list[tuple[int, _Value]], list[Refused]]:
    """The body's rows (one object, or a list of up to 1,000) as values by their index, and those that cannot be read.

    Raises UnreadableBody where the whole cannot.
    """
    body = request.body
    raws: list[Raw] = _decoded(body, list[Raw]) if body.lstrip()[:1] == b"[" else [_decoded(body, Raw)]
    if len(raws) > MOST_ROWS:
        raise UnreadableBody(f"That is more than {MOST_ROWS:,} rows.", hint="Send them in several requests.")
    good: list[tuple[int, _Value]] = []
    bad: list[Refused] = []
    for index, raw in enumerate(raws):
        try:
            good.append((index, read(_decoded(bytes(raw), kind))))
        except BadInput as error:
            bad.append(Refused(index=index, message=str(error.args[0]), hint=error.hint))
    return good, bad


def refused(problems: Sequence[Problem]) -> list[Refused]:
    """Rows that could be read and not be taken; their index stands where files have a line."""
    return [Refused(index=one.line, message=one.message, hint=one.hint) for one in problems]


def _decoded(body: bytes, kind: Any) -> Any:
    if _NUL in body:
        raise UnreadableBody("A text has a NUL character in it.", hint="Leave it out.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise UnreadableBody(str(error).replace("`$.", "`").replace("`$", "`")[:300], hint=_HINT) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableBody("The body is not JSON.", hint="Send JSON, as UTF-8.") from error


def ms_of(at: datetime) -> int:
    try:
        ms = ms_from_at(at)
    except (ValueError, OverflowError) as error:
        raise BadInput("That is no moment.", hint="Write it like 2026-03-08T12:30:00Z.") from error
    if not FIRST_ON.year <= at.year <= LAST_ON.year:
        raise BadInput("That is no moment of ours.", hint=f"From {FIRST_ON.year} to {LAST_ON.year}.")
    return ms


def person_of(said: PersonBody, company: Company) -> PersonIn:
    email = read_email(said.email) if said.email else None
    if said.email and email is None:
        raise BadInput("person.email is no address.", hint="Write it like ann@example.com.")
    if said.crm_id and ":" not in said.crm_id:
        raise BadInput("person.crm_id names no system.", hint="Write it like mycrm:51.")
    return PersonIn(
        phone_e164=read_phone(said.phone, company.region) if said.phone else None,
        email=email,
        crm_id=said.crm_id or None,
        name=said.name or None,
    )


def source_of(said: SourceBody | None) -> Source | None:
    if said is None:
        return None
    source, medium = (said.source or "").lower() or None, (said.medium or "").lower() or None
    return Source(
        channel=channel_of(source, medium, said.campaign),
        source=source,
        medium=medium,
        campaign=said.campaign or None,
        ad_group=said.ad_group or None,
        keyword=said.keyword or None,
        content=said.content or None,
        landing_page=said.landing_page or None,
    )


def bounds(company: Company, since: str, until: str) -> tuple[int | None, int | None]:
    """[since, until) in ms of what an address says: days of the company (`until` included), moments, or ms."""
    return _bound(company, since, is_end=False), _bound(company, until, is_end=True)


def _bound(company: Company, text: str, *, is_end: bool) -> int | None:
    said = unquote(text).strip().replace(" ", "+")  # a + that was not escaped
    if not said:
        return None
    if said.isascii() and said.isdigit() and 9 < len(said) < 15:
        return int(said)
    try:
        if len(said) == len("2026-03-08"):
            on_date = date.fromisoformat(said) + timedelta(days=1 if is_end else 0)
            return ms_from_at(datetime.combine(on_date, time(), company.zone))
        moment = datetime.fromisoformat(said)
        return ms_from_at(moment if moment.tzinfo else moment.replace(tzinfo=company.zone))
    except (ValueError, OverflowError):
        hint = "Write a day such as 2026-03-08, a moment such as 2026-03-08T12:30:00Z, or ms since 1970."
        raise BadInput(f"{text[:40]!r} is no time.", hint=hint) from None
