"""Calls with all that is known of them, and conversions: what counts, contacts that are no calls, and outcomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from ringtrace.core.outcomes import OutcomeKind
from ringtrace.lake.schemas import CallFact, ConversionFact
from ringtrace.qualification import meets
from ringtrace.web.bulk import among
from ringtrace.web.counting import main_definition, tag_rules_of
from ringtrace.web.models import CallRow, ContactRow, CustomerKey, OutcomeRow
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.traits import KnownCall, known_calls
from ringtrace.web.who import Miss
from ringtrace.worker.spans import Span, columns_of, within

_CHUNK = 2_000


def calls(span: Span) -> Iterator[CallFact]:
    for known in _calls(span):
        traits = known.traits
        yield CallFact(
            company_id=span.company_id,
            call_id=known.call_id,
            person=known.person,
            number_id=known.number_id,
            number=traits.number,
            pool=traits.pool,
            started_ms=known.started_ms,
            status=traits.status or "",
            ring_secs=traits.ring_secs,
            talk_secs=traits.talk_secs,
            caller_hash=known.caller_hash,
            is_first_call=traits.is_first_call,
            since_last_secs=traits.since_last_secs,
            caller_region=traits.caller_region,
            line_type=traits.line_type,
            agent=traits.agent,
            flow_branch=traits.flow_branch,
            menu_keys=traits.menu_keys,
            disposition=traits.disposition,
            tags=traits.tags or (),
            is_spam=traits.is_spam,
            transferred=traits.transferred,
            attributed_by=known.attributed_by,
            visit_id=known.visit_id,
            p_known=_p_known(known),
        )


def _p_known(known: KnownCall) -> float | None:
    if known.attributed_by == AttributedBy.STATIC_NUMBER:
        return 1.0
    return None if known.p_none is None else 1.0 - known.p_none


def _calls(span: Span) -> Iterator[KnownCall]:
    of_month = within(CallRow.objects.all(), span, "started_ms").order_by("started_ms", "call_id")
    return known_calls(of_month, tag_rules_of(span.company_id))


def conversions(span: Span) -> Iterator[ConversionFact]:
    """Calls that the main definition lets count, contacts, and what came of the month's responses, whenever it came;
    last, the month's outcomes that no response is known for."""
    definition = main_definition(span.company_id)
    for known in _calls(span):
        if meets(definition.condition, known.traits):
            yield ConversionFact(
                company_id=span.company_id,
                conversion_id=known.call_id,
                kind="call",
                response_id=known.call_id,
                call_id=known.call_id,
                at_ms=known.started_ms,
                response_ms=known.started_ms,
                value_cents=None,
                definition=definition.label,
                person=known.person,
            )
    yield from _contacts(span)
    yield from _outcomes(span)


def _contacts(span: Span) -> Iterator[ConversionFact]:
    contacts = within(ContactRow.objects.all(), span, "at_ms").order_by("at_ms", "contact_id")
    fields = ("contact_id", "kind", "at_ms", "customer_id", "phone_hash", "email_hash")
    rows = iter(columns_of(contacts, *fields))
    while some := list(islice(rows, _CHUNK)):
        yield from _known_contacts(span, some)


def _known_contacts(span: Span, rows: Sequence[Sequence[Any]]) -> Iterator[ConversionFact]:
    """`person`: the customer that was told, else who is known by the address or the phone, else the hash itself."""
    nobodys = [row for row in rows if row[3] is None]
    known = _customers(span, {key for row in nobodys for key in row[4:6] if key})
    for contact_id, kind, at_ms, customer_id, phone_hash, email_hash in rows:
        by_key = known.get(("email", email_hash)) or known.get(("phone", phone_hash))
        yield ConversionFact(
            company_id=span.company_id,
            conversion_id=contact_id,
            kind=kind,
            response_id=contact_id,
            call_id=None,
            at_ms=at_ms,
            response_ms=at_ms,
            value_cents=None,
            definition=None,
            person=customer_id or by_key or phone_hash or email_hash,
        )


def _customers(span: Span, keys: Collection[str]) -> dict[tuple[str, str], str]:
    """Who is known by these hashes of phones and addresses."""
    if not keys:
        return {}
    found = CustomerKey.objects.filter(company=span.company_id, kind__in=("phone", "email"), key__in=among(keys))
    return {(kind, key): customer_id for kind, key, customer_id in found.values_list("kind", "key", "customer_id")}


def _outcomes(span: Span) -> Iterator[ConversionFact]:
    """By their response's month, in order of time and id, whatever they came of."""
    sources = (_outcomes_of(rows, response_ms) for rows, response_ms in _outcome_rows(span))
    for (
        at_ms,
        outcome_id,
        kind,
        call_id,
        contact_id,
        response_ms,
        value_cents,
        customer_id,
        stage,
        is_open,
    ) in merge(*sources, key=itemgetter(0, 1)):
        yield ConversionFact(
            company_id=span.company_id,
            conversion_id=outcome_id,
            kind=kind,
            response_id=call_id or contact_id or outcome_id,
            call_id=call_id,
            at_ms=at_ms,
            response_ms=response_ms,
            value_cents=value_cents,
            definition=None,
            person=customer_id,
            stage=stage or None,
            is_open=bool(is_open),
        )


def _outcomes_of(rows: QuerySet[OutcomeRow], response_ms: str) -> Iterable[tuple[Any, ...]]:
    """`is_open`: an opportunity that is not lost, of a response without a sale."""
    sold = OutcomeRow.objects.filter(kind=OutcomeKind.SALE)
    is_sold = Exists(sold.filter(call=OuterRef("call"))) | Exists(sold.filter(contact=OuterRef("contact")))
    is_open = Case(When(Q(kind=OutcomeKind.OPPORTUNITY, is_lost=False) & ~is_sold, then=True), default=False)
    fields = ("kind", "call_id", "contact_id", response_ms, "value_cents", "customer_id", "stage")
    in_order = rows.annotate(is_open=is_open).order_by("at_ms", "outcome_id")
    return columns_of(in_order, "at_ms", "outcome_id", *fields, "is_open")


def _outcome_rows(span: Span) -> Iterator[tuple[QuerySet[OutcomeRow], str]]:
    """Of the month's calls, of its contacts, and alone; each with what its response's time is called there.

    A call's outcomes are its company's: to name the company would lead SQLite through all of these.
    """
    every = OutcomeRow.objects.all()
    calls_then = within(CallRow.objects.all(), span, "started_ms").values("call_id")
    contacts_then = within(ContactRow.objects.all(), span, "at_ms").values("contact_id")
    yield every.filter(call__in=calls_then), "call__started_ms"
    callless = every.alias(own_call=Coalesce("call_id", Value(""))).filter(own_call="")  # no index of calls for this
    yield callless.filter(contact__in=contacts_then), "contact__at_ms"
    alone = every.filter(miss__in=("", *Miss), call=None, contact=None)  # every miss there is: so the index is used
    yield within(alone, span, "at_ms"), "at_ms"
