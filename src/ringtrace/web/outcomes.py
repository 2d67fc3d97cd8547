"""What came of calls and contacts: marked by hand, or told by another system and matched to the call it came of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.core.errors import BadInput
from ringtrace.core.ids import derived_id
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.outcomes import check_kind
from ringtrace.intake.port import OutcomeIn
from ringtrace.web.customers import calls_of, chunks, customers_of, phone_hash
from ringtrace.web.models import CallRow, Company, ContactRow, Customer, OutcomeRow, User
from ringtrace.web.months import mark_stale
from ringtrace.web.rates import rate_of

TOLERANCE_MS = 30 * MINUTE_MS
"""How far from the time that was told a call of the caller may have begun."""

WITHIN_MS = 90 * DAY_MS
"""How long before an outcome the call lies that it came of, where only who called is known."""

_SKEW_MS = 5 * MINUTE_MS
_LONGEST = 200


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


class TakenOutcomes(Struct, frozen=True, kw_only=True):
    """How many outcomes were written, were as they were, were taken back, and matched nothing; the last by why."""

    taken: int = 0
    unchanged: int = 0
    removed: int = 0
    missed: int = 0
    misses: Mapping[str, int] = {}


class _Found(Struct, frozen=True, kw_only=True):
    """What an outcome came of, and how that was found; or why it was not."""

    call_id: str | None = None
    contact_id: str | None = None
    how: str = ""
    miss: str = ""


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
    OutcomeRow.objects.bulk_create(
        written.values(), update_conflicts=True, unique_fields=["outcome_id"], update_fields=[*_FIELDS, "marked_by"]
    )
    _changed(company, changed)
    return TakenOutcomes(**counts, misses=dict(misses))


class _Batch:
    """What a batch of outcomes is matched by, loaded at once."""

    def __init__(self, company: Company, told: Sequence[OutcomeIn], now_ms: int) -> None:
        self.company = company
        self.customers = customers_of(company, [one.person for one in told], now_ms)
        self.before: dict[str, OutcomeRow] = {}
        for some in chunks([one.external_id for one in told if one.external_id]):
            rows = OutcomeRow.objects.filter(company=company, external_id__in=some)
            self.before |= {row.external_id: row for row in rows}
        own = {own_call_id(company.pk, one.call_id) for one in told if one.call_id}
        self.call_ids = self._ids(CallRow, "call_id", sorted(own))
        said = {one.contact_external_id for one in told if one.contact_external_id}
        self.contacts = self._ids(ContactRow, "external_id", sorted(said))
        self.callers = self._callers({one.person.phone_e164 for one in told if one.person.phone_e164})

    def _ids(self, model: type[CallRow] | type[ContactRow], field: str, wanted: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in chunks(wanted):
            rows = model._default_manager.filter(company=self.company, **{f"{field}__in": some})  # noqa: SLF001
            found |= dict(rows.values_list(field, "pk"))
        return found

    def _callers(self, phones: set[str]) -> dict[str, list[tuple[int, str]]]:
        """By caller's hash: when they called, and the calls; in order."""
        calls: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for some in chunks(sorted(phone_hash(self.company.pk, phone) for phone in phones)):
            rows = CallRow.objects.filter(company=self.company, caller_hash__in=some).order_by("started_ms", "call_id")
            for caller, started_ms, call_id in rows.values_list("caller_hash", "started_ms", "call_id"):
                calls[caller or ""].append((started_ms, call_id))
        return calls


_SAID = (
    *("call_id", "contact_id", "customer_id", "kind", "value_cents", "said_cents", "currency", "at_ms", "stage"),
    *("is_lost", "note", "system", "caller_hash", "called_ms", "how", "miss"),
)


_FIELDS = tuple(
    name.removesuffix("_id") if name in ("call_id", "contact_id", "customer_id") else name for name in _SAID
)


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
    caller = phone_hash(company.pk, one.person.phone_e164) if one.person.phone_e164 else None
    found = _find_response(batch, one, was, customer, caller)
    rate = rate_of(company, one.currency, rates)
    is_foreign = bool(one.currency) and (one.currency or "").upper() != company.currency
    value = check_value(one.value_cents)
    own = {} if was is None else {"outcome_id": was.pk}
    return OutcomeRow(
        **own,
        company=company,
        call_id=found.call_id,
        contact_id=found.contact_id,
        customer=customer,
        kind=check_kind(one.kind),
        value_cents=None if value is None or rate is None else check_value(round(value * rate)),
        said_cents=value if is_foreign else None,
        currency=(one.currency or "").upper() if is_foreign else "",
        at_ms=one.at_ms,
        stage=one.stage[:120],
        is_lost=one.is_lost,
        note=one.note,
        system=system,
        external_id=one.external_id[:_LONGEST],
        caller_hash=caller,
        called_ms=one.called_ms,
        how=found.how,
        miss=found.miss,
        marked_by=by,
    )


def _find_response(
    batch: _Batch, one: OutcomeIn, was: OutcomeRow | None, customer: Customer | None, caller: str | None
) -> _Found:
    """What the outcome came of, by the first that says so: ids, what it came of before, the caller, the person."""
    if one.call_id:
        call_id = batch.call_ids.get(own_call_id(batch.company.pk, one.call_id))
        return _Found(call_id=call_id, how="call_id") if call_id else _Found(miss=Miss.UNKNOWN_CALL)
    if one.contact_external_id:
        contact_id = batch.contacts.get(one.contact_external_id)
        return _Found(contact_id=contact_id, how="contact_id") if contact_id else _Found(miss=Miss.UNKNOWN_CONTACT)
    if was is not None and not was.miss and (one.called_ms is None or one.called_ms == was.called_ms):
        return _Found(call_id=was.call_id, contact_id=was.contact_id, how=was.how)
    return _by_who(batch.company, batch.callers.get(caller or "", []), customer, caller, one.at_ms, one.called_ms)


def own_call_id(company_id: str, call_id: str) -> str:
    """Ours; of an imported call, named `system:its id there`, the id that it has here."""
    system, _, external_id = call_id.partition(":")
    return derived_id("call", company_id, system, external_id) if external_id else call_id


def _by_who(
    company: Company,
    calls: Sequence[tuple[int, str]],
    customer: Customer | None,
    caller: str | None,
    at_ms: int,
    called_ms: int | None,
) -> _Found:
    """By the caller's own calls, else by the person."""
    found = _by_caller(calls, at_ms, called_ms) if caller else _Found(miss=Miss.NOBODY)
    if found.miss and customer is not None:
        by_person = _by_person(company, customer, called_ms or at_ms)
        return by_person if not by_person.miss or not caller else found
    return found


def _by_caller(calls: Sequence[tuple[int, str]], at_ms: int, called_ms: int | None) -> _Found:
    """The caller's call that began closest to the time told, within TOLERANCE_MS; or, where none was told, their last
    before the outcome, within WITHIN_MS."""
    best: tuple[int, str] | None
    if called_ms is not None:
        near = (call for call in calls if abs(call[0] - called_ms) <= TOLERANCE_MS)
        best = min(near, key=lambda call: (abs(call[0] - called_ms), call[1]), default=None)
    else:
        best = max((call for call in calls if at_ms - WITHIN_MS <= call[0] <= at_ms + _SKEW_MS), default=None)
    if best is not None:
        return _Found(call_id=best[1], how="caller_time")
    return _Found(miss=Miss.NONE_NEAR if calls else Miss.NO_SUCH_CALLER)


def _by_person(company: Company, customer: Customer, at_ms: int) -> _Found:
    """The person's last call or contact before the outcome, within WITHIN_MS."""
    limits = (at_ms - WITHIN_MS, at_ms + _SKEW_MS)
    calls = calls_of(company, [customer.pk]).filter(started_ms__range=limits)
    call = calls.order_by("-started_ms", "call_id").values_list("started_ms", "call_id").first()
    contacts = ContactRow.objects.filter(company=company, customer=customer, at_ms__range=limits)
    contact = contacts.order_by("-at_ms", "contact_id").values_list("at_ms", "contact_id").first()
    if call is not None and (contact is None or call[0] >= contact[0]):
        return _Found(call_id=call[1], how="person")
    if contact is not None:
        return _Found(contact_id=contact[1], how="person")
    return _Found(miss=Miss.UNKNOWN_PERSON)


@transaction.atomic
def do_retry_misses(company: Company, now_ms: int, *, caller_hashes: Iterable[str] | None = None) -> int:
    """Tries again to match what matched nothing: of these callers, or of the last 90 days. How many were matched."""
    rows = OutcomeRow.objects.filter(company=company).exclude(miss="").select_related("customer")
    if caller_hashes is not None:
        rows = rows.filter(caller_hash__in=list(caller_hashes))
    else:
        rows = rows.filter(at_ms__gte=now_ms - WITHIN_MS)
    matched = []
    for row in rows.exclude(miss__in=(Miss.UNKNOWN_CALL, Miss.UNKNOWN_CONTACT)):  # what id was told is not kept
        calls = CallRow.objects.filter(company=company, caller_hash=row.caller_hash) if row.caller_hash else None
        called = [] if calls is None else list(calls.values_list("started_ms", "call_id"))
        found = _by_who(company, called, row.customer, row.caller_hash, row.at_ms, row.called_ms)
        if not found.miss:
            mark_stale(company, [row.at_ms])
            row.call_id, row.contact_id, row.how, row.miss = found.call_id, found.contact_id, found.how, ""
            matched.append(row)
        elif found.miss != row.miss:
            OutcomeRow.objects.filter(pk=row.pk).update(miss=found.miss)
    OutcomeRow.objects.bulk_update(matched, ["call", "contact", "how", "miss"])
    _changed(company, matched)
    return len(matched)


def _changed(company: Company, rows: Sequence[OutcomeRow]) -> None:
    """Open call logs show it by themselves; the lake takes the months of the responses again."""
    call_ids = {row.call_id for row in rows if row.call_id}
    contact_ids = {row.contact_id for row in rows if row.contact_id}
    CallRow.objects.filter(pk__in=call_ids).update(changed_ms=F("changed_ms") + 1)
    times_ms: dict[str, list[int]] = defaultdict(list)
    times_ms["calls"] += CallRow.objects.filter(pk__in=call_ids).values_list("started_ms", flat=True)
    times_ms["contacts"] += ContactRow.objects.filter(pk__in=contact_ids).values_list("at_ms", flat=True)
    times_ms["alone"] += [row.at_ms for row in rows if not row.call_id and not row.contact_id]
    mark_stale(company, [at_ms for of_kind in times_ms.values() for at_ms in of_kind])
