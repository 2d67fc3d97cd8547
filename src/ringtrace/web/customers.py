"""Who is who: people known by a CRM's id, an e-mail address or a phone are one where any of these joins them.

A phone may be shared, by an office or a family: it joins only where that brings no two CRM ids and no two addresses
together. It stays with the customer that had it first.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from ringtrace.intake.port import PersonIn
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.web.bulk import among, write_all
from ringtrace.web.models import CallRow, Company, ContactRow, Customer, CustomerKey, OutcomeRow
from ringtrace.web.months import mark_stale

Key = tuple[str, str]  # the kind (phone, email, crm) and the keyed hash
_STRONG = frozenset({"crm", "email"})
_LONGEST_NAME = 200
_CHUNK = 500
_Thing = TypeVar("_Thing")


def keys_of(company_id: str, person: PersonIn) -> list[Key]:
    """The keyed hashes that this person is known by, the strongest first; a phone's is the same as a caller's."""
    said = (
        ("crm", person.crm_id),
        ("email", _email_digest(person.email) if person.email else None),
        ("phone", phone_digest(person.phone_e164) if person.phone_e164 else None),
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
    return _Joining(company, [keys_of(company.pk, person) for person in people], now_ms).take(people)


class _Joining:
    """The people of one batch, who may turn out to be each other."""

    def __init__(self, company: Company, keys: Sequence[Sequence[Key]], now_ms: int) -> None:
        self._company, self._keys, self._now_ms = company, keys, now_ms
        self._known = _known(company, {key for of_person in keys for key in of_person})
        self._kinds = _kinds_of({customer.pk for customer in self._known.values()})
        self._fresh: dict[str, Customer] = {}
        self._fresh_keys: dict[Key, Customer] = {}

    def take(self, people: Sequence[PersonIn]) -> list[Customer | None]:
        found = [self._find(person, keys) for person, keys in zip(people, self._keys, strict=True)]
        write_all(self._fresh.values(), "customer_id")
        CustomerKey.objects.bulk_create(
            CustomerKey(company=self._company, customer=customer, kind=kind, key=key)
            for (kind, key), customer in self._fresh_keys.items()
        )
        _mark(self._company, [one.pk for one in self._fresh_keys.values()])
        _mark_contacts(self._company, {key for _, key in self._fresh_keys})
        return [one and self._now(one, keys) for one, keys in zip(found, self._keys, strict=True)]

    def _now(self, customer: Customer, keys: Sequence[Key]) -> Customer:
        """Who this is by now: somebody later in the batch may have joined two."""
        return next((self._known[key] for key in keys if key in self._known), customer)

    def _find(self, person: PersonIn, keys: Sequence[Key]) -> Customer | None:
        theirs = self._theirs(keys)
        customer = min(theirs.values(), key=lambda one: (one.pk in self._fresh, one.made_ms, one.pk), default=None)
        if customer is None:
            if not person.name and all(kind == "phone" for kind, _ in keys):
                return None
            if not keys:
                return None
            customer = Customer(company=self._company, made_ms=self._now_ms)
            self._fresh[customer.pk] = customer
        for other in theirs.values():
            if other.pk != customer.pk:
                self._join(customer, other)
        for key in keys:
            if key not in self._known:
                self._fresh_keys[key] = self._known[key] = customer
                self._kinds[customer.pk].add(key[0])
        if person.name and customer.name_sealed is None:
            sealed = settings.KEYS.seal(person.name[:_LONGEST_NAME], caller_purpose(self._company.pk))
            self._name(customer, sealed)
        return customer

    def _theirs(self, keys: Sequence[Key]) -> dict[str, Customer]:
        """Those who are this person: by id and address, and by phone where that brings no two of these together."""
        known = [(kind, self._known[kind, key]) for kind, key in keys if (kind, key) in self._known]
        theirs = {customer.pk: customer for kind, customer in known if kind != "phone"}
        held = {kind for kind, _ in keys}.union(*(self._kinds[pk] for pk in theirs))
        for kind, customer in known:
            if kind == "phone" and (customer.pk in theirs or not held & self._kinds[customer.pk] & _STRONG):
                theirs[customer.pk] = customer
        return theirs

    def _name(self, customer: Customer, sealed: str) -> None:
        customer.name_sealed = sealed
        if customer.pk not in self._fresh:
            Customer.objects.filter(pk=customer.pk).update(name_sealed=sealed)

    def _join(self, customer: Customer, other: Customer) -> None:
        """What the younger one has becomes the older one's."""
        for keys in (self._known, self._fresh_keys):
            for key in [key for key, of in keys.items() if of.pk == other.pk]:
                keys[key] = customer
        self._kinds[customer.pk] |= self._kinds.pop(other.pk, set())
        if customer.name_sealed is None and other.name_sealed:
            self._name(customer, other.name_sealed)
        if self._fresh.pop(other.pk, None) is not None:
            return
        _mark(self._company, [other.pk])
        for rows in (CustomerKey.objects, OutcomeRow.objects, ContactRow.objects):
            rows.filter(customer=other).update(customer=customer)
        Customer.objects.filter(pk=other.pk).delete()


def _known(company: Company, keys: Iterable[Key]) -> dict[Key, Customer]:
    wanted = among({key for _, key in keys})
    found: dict[Key, Customer] = {}
    same: dict[str, Customer] = {}
    rows = CustomerKey.objects.filter(company=company, kind__in=("phone", "email", "crm"), key__in=wanted)
    for row in rows.select_related("customer"):
        found[row.kind, row.key] = same.setdefault(row.customer_id, row.customer)
    return found


def _kinds_of(customer_ids: Collection[str]) -> defaultdict[str, set[str]]:
    """What kinds of keys these customers are known by."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for some in chunks(sorted(customer_ids)):
        for customer_id, kind in CustomerKey.objects.filter(customer__in=some).values_list("customer_id", "kind"):
            kinds[customer_id].add(kind)
    return kinds


def _mark_contacts(company: Company, keys: Collection[str]) -> None:
    """Contacts that no customer was told for, by whose phone or address one is known from now on."""
    if keys:
        nobodys = ContactRow.objects.filter(company=company, customer=None)
        known = nobodys.filter(Q(phone_hash__in=among(keys)) | Q(email_hash__in=among(keys)))
        mark_stale(company, known.values_list("at_ms", flat=True))


def _mark(company: Company, customer_ids: Sequence[str]) -> None:
    """Their calls, contacts and outcomes are told of another person from now on."""
    for some in chunks(sorted(set(customer_ids))):
        called = calls_of(company, some).values_list("started_ms", flat=True)
        said = ContactRow.objects.filter(customer__in=some).values_list("at_ms", flat=True)
        outcomes = OutcomeRow.objects.filter(customer__in=some)
        came = outcomes.values_list("at_ms", "call__started_ms", "contact__at_ms")
        mark_stale(company, [*called, *said, *(call_ms or contact_ms or at_ms for at_ms, call_ms, contact_ms in came)])


def calls_of(company: Company, customer_ids: Sequence[str]) -> QuerySet[CallRow]:
    """The calls from any phone of these customers."""
    phones = CustomerKey.objects.filter(customer__in=customer_ids, kind="phone").values("key")
    return CallRow.objects.filter(company=company, caller_hash__in=phones)


def chunks(things: Sequence[_Thing], size: int = _CHUNK) -> Iterator[Sequence[_Thing]]:
    """As many as one query takes."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
