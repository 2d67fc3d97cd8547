"""What came of calls and contacts: marked by hand, or told by another system and matched to the call it came of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.ids import derived_id
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.outcomes import check_kind
from ringtrace.intake.port import OutcomeIn
from ringtrace.web.bulk import among, write_all
from ringtrace.web.customers import chunks, customers_of, phone_hash
from ringtrace.web.models import CallRow, Company, ContactRow, Customer, CustomerKey, OutcomeRow, User
from ringtrace.web.models.keys import outcome_id
from ringtrace.web.months import mark_stale
from ringtrace.web.rates import rate_of
from ringtrace.web.who import MISSES, TOLERANCE_MS, WITHIN_MS, Found, Miss, Who

__all__ = ["MISSES", "TOLERANCE_MS", "WITHIN_MS", "Miss", "TakenOutcomes", "check_value", "do_mark_outcome"]
__all__ += ["do_remove_outcome", "do_retry_misses", "do_take_outcomes", "misses_of", "own_call_id"]

_BATCH = 500
_LONGEST = 200
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
    fields = {
        "call": call,
        "contact": None,
        "kind": check_kind(kind),
        "value_cents": check_value(value_cents),
        "at_ms": at_ms,
        "note": note,
        "marked_by": by,
        "how": "call_id",
        "miss": "",
    }
    if not external_id:
        outcome = OutcomeRow.objects.create(company=call.company, **fields)
    else:
        before = OutcomeRow.objects.filter(company=call.company, external_id=external_id).select_related("call").first()
        if before is not None:
            _changed(call.company, [before])
        outcome, _ = OutcomeRow.objects.update_or_create(company=call.company, external_id=external_id, defaults=fields)
    _changed(call.company, [outcome])
    return outcome


@transaction.atomic
def do_remove_outcome(outcome: OutcomeRow) -> None:
    """Takes back what was marked."""
    _changed(outcome.company, [outcome])
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
    and tried again. `newer_only`: messages may come out of order, and what happened earlier changes nothing. Raises
    BadInput for a kind or value that cannot be.
    """
    batch = _Batch(company, told, now_ms)
    counts: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    changed: list[OutcomeRow] = []
    written: dict[str, OutcomeRow] = {}
    gone: list[str] = []
    for one, customer in zip(told, batch.customers, strict=True):
        was = batch.before.get(one.external_id) if one.external_id else None
        if one.removed:
            if was is not None:
                changed.append(was)
                gone.append(batch.before.pop(one.external_id).pk)
                written.pop(was.pk, None)
                counts["removed"] += 1
            continue
        if was is not None and newer_only and one.at_ms < was.at_ms:
            counts["unchanged"] += 1  # told late: what is known is of later
            continue
        row = _row(batch, one, was, customer, system=system, by=by, rates=rates)
        if was is not None and _same(was, row):
            counts["unchanged"] += 1
        else:
            changed += [row, *([was] if was is not None else [])]
            written[row.pk] = row
            counts["taken"] += 1
        if one.external_id:
            batch.before[one.external_id] = row
        if row.miss:
            counts["missed"] += 1
            misses[row.miss] += 1
    OutcomeRow.objects.filter(pk__in=gone).delete()
    write_all(written.values(), "outcome_id", [*_FIELDS, "marked_by"])
    _changed(company, changed)
    do_retry_misses(company, now_ms, customer_ids=batch.joined)
    return TakenOutcomes(**counts, misses=dict(misses))


class _Batch:
    """What a batch of outcomes is matched by, loaded at once."""

    def __init__(self, company: Company, told: Sequence[OutcomeIn], now_ms: int) -> None:
        self.company = company
        self.customers = customers_of(company, [one.person for one in told], now_ms)
        self.before: dict[str, OutcomeRow] = {}
        ids = among([one.external_id for one in told if one.external_id])
        for row in OutcomeRow.objects.filter(company=company, external_id__in=ids).exclude(external_id=""):
            self.before[row.external_id] = row
        own = {own_call_id(company.pk, one.call_id) for one in told if one.call_id}
        self.call_ids = self._ids(CallRow, "call_id", sorted(own))
        said = {one.contact_external_id for one in told if one.contact_external_id}
        self.contacts = self._ids(ContactRow, "external_id", sorted(said))
        self.who = Who(company)
        self.hashes = {e164: phone_hash(company.pk, e164) for one in told if (e164 := one.person.phone_e164)}
        self.who.load(self.hashes.values(), {customer.pk for customer in self.customers if customer})
        known = zip(self.customers, (one.person for one in told), strict=True)
        self.joined = {one.pk for one, who in known if one and who.phone_e164 and (who.email or who.crm_id)}

    def _ids(self, model: type[CallRow] | type[ContactRow], field: str, wanted: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in chunks(wanted):
            rows = model._default_manager.filter(company=self.company, **{f"{field}__in": some})  # noqa: SLF001
            found |= dict(rows.values_list(field, "pk"))
        return found


_SAID = (
    *("call_id", "contact_id", "customer_id", "kind", "value_cents", "said_cents", "currency", "at_ms", "stage"),
    *("is_lost", "note", "system", "caller_hash", "called_ms", "how", "miss"),
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
    customer: Customer | None,
    *,
    system: str,
    by: User | None,
    rates: Mapping[str, float] | None,
) -> OutcomeRow:
    company = batch.company
    caller = batch.hashes[one.person.phone_e164] if one.person.phone_e164 else None
    found = _find_response(batch, one, was, customer, caller)
    rate = rate_of(company, one.currency, rates)
    is_foreign = bool(one.currency) and (one.currency or "").upper() != company.currency
    value = check_value(one.value_cents)
    said: dict[str, Any] = {
        "outcome_id": was.pk if was else outcome_id(),
        "company_id": company.pk,
        "call_id": found.call_id,
        "contact_id": found.contact_id,
        "customer_id": customer.pk if customer else None,
        "kind": check_kind(one.kind),
        "value_cents": None if value is None or rate is None else check_value(round(value * rate)),
        "said_cents": value if is_foreign else None,
        "currency": (one.currency or "").upper() if is_foreign else "",
        "at_ms": one.at_ms,
        "stage": one.stage[:120],
        "is_lost": one.is_lost,
        "note": one.note,
        "system": system,
        "external_id": one.external_id[:_LONGEST],
        "caller_hash": caller,
        "called_ms": one.called_ms,
        "how": found.how,
        "miss": found.miss,
        "marked_by_id": by.pk if by else None,
    }
    return OutcomeRow.from_db("default", _COLUMNS, [said[name] for name in _COLUMNS])


def _find_response(
    batch: _Batch, one: OutcomeIn, was: OutcomeRow | None, customer: Customer | None, caller: str | None
) -> Found:
    """What the outcome came of, by the first that says so: ids, what it came of before, the caller, the person."""
    if one.call_id:
        call_id = batch.call_ids.get(own_call_id(batch.company.pk, one.call_id))
        return Found(call_id=call_id, how="call_id") if call_id else Found(miss=Miss.UNKNOWN_CALL)
    if one.contact_external_id:
        contact_id = batch.contacts.get(one.contact_external_id)
        return Found(contact_id=contact_id, how="contact_id") if contact_id else Found(miss=Miss.UNKNOWN_CONTACT)
    if was is not None and not was.miss and _tells_no_other(one, was, caller):
        return Found(call_id=was.call_id, contact_id=was.contact_id, how=was.how)
    return batch.who.find(customer.pk if customer else None, caller, one.at_ms, one.called_ms)


def _tells_no_other(one: OutcomeIn, was: OutcomeRow, caller: str | None) -> bool:
    """Whether the same outcome, told again, names no other time of its call and no other caller than before."""
    same_time = one.called_ms is None or one.called_ms == was.called_ms
    return same_time and (caller is None or was.caller_hash in (caller, None))


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
    """Tries again to match what matched nothing: of these callers and customers, or of the last 90 days; how many were
    matched. What names a call or contact by an id is not tried: the id is not kept."""
    rows = OutcomeRow.objects.filter(company=company).exclude(miss="").exclude(miss__in=_BY_ID)
    if caller_hashes is None and customer_ids is None:
        waiting = list(rows.filter(at_ms__gte=now_ms - WITHIN_MS))
    else:
        waiting = _waiting_for(company, rows, caller_hashes or (), customer_ids or ())
    who = Who(company)
    who.load({row.caller_hash for row in waiting if row.caller_hash}, {row.customer_id for row in waiting})
    matched, others, times_ms = [], [], []
    for row in waiting:
        found = who.find(row.customer_id, row.caller_hash, row.at_ms, row.called_ms)
        if not found.miss:
            times_ms.append(row.at_ms)
            row.call_id, row.contact_id, row.how, row.miss = found.call_id, found.contact_id, found.how, ""
            matched.append(row)
        elif found.miss != row.miss:
            row.miss = found.miss
            others.append(row)
    OutcomeRow.objects.bulk_update(matched, ["call", "contact", "how", "miss"], batch_size=_BATCH)
    OutcomeRow.objects.bulk_update(others, ["miss"], batch_size=_BATCH)
    mark_stale(company, times_ms)
    _changed(company, matched)
    return len(matched)


def misses_of(company: Company) -> QuerySet[OutcomeRow]:
    """Outcomes that matched nothing, the newest first."""
    return OutcomeRow.objects.filter(company=company).exclude(miss="").order_by("-at_ms", "outcome_id")


def _waiting_for(
    company: Company, rows: QuerySet[OutcomeRow], caller_hashes: Collection[str], customer_ids: Collection[str]
) -> list[OutcomeRow]:
    """The misses of these callers, of whoever is known to have their phones, and of these customers."""
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


def _changed(company: Company, rows: Sequence[OutcomeRow]) -> None:
    """Open call logs show it by themselves; the lake takes the months of the responses again."""
    call_ids = among({row.call_id for row in rows if row.call_id})
    contact_ids = among({row.contact_id for row in rows if row.contact_id})
    calls = CallRow.objects.filter(pk__in=call_ids)
    calls.update(changed_ms=F("changed_ms") + 1)
    times_ms = [*calls.values_list("started_ms", flat=True)]
    times_ms += ContactRow.objects.filter(pk__in=contact_ids).values_list("at_ms", flat=True)
    times_ms += [row.at_ms for row in rows if not row.call_id and not row.contact_id]
    mark_stale(company, times_ms)
