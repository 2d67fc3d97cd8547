"""Who is who: people known by a phone, an e-mail address or a CRM's id are one where any of these joins them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet

from ringtrace.intake.port import PersonIn
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.web.models import CallRow, Company, ContactRow, Customer, CustomerKey, OutcomeRow
from ringtrace.web.months import mark_stale

Key = tuple[str, str]  # the kind (phone, email, crm) and the keyed hash
_LONGEST_NAME = 200
_CHUNK = 500
_Thing = TypeVar("_Thing")


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


def email_hash(company_id: str, email: str) -> str:
    hashed: str = settings.KEYS.hash(_email_digest(email), caller_purpose(company_id))
    return hashed


def phone_hash(company_id: str, e164: str) -> str:
    hashed: str = settings.KEYS.hash(phone_digest(e164), caller_purpose(company_id))
    return hashed


def customers_of(company: Company, people: Sequence[PersonIn], now_ms: int) -> list[Customer | None]:
    """The customer of each of these, made or joined where it must be; None for nobody. In the caller's transaction.

    A phone alone makes no customer: callers are known by their hash already.
    """
    keys = [keys_of(company.pk, person) for person in people]
    known = _known(company, {key for of_person in keys for key in of_person})
    fresh: list[Customer] = []
    fresh_keys: dict[Key, Customer] = {}
    found: list[Customer | None] = []
    for person, of_person in zip(people, keys, strict=True):
        theirs = {known[key].pk: known[key] for key in of_person if key in known}
        customer = min(theirs.values(), key=lambda one: (one.made_ms, one.pk), default=None)
        if customer is None:
            if not of_person or (len(of_person) == 1 and of_person[0][0] == "phone" and not person.name):
                found.append(None)
                continue
            customer = Customer(company=company, made_ms=now_ms)
            fresh.append(customer)
        for other in theirs.values():
            if other.pk != customer.pk:
                _join(customer, other, fresh, known, fresh_keys)
        for key in of_person:
            if key not in known:
                fresh_keys[key] = known[key] = customer
        if person.name and customer.name_sealed is None:
            customer.name_sealed = settings.KEYS.seal(person.name[:_LONGEST_NAME], caller_purpose(company.pk))
            if customer not in fresh:
                Customer.objects.filter(pk=customer.pk).update(name_sealed=customer.name_sealed)
        found.append(customer)
    Customer.objects.bulk_create(fresh)
    CustomerKey.objects.bulk_create(
        CustomerKey(company=company, customer=customer, kind=kind, key=key)
        for (kind, key), customer in fresh_keys.items()
    )
    _mark(company, [customer.pk for customer in fresh_keys.values()])
    return [
        None if one is None else known_as(one, known, of_person) for one, of_person in zip(found, keys, strict=True)
    ]


def known_as(customer: Customer, known: Mapping[Key, Customer], keys: Sequence[Key]) -> Customer:
    """The customer that these keys have now: somebody later in the batch may have joined two."""
    return next((known[key] for key in keys if key in known), customer)


def _known(company: Company, keys: Iterable[Key]) -> dict[Key, Customer]:
    wanted = sorted({key for _, key in keys})
    found: dict[Key, Customer] = {}
    same: dict[str, Customer] = {}
    for some in chunks(wanted):
        rows = CustomerKey.objects.filter(company=company, kind__in=("phone", "email", "crm"), key__in=some)
        for row in rows.select_related("customer"):
            found[row.kind, row.key] = same.setdefault(row.customer_id, row.customer)
    return found


def _join(
    customer: Customer,
    other: Customer,
    fresh: list[Customer],
    known: dict[Key, Customer],
    fresh_keys: dict[Key, Customer],
) -> None:
    """What the younger one has becomes the older one's."""
    for keys in (known, fresh_keys):
        for key in [key for key, of in keys.items() if of.pk == other.pk]:
            keys[key] = customer
    if other in fresh:
        fresh.remove(other)
        return
    _mark(customer.company, [other.pk])
    for rows in (CustomerKey.objects, OutcomeRow.objects, ContactRow.objects):
        rows.filter(customer=other).update(customer=customer)
    if customer.name_sealed is None and other.name_sealed:
        customer.name_sealed = other.name_sealed
        Customer.objects.filter(pk=customer.pk).update(name_sealed=other.name_sealed)
    Customer.objects.filter(pk=other.pk).delete()


def _mark(company: Company, customer_ids: Sequence[str]) -> None:
    """Their calls and contacts are told of another person from now on."""
    for some in chunks(sorted(set(customer_ids))):
        called = calls_of(company, some).values_list("started_ms", flat=True)
        said = ContactRow.objects.filter(customer__in=some).values_list("at_ms", flat=True)
        mark_stale(company, [*called, *said])


def calls_of(company: Company, customer_ids: Sequence[str]) -> QuerySet[CallRow]:
    """The calls from any phone of these customers."""
    phones = CustomerKey.objects.filter(customer__in=customer_ids, kind="phone").values("key")
    return CallRow.objects.filter(company=company, caller_hash__in=phones)


def chunks(things: Sequence[_Thing], size: int = _CHUNK) -> Iterator[Sequence[_Thing]]:
    """As many as one query takes."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
