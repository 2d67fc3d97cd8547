"""What the screen pop says of each call on the desk: who calls, what brought them, what was before, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Literal

from django.conf import settings
from django.db.models import Sum
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import meets
from ringtrace.web import access
from ringtrace.web.access import Right
from ringtrace.web.counting import tag_rules_of
from ringtrace.web.lines import CallLine, call_line
from ringtrace.web.models import CallRow, Company, CustomerKey, OutcomeRow, User
from ringtrace.web.pop_hints import hints_of
from ringtrace.web.standing import TagLine, caller_name, tags_of
from ringtrace.web.traits import known_calls

_MOST_CARDS = 12
_MOST_ENDED = 6
_MOST_BEFORE = 5
_MOST_STEPS = 6


class Before(Struct, frozen=True, kw_only=True):
    """An earlier call of the caller. `outcomes`: their kinds."""

    call_id: str
    started_ms: int
    status: str
    disposition: str
    outcomes: tuple[str, ...]


class History(Struct, frozen=True, kw_only=True):
    """What was before with this caller. `calls`: how many this person may see, `before` the newest of them;
    `colleagues`: how many others answered, with when and how the last of them ended. `sale_cents` None: no sale with a
    known value."""

    calls: int
    before: tuple[Before, ...]
    colleagues: int
    last_ms: int | None
    last_disposition: str
    sale_cents: int | None


class Step(Struct, frozen=True, kw_only=True):
    """What the visitor did: tapped a number, or sent a form (`what` is its name)."""

    at_ms: int
    kind: Literal["tap", "form"]
    what: str


class Card(Struct, frozen=True, kw_only=True):
    """One call on the desk. `may_say`: this person may say how it ended; `may_take`: they may say that it is theirs."""

    row: Any
    line: CallLine
    name: str | None
    history: History | None
    visit: Any
    steps: tuple[Step, ...]
    hints: tuple[str, ...]
    tags: tuple[TagLine, ...]
    outcomes: tuple[Any, ...]
    dispositions: tuple[str, ...]
    may_say: bool
    may_take: bool


class Desk(Struct, frozen=True, kw_only=True):
    """`cards`: what this person may see, what rings before the rest; `untaken`: calls that were answered, or ended,
    and that nobody said were theirs, of which they may see no more."""

    cards: tuple[Card, ...]
    untaken: tuple[CallRow, ...]
    hidden: int


def desk_of(user: User, company: Company, now_ms: int) -> Desk:
    """What is on the desk of this person now."""
    under_way = sorted(access.access_ringing(user, company, now_ms), key=lambda row: row.status != "ringing")
    ended = list(access.access_just_ended(user, company, now_ms)[:_MOST_ENDED])
    rows = [*under_way[:_MOST_CARDS], *ended]
    return Desk(
        cards=tuple(_cards(user, company, rows, now_ms)),
        untaken=tuple(access.access_untaken(user, company, now_ms)[:_MOST_ENDED]),
        hidden=max(0, len(under_way) - _MOST_CARDS),
    )


def card_of(user: User, call: CallRow, now_ms: int) -> Card:
    """The card of a call that this person may see."""
    return next(iter(_cards(user, call.company, [call], now_ms)))


def _cards(user: User, company: Company, rows: Sequence[CallRow], now_ms: int) -> list[Card]:
    if not rows:
        return []
    rights = access.rights_of(user, company)
    ids = [row.pk for row in rows]
    own = set(access.access_calls(user, company).filter(pk__in=ids).values_list("pk", flat=True))
    known = {
        one.call_id: one.traits for one in known_calls(CallRow.objects.filter(pk__in=ids), tag_rules_of(company.pk))
    }
    outcomes, names = _outcomes(ids), _names(company, rows)
    steps, hints = _steps(user, company, rows, now_ms), hints_of(company)
    may_see, may_work = Right.SEE_CALLERS in rights, Right.WORK in rights
    return [
        Card(
            row=row,
            line=call_line(row, outcomes[row.pk], may_see=may_see),
            name=(caller_name(row, may_see=may_see) or names.get(row.caller_hash or "")) if may_see else None,
            history=_history(user, company, row),
            visit=row.visit,
            steps=steps[row.visit_id or ""],
            hints=tuple(hint.text for hint, condition in hints if meets(condition, known[row.pk])),
            tags=tuple(tags_of(row, known[row.pk])),
            outcomes=tuple(outcomes[row.pk]),
            dispositions=_dispositions(company, row),
            may_say=may_work and row.pk in own,
            may_take=may_work and not row.agent,
        )
        for row in rows
    ]


def _outcomes(call_ids: Collection[str]) -> defaultdict[str, list[OutcomeRow]]:
    found: defaultdict[str, list[OutcomeRow]] = defaultdict(list)
    for row in OutcomeRow.objects.filter(call__in=call_ids).select_related("marked_by").order_by("at_ms"):
        found[row.call_id or ""].append(row)
    return found


def _names(company: Company, rows: Sequence[CallRow]) -> dict[str, str]:
    """What customers are called, by the hash of their phone."""
    callers = {row.caller_hash for row in rows if row.caller_hash}
    keys = CustomerKey.objects.filter(
        company=company, kind="phone", key__in=callers, customer__name_sealed__isnull=False
    )
    found = {}
    for key, sealed in keys.values_list("key", "customer__name_sealed"):
        try:
            found[key] = str(settings.KEYS.unseal(sealed or "", caller_purpose(company.pk)))
        except BadInput:  # the key this was sealed with is gone
            continue
    return found


def _history(user: User, company: Company, row: CallRow) -> History | None:
    """None where nobody knows who calls."""
    if row.caller_hash is None:
        return None
    earlier = CallRow.objects.filter(company=company, caller_hash=row.caller_hash, started_ms__lt=row.started_ms)
    own = access.access_calls(user, company).filter(pk__in=earlier.values("pk"))
    others = earlier.exclude(pk__in=own.order_by().values("pk"))
    last = others.order_by("-started_ms").first()
    sales = OutcomeRow.objects.filter(call__in=own.order_by().values("pk"), kind=OutcomeKind.SALE.value)
    return History(
        calls=own.count(),
        before=tuple(_before(one) for one in own.prefetch_related("outcomes")[:_MOST_BEFORE]),
        colleagues=others.count(),
        last_ms=last.started_ms if last else None,
        last_disposition=last.disposition if last else "",
        sale_cents=sales.aggregate(whole=Sum("value_cents"))["whole"],
    )


def _before(row: CallRow) -> Before:
    return Before(
        call_id=row.pk,
        started_ms=row.started_ms,
        status=row.status,
        disposition=row.disposition,
        outcomes=tuple(dict.fromkeys(outcome.kind for outcome in row.outcomes.all())),
    )


def _steps(user: User, company: Company, rows: Sequence[CallRow], now_ms: int) -> defaultdict[str, tuple[Step, ...]]:
    """The last things that each visit did, oldest first."""
    taps, forms = access.access_done(user, company, rows, now_ms)
    done: defaultdict[str, list[Step]] = defaultdict(list)
    for tap in taps:
        done[tap.visit_id].append(Step(at_ms=tap.at_ms, kind="tap", what=tap.e164))
    for form in forms:
        done[form.visit_id or ""].append(Step(at_ms=form.at_ms, kind="form", what=form.name))
    found: defaultdict[str, tuple[Step, ...]] = defaultdict(tuple)
    for visit_id, steps in done.items():
        found[visit_id] = tuple(sorted(steps, key=lambda step: step.at_ms)[-_MOST_STEPS:])
    return found


def _dispositions(company: Company, row: CallRow) -> tuple[str, ...]:
    said = (row.disposition,) if row.disposition and row.disposition not in company.dispositions else ()
    return (*company.dispositions, *said)
