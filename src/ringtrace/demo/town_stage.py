"""Where the town's life is written down while it is lived."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringtrace.demo.town_actions import Action, Beat, Dial, OutcomeMarked, PageView, SpendBooked, Tap
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_people import Browser, Crowd, Person
from ringtrace.demo.town_ways import Link, Way, effect_of
from ringtrace.demo.truth import TrueCall, TrueVisit

# Of things in the same millisecond, what must come first.
_RANK: dict[type, int] = {PageView: 0, Beat: 1, Tap: 2, Dial: 3, OutcomeMarked: 4, SpendBooked: 5}


@dataclass
class Visit:
    """A visit being lived: `dwell_ms` may still grow until it is written down."""

    token: str
    person: Person
    browser: Browser
    way: Way
    link: Link
    at_ms: int
    dwell_ms: int
    asleep: bool = False  # the tab sleeps: no heartbeats

    @property
    def effect(self) -> float:
        return effect_of(self.way, self.link.landing)

    @property
    def label(self) -> str:
        pair = f"{self.way.source} / {self.way.medium}"
        return f"{pair} · {self.way.campaign}" if self.way.campaign else pair


@dataclass
class Stage:
    """One town in the making. Nothing before `start_ms` or after `end_ms` is kept."""

    chance: Chance
    start_ms: int
    end_ms: int
    origin: str
    beat_ms: int
    ring_timeout_secs: int
    crowd: Crowd
    actions: list[Action] = field(default_factory=list)
    visits: list[TrueVisit] = field(default_factory=list)
    calls: list[TrueCall] = field(default_factory=list)
    calls_made: int = 0

    def is_now(self, at_ms: int) -> bool:
        return self.start_ms <= at_ms < self.end_ms

    def add(self, action: Action) -> None:
        if self.is_now(action.at_ms):
            self.actions.append(action)

    def add_visit(self, visit: Visit) -> None:
        self.visits.append(
            TrueVisit(
                visit=visit.token,
                browser=visit.browser.token,
                person=visit.person.person_id,
                at_ms=visit.at_ms,
                channel=visit.way.channel,
                source=visit.way.source,
                medium=visit.way.medium,
                campaign=visit.way.campaign,
                keyword=visit.link.keyword,
                landing=visit.link.landing,
                device=visit.browser.device,
                effect=visit.effect,
            )
        )

    def next_call_key(self) -> str:
        self.calls_made += 1
        return f"town-{self.calls_made:05d}"

    def in_order(self) -> tuple[Action, ...]:
        return tuple(sorted(self.actions, key=lambda action: (action.at_ms, _RANK[type(action)])))
