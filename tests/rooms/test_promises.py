"""What an edge has promised stays promised, whatever is configured or broken meanwhile."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.errors import DataDirBusy, StoreUnavailable
from ringtrace.testing.house import House, make_house, shown
from ringtrace.wire.directory import Directory
from ringtrace.wire.lock import only_one
from ringtrace.wire.sqlite import append


@pytest.fixture
def two_numbers(tmp_path: Path) -> House:
    return make_house(tmp_path, numbers=2)


def _with_hold(house: House, hold_secs: int, numbers: tuple[str, ...] | None = None) -> None:
    def directory(version: int) -> Directory:
        whole = house.directory(version)
        pools = tuple(
            msgspec.structs.replace(pool, hold_secs=hold_secs, numbers=pool.numbers if numbers is None else numbers)
            for pool in whole.pools
        )
        return msgspec.structs.replace(whole, pools=pools)

    house.publish(directory)


def test_it_keeps_a_long_hold_over_a_restart_after_the_hold_was_shortened(two_numbers: House) -> None:
    (held,) = shown(two_numbers.visit("alice"))
    two_numbers.clock.now_ms += 600_000
    _with_hold(two_numbers, 60)
    two_numbers.restart()
    assert shown(two_numbers.visit("bob")) != [held]
    assert shown(two_numbers.visit("carol")) == []
    two_numbers.close()


def test_it_keeps_a_lease_when_its_number_is_away_over_a_restart(two_numbers: House) -> None:
    (held,) = shown(two_numbers.visit("alice"))
    _with_hold(two_numbers, 1_800, numbers=())
    two_numbers.restart()
    two_numbers.publish(two_numbers.directory)
    two_numbers.refresh()
    assert shown(two_numbers.visit("bob")) != [held]
    assert shown(two_numbers.visit("alice", new=False)) == [held]
    two_numbers.close()


def test_it_renews_a_visit_that_is_announced_as_new_twice(two_numbers: House) -> None:
    assert shown(two_numbers.visit("alice")) == shown(two_numbers.visit("alice"))
    two_numbers.close()


def test_it_does_not_give_a_number_away_when_the_first_of_two_posts_at_once_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house(tmp_path, numbers=1)
    whole = append
    failures = iter([True])

    def fail_once(connection: sqlite3.Connection, place: int, bodies: list[bytes]) -> int:
        if next(failures, False):
            raise StoreUnavailable("the disk is full")
        return whole(connection, place, bodies)

    monkeypatch.setattr("ringtrace.edge.store.commits.append", fail_once)
    both = house.together(("alice", True), ("alice", False))
    assert [answer.status for answer in both] == [503, 200]
    (held,) = shown(both[1])
    assert shown(house.visit("bob")) == []
    assert [event.event_id for event in house.events() if getattr(event, "visit_id", None)]
    house.restart()
    assert shown(house.visit("bob")) == []
    assert shown(house.visit("alice", new=False)) == [held]
    house.close()


def test_it_is_the_only_edge_on_a_store(tmp_path: Path) -> None:
    first, second = only_one(tmp_path / "edge.lock", "edge"), only_one(tmp_path / "edge.lock", "edge")
    with first, pytest.raises(DataDirBusy, match="Another edge"), second:
        raise AssertionError("two at once")


def test_it_remembers_the_longest_lease_of_any_directory(two_numbers: House) -> None:
    _with_hold(two_numbers, 7_200)
    two_numbers.refresh()
    (held,) = shown(two_numbers.visit("alice"))
    for hold_secs in (60, 30):
        _with_hold(two_numbers, hold_secs)
        two_numbers.restart()
        two_numbers.clock.now_ms += 3_000_000
    assert shown(two_numbers.visit("bob")) != [held]
    assert shown(two_numbers.visit("carol")) == []
    assert shown(two_numbers.visit("alice", new=False)) == [held]
    two_numbers.close()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "own"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_it_counts_proxies_from_the_right(
    two_numbers: House, monkeypatch: pytest.MonkeyPatch, proxies: int, forwarded: str, own: str
) -> None:
    two_numbers.edge.trusted_proxies = proxies
    seen: list[str] = []

    def note(_site: str, address: str, _now_ms: int) -> bool:
        seen.append(address)
        return False

    monkeypatch.setattr(two_numbers.edge.rate, "is_over", note)
    two_numbers.post("/v1/visit", two_numbers.sign("alice"), {"x-forwarded-for": forwarded})
    assert seen == [own]
    two_numbers.close()
