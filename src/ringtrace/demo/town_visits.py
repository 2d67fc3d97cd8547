"""Visits, and the journeys they make up."""

from __future__ import annotations

from ringtrace.core.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from ringtrace.demo.town_actions import Beat, Dials, PageView, Tap
from ringtrace.demo.town_calls import SERVICE_OF_LANDING, Matter, Number, call_about
from ringtrace.demo.town_hours import BROWSING, some_days_later
from ringtrace.demo.town_people import BOT_AGENT, Person
from ringtrace.demo.town_stage import Stage, Visit
from ringtrace.demo.town_ways import LANDING_PAGES, Way, link, next_way
from ringtrace.demo.truth import ANYWAY, CallerKind, Cause

_BASE = 0.012  # the probability of a call that no visit adds to
_BASE_OF_CUSTOMERS = 0.05
_LONGEST_JOURNEY = 4
_SAME_DAY = 0.35
_REMEMBERS = 0.13
_SLEEPS = 0.06  # of those who call: a locked phone, a call an hour later
_PAGE_OPEN = 0.75  # of those who call soon
_TAPS = {"mobile": 0.62, "tablet": 0.1, "desktop": 0.03}
_IDLE_TAP = 0.008  # taps that lead to no call
_LEFT_OPEN = 0.03
_MORE_PAGES = ((0, 0.62), (1, 0.22), (2, 0.1), (3, 0.06))
_DELAY_SECS = {"/": 140, "/emergency.html": 75, "/water-heaters.html": 220, "/drains.html": 110}


def live_journey(stage: Stage, person: Person, way: Way, at_ms: int) -> None:
    """A person's visits, one after another, and the call they may end with."""
    is_customer = bool(person.browsers) or person.has_phone
    journey = [_visit(stage, person, way, at_ms)]
    while len(journey) < _LONGEST_JOURNEY and stage.chance.happens(journey[-1].way.again):
        last = journey[-1]
        journey.append(_visit(stage, person, next_way(stage.chance, last.way), _comes_back_ms(stage, last)))
    base = _BASE_OF_CUSTOMERS if is_customer else _BASE
    kept = [visit for visit in journey if stage.is_now(visit.at_ms)]
    if kept and stage.chance.happens(base + sum(visit.effect for visit in kept)):
        _call(stage, kept, base)
    for visit in kept:
        _write(stage, visit)


def crawl(stage: Stage, at_ms: int) -> None:
    """A search engine's robot reads a page."""
    stage.add(
        PageView(
            at_ms=at_ms,
            person="robot",
            browser=stage.chance.token(),
            visit=stage.chance.token(),
            url=stage.origin + stage.chance.choice(LANDING_PAGES),
            referrer="",
            user_agent=BOT_AGENT,
            is_first=True,
        )
    )


def _visit(stage: Stage, person: Person, way: Way, at_ms: int) -> Visit:
    chance = stage.chance
    dwell_secs = chance.uniform(1_200, 3_600) if chance.happens(_LEFT_OPEN) else min(1_500, chance.around(45, 1.1))
    return Visit(
        token=chance.token(),
        person=person,
        browser=stage.crowd.browser_of(person),
        way=way,
        link=link(chance, way, stage.origin),
        at_ms=at_ms,
        dwell_ms=round(dwell_secs * SECOND_MS),
    )


def _comes_back_ms(stage: Stage, last: Visit) -> int:
    left_ms = last.at_ms + last.dwell_ms
    if stage.chance.happens(_SAME_DAY):
        return left_ms + 30 * MINUTE_MS + round(stage.chance.expovariate(1 / 2) * HOUR_MS)
    return some_days_later(stage.chance, left_ms, 2.5, BROWSING)


def _call(stage: Stage, journey: list[Visit], base: float) -> None:
    last = journey[-1]
    if stage.chance.happens(_REMEMBERS):
        seen = stage.chance.choice(journey)
        at_ms = some_days_later(stage.chance, last.at_ms + last.dwell_ms, 1.6, BROWSING)
        number, kind = Number(Dials.REMEMBERED, seen.browser.token, seen.token), CallerKind.REMEMBERED
    else:
        at_ms = last.at_ms + _delay_ms(stage, last)
        number, kind = Number(Dials.SHOWN, last.browser.token, last.token), CallerKind.VISIT
        _tap(stage, last, at_ms)
    service = SERVICE_OF_LANDING[last.link.landing]
    call_about(stage, Matter(last.person, service, _causes(journey, base), number), at_ms, kind)


def _delay_ms(stage: Stage, visit: Visit) -> int:
    """From the first sight of the number to the call; the visit's dwell follows it."""
    chance = stage.chance
    if chance.happens(_SLEEPS):
        visit.asleep = True
        return round(chance.uniform(35, 110) * MINUTE_MS)
    delay_ms = round(min(7_200, 8 + chance.around(_DELAY_SECS[visit.link.landing], 0.95)) * SECOND_MS)
    if chance.happens(_PAGE_OPEN):
        visit.dwell_ms = delay_ms + round(chance.uniform(5, 90) * SECOND_MS)
    else:
        visit.dwell_ms = round(delay_ms * chance.uniform(0.2, 0.8))
    return delay_ms


def _tap(stage: Stage, visit: Visit, called_ms: int) -> None:
    can_tap = visit.asleep or visit.at_ms + visit.dwell_ms >= called_ms
    if can_tap and stage.chance.happens(_TAPS[visit.browser.device]):
        at_ms = called_ms - round(stage.chance.uniform(1, 6) * SECOND_MS)
        stage.add(Tap(at_ms=at_ms, browser=visit.browser.token, visit=visit.token))


def _causes(journey: list[Visit], base: float) -> tuple[Cause, ...]:
    total = base + sum(visit.effect for visit in journey)
    anyway = Cause(label=ANYWAY, share=base / total)
    return (anyway, *(Cause(label=v.label, share=v.effect / total, visit=v.token) for v in journey))


def _write(stage: Stage, visit: Visit) -> None:
    stage.add_visit(visit)
    _view(stage, visit, visit.at_ms, visit.link.url, visit.link.referrer, is_first=True)
    awake_ms = min(visit.dwell_ms, 3 * MINUTE_MS) if visit.asleep else visit.dwell_ms
    for _ in range(stage.chance.among(_MORE_PAGES) if awake_ms > 20 * SECOND_MS else 0):
        page = stage.origin + stage.chance.choice(LANDING_PAGES)
        at_ms = visit.at_ms + round(stage.chance.uniform(0.2, 1) * awake_ms)
        _view(stage, visit, at_ms, page, stage.origin + visit.link.landing, is_first=False)
    for after_ms in range(stage.beat_ms, awake_ms, stage.beat_ms):
        stage.add(Beat(at_ms=visit.at_ms + after_ms, browser=visit.browser.token, visit=visit.token))
    if stage.chance.happens(_IDLE_TAP):
        at_ms = visit.at_ms + awake_ms // 2
        stage.add(Tap(at_ms=at_ms, browser=visit.browser.token, visit=visit.token))


def _view(stage: Stage, visit: Visit, at_ms: int, url: str, referrer: str, *, is_first: bool) -> None:
    stage.add(
        PageView(
            at_ms=at_ms,
            person=visit.person.person_id,
            browser=visit.browser.token,
            visit=visit.token,
            url=url,
            referrer=referrer,
            user_agent=visit.browser.user_agent,
            is_first=is_first,
        )
    )
