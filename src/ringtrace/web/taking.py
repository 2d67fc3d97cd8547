"""Takes a batch of values that come in, whatever they are; one that cannot be taken is told, and holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import transaction
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.intake.port import CallIn, ContactIn, OutcomeIn, Problem, SpendIn, ValueIn
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.imported_calls import do_take_calls
from ringtrace.web.models import Company, ImportRun
from ringtrace.web.outcomes import do_take_outcomes
from ringtrace.web.spend import do_take_spend

_Value = TypeVar("_Value", bound=ValueIn)


class Taken(Struct, frozen=True, kw_only=True):
    """How many were written, were as they were, matched nothing (by why), and were replaced by others (spend)."""

    taken: int = 0
    unchanged: int = 0
    missed: int = 0
    replaced: int = 0
    misses: Mapping[str, int] = {}


def take(
    company: Company,
    values: Sequence[tuple[int, ValueIn]],
    run: ImportRun,
    choices: Any,
    now_ms: int,
    raws: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
) -> tuple[Taken, list[Problem]]:
    """Takes all of a batch by kind, calls and contacts before outcomes; and those that could not be, with why. `raws`:
    the rows of the file as they were read, by line."""
    system, by, rates = run.system, run.by, choices.rates
    takers: tuple[tuple[type, Callable[[list[Any]], Any]], ...] = (
        (CallIn, lambda some: do_take_calls(company, some, now_ms, rates=rates)),
        (ContactIn, lambda some: do_take_contacts(company, some, now_ms, system=system)),
        (OutcomeIn, lambda some: do_take_outcomes(company, some, now_ms, system=system, by=by, rates=rates)),
        (SpendIn, lambda some: do_take_spend(company, some, run, rates=rates, spread=choices.spread)),
    )
    counts: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    refused: list[Problem] = []
    for kind, taker in takers:
        some = [(line, value) for line, value in values if isinstance(value, kind)]
        for taken in _all_or_each(some, taker, refused, raws):
            for name in ("taken", "unchanged", "missed", "replaced"):
                counts[name] += getattr(taken, name, 0)
            misses.update(getattr(taken, "misses", {}))
    return Taken(**counts, misses=dict(misses)), refused


def _all_or_each(
    some: Sequence[tuple[int, Any]],
    taker: Callable[[list[Any]], Any],
    refused: list[Problem],
    raws: Mapping[int, Mapping[str, str]],
) -> list[Any]:
    """All at once; where one is refused, half and half, until it stands alone."""
    if not some:
        return []
    try:
        with transaction.atomic():
            return [taker([value for _, value in some])]
    except BadInput as error:
        if len(some) == 1:
            line = some[0][0]
            refused.append(Problem(line=line, message=str(error.args[0]), hint=error.hint, raw=raws.get(line, {})))
            return []
    half = len(some) // 2
    return _all_or_each(some[:half], taker, refused, raws) + _all_or_each(some[half:], taker, refused, raws)
