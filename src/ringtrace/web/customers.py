"""Who is who: people known by a phone, an e-mail address or a CRM's id are one where any of these joins them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import QuerySet

from ringtrace.intake.port import PersonIn
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.web.models import CallRow, Company, ContactRow, Customer, CustomerKey, OutcomeRow
from ringtrace.web.months import mark_stale

Key = tuple[str, str]  # the kind (phone, email, crm) and the keyed hash
_LONGEST_NAME = 200
_CHUNK = 500


def keys_of(company_id: str, person: PersonIn) -> list[Key]:
    """The keyed hashes that this person is known by; a phone's is the same as a caller's."""
    said = (
        ("phone", phone_digest(person.phone_e164) if person.phone_e164 else None),
        ("email", _email_digest(person.email) if person.email else None),
        ("crm", person.crm_id),
    )
    purpose = caller_purpose(company_id)
    return [(kind, settings.KEYS.hash(text, purpose)) for kind, text in said if text]


def _email_digest(email: str) -> str:
    """As pages hash it: the SHA-256 of the address, trimmed and in small letters."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def customer_for(company: Company, person: PersonIn, now_ms: int) -> Customer | None:
    """The customer of these keys, made or joined where it must be; None for nobody. In the caller's transaction.

    A single phone makes no customer: callers are known by their hash already.
    """
    keys = keys_of(company.pk, person)
    known = _known(company, keys)
    if not keys or (not known and len(keys) == 1 and keys[0][0] == "phone" and not person.name):
        return None
    customers = sorted({key.customer for key in known}, key=lambda one: (one.made_ms, one.pk))
    customer = customers[0] if customers else Customer.objects.create(company=company, made_ms=now_ms)
    _join(customer, customers[1:])
    fresh = [(kind, key) for kind, key in keys if (kind, key) not in {(one.kind, one.key) for one in known}]
    CustomerKey.objects.bulk_create(
        CustomerKey(company=company, customer=customer, kind=kind, key=key) for kind, key in fresh
    )
    if person.name and customer.name_sealed is None:
        sealed = settings.KEYS.seal(person.name[:_LONGEST_NAME], caller_purpose(company.pk))
        Customer.objects.filter(pk=customer.pk).update(name_sealed=sealed)
    if fresh or len(customers) > 1:
        _mark_calls(company, [customer.pk])
    return customer


def _known(company: Company, keys: Iterable[Key]) -> list[CustomerKey]:
    return [
        row
        for kind, key in keys
        for row in CustomerKey.objects.filter(company=company, kind=kind, key=key).select_related("customer")
    ]


def _join(customer: Customer, others: Sequence[Customer]) -> None:
    """The older one stays; what the others have becomes its own."""
    if not others:
        return
    for rows in (CustomerKey.objects, OutcomeRow.objects, ContactRow.objects):
        rows.filter(customer__in=others).update(customer=customer)
    named = next((one.name_sealed for one in others if one.name_sealed), None)
    if customer.name_sealed is None and named:
        Customer.objects.filter(pk=customer.pk).update(name_sealed=named)
    Customer.objects.filter(pk__in=[one.pk for one in others]).delete()


def _mark_calls(company: Company, customer_ids: Sequence[str]) -> None:
    """Their calls are told of another person from now on."""
    called = calls_of(company, customer_ids).values_list("started_ms", flat=True)
    said = ContactRow.objects.filter(customer__in=customer_ids).values_list("at_ms", flat=True)
    mark_stale(company, [*called, *said])


def calls_of(company: Company, customer_ids: Sequence[str]) -> QuerySet[CallRow]:
    """The calls from any phone of these customers."""
    phones = CustomerKey.objects.filter(customer__in=customer_ids, kind="phone").values("key")
    return CallRow.objects.filter(company=company, caller_hash__in=phones)
