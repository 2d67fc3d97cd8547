"""What the marketing cost, day by day and campaign by campaign."""

from __future__ import annotations

from collections import Counter
from datetime import date

from ringtrace.core.clock import HOUR_MS
from ringtrace.demo.town_actions import SpendBooked
from ringtrace.demo.town_hours import Day, days_between, local
from ringtrace.demo.town_stage import Stage
from ringtrace.demo.town_ways import WAYS, Way

_NEWSLETTER_CENTS = 2_500
_FLYER_DROP_CENTS = 45_000
_UNSEEN_CLICKS = 1.1  # clicks that are paid for and never load the page


def book_spend(stage: Stage) -> None:
    """Every whole day of the period: clicks by campaign, newsletters sent, flyers dropped."""
    paid = [way for way in WAYS.values() if way.cost_cents]
    clicks = Counter((visit.source, visit.campaign, local(visit.at_ms).date()) for visit in stage.visits)
    for day in days_between(stage.start_ms, stage.end_ms):
        for way in paid:
            _book_clicks(stage, day, way, way.campaign, clicks[way.source, way.campaign, day.on])
        if sends_newsletter(day.on):
            letter: Way = WAYS["newsletter"]
            _book(stage, day, letter.source, letter.medium, letter.campaign, _NEWSLETTER_CENTS)
        if drops_flyers(day.on):
            _book(stage, day, "flyer", "offline", None, _FLYER_DROP_CENTS)


def book_clicks(stage: Stage, day: Day, way: Way, called: str) -> None:
    """One day of one campaign, by the name that its ads account has for it."""
    seen = sum(visit.campaign == way.campaign and local(visit.at_ms).date() == day.on for visit in stage.visits)
    _book_clicks(stage, day, way, called, seen)


def sends_newsletter(on: date) -> bool:
    """The first and third Tuesday of a month."""
    return on.weekday() == 1 and (on.day <= 7 or 15 <= on.day <= 21)


def drops_flyers(on: date) -> bool:
    """Every third Saturday."""
    return on.weekday() == 5 and on.toordinal() // 7 % 3 == 0


def _book_clicks(stage: Stage, day: Day, way: Way, called: str | None, seen: int) -> None:
    cost = (seen + 0.2) * way.cost_cents * _UNSEEN_CLICKS * stage.chance.around(1, 0.12)
    _book(stage, day, way.source, way.medium, called, round(cost))


def _book(stage: Stage, day: Day, source: str, medium: str, campaign: str | None, cost_cents: int) -> None:
    stage.add(
        SpendBooked(
            at_ms=day.until_ms + 2 * HOUR_MS,
            on_date=day.on,
            source=source,
            medium=medium,
            campaign=campaign,
            cost_cents=cost_cents,
        )
    )
