"""Plays a town through a real edge, at the town's own time: every visit, beat, tap and ring is a request to its doors.

Nothing is written to any store from here. The player sees only what a browser or a phone would: the numbers that
the edge answered with.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, groupby

import msgspec
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, SetClock
from ringtrace.core.ids import derived_id
from ringtrace.demo.town import Town
from ringtrace.demo.town_actions import Action, Beat, Dial, Dials, OutcomeMarked, PageView, Scenario, SpendBooked, Tap
from ringtrace.edge.inprocess import Answered as Reply
from ringtrace.edge.inprocess import InProcess
from ringtrace.telephony.simulator import (
    Answered,
    Busy,
    CallerHangsUp,
    CallScript,
    NoAnswer,
    Simulator,
    TimedRequest,
)
from ringtrace.telephony.simulator import Scenario as Course


class TownLine(Struct, frozen=True, kw_only=True):
    """How the town's phones reach the edge, and which numbers there are."""

    simulator: Simulator
    public_url: str
    connection_id: str
    secret: str
    site_id: str
    site_key: str
    pool: Sequence[str]
    statics: Mapping[str, str]

    def __repr__(self) -> str:
        return f"TownLine({self.connection_id})"


class DayPlayed(Struct, frozen=True, kw_only=True):
    """What the business noted by the end of a day: to be marked once the worker has taken the day's calls."""

    day: int
    outcomes: tuple[OutcomeMarked, ...]
    spend: tuple[SpendBooked, ...]


class Player:
    """One town's life at one edge. Days in order; after each, `call_ids` knows its calls by the town's keys.

    `untracked`: calls that dialled the printed number, because their visit was shown no other.
    `visit_ids`: the house's ids of the town's visits, by token.
    """

    def __init__(self, town: Town, edge: InProcess, clock: SetClock, line: TownLine) -> None:
        self._town = town
        self._edge = edge
        self._clock = clock
        self._line = line
        self._shown: dict[str, str] = {}
        self._due: list[tuple[int, int, TimedRequest]] = []
        self._order = count()
        self.call_ids: dict[str, str] = {}
        self.visit_ids: dict[str, str] = {}
        self.untracked: set[str] = set()

    def days(self) -> Iterator[tuple[int, list[Action]]]:
        start_ms = self._town.truth.start_ms
        for day, actions in groupby(self._town.actions, lambda action: (action.at_ms - start_ms) // DAY_MS):
            yield day, list(actions)

    async def play_day(self, day: int, actions: Sequence[Action]) -> DayPlayed:
        for action in actions:
            await self._report_until(action.at_ms)
            self._clock.now_ms = max(self._clock.now_ms, action.at_ms)
            await self._act(action)
        return DayPlayed(
            day=day,
            outcomes=tuple(action for action in actions if isinstance(action, OutcomeMarked)),
            spend=tuple(action for action in actions if isinstance(action, SpendBooked)),
        )

    async def finish(self) -> None:
        """Lets the calls that are still under way come to their end."""
        await self._report_until(None)

    async def _act(self, action: Action) -> None:
        if isinstance(action, PageView):
            await self._view(action)
        elif isinstance(action, Beat):
            await self._sign("/v1/beat", action, None)
        elif isinstance(action, Tap):
            await self._sign("/v1/click", action, self._shown.get(action.visit))
        elif isinstance(action, Dial):
            await self._dial(action)

    async def _view(self, view: PageView) -> None:
        body = {
            "v": 1,
            "site": self._line.site_key,
            "visitor": view.browser,
            "visit": view.visit,
            "url": view.url,
            "referrer": view.referrer,
            "new": view.is_first,
        }
        headers = {"user-agent": view.user_agent, "accept-language": "en", "origin": self._town.business.origin}
        reply = await self._edge.post("/v1/visit", msgspec.json.encode(body), headers, address=view.browser)
        self._remember(view.visit, reply)

    async def _sign(self, door: str, sign: Beat | Tap, number: str | None) -> None:
        body = {
            "v": 1,
            "site": self._line.site_key,
            "visitor": sign.browser,
            "visit": sign.visit,
            "number": number,
        }
        headers = {"origin": self._town.business.origin}
        await self._edge.post(door, msgspec.json.encode(body), headers, address=sign.browser)

    def _remember(self, visit: str, reply: Reply) -> None:
        swaps = msgspec.json.decode(reply.body).get("swaps", []) if reply.status == 200 else []
        self.visit_ids[visit] = derived_id("visit", self._line.site_id, visit)
        if swaps:
            self._shown[visit] = swaps[0]["number"]

    async def _dial(self, dial: Dial) -> None:
        called = self._digits(dial)
        if called is None:
            self.untracked.add(dial.call_key)
            return
        script = CallScript(
            key=dial.call_key,
            started_ms=dial.at_ms,
            public_url=self._line.public_url,
            connection_id=self._line.connection_id,
            secret=self._line.secret,
            called=called,
            caller=dial.caller_e164,
            scenario=_course(dial),
        )
        reply = await self._send(self._line.simulator.inbound(script))
        call_id = self._line.simulator.read_call_id(reply.body)
        if call_id is None:
            raise RuntimeError(f"the edge did not take the town's call: {reply.status} {reply.reason}")
        self.call_ids[dial.call_key] = call_id
        for request in self._line.simulator.reports(script, reply.body):
            heapq.heappush(self._due, (dial.at_ms + request.offset_ms, next(self._order), request))

    def _digits(self, dial: Dial) -> str | None:
        if dial.dials in (Dials.SHOWN, Dials.REMEMBERED):
            return self._shown.get(dial.visit or "")
        if dial.dials is Dials.STATIC:
            return self._line.statics[dial.static or ""]
        return self._line.pool[(dial.pool_index or 0) % len(self._line.pool)]

    async def _report_until(self, until_ms: int | None) -> None:
        while self._due and (until_ms is None or self._due[0][0] <= until_ms):
            at_ms, _, request = heapq.heappop(self._due)
            self._clock.now_ms = max(self._clock.now_ms, at_ms)
            await self._send(request)

    async def _send(self, request: TimedRequest) -> Reply:
        return await self._edge.post(request.target, request.body, request.headers)


def _course(dial: Dial) -> Course:
    if dial.scenario is Scenario.ANSWERED:
        return Answered(ring_secs=dial.ring_secs, talk_secs=dial.talk_secs)
    if dial.scenario is Scenario.NO_ANSWER:
        return NoAnswer(ring_secs=dial.ring_secs)
    if dial.scenario is Scenario.HANGS_UP:
        return CallerHangsUp(after_secs=dial.ring_secs)
    return Busy(after_secs=dial.ring_secs)
