"""Responses that are no calls and come from elsewhere: forms, chats, visits to the store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.db import transaction
from msgspec import Struct

from ringtrace.core.ids import derived_id
from ringtrace.intake.call_logs.moments import check_moment
from ringtrace.intake.port import ContactIn
from ringtrace.web.bulk import write_all
from ringtrace.web.customers import chunks, customers_of, email_hash, phone_hash
from ringtrace.web.erased import erased_ones
from ringtrace.web.models import Company, ContactRow, VisitRow
from ringtrace.web.months import mark_stale
from ringtrace.web.outcomes import do_retry_misses

_LONGEST = 200
_SAID = ("kind", "name", "url", "at_ms", "system", "visit", "customer", "phone_hash", "email_hash", "said_source")


class TakenContacts(Struct, frozen=True, kw_only=True):
    taken: int = 0
    unchanged: int = 0


@transaction.atomic
def do_take_contacts(company: Company, told: Sequence[ContactIn], now_ms: int, *, system: str) -> TakenContacts:
    """Takes contacts that another system tells; the same external id again replaces, never doubles.

    A visit of ours that is named beside one gives its source; a visit that is not there is passed over. Raises BadInput
    for a time that cannot be.
    """
    for one in told:
        check_moment(one.at_ms)
    erased = erased_ones(ContactRow, company.pk, system, (one.external_id[:_LONGEST] for one in told))
    unchanged, everything = sum(one.external_id[:_LONGEST] in erased for one in told), len(told)
    told = [one for one in told if one.external_id[:_LONGEST] not in erased]  # it was counted, and brings nobody back
    customers = customers_of(company, [one.person for one in told], now_ms)
    before: dict[str, ContactRow] = {}
    for some in chunks([one.external_id for one in told]):
        rows = ContactRow.objects.filter(company=company, external_id__in=some)
        before |= {row.external_id: row for row in rows}
    visits: set[str] = set()
    for some in chunks(sorted({one.visit_id for one in told if one.visit_id})):
        visits |= set(VisitRow.objects.filter(company=company, visit_id__in=some).values_list("visit_id", flat=True))
    written: dict[str, ContactRow] = {}
    times_ms: list[int] = []
    for one, customer in zip(told, customers, strict=True):
        person, was = one.person, before.get(one.external_id)
        row = ContactRow(
            contact_id=was.pk if was else derived_id("contact", company.pk, system, one.external_id),
            company=company,
            kind=one.kind.value,
            visit_id=one.visit_id if one.visit_id in visits else None,
            name=one.name[:_LONGEST],
            url=one.url,
            at_ms=one.at_ms,
            system=system,
            external_id=one.external_id[:_LONGEST],
            customer=customer,
            phone_hash=phone_hash(company.pk, person.phone_e164) if person.phone_e164 else None,
            email_hash=email_hash(company.pk, person.email) if person.email else None,
            said_source=None if one.source is None else msgspec.to_builtins(one.source),
        )
        if was is not None and _same(was, row):
            unchanged += 1
            continue
        times_ms += [row.at_ms, *([was.at_ms] if was else [])]
        written[row.pk] = before[one.external_id] = row
    write_all(written.values(), "contact_id", _SAID)
    mark_stale(company, times_ms)
    do_retry_misses(company, now_ms, customer_ids={one.pk for one in customers if one is not None})
    return TakenContacts(taken=everything - unchanged, unchanged=unchanged)


def _same(was: ContactRow, row: ContactRow) -> bool:
    names = (f"{name}_id" if name in ("visit", "customer") else name for name in _SAID)
    return all(getattr(was, name) == getattr(row, name) for name in names)
