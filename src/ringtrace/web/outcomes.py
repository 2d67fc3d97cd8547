"""What came of calls and contacts: marked by hand, or told by another system and matched to the call it came of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from msgspec import Struct
from msgspec.structs import replace

from ringtrace.core.errors import BadInput
from ringtrace.core.ids import derived_id
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.outcomes import check_kind
from ringtrace.intake.call_logs.moments import check_moment
from ringtrace.intake.port import OutcomeIn
from ringtrace.web.bulk import among, write_all
from ringtrace.web.customers import chunks, customers_of, phone_hash
from ringtrace.web.erased import erased_ones
from ringtrace.web.models import CallRow, Company, ContactRow, CustomerKey, OutcomeRow, User
from ringtrace.web.models.keys import outcome_id
from ringtrace.web.months import mark_stale
from ringtrace.web.rates import rate_of
from ringtrace.web.who import MISSES, TOLERANCE_MS, WITHIN_MS, Found, Miss, Who

__all__ = ["BY_HAND", "MISSES", "TOLERANCE_MS", "WITHIN_MS", "Miss", "TakenOutcomes", "check_value", "do_mark_outcome"]
__all__ += ["do_remove_outcome", "do_retry_misses", "do_take_outcomes", "mark_changed", "misses_of", "own_call_id"]

_BATCH = 500
_LONGEST = 200
BY_HAND = "hand"
"""Of `OutcomeRow.how`: somebody said which call it came of. It stays so until its system names one that is there."""

_SOUGHT = ("caller_time", "person")  # of `OutcomeRow.how`: found by who and when, not named
_BY_ID = (Miss.UNKNOWN_CALL, Miss.UNKNOWN_CONTACT)


class TakenOutcomes(Struct, frozen=True, kw_only=True):
    """How many outcomes were written, were as they were, were taken back, and matched nothing; the last by why."""

    taken: int = 0
    unchanged: int = 0
    removed: int = 0
    missed: int = 0
    misses: Mapping[str, int] = {}


@transaction.atomic
def do_mark_outcome(
    call: CallRow,
    kind: str,
    value_cents: int | None,
    at_ms: int,
    *,
    by: User | None = None,
    note: str = "",
    external_id: str = "",
) -> OutcomeRow:
    """Marks what came of a call. The same `external_id` again replaces, never doubles. Raises BadInput."""
    check_moment(at_ms)
    outcome = OutcomeRow(company=call.company, external_id=external_id[:_LONGEST])
    before = _marked_before(call, outcome.external_id) if external_id else None
    if before is not None:
        mark_changed(call.company, [before])
        outcome.outcome_id, outcome.system, outcome.external_id = before.pk, before.system, before.external_id
    outcome.call, outcome.kind, outcome.value_cents, outcome.at_ms = (
        call,
        check_kind(kind),
        check_value(value_cents),
        at_ms,
    )
    outcome.note, outcome.marked_by, outcome.how, outcome.sought_ms = note, by, "call_id", at_ms
    outcome.save(force_insert=before is None, force_update=before is not None)
    mark_changed(call.company, [outcome])
    return outcome


def _marked_before(call: CallRow, external_id: str) -> OutcomeRow | None:
    """What has this id: marked by hand, else of this call, else whichever it is where only one system has it."""
    rows = list(OutcomeRow.objects.filter(company=call.company, external_id=external_id).order_by("outcome_id"))
    rows.sort(key=lambda row: (row.system != "", row.call_id != call.pk))
    return rows[0] if rows and (len(rows) == 1 or not rows[0].system or rows[0].call_id == call.pk) else None


@transaction.atomic
def do_remove_outcome(outcome: OutcomeRow) -> None:
    """Takes back what was marked."""
    mark_changed(outcome.company, [outcome])
    outcome.delete()


def check_value(value_cents: int | None) -> int | None:
    if value_cents is not None and not 0 <= value_cents <= MOST_CENTS:
        raise BadInput("A value cannot be negative or astronomical.", hint="Give it in the company's currency.")
    return value_cents


@transaction.atomic
def do_take_outcomes(
    company: Company,
    told: Sequence[OutcomeIn],
    now_ms: int,
    *,
    system: str,
    by: User | None = None,
    rates: Mapping[str, float] | None = None,
    newer_only: bool = False,
) -> TakenOutcomes:
    """Takes what another system tells, in one transaction; the same external id again replaces, never doubles.

    Each is matched to our call's id, else to what the same external id came of before, else to the caller's call
    closest to the time told, else to the person's last call or contact. What matches nothing is kept with the reason,
    and tried again. `newer_only`: messages may come out of order and tell only what changed: what was told earlier
    changes nothing, and what is not said stays. Raises BadInput for a kind, value or time that cannot be.
    """
    counts: Counter[str] = Counter()
    told = _without_erased(company, told, system, counts)
    batch = _Batch(company, told, now_ms, system)
    misses: Counter[str] = Counter()
    for one, customer in zip(told, batch.customers, strict=True):
        for ms in (one.at_ms, one.called_ms, one.told_ms):
            check_moment(one.at_ms if ms is None else ms)
        was = batch.before.get(one.external_id[:_LONGEST]) if one.external_id else None
        if was is not None and newer_only and _is_late(one, was):
            counts["unchanged"] += 1
        elif one.removed:
            counts["removed"] += was is not None
            batch.remove(was)
        else:
            kept = was if newer_only else None
            row = _row(batch, one, was, customer.pk if customer else None, kept=kept, by=by, rates=rates)
            counts["unchanged" if batch.keep(was, row) else "taken"] += 1
            if row.miss:
                counts["missed"] += 1
                misses[row.miss] += 1
    OutcomeRow.objects.filter(pk__in=batch.gone).delete()
    write_all(batch.written.values(), "outcome_id", [*_FIELDS, "told_ms", "sought_ms", "marked_by"])
    mark_changed(company, batch.changed)
    do_retry_misses(company, now_ms, customer_ids=batch.joined)
    return TakenOutcomes(**counts, misses=dict(misses))


def _without_erased(
    company: Company, told: Sequence[OutcomeIn], system: str, counts: Counter[str]
) -> Sequence[OutcomeIn]:
    """What is told again of somebody who was erased stays as it is: it was counted, and brings nobody back."""
    erased = erased_ones(OutcomeRow, company.pk, system, (one.external_id[:_LONGEST] for one in told))
    if not erased:
        return told
    kept = [one for one in told if one.external_id[:_LONGEST] not in erased]
    counts["unchanged"] += len(told) - len(kept)
    return kept


def _is_late(one: OutcomeIn, was: OutcomeRow) -> bool:
    """Whether what is known was told later; where one does not say when it was told, whether it is of later."""
    if one.told_ms is not None and was.told_ms is not None:
        return one.told_ms < was.told_ms
    return one.at_ms < was.at_ms


class _Batch:
    """What a batch of outcomes is matched by, loaded at once, and what becomes of it."""

    def __init__(self, company: Company, told: Sequence[OutcomeIn], now_ms: int, system: str) -> None:
        self.company, self.system = company, system
        self.changed: list[OutcomeRow] = []
        self.written: dict[str, OutcomeRow] = {}
        self.gone: list[str] = []
        self.customers = customers_of(company, [one.person for one in told], now_ms)
        self.before = self._before({one.external_id[:_LONGEST] for one in told if one.external_id})
        named = {row.named_id for row in self.before.values() if row.named_id}
        own = {own_call_id(company.pk, id_) for id_ in {*named, *(one.call_id for one in told if one.call_id)}}
        self.call_ids = self._ids(CallRow, "call_id", sorted(own))
        said = {*named, *(one.contact_external_id for one in told if one.contact_external_id)}
        self.contacts = self._ids(ContactRow, "external_id", sorted(said))
        self.who = _Who(company)
        self.hashes = {e164: phone_hash(company.pk, e164) for one in told if (e164 := one.person.phone_e164)}
        callers = {row.caller_hash for row in self.before.values() if row.caller_hash}
        people = {row.customer_id for row in self.before.values()}
        self.who.load({*self.hashes.values(), *callers}, people | {one.pk for one in self.customers if one})
        known = zip(self.customers, (one.person for one in told), strict=True)
        self.joined = {one.pk for one, who in known if one and who.phone_e164 and (who.email or who.crm_id)}

    def _before(self, ids: set[str]) -> dict[str, OutcomeRow]:
        """What is known by these ids: the system's own; else marked by hand; else of the system that the id names."""
        rows = OutcomeRow.objects.filter(company=self.company, external_id__in=among(ids)).exclude(external_id="")
        own = {row.external_id: row for row in rows if row.system == self.system}
        by_hand = {row.external_id: row for row in rows if not row.system}
        named = {row.external_id: row for row in rows if row.external_id.startswith(f"{row.system}:")}
        return named | by_hand | own

    def remove(self, was: OutcomeRow | None) -> None:
        if was is not None:
            self.changed.append(was)
            self.gone.append(self.before.pop(was.external_id).pk)
            self.written.pop(was.pk, None)

    def keep(self, was: OutcomeRow | None, row: OutcomeRow) -> bool:
        """Whether it says what was known."""
        same = was is not None and _same(was, row)
        if not same:
            self.changed += [row, *([was] if was is not None else [])]
        if was is None or not same or was.told_ms != row.told_ms:
            self.written[row.pk] = row
        if row.external_id:
            self.before[row.external_id] = row
        return same

    def _ids(self, model: type[CallRow] | type[ContactRow], field: str, wanted: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in chunks(wanted):
            rows = model._default_manager.filter(company=self.company, **{f"{field}__in": some})  # noqa: SLF001
            found |= dict(rows.values_list(field, "pk"))
        return found


_SAID = (
    *("call_id", "contact_id", "customer_id", "kind", "value_cents", "said_cents", "currency", "at_ms", "stage"),
    *("is_lost", "note", "system", "caller_hash", "called_ms", "how", "miss", "named_id"),
)


_FIELDS = tuple(
    name.removesuffix("_id") if name in ("call_id", "contact_id", "customer_id") else name for name in _SAID
)


_COLUMNS = tuple(field.attname for field in OutcomeRow._meta.concrete_fields)  # noqa: SLF001 - a row made in order is made fast


def _same(was: OutcomeRow, row: OutcomeRow) -> bool:
    return all(getattr(was, name) == getattr(row, name) for name in _SAID)


def _row(
    batch: _Batch,
    one: OutcomeIn,
    was: OutcomeRow | None,
    customer_id: str | None,
    *,
    kept: OutcomeRow | None,
    by: User | None,
    rates: Mapping[str, float] | None,
) -> OutcomeRow:
    """`kept`: what is known, where what is not said stays."""
    company = batch.company
    caller = batch.hashes[one.person.phone_e164] if one.person.phone_e164 else None
    if kept is not None:
        one, customer_id, caller = _completed(one, kept, customer_id, caller)
    found = _find_response(batch, one, was, customer_id, caller)
    stays = was is not None and not was.miss and found.how in _SOUGHT and _tells_no_other(one, was, caller)
    said: dict[str, Any] = {
        "outcome_id": was.pk if was else outcome_id(),
        "company_id": company.pk,
        "call_id": found.call_id,
        "contact_id": found.contact_id,
        "customer_id": customer_id,
        "kind": check_kind(one.kind),
        **_money(company, one, kept, rates),
        "at_ms": one.at_ms,
        "stage": one.stage[:120],
        "is_lost": one.is_lost,
        "note": one.note,
        "system": was.system if was and was.system else batch.system,
        "external_id": one.external_id[:_LONGEST],
        "caller_hash": caller,
        "called_ms": one.called_ms,
        "told_ms": one.told_ms if one.told_ms is not None or was is None else was.told_ms,
        "sought_ms": was.sought_ms if was is not None and stays else one.at_ms,
        "named_id": (one.call_id or one.contact_external_id or "")[:_LONGEST] if found.miss in _BY_ID else "",
        "how": found.how,
        "miss": found.miss,
        "marked_by_id": by.pk if by else None,
    }
    return OutcomeRow.from_db("default", _COLUMNS, [said[name] for name in _COLUMNS])


def _completed(
    one: OutcomeIn, kept: OutcomeRow, customer_id: str | None, caller: str | None
) -> tuple[OutcomeIn, str | None, str | None]:
    """What a message says with what is known beside it; of somebody else only what it says."""
    is_other = None not in (customer_id, kept.customer_id) and customer_id != kept.customer_id
    is_other = is_other or (None not in (caller, kept.caller_hash) and caller != kept.caller_hash)
    whole = replace(one, stage=one.stage or kept.stage, note=one.note or kept.note)
    if one.called_ms is None:
        whole = replace(whole, called_ms=kept.called_ms)
    if kept.named_id and not one.call_id and not one.contact_external_id:
        is_call = kept.miss == Miss.UNKNOWN_CALL
        whole = replace(whole, **{"call_id" if is_call else "contact_external_id": kept.named_id})
    return (
        (whole, customer_id, caller)
        if is_other
        else (whole, customer_id or kept.customer_id, caller or kept.caller_hash)
    )


def _money(
    company: Company, one: OutcomeIn, kept: OutcomeRow | None, rates: Mapping[str, float] | None
) -> dict[str, Any]:
    value = check_value(one.value_cents)
    if value is None and kept is not None:
        return {"value_cents": kept.value_cents, "said_cents": kept.said_cents, "currency": kept.currency}
    rate = rate_of(company, one.currency, rates)
    is_foreign = bool(one.currency) and (one.currency or "").upper() != company.currency
    return {
        "value_cents": None if value is None or rate is None else check_value(round(value * rate)),
        "said_cents": value if is_foreign else None,
        "currency": (one.currency or "").upper() if is_foreign else "",
    }


def _find_response(
    batch: _Batch, one: OutcomeIn, was: OutcomeRow | None, customer_id: str | None, caller: str | None
) -> Found:
    """What the outcome came of, by the first that says so: ids, what it came of before, the caller, the person."""
    named = batch.call_ids.get(own_call_id(batch.company.pk, one.call_id)) if one.call_id else None
    if was is not None and was.how == BY_HAND and named is None:
        return Found(call_id=was.call_id, how=BY_HAND)
    if one.call_id:
        return _by_id(Miss.UNKNOWN_CALL, named)
    if one.contact_external_id:
        return _by_id(Miss.UNKNOWN_CONTACT, batch.contacts.get(one.contact_external_id))
    if was is not None and not was.miss and _tells_no_other(one, was, caller):
        return Found(call_id=was.call_id, contact_id=was.contact_id, how=was.how)
    return batch.who.find(customer_id, caller, one.at_ms, one.called_ms)


def _by_id(miss: str, id_: str | None) -> Found:
    if id_ is None:
        return Found(miss=miss)
    return Found(call_id=id_, how="call_id") if miss == Miss.UNKNOWN_CALL else Found(contact_id=id_, how="contact_id")


def _tells_no_other(one: OutcomeIn, was: OutcomeRow, caller: str | None) -> bool:
    """Whether the same outcome, told again, names no other time of its call and no other caller than before."""
    same_time = one.called_ms is None or one.called_ms == was.called_ms
    return same_time and (caller is None or was.caller_hash in (caller, None))


class _Who(Who):
    """Where the time of the call was told, only a call near it is meant: none of the person's others."""

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self._theirs: defaultdict[str, list[str]] = defaultdict(list)

    def load(self, callers: Collection[str], customer_ids: Collection[str | None]) -> None:
        super().load(callers, customer_ids)
        known = CustomerKey.objects.filter(customer__in=among({one for one in customer_ids if one}), kind="phone")
        for customer_id, key in known.values_list("customer_id", "key"):
            self._theirs[customer_id].append(key)

    def find(self, customer_id: str | None, caller: str | None, at_ms: int, called_ms: int | None) -> Found:
        if called_ms is None:
            return super().find(customer_id, caller, at_ms, called_ms)
        for how, phones in (("caller_time", [caller or ""]), ("person", self._theirs.get(customer_id or "", []))):
            calls = [(abs(made[0] - called_ms), made[1]) for phone in phones for made in self._calls.get(phone, ())]
            if calls and min(calls)[0] <= TOLERANCE_MS:
                return Found(call_id=min(calls)[1], how=how)
        if caller:
            return Found(miss=Miss.NONE_NEAR if self._calls.get(caller) else Miss.NO_SUCH_CALLER)
        return Found(miss=Miss.NOBODY if customer_id is None else Miss.UNKNOWN_PERSON)


def own_call_id(company_id: str, call_id: str) -> str:
    """Ours; of an imported call, named `system:its id there`, the id that it has here."""
    system, _, external_id = call_id.partition(":")
    return derived_id("call", company_id, system, external_id) if external_id else call_id


@transaction.atomic
def do_retry_misses(
    company: Company,
    now_ms: int,
    *,
    caller_hashes: Collection[str] | None = None,
    customer_ids: Collection[str] | None = None,
) -> int:
    """Matches again what may have been matched too early: of these callers and customers what matched nothing or was
    found by who they are; or all that matched nothing in the last 90 days. How many came of something else than before.
    """
    rows = OutcomeRow.objects.filter(company=company)
    if caller_hashes is None and customer_ids is None:
        waiting = list(rows.exclude(miss="").filter(at_ms__gte=now_ms - WITHIN_MS))
    else:
        rows = rows.filter(Q(how__in=_SOUGHT) | ~Q(miss=""))
        waiting = _waiting_for(company, rows, caller_hashes or (), customer_ids or ())
    matched, others, before = [], [], []
    for row, found in zip(waiting, _found_again(company, waiting), strict=True):
        if not found.miss and (found.call_id, found.contact_id) != (row.call_id, row.contact_id):
            before.append(copy(row))
            row.call_id, row.contact_id, row.how = found.call_id, found.contact_id, found.how
            row.miss = row.named_id = ""
            matched.append(row)
        elif found.miss and row.miss and found.miss != row.miss:
            row.miss = found.miss
            others.append(row)
    OutcomeRow.objects.bulk_update(matched, ["call", "contact", "how", "miss", "named_id"], batch_size=_BATCH)
    OutcomeRow.objects.bulk_update(others, ["miss"], batch_size=_BATCH)
    mark_stale(company, [row.at_ms for row in matched])
    mark_changed(company, [*before, *matched])
    return len(matched)


def _found_again(company: Company, rows: Sequence[OutcomeRow]) -> list[Found]:
    """What each came of, by what is there now."""
    who = _Who(company)
    who.load({row.caller_hash for row in rows if row.caller_hash}, {row.customer_id for row in rows})
    own = among({own_call_id(company.pk, row.named_id) for row in rows if row.miss == Miss.UNKNOWN_CALL})
    calls = set(CallRow.objects.filter(company=company, call_id__in=own).values_list("call_id", flat=True))
    said = among({row.named_id for row in rows if row.miss == Miss.UNKNOWN_CONTACT and row.named_id})
    contacts = dict(ContactRow.objects.filter(company=company, external_id__in=said).values_list("external_id", "pk"))
    found = []
    for row in rows:
        if row.miss == Miss.UNKNOWN_CALL:
            call_id = own_call_id(company.pk, row.named_id)
            found.append(_by_id(row.miss, call_id if call_id in calls else None))
        elif row.miss == Miss.UNKNOWN_CONTACT:
            found.append(_by_id(row.miss, contacts.get(row.named_id)))
        else:
            at_ms = row.at_ms if row.sought_ms is None else row.sought_ms
            found.append(who.find(row.customer_id, row.caller_hash, at_ms, row.called_ms))
    return found


def misses_of(company: Company) -> QuerySet[OutcomeRow]:
    """Outcomes that matched nothing, the newest first."""
    return OutcomeRow.objects.filter(company=company).exclude(miss="").order_by("-at_ms", "outcome_id")


def _waiting_for(
    company: Company, rows: QuerySet[OutcomeRow], caller_hashes: Collection[str], customer_ids: Collection[str]
) -> list[OutcomeRow]:
    """Those of these callers, of whoever is known to have their phones, and of these customers."""
    if not rows.exists():
        return []
    found: dict[str, OutcomeRow] = {}
    known = {one for one in customer_ids if one}
    for some in chunks(sorted(caller_hashes)):
        found |= {row.pk: row for row in rows.filter(caller_hash__in=some)}
        keys = CustomerKey.objects.filter(company=company, kind="phone", key__in=some)
        known.update(keys.values_list("customer_id", flat=True))
    for some in chunks(sorted(known)):
        found |= {row.pk: row for row in rows.filter(customer__in=some)}
    return list(found.values())


def mark_changed(company: Company, rows: Sequence[OutcomeRow]) -> None:
    """Open call logs show it by themselves; the lake takes the months of the responses again."""
    call_ids = among({row.call_id for row in rows if row.call_id})
    contact_ids = among({row.contact_id for row in rows if row.contact_id})
    calls = CallRow.objects.filter(pk__in=call_ids)
    calls.update(changed_ms=F("changed_ms") + 1)
    times_ms = [*calls.values_list("started_ms", flat=True)]
    times_ms += ContactRow.objects.filter(pk__in=contact_ids).values_list("at_ms", flat=True)
    times_ms += [row.at_ms for row in rows if not row.call_id and not row.contact_id]
    mark_stale(company, times_ms)
