"""A machine's clock that steps: what was promised holds, nobody gets a number that another visit holds, pages go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringtrace.testing.house import House, make_house, shown

HOUR_MS = 3_600_000
YEAR_MS = 365 * 24 * HOUR_MS


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path, numbers=6)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_clock_that_steps_back_takes_no_number_from_its_visit(house: House, *, restarts: bool) -> None:
    held = {name: shown(house.visit(name)) for name in ("alice", "bob")}
    house.clock.now_ms -= HOUR_MS
    if restarts:
        house.restart()
    newcomers = [shown(house.visit(f"newcomer{n}")) for n in range(6)]
    assert [numbers for numbers in newcomers if numbers and numbers in held.values()] == []
    assert [bool(numbers) for numbers in newcomers] == [True] * 4 + [False] * 2
    assert {name: shown(house.visit(name, new=False)) for name in held} == held
    house.clock.now_ms += HOUR_MS  # set right again: what was promised at first still holds
    newcomers = [shown(house.visit(f"latecomer{n}")) for n in range(6)]
    assert [bool(numbers) for numbers in newcomers] == [True] * 4 + [False] * 2
    assert [numbers for numbers in newcomers if numbers and numbers in held.values()] == []
    house.close()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_clock_that_was_a_year_ahead_holds_up_only_what_was_promised_then(house: House, *, restarts: bool) -> None:
    now_ms = house.clock.now_ms
    house.clock.now_ms = now_ms + YEAR_MS
    ahead = shown(house.visit("ahead"))
    house.clock.now_ms = now_ms
    if restarts:
        house.restart()
    given = []
    for n in range(30):  # visits of half a year, one after another
        given.append(shown(house.visit(f"later{n}")))
        house.clock.now_ms += 6 * 24 * HOUR_MS
    assert all(given)
    assert ahead not in given
    assert {number for numbers in given for number in numbers} == set(house.numbers) - set(ahead)
    assert shown(house.visit("ahead", new=False)) == ahead
    house.close()
