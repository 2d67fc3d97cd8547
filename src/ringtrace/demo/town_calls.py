"""Calls: who answers, who rings again, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.demo.town_actions import Dial, Dials, OutcomeMarked, Scenario
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_hours import OFFICE, local, some_days_later
from ringtrace.demo.town_people import Person
from ringtrace.demo.town_stage import Stage
from ringtrace.demo.truth import ANYWAY, CallerKind, Cause, TrueCall

SERVICE_OF_LANDING = {
    "/": "general",
    "/emergency.html": "emergency",
    "/water-heaters.html": "water heater",
    "/drains.html": "drains",
}
SERVICES = (("general", 0.4), ("drains", 0.3), ("emergency", 0.2), ("water heater", 0.1))
_REVENUE_CENTS = {"general": 31_000, "emergency": 46_000, "water heater": 192_000, "drains": 27_500}

_LEAD, _APPOINTMENT, _SALE = 0.78, 0.66, 0.72  # each of those before it
_NO_SHOW, _REFUND = 0.35, 0.04  # of appointments without a sale; of sales
_REDIAL_SOON, _REDIAL_NEXT_DAY, _FOLLOW_UP, _SAVED = 0.45, 0.2, 0.16, 0.1
_MOST_TRIES = 3
_RINGING_OUT = 0.06  # callers who hang up first
_BUSY = 0.02


@dataclass(frozen=True)
class Number:
    """How the caller knows the number."""

    dials: Dials
    browser: str | None = None
    visit: str | None = None
    static: str | None = None
    pool_index: int | None = None


@dataclass(frozen=True)
class Matter:
    """What somebody calls about; a call and its repeats share one."""

    person: Person
    service: str
    causes: tuple[Cause, ...]
    number: Number
    first_key: str | None = None


@dataclass(frozen=True)
class Ringing:
    scenario: Scenario
    ring_secs: float
    talk_secs: float = 0.0

    @property
    def secs(self) -> float:
        return self.ring_secs + self.talk_secs


def call_about(stage: Stage, matter: Matter, at_ms: int, kind: CallerKind) -> None:
    """A call and all that follows from it: tries again, outcomes, a later question, a later job."""
    for attempt in range(_MOST_TRIES):
        if not stage.is_now(at_ms):
            return
        ringing = _ring(stage, at_ms)
        matter = _dial(stage, matter, at_ms, kind if attempt == 0 else CallerKind.REDIAL, ringing)
        ended_ms = at_ms + round(ringing.secs * SECOND_MS)
        if ringing.scenario is Scenario.ANSWERED:
            _served(stage, matter, ended_ms)
            return
        again_ms = _tries_again(stage, ended_ms)
        if again_ms is None:
            return
        if again_ms > ended_ms + HOUR_MS:
            matter = _remembering(matter)
        at_ms = again_ms


def place_spam(stage: Stage, at_ms: int, caller_e164: str | None, pool_index: int) -> None:
    """One call of a sweep: short, about nothing."""
    if not stage.is_now(at_ms):
        return
    ringing = _ring(stage, at_ms)
    if ringing.scenario is Scenario.ANSWERED:
        ringing = Ringing(Scenario.ANSWERED, ringing.ring_secs, round(stage.chance.uniform(2, 14), 1))
    key = stage.next_call_key()
    number = Number(Dials.SPAM, pool_index=pool_index)
    stage.add(_dial_action(key, at_ms, caller_e164, number, ringing))
    causes = (Cause(label="spam", share=1.0),)
    stage.calls.append(
        TrueCall(call_key=key, at_ms=at_ms, kind=CallerKind.SPAM, person=None, visit=None, causes=causes)
    )


def _ring(stage: Stage, at_ms: int) -> Ringing:
    chance = stage.chance
    if chance.happens(_BUSY):
        return Ringing(Scenario.BUSY, 1.0)
    if chance.happens(_RINGING_OUT):
        return Ringing(Scenario.HANGS_UP, round(chance.uniform(2, 15), 1))
    if chance.happens(_answer_rate(at_ms)):
        return Ringing(
            Scenario.ANSWERED, round(min(chance.around(7, 0.5), 18), 1), round(min(chance.around(150, 0.8), 1_800), 1)
        )
    return Ringing(Scenario.NO_ANSWER, float(stage.ring_timeout_secs))


def _answer_rate(at_ms: int) -> float:
    at = local(at_ms)
    if at.weekday() == 6:
        return 0.55 if 9 <= at.hour < 17 else 0.2
    if 7 <= at.hour < (16 if at.weekday() == 5 else 19):
        return 0.92
    return 0.5 if 19 <= at.hour < 22 else 0.2


def _dial(stage: Stage, matter: Matter, at_ms: int, kind: CallerKind, ringing: Ringing) -> Matter:
    """Places the call; the matter comes back knowing its first call."""
    key = stage.next_call_key()
    stage.add(_dial_action(key, at_ms, stage.crowd.phone_of(matter.person), matter.number, ringing))
    stage.calls.append(
        TrueCall(
            call_key=key,
            at_ms=at_ms,
            kind=kind,
            person=matter.person.person_id,
            visit=matter.number.visit,
            causes=matter.causes,
            repeat_of=matter.first_key,
            service=matter.service,
        )
    )
    return Matter(matter.person, matter.service, matter.causes, matter.number, matter.first_key or key)


def _dial_action(key: str, at_ms: int, caller_e164: str | None, number: Number, ringing: Ringing) -> Dial:
    return Dial(
        at_ms=at_ms,
        call_key=key,
        caller_e164=caller_e164,
        dials=number.dials,
        browser=number.browser,
        visit=number.visit,
        static=number.static,
        pool_index=number.pool_index,
        scenario=ringing.scenario,
        ring_secs=ringing.ring_secs,
        talk_secs=ringing.talk_secs,
    )


def _tries_again(stage: Stage, ended_ms: int) -> int | None:
    if stage.chance.happens(_REDIAL_SOON):
        return ended_ms + round(stage.chance.around(150, 0.9) * SECOND_MS) + 10 * SECOND_MS
    if stage.chance.happens(_REDIAL_NEXT_DAY):
        return some_days_later(stage.chance, ended_ms, 0.6, OFFICE)
    return None


def _served(stage: Stage, matter: Matter, ended_ms: int) -> None:
    """An answered call: what the business notes, and whether the customer rings once more."""
    if matter.person not in stage.crowd.customers:
        stage.crowd.customers.append(matter.person)
    answered_key = stage.calls[-1].call_key
    is_customer = _note_outcomes(stage, answered_key, matter.service, ended_ms)
    if stage.chance.happens(_FOLLOW_UP):
        at_ms = some_days_later(stage.chance, ended_ms, 2.0, OFFICE)
        if stage.is_now(at_ms):
            _dial(stage, _remembering(matter), at_ms, CallerKind.FOLLOW_UP, _ring(stage, at_ms))
    if is_customer and stage.chance.happens(_SAVED):
        _call_from_contacts(stage, matter, ended_ms)


def _note_outcomes(stage: Stage, key: str, service: str, ended_ms: int) -> bool:
    chance = stage.chance
    at_ms = ended_ms + round(chance.uniform(1, 6) * MINUTE_MS)
    if not chance.happens(_LEAD):
        return False
    stage.add(OutcomeMarked(at_ms=at_ms, call_key=key, kind=OutcomeKind.LEAD, value_cents=None))
    if not chance.happens(_APPOINTMENT):
        return False
    stage.add(OutcomeMarked(at_ms=at_ms + 1, call_key=key, kind=OutcomeKind.APPOINTMENT, value_cents=None))
    aside = Chance(key)  # of its own: what is drawn here changes nothing else in the town
    if not chance.happens(_SALE):
        _note_no_sale(stage, aside, key, service, ended_ms)
        return False
    value_cents = round(chance.around(_REVENUE_CENTS[service], 0.55) / 500) * 500
    sold_ms = some_days_later(chance, ended_ms, 1.5, OFFICE)
    stage.add(OutcomeMarked(at_ms=sold_ms - 1, call_key=key, kind=OutcomeKind.SHOW, value_cents=None))
    stage.add(OutcomeMarked(at_ms=sold_ms, call_key=key, kind=OutcomeKind.SALE, value_cents=value_cents))
    if aside.happens(_REFUND):
        back_cents = round(value_cents * aside.uniform(0.1, 0.6) / 500) * 500
        at_ms = some_days_later(aside, sold_ms, 5, OFFICE)
        stage.add(OutcomeMarked(at_ms=at_ms, call_key=key, kind=OutcomeKind.REFUND, value_cents=back_cents))
    return True


def _note_no_sale(stage: Stage, aside: Chance, key: str, service: str, ended_ms: int) -> None:
    """Nobody was there, or somebody was and has a quote to think about."""
    at_ms = some_days_later(aside, ended_ms, 1.5, OFFICE)
    if aside.happens(_NO_SHOW):
        stage.add(OutcomeMarked(at_ms=at_ms, call_key=key, kind=OutcomeKind.NO_SHOW, value_cents=None))
        return
    stage.add(OutcomeMarked(at_ms=at_ms, call_key=key, kind=OutcomeKind.SHOW, value_cents=None))
    quote_cents = round(aside.around(_REVENUE_CENTS[service], 0.4) / 500) * 500
    stage.add(OutcomeMarked(at_ms=at_ms + 1, call_key=key, kind=OutcomeKind.OPPORTUNITY, value_cents=quote_cents))


def _call_from_contacts(stage: Stage, matter: Matter, ended_ms: int) -> None:
    """A new need, weeks later, from the number saved then. Nothing but the good job caused it."""
    at_ms = some_days_later(stage.chance, ended_ms + 14 * DAY_MS, 14, OFFICE)
    again = _remembering(matter)
    causes = (Cause(label=ANYWAY, share=1.0),)
    call_about(stage, Matter(matter.person, "general", causes, again.number), at_ms, CallerKind.SAVED)


def _remembering(matter: Matter) -> Matter:
    number = matter.number
    if number.dials is Dials.SHOWN:
        number = Number(Dials.REMEMBERED, number.browser, number.visit)
    return Matter(matter.person, matter.service, matter.causes, number, matter.first_key)
