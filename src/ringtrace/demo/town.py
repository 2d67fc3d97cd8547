"""Harbor Plumbing, Los Angeles: a simulated business whose truth we know. Pure: the same seed lives the same life."""

from __future__ import annotations

from msgspec import Struct

from ringtrace.core.clock import DAY_MS, SECOND_MS
from ringtrace.demo.town_actions import Action, Dials
from ringtrace.demo.town_calls import SERVICES, Matter, Number, call_about, place_spam
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_hours import BROWSING, OFFICE, TIME_ZONE, URGENT, Day, day_of, days_between, local, moment
from ringtrace.demo.town_money import book_spend, drops_flyers, sends_newsletter
from ringtrace.demo.town_news import bring_news
from ringtrace.demo.town_people import Crowd
from ringtrace.demo.town_stage import Stage
from ringtrace.demo.town_visits import crawl, live_journey
from ringtrace.demo.town_ways import FIRST_WAYS, LANDING_PAGES, ORIGIN, WAYS
from ringtrace.demo.truth import CallerKind, Cause, Truth

_VISITS_PER_JOURNEY = 1.36  # of those below, counted
_CUSTOMERS_RETURN = {"direct": 0.35, "google brand": 0.3}
_NEWSLETTER_READERS, _LATE_READERS = 14, 4
_VAN_CALLS, _FLYER_CALLS, _FLYER_CALLS_AFTER_DROP, _PASTED_CALLS = 1.1, 0.25, 2.0, 0.4  # a day
_SWEEPS, _ROBOTS = 0.22, 3.0  # a day
_ANONYMOUS_SWEEPS = 0.4
_PASTED_INDEX = 3
_PASTED_AFTER = 0.15  # of the period
_FLYER_DAYS = 4


class Business(Struct, frozen=True, kw_only=True):
    """Who the town's calls are for."""

    name: str = "Harbor Plumbing"
    time_zone: str = TIME_ZONE
    currency: str = "USD"
    origin: str = ORIGIN
    landing_pages: tuple[str, ...] = LANDING_PAGES
    statics: tuple[str, ...] = ("van", "flyer")


class Town(Struct, frozen=True, kw_only=True):
    """A life lived: what happens, in order, and apart from it the truth."""

    business: Business
    actions: tuple[Action, ...]
    truth: Truth


def simulate(
    seed: int,
    end_ms: int,
    days: int = 90,
    *,
    visits_per_day: float = 70.0,
    origin: str = ORIGIN,
    beat_secs: int = 60,
    ring_timeout_secs: int = 20,
    news: bool = False,
) -> Town:
    """The `days` before `end_ms`. `origin` is where the site's pages stand; calls grow with `visits_per_day`. `news`:
    with the campaign that is new, and all else the same."""
    chance = Chance(seed)
    stage = Stage(
        chance=chance,
        start_ms=end_ms - days * DAY_MS,
        end_ms=end_ms,
        origin=origin,
        beat_ms=beat_secs * SECOND_MS,
        ring_timeout_secs=ring_timeout_secs,
        crowd=Crowd(chance),
    )
    for day in days_between(stage.start_ms, end_ms):
        _live_day(stage, day, visits_per_day)
    book_spend(stage)
    if news:
        bring_news(stage, seed, visits_per_day / 70.0)
    return Town(business=Business(origin=origin), actions=stage.in_order(), truth=_truth(stage, seed))


def _truth(stage: Stage, seed: int) -> Truth:
    return Truth(
        seed=seed,
        start_ms=stage.start_ms,
        end_ms=stage.end_ms,
        visits=tuple(sorted(stage.visits, key=lambda visit: visit.at_ms)),
        calls=tuple(sorted(stage.calls, key=lambda call: call.at_ms)),
    )


def _live_day(stage: Stage, day: Day, visits_per_day: float) -> None:
    scale = visits_per_day / 70.0
    _browse(stage, day, visits_per_day / _VISITS_PER_JOURNEY)
    _read_newsletter(stage, day, scale)
    _call_printed_numbers(stage, day, scale)
    _call_pasted_number(stage, day, scale)
    for _ in range(stage.chance.count(_SWEEPS)):
        _sweep(stage, day)
    for _ in range(stage.chance.count(_ROBOTS)):
        crawl(stage, moment(stage.chance, day, BROWSING))


def _browse(stage: Stage, day: Day, journeys: float) -> None:
    for _ in range(stage.chance.count(journeys * day.busyness)):
        way = stage.chance.among(FIRST_WAYS)
        person = stage.crowd.someone(_CUSTOMERS_RETURN.get(way.name, 0.02))
        hours = URGENT if way.campaign == "emergency" else BROWSING
        live_journey(stage, person, way, moment(stage.chance, day, hours))


def _read_newsletter(stage: Stage, day: Day, scale: float) -> None:
    yesterday = day_of(local(day.from_ms - 1).date())
    readers = _NEWSLETTER_READERS if sends_newsletter(day.on) else 0
    readers += _LATE_READERS if sends_newsletter(yesterday.on) else 0
    for _ in range(stage.chance.count(readers * scale)):
        person = stage.crowd.someone(0.9)
        live_journey(stage, person, WAYS["newsletter"], moment(stage.chance, day, BROWSING))


def _call_printed_numbers(stage: Stage, day: Day, scale: float) -> None:
    after_drop = any(drops_flyers(local(day.from_ms - back * DAY_MS).date()) for back in range(_FLYER_DAYS))
    calls = {"van": _VAN_CALLS, "flyer": _FLYER_CALLS_AFTER_DROP if after_drop else _FLYER_CALLS}
    for static, mean in calls.items():
        for _ in range(stage.chance.count(mean * scale * day.busyness)):
            cause = Cause(label=f"{static} / offline", share=1.0)
            _call_unseen(stage, day, Number(Dials.STATIC, static=static), CallerKind.STATIC, cause)


def _call_pasted_number(stage: Stage, day: Day, scale: float) -> None:
    if day.from_ms < stage.start_ms + _PASTED_AFTER * (stage.end_ms - stage.start_ms):
        return
    for _ in range(stage.chance.count(_PASTED_CALLS * scale)):
        cause = Cause(label="a page the number was copied to", share=1.0)
        _call_unseen(stage, day, Number(Dials.PASTED, pool_index=_PASTED_INDEX), CallerKind.PASTED, cause)


def _call_unseen(stage: Stage, day: Day, number: Number, kind: CallerKind, cause: Cause) -> None:
    """Somebody calls who never saw the site."""
    service = stage.chance.among(SERVICES)
    matter = Matter(stage.crowd.newcomer(), service, (cause,), number)
    call_about(stage, matter, moment(stage.chance, day, URGENT if kind is CallerKind.PASTED else OFFICE), kind)


def _sweep(stage: Stage, day: Day) -> None:
    """A spammer tries several numbers in a row, from one number or none."""
    chance = stage.chance
    at_ms = moment(chance, day, OFFICE)
    caller = None if chance.happens(_ANONYMOUS_SWEEPS) else stage.crowd.spam_phone()
    for _ in range(chance.randint(2, 7)):
        place_spam(stage, at_ms, caller, chance.randrange(1_000))
        at_ms += round(chance.uniform(40, 400) * SECOND_MS)
