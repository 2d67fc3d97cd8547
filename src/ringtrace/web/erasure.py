"""Forgets a caller or a visitor: nothing that leads back to them stays in the ledger, and every count stays right.

Their hash or id is replaced by a fresh random one, the same in all their rows, so that first calls, journeys and counts
of people are as before. The months that held them are marked, and the worker takes them out of the lake: their files
go at once.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from msgspec import Struct

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.core.numbers import Lease
from ringtrace.core.phones import calling_code, read_phone
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.web.customers import calls_of
from ringtrace.web.erased import erased_id
from ringtrace.web.hooks import hook_purpose
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    Company,
    ContactRow,
    Customer,
    CustomerKey,
    HookMessageRow,
    LeaseRow,
    MatchRow,
    OutcomeRow,
    PersonRow,
    VisitRow,
    VisitVerdict,
)
from ringtrace.web.months import mark_stale
from ringtrace.wire.journal import CallReported, decode_event, encode_event

_CHUNK = 500
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]+")


class Erased(Struct, frozen=True, kw_only=True):
    """In how many rows somebody was forgotten."""

    calls: int
    visits: int


def caller_hash(company: Company, number: str) -> str:
    """The keyed hash that a caller's number has in this company's rows. Raises BadPhoneNumber."""
    e164 = read_phone(number, company.region)
    hashed: str = settings.KEYS.hash(phone_digest(e164), caller_purpose(company.pk))
    return hashed


@transaction.atomic
def do_forget_caller(company: Company, number: str, now_ms: int) -> Erased:
    """Forgets whoever calls from this number, or said on a page that it is theirs. Raises NotFound, BadPhoneNumber.

    The sealed number and name, the notes on their outcomes, the ids that other systems have for these, and every key
    they were known by as a customer are taken away.
    """
    was, becomes = caller_hash(company, number), secrets.token_hex(16)
    calls = CallRow.objects.filter(company=company, caller_hash=was)
    people = PersonRow.objects.filter(company=company, phone_hash=was)
    called = list(calls.values_list("call_id", "started_ms"))
    said_ms = [*people.values_list("at_ms", flat=True), *_known_by(company, people)]
    if not called and not said_ms and not _is_told_of(company, was):
        raise NotFound("Nobody is known by this number.", hint="Check the number and the company.")
    call_ids = [call_id for call_id, _ in called]
    visits = people.values("visit").distinct().count()
    customers = list(CustomerKey.objects.filter(company=company, key=was).values_list("customer_id", flat=True))
    said_ms += _forget_contacts(company, was, customers)
    said_ms += _forget_outcomes(company, was, becomes, customers, call_ids)
    said_ms += calls_of(company, customers).values_list("started_ms", flat=True)
    CustomerKey.objects.filter(customer__in=customers).delete()
    Customer.objects.filter(pk__in=customers).update(name_sealed=None)
    _strip_said(calls)
    calls.update(caller_hash=becomes, caller_sealed=None, name_sealed=None, changed_ms=now_ms)
    people.update(phone_hash=becomes, email_hash=None)
    _rewrite_reports(call_ids, lambda report: _without_caller(report, was, becomes))
    _discard_kept(company, number)
    mark_stale(company, [*said_ms, *(started_ms for _, started_ms in called)], forget=True)
    return Erased(calls=len(called), visits=visits)


@transaction.atomic
def do_forget_visitor(company: Company, visitor_id: str, now_ms: int) -> Erased:
    """Forgets a visitor's browser. Raises NotFound.

    The addresses of the pages it saw, what other systems call it, click ids, and what it said of its phone and e-mail
    are taken away. Its visits keep the source they were given: history that is read again passes them over.
    """
    visits = VisitRow.objects.filter(company=company, visitor_id=visitor_id)
    seen = list(visits.values_list("visit_id", "started_ms"))
    if not seen:
        raise NotFound("There is no such visitor.", hint="Copy the id from the visit's page; check the company.")
    visit_ids = [visit_id for visit_id, _ in seen]
    becomes = f"{visitor_id.rpartition('_')[0] or 'visitor'}_{secrets.token_hex(16)}"
    people = PersonRow.objects.filter(company=company, visitor_id=visitor_id)
    said_ms = list(people.values_list("at_ms", flat=True))
    said_ms += _known_by(company, people)
    said_ms += _strip_contacts(ContactRow.objects.filter(company=company, visit__in=visit_ids))
    called = _rename_in_matches(company, visitor_id, becomes, min(started_ms for _, started_ms in seen))
    _rewrite_reports([call_id for call_id, _ in called], lambda report: _without_holder(report, visitor_id, becomes))
    LeaseRow.objects.filter(company=company, visitor_id=visitor_id).update(visitor_id=becomes)
    people.update(visitor_id=becomes, phone_hash=None, email_hash=None)
    _strip_clicks(VisitRow.objects.filter(pk__in=visit_ids))
    _strip_clicks(VisitVerdict.objects.filter(visit__in=visit_ids))
    visits.update(visitor_id=becomes, url="", referrer="", ids={})
    CallRow.objects.filter(pk__in=[call_id for call_id, _ in called]).update(changed_ms=now_ms)
    times_ms = [*said_ms, *(at_ms for _, at_ms in seen), *(at_ms for _, at_ms in called)]
    mark_stale(company, times_ms, forget=True)
    return Erased(calls=len(called), visits=len(seen))


def _forget_outcomes(
    company: Company, was: str, becomes: str, customers: Collection[str], call_ids: Collection[str]
) -> list[int]:
    """Notes go, and the ids that lead back to the person in a CRM; when each and its response was."""
    theirs = Q(call__in=call_ids) | Q(customer__in=customers) | Q(caller_hash=was)
    outcomes = OutcomeRow.objects.filter(company=company)
    told = list(outcomes.filter(theirs).select_related("call", "contact"))
    _rename(told, outcomes)
    for outcome in told:
        outcome.note = outcome.named_id = ""
        outcome.caller_hash = becomes if outcome.caller_hash == was else outcome.caller_hash
    OutcomeRow.objects.bulk_update(told, ["note", "named_id", "external_id", "caller_hash"], batch_size=_CHUNK)
    return [at_ms for outcome in told for at_ms in (outcome.at_ms, _response_ms(outcome))]


def _response_ms(outcome: OutcomeRow) -> int:
    response = outcome.call or outcome.contact
    if response is None:
        return outcome.at_ms
    return response.started_ms if isinstance(response, CallRow) else response.at_ms


def _rename(rows: Sequence[OutcomeRow] | Sequence[ContactRow], among: QuerySet[Any]) -> None:
    """Puts `erased_id` on each; where that stands already, one that was told and erased twice gets another."""
    for row in rows:
        becomes = erased_id(row.company_id, row.system, row.external_id)
        is_taken = becomes != row.external_id and among.filter(company=row.company_id, external_id=becomes).exists()
        row.external_id = f"{becomes}:{secrets.token_hex(16)}" if is_taken else becomes


def _is_told_of(company: Company, was: str) -> bool:
    """Whether another system told of somebody with this number, who neither called nor said so on a page."""
    told = (
        CustomerKey.objects.filter(company=company, key=was),
        ContactRow.objects.filter(company=company, phone_hash=was),
        OutcomeRow.objects.filter(company=company, caller_hash=was),
    )
    return any(rows.exists() for rows in told)


def _forget_contacts(company: Company, was: str, customers: Collection[str]) -> list[int]:
    """What was told of them with forms, chats and visits to the store; when those were."""
    keys = list(CustomerKey.objects.filter(customer__in=customers).values_list("key", flat=True))
    by_key = Q(phone_hash__in=keys) | Q(email_hash__in=keys)
    theirs = Q(phone_hash=was) | Q(customer__in=customers) | Q(by_key, customer=None)
    return _strip_contacts(ContactRow.objects.filter(theirs, company=company))


def _strip_contacts(contacts: QuerySet[ContactRow]) -> list[int]:
    """Nothing that was told of who made them stays; when they were."""
    told = list(contacts)
    _rename(told, ContactRow.objects.all())
    for contact in told:
        contact.phone_hash = contact.email_hash = None
        contact.url = ""
        if contact.said_source:
            contact.said_source.pop("click_ids", None)
        contact.customer = None
    ContactRow.objects.bulk_update(
        told, ["phone_hash", "email_hash", "customer", "url", "external_id", "said_source"], batch_size=_CHUNK
    )
    return [contact.at_ms for contact in told]


def _known_by(company: Company, people: QuerySet[PersonRow]) -> list[int]:
    """When contacts were made that the lake gives to this visitor, by a phone or an address it said is its own."""
    hashes = {one for said in people.values_list("phone_hash", "email_hash") for one in said if one}
    if not hashes:
        return []
    told = ContactRow.objects.filter(Q(phone_hash__in=hashes) | Q(email_hash__in=hashes), company=company)
    return list(told.values_list("at_ms", flat=True))


def _discard_kept(company: Company, number: str) -> None:
    """Messages that wait to be read hold whoever they tell of, in clear: those that hold the number go."""
    e164 = read_phone(number, company.region)
    digits = e164.removeprefix(f"+{calling_code(e164)}")
    gone = []
    for row in HookMessageRow.objects.filter(hook__company=company).iterator(chunk_size=_CHUNK):
        try:
            kept = settings.KEYS.unseal(row.sealed, hook_purpose(row.hook_id))
        except BadInput:  # the key it was sealed with is gone: nobody can read it
            continue
        said = base64.b64decode(msgspec.json.decode(kept)["body"]).decode(errors="replace")
        if any(digits in _BETWEEN_DIGITS.sub("", text) for text in (said, unquote_plus(said))):
            gone.append(row.pk)
    HookMessageRow.objects.filter(pk__in=gone).delete()


def _rename_in_matches(company: Company, was: str, becomes: str, since_ms: int) -> list[tuple[str, int]]:
    """In the verdicts that weighed the visitor; the (call_id, started_ms) of those calls."""
    matches = MatchRow.objects.filter(call__company=company, call__started_ms__gte=since_ms).select_related("call")
    found = list(matches.annotate(said=Cast("verdict", TextField())).filter(said__contains=was))
    for match in found:
        for weighed in match.verdict["weighed"]:
            if weighed["visitor_id"] == was:
                weighed["visitor_id"] = becomes
    MatchRow.objects.bulk_update(found, ["verdict"], batch_size=_CHUNK)
    return [(match.call_id, match.call.started_ms) for match in found]


def _rewrite_reports(call_ids: Collection[str], rewrite: Callable[[CallReported], CallReported]) -> None:
    """In the reports that calls are folded from: a later report would bring everything back."""
    rewritten = []
    for row in CallReportRow.objects.filter(call_id__in=call_ids):
        report = decode_event(bytes(row.body))
        if isinstance(report, CallReported):
            row.body = encode_event(rewrite(report))
            rewritten.append(row)
    CallReportRow.objects.bulk_update(rewritten, ["body"], batch_size=_CHUNK)


def _without_caller(report: CallReported, was: str, becomes: str) -> CallReported:
    if report.caller_hash != was:
        return report
    return msgspec.structs.replace(report, caller_hash=becomes, caller_sealed=None, caller_name_sealed=None)


def _without_holder(report: CallReported, was: str, becomes: str) -> CallReported:
    holder: Lease | None = report.holder
    if holder is None or holder.visitor_id != was:
        return report
    return msgspec.structs.replace(report, holder=msgspec.structs.replace(holder, visitor_id=becomes))


def _strip_said(calls: QuerySet[CallRow]) -> None:
    """So for what other systems said brought their calls."""
    said = [call for call in calls.exclude(said_source=None) if (call.said_source or {}).pop("click_ids", None)]
    CallRow.objects.bulk_update(said, ["said_source"], batch_size=_CHUNK)


def _strip_clicks(rows: QuerySet[Any]) -> None:
    """A click's id names a person to whoever sold the click."""
    stripped = list(_stripped(rows))
    rows.model._default_manager.bulk_update(stripped, ["source"], batch_size=_CHUNK)  # noqa: SLF001 - Django's name


def _stripped(rows: Iterable[Any]) -> Iterable[Any]:
    for row in rows:
        if row.source.pop("click_ids", None):
            yield row
