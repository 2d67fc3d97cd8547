"""Which call or contact somebody made, by the caller's number and the time, or by who the person is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.web.bulk import among
from ringtrace.web.customers import chunks
from ringtrace.web.models import CallRow, Company, ContactRow, CustomerKey, PersonRow

TOLERANCE_MS = 30 * MINUTE_MS
"""How far from the time that was told a call of the caller may have begun."""

WITHIN_MS = 90 * DAY_MS
"""How long before an outcome the call lies that it came of, where only who called is known."""

_SKEW_MS = 5 * MINUTE_MS


class Miss(StrEnum):
    """Why an outcome matched no call and no contact."""

    UNKNOWN_CALL = "unknown_call"
    UNKNOWN_CONTACT = "unknown_contact"
    NOBODY = "nobody"
    NO_SUCH_CALLER = "no_such_caller"
    NONE_NEAR = "none_near"
    UNKNOWN_PERSON = "unknown_person"


MISSES: Mapping[Miss, str] = {
    Miss.UNKNOWN_CALL: "There is no call of this id.",
    Miss.UNKNOWN_CONTACT: "There is no contact of this id.",
    Miss.NOBODY: "It names no call, no caller and no person.",
    Miss.NO_SUCH_CALLER: "Nobody called from this number.",
    Miss.NONE_NEAR: "This caller called, but not within half an hour of the time told, or of the 90 days before.",
    Miss.UNKNOWN_PERSON: "This person made no call and no contact in the 90 days before.",
}


class Found(Struct, frozen=True, kw_only=True):
    """What an outcome came of, and how that was found; or why it was not."""

    call_id: str | None = None
    contact_id: str | None = None
    how: str = ""
    miss: str = ""


Made = tuple[int, str]  # when, and the id


class Who:
    """The calls and contacts of some people, loaded at once. `calls`, `contacts`: by keyed hash of a phone or address,
    or by customer."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._calls: defaultdict[str, list[Made]] = defaultdict(list)
        self._contacts: defaultdict[str, list[Made]] = defaultdict(list)
        self._keys: defaultdict[str, list[str]] = defaultdict(list)

    def load(self, callers: Collection[str], customer_ids: Collection[str | None]) -> None:
        phones: set[str] = set(callers)
        addresses: set[str] = set()
        for some in chunks(sorted({one for one in customer_ids if one})):
            known = CustomerKey.objects.filter(customer__in=some, kind__in=("phone", "email"))
            for customer_id, kind, key in known.values_list("customer_id", "kind", "key"):
                self._keys[customer_id].append(key)
                (phones if kind == "phone" else addresses).add(key)
            contacts = ContactRow.objects.filter(company=self._company, customer__in=some)
            for customer, at_ms, contact_id in contacts.values_list("customer_id", "at_ms", "contact_id"):
                self._contacts[customer or ""].append((at_ms, contact_id))
        rows = CallRow.objects.filter(company=self._company, caller_hash__in=among(phones))
        for caller, started_ms, call_id in rows.values_list("caller_hash", "started_ms", "call_id"):
            self._calls[caller or ""].append((started_ms, call_id))
        for name, keys in (("phone_hash", phones), ("email_hash", addresses)):
            self._load_contacts(name, keys)

    def _load_contacts(self, name: str, keys: Collection[str]) -> None:
        """Those that no customer was told for, by what was told of them or what their visitor said on a page."""
        if not keys:
            return
        nobodys = ContactRow.objects.filter(company=self._company, customer=None)
        told = nobodys.filter(**{f"{name}__in": among(keys)}).values_list(name, "at_ms", "contact_id")
        people = PersonRow.objects.filter(company=self._company, **{f"{name}__in": among(keys)})
        said: defaultdict[str, set[str]] = defaultdict(set)
        for visit_id, key in people.values_list("visit_id", name):
            said[visit_id].add(str(key))
        for key, at_ms, contact_id in told:
            self._contacts[str(key)].append((at_ms, contact_id))
        for some in chunks(sorted(said)):
            for visit_id, at_ms, contact_id in nobodys.filter(visit__in=some).values_list(
                "visit_id", "at_ms", "contact_id"
            ):
                for key in said[visit_id or ""]:
                    self._contacts[key].append((at_ms, contact_id))

    def find(self, customer_id: str | None, caller: str | None, at_ms: int, called_ms: int | None) -> Found:
        """By the caller's own calls, else by the person."""
        found = _by_caller(self._calls.get(caller, ()), at_ms, called_ms) if caller else Found(miss=Miss.NOBODY)
        if found.miss and (customer_id is not None or caller):
            by_person = self._by_person(customer_id, caller, called_ms or at_ms)
            return by_person if not by_person.miss or not caller else found
        return found

    def _by_person(self, customer_id: str | None, caller: str | None, at_ms: int) -> Found:
        """The person's last call or contact before the outcome, within WITHIN_MS."""
        keys = self._keys.get(customer_id or "", ())
        call = _last([made for key in keys for made in self._calls.get(key, ())], at_ms)
        named = {one for one in (customer_id, caller, *keys) if one}
        contact = _last([made for one in named for made in self._contacts.get(one, ())], at_ms)
        if call is not None and (contact is None or call[0] >= contact[0]):
            return Found(call_id=call[1], how="person")
        if contact is not None:
            return Found(contact_id=contact[1], how="person")
        return Found(miss=Miss.UNKNOWN_PERSON)


def _by_caller(calls: Sequence[Made], at_ms: int, called_ms: int | None) -> Found:
    """The caller's call that began closest to the time told, within TOLERANCE_MS; or, where none was told, their last
    before the outcome, within WITHIN_MS."""
    best: Made | None
    if called_ms is not None:
        near = (call for call in calls if abs(call[0] - called_ms) <= TOLERANCE_MS)
        best = min(near, key=lambda call: (abs(call[0] - called_ms), call[1]), default=None)
    else:
        best = _last(calls, at_ms)
    if best is not None:
        return Found(call_id=best[1], how="caller_time")
    return Found(miss=Miss.NONE_NEAR if calls else Miss.NO_SUCH_CALLER)


def _last(made: Sequence[Made], at_ms: int) -> Made | None:
    return max((one for one in made if at_ms - WITHIN_MS <= one[0] <= at_ms + _SKEW_MS), default=None)
