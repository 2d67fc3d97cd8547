"""What the plumber's dispatchers say of calls: who answered, how it ended, what it was about, and which were spam.

They say what they heard, and forget some. Invented with chance of its own: nothing else in the town changes by it.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct

from ringtrace.core.outcomes import OutcomeKind
from ringtrace.demo.town import Town
from ringtrace.demo.town_actions import Dial, OutcomeMarked, Scenario
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_hours import local
from ringtrace.demo.truth import CallerKind, TrueCall

EARLY, LATE = "Maya", "Luis"
"""The dispatchers, as calls name them: one has the mornings, the other the rest of the day."""

_LATE_FROM_HOUR = 14
_SWAPPED = 0.15  # one stands in for the other
_TAKES, _SAYS_HOW, _SAYS_WHAT = 0.93, 0.85, 0.6
_CALL_BACK = 0.3  # of the calls nobody answered
_SPAM_MARKED, _SPAM_UNANSWERED_MARKED = 0.95, 0.6
_ASKED_PRICE = 0.09
_WRONG_NUMBER_SECS = 45
_ABOUT = {"drains": "drains", "water heater": "water heater", "emergency": "emergency"}


class SaidOfCall(Struct, frozen=True, kw_only=True):
    """`agent` "": nobody said that they answered; `disposition` "": nobody said how it ended."""

    agent: str = ""
    disposition: str = ""
    tags: tuple[str, ...] = ()
    is_spam: bool = False


def said_of_calls(town: Town) -> dict[str, SaidOfCall]:
    """By the town's own key of the call."""
    dials = {action.call_key: action for action in town.actions if isinstance(action, Dial)}
    came: defaultdict[str, set[OutcomeKind]] = defaultdict(set)
    for action in town.actions:
        if isinstance(action, OutcomeMarked):
            came[action.call_key].add(action.kind)
    return {
        call.call_key: _said(Chance(f"desk {town.truth.seed} {call.call_key}"), call, dial, came[call.call_key])
        for call in town.truth.calls
        if (dial := dials.get(call.call_key)) is not None
    }


def _said(chance: Chance, call: TrueCall, dial: Dial, came: set[OutcomeKind]) -> SaidOfCall:
    is_spam = call.kind is CallerKind.SPAM
    if dial.scenario is not Scenario.ANSWERED:
        if is_spam:
            return SaidOfCall(is_spam=chance.happens(_SPAM_UNANSWERED_MARKED))
        return SaidOfCall(disposition="Call back" if chance.happens(_CALL_BACK) else "")
    agent = _agent(chance, dial) if chance.happens(_TAKES) else ""
    if is_spam:
        return SaidOfCall(agent=agent, is_spam=chance.happens(_SPAM_MARKED))
    how = _how_it_ended(chance, call, dial, came)
    about = _ABOUT.get(call.service or "")
    tags = [about] if about and chance.happens(_SAYS_WHAT) else []
    tags += ["asked the price"] if chance.happens(_ASKED_PRICE) else []
    return SaidOfCall(agent=agent, disposition=how if chance.happens(_SAYS_HOW) else "", tags=tuple(tags))


def _agent(chance: Chance, dial: Dial) -> str:
    is_late = local(dial.at_ms).hour >= _LATE_FROM_HOUR
    return LATE if is_late is not chance.happens(_SWAPPED) else EARLY


def _how_it_ended(chance: Chance, call: TrueCall, dial: Dial, came: set[OutcomeKind]) -> str:
    if call.kind is CallerKind.FOLLOW_UP:
        return "Existing customer"
    if OutcomeKind.APPOINTMENT in came:
        return "Booked"
    if OutcomeKind.LEAD in came:
        return "Quoted" if chance.happens(0.6) else "Call back"
    return "Wrong number" if dial.talk_secs < _WRONG_NUMBER_SECS else "Not interested"
