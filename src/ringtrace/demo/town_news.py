"""What is new in the town: a campaign that began three weeks before the end, so that there is a change to be told.

It comes after the whole life without it, with chance of its own: nothing that was drawn before changes by it.
"""

from __future__ import annotations

from dataclasses import replace

from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import Channel
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_hours import BROWSING, days_between, moment
from ringtrace.demo.town_money import book_clicks
from ringtrace.demo.town_stage import Stage
from ringtrace.demo.town_visits import live_journey
from ringtrace.demo.town_ways import Way

NEW_CAMPAIGN = Way(
    name="google drains",
    channel=Channel.PAID_SEARCH,
    source="google",
    medium="cpc",
    campaign="drain-special",
    keywords=("clogged drain", "drain cleaning near me", "sewer line cleaning"),
    landings=(("/drains.html", 1.0),),
    referrer="https://www.google.com/",
    click_id="gclid",
    tagged=True,
    share=0.0,  # nobody's first visit until it begins
    effect=0.15,
    again=0.1,
    cost_cents=650,
)
ADS_CALL_IT = "Drain Special | Los Angeles"
"""The campaign's name in the ads account, and so in what it cost: not as its links say it."""

_DAYS, _CLICKS_A_DAY = 20, 8.0


def bring_news(stage: Stage, seed: int, scale: float) -> None:
    """The campaign's visits, the calls they end with, and what it cost. After this the stage is not lived on."""
    stage = replace(stage, chance=Chance(f"news of town {seed}"))
    since_ms = max(stage.start_ms, stage.end_ms - _DAYS * DAY_MS)
    for day in days_between(since_ms, stage.end_ms):
        for _ in range(stage.chance.count(_CLICKS_A_DAY * scale * day.busyness)):
            at_ms = moment(stage.chance, day, BROWSING)
            if at_ms >= since_ms:
                live_journey(stage, stage.crowd.newcomer(), NEW_CAMPAIGN, at_ms)
        book_clicks(stage, day, NEW_CAMPAIGN, ADS_CALL_IT)
