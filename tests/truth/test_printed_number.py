"""Visitors for whom no number was free dial the printed one, and those calls never reach us."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.demo.play import Player, TownLine
from ringtrace.demo.town import Town, simulate
from ringtrace.demo.town_actions import Dial, Dials
from ringtrace.telephony.kamailio.simulator import SIMULATOR
from ringtrace.testing.house import KEY, ORIGIN, PUBLIC_URL, SITE, House, make_house
from ringtrace.wire.journal import CallReported

END_MS = 1_790_000_000_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """A house whose pool has one number, too few for the town."""
    house = make_house(tmp_path, numbers=1)
    yield house
    house.close()


@pytest.fixture
def town() -> Town:
    return simulate(5, END_MS, 4, origin=ORIGIN)


@pytest.fixture
def player(small: House, town: Town) -> Player:
    line = TownLine(
        simulator=SIMULATOR,
        public_url=PUBLIC_URL,
        connection_id="conn_kamailio",
        secret=small.secrets["kamailio"],
        site_id=SITE,
        site_key=KEY,
        pool=small.numbers,
        statics=dict.fromkeys(("van", "flyer"), small.static["kamailio"]),
    )
    small.clock.now_ms = town.truth.start_ms
    player = Player(town, small.door, small.clock, line)
    with asyncio.Runner() as runner:
        for day, actions in player.days():
            runner.run(player.play_day(day, actions))
        runner.run(player.finish())
    return player


def test_a_call_to_the_printed_number_never_reaches_us(town: Town, player: Player, small: House) -> None:
    dials = {action.call_key: action for action in town.actions if isinstance(action, Dial)}
    assert len(player.untracked) > 5
    assert player.untracked | player.call_ids.keys() == dials.keys()
    assert not player.untracked & player.call_ids.keys()
    assert {dials[key].dials for key in player.untracked} <= {Dials.SHOWN, Dials.REMEMBERED}
    arrived = [e for e in small.events() if isinstance(e, CallReported) and e.kind is ReportKind.ARRIVED]
    assert sorted(event.call_id for event in arrived) == sorted(player.call_ids.values())


def test_the_truth_says_which_calls_never_reached_us(town: Town, player: Player) -> None:
    truth = town.truth.without(player.untracked)
    assert {call.call_key for call in truth.calls if call.tracked} == player.call_ids.keys()
