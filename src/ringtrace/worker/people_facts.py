"""Who made the month's calls and contacts, and whose phones and addresses visitors said they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast

from ringtrace.core.matches import Match
from ringtrace.lake.schemas import IdentityFact
from ringtrace.web.models import CallRow, ContactRow, PersonRow
from ringtrace.web.models.calls import AttributedBy
from ringtrace.worker.spans import Span, columns_of, visitor_of_call, within

LEAST_P = 0.005  # visitors less likely than this are left to the unknown
_LIKELY = 0.5
_CHUNK = 500
_OWN = (AttributedBy.STATIC_NUMBER, AttributedBy.IMPORTED)
_read_match = msgspec.json.Decoder(Match).decode

Found = tuple[int, str, str | None]  # when, the visitor, the visit


def identities(span: Span) -> Iterator[IdentityFact]:
    yield from _of_calls(span)
    yield from _of_contacts(span)
    yield from _of_people(span)


def _of_calls(span: Span) -> Iterator[IdentityFact]:
    """The candidates of each call, and the caller's phone as theirs; where the call is its own touch, itself."""
    of_month = within(CallRow.objects.all(), span, "started_ms").order_by("started_ms", "call_id")
    of_month = of_month.annotate(verdict=Cast("match__verdict", TextField()))
    fields = ("call_id", "started_ms", "caller_hash", "attributed_by", "verdict")
    for call_id, at_ms, caller_hash, attributed_by, verdict in columns_of(of_month, *fields):
        for visitor_id, p, visit_id in _candidates(call_id, attributed_by, verdict):
            keys = {"call": call_id, "phone": caller_hash}
            for key_kind, key in keys.items():
                if key is not None:
                    yield _identity(span, visitor_id, key_kind, key, p, at_ms, visit_id)


def _candidates(call_id: str, attributed_by: str, verdict: str | None) -> Iterator[tuple[str, float, str | None]]:
    """Visitors who may have made the call, each with its probability and likeliest visit; the likeliest first."""
    if attributed_by in _OWN:
        yield visitor_of_call(call_id), 1.0, None
    if verdict is None or attributed_by in (*_OWN, AttributedBy.OVERFLOW_NUMBER):
        return
    likely: defaultdict[str, float] = defaultdict(float)
    visit_of: dict[str, str] = {}
    for weighed in _read_match(verdict).weighed:  # the likeliest first
        likely[weighed.visitor_id] += weighed.p
        visit_of.setdefault(weighed.visitor_id, weighed.visit_id)
    for visitor_id, p in likely.items():
        if p >= LEAST_P:
            yield visitor_id, min(1.0, p), visit_of[visitor_id]


def _of_contacts(span: Span) -> Iterator[IdentityFact]:
    """A form's own visitor; else whoever was known by the contact's phone or address by then; else, where its source
    was told, the contact itself."""
    contacts = within(ContactRow.objects.all(), span, "at_ms").order_by("at_ms", "contact_id")
    fields = ("contact_id", "kind", "at_ms", "visit__visitor_id", "visit_id", "phone_hash", "email_hash", "said_source")
    rows = list(columns_of(contacts, *fields))
    unseen = [row for row in rows if row[4] is None]
    known = _known_by(span, {key for row in unseen for key in row[5:7] if key})
    for contact_id, kind, at_ms, own_visitor, own_visit, phone_hash, email_hash, said in rows:
        found: Found | None = None if own_visitor is None else (at_ms, own_visitor, own_visit)
        if found is None:
            before = [one for key in (phone_hash, email_hash) if key for one in known.get(key, ()) if one[0] <= at_ms]
            own = None if said is None else (at_ms, visitor_of_call(contact_id), None)
            found = max(before, key=lambda one: (one[0], one[1]), default=own)
        if found is None:
            continue
        _, visitor_id, visit_id = found
        yield _identity(span, visitor_id, kind, contact_id, 1.0, at_ms, visit_id)
        for key_kind, key in (("phone", phone_hash), ("email", email_hash)):
            if key is not None:
                yield _identity(span, visitor_id, key_kind, key, 1.0, at_ms, visit_id)


def _known_by(span: Span, keys: Collection[str]) -> dict[str, list[Found]]:
    """By hash of a phone or an address: the visitors who said that it is theirs, or likely called from it."""
    known: defaultdict[str, list[Found]] = defaultdict(list)
    wanted = sorted(keys)
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        for name in ("phone_hash", "email_hash"):
            people = PersonRow.objects.filter(company=span.company_id, **{f"{name}__in": some})
            for key, at_ms, visitor_id, visit_id in people.values_list(name, "at_ms", "visitor_id", "visit_id"):
                known[str(key)].append((at_ms, visitor_id, visit_id))
        calls = CallRow.objects.filter(company=span.company_id, caller_hash__in=some, p_visit__gt=_LIKELY)
        for key, at_ms, visitor_id, visit_id in calls.values_list(
            "caller_hash", "started_ms", "visit__visitor_id", "visit_id"
        ):
            if key is not None and visitor_id is not None:
                known[key].append((at_ms, visitor_id, visit_id))
    return known


def _of_people(span: Span) -> Iterator[IdentityFact]:
    people = within(PersonRow.objects.all(), span, "at_ms").order_by("at_ms", "event_id")
    fields = ("visitor_id", "at_ms", "visit_id", "phone_hash", "email_hash")
    for visitor_id, at_ms, visit_id, phone_hash, email_hash in columns_of(people, *fields):
        for key_kind, key in (("phone", phone_hash), ("email", email_hash)):
            if key is not None:
                yield _identity(span, visitor_id, key_kind, key, 1.0, at_ms, visit_id)


def _identity(
    span: Span, visitor_id: str, key_kind: str, key: str, p: float, at_ms: int, visit_id: str | None
) -> IdentityFact:
    return IdentityFact(
        company_id=span.company_id,
        visitor_id=visitor_id,
        key_kind=key_kind,
        key=key,
        p=p,
        at_ms=at_ms,
        visit_id=visit_id,
    )
