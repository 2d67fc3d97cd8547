"""Shares conversions over their touches, weighted by how likely each journey is; the rest is said to be unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from ringtrace.attribution.journeys import Journey
from ringtrace.attribution.model import FittedModel, Model
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Source

_ROUNDING = 1e-9


class NoTouch(StrEnum):
    """Why a share of a conversion went to no touch."""

    UNKNOWN = "unknown"  # perhaps no visit made the call
    NO_TOUCHES = "no_touches"  # the journey is known, and nothing of it lies within the lookback


class Credit(Struct, frozen=True, kw_only=True):
    """A share of one conversion. `touch_id` and `source` are None where it went to no touch; `reason` then says why.

    The shares of a conversion sum to one (within 1e-9). `value_cents` is the share of the value, None if that is not
    known.
    """

    conversion_id: str
    model: str
    params: str
    touch_id: str | None
    source: Source | None
    share: float
    value_cents: float | None
    reason: str | None = None


def credit(journeys: Sequence[Journey], model: Model) -> tuple[Credit, ...]:
    """Fits the model on all journeys and credits those that converted, in order of first appearance.

    Raises BadInput if the journeys of one conversion are together likelier than one, or disagree about its value.
    """
    fitted = model.fit(journeys)
    return tuple(one for group in _by_conversion(journeys) for one in _credit_conversion(group, fitted))


def _by_conversion(journeys: Iterable[Journey]) -> Iterable[list[Journey]]:
    groups: dict[str, list[Journey]] = {}
    for journey in journeys:
        if journey.converted:
            groups.setdefault(journey.conversion_id, []).append(journey)
    return groups.values()


def _credit_conversion(group: list[Journey], fitted: FittedModel) -> Iterator[Credit]:
    known = math.fsum(journey.p for journey in group)
    _check(group, known)
    for journey in group:
        yield from _credit_journey(journey, fitted)
    if known < 1.0:
        yield _one(group[0], fitted, 1.0 - known, reason=NoTouch.UNKNOWN)


def _check(group: list[Journey], known: float) -> None:
    if known > 1.0 + _ROUNDING:
        raise BadInput(
            f"The journeys of conversion {group[0].conversion_id} have probabilities that sum to {known}.",
            hint="They share one call: give them posteriors that sum to at most 1.",
        )
    if len({journey.value_cents for journey in group}) > 1:
        raise BadInput(
            f"The journeys of conversion {group[0].conversion_id} disagree about its value.",
            hint="A conversion has one value: give it to each of its journeys.",
        )


def _credit_journey(journey: Journey, fitted: FittedModel) -> Iterator[Credit]:
    if not journey.p:
        return
    if not journey.touches:
        yield _one(journey, fitted, journey.p, reason=NoTouch.NO_TOUCHES)
    for index, share in enumerate(fitted.share(journey)):
        if share:
            yield _one(journey, fitted, journey.p * share, touch=index)


def _one(
    journey: Journey, fitted: FittedModel, share: float, *, touch: int | None = None, reason: NoTouch | None = None
) -> Credit:
    touched = None if touch is None else journey.touches[touch]
    return Credit(
        conversion_id=journey.conversion_id,
        model=fitted.name,
        params=fitted.params,
        touch_id=touched.touch_id if touched else None,
        source=touched.source if touched else None,
        share=share,
        value_cents=None if journey.value_cents is None else journey.value_cents * share,
        reason=reason,
    )
