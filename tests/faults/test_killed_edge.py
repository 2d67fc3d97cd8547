"""`kill -9` of the edge under load: nothing that was answered is lost, and no number is on two live visits."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.core.clock import wall_clock
from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.testing.postgres import shared_server
from ringtrace.testing.serving import free_ports
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen
from tests.faults.edges import (
    NUMBERS,
    SITE,
    Client,
    EdgeProcess,
    JournalReader,
    Promises,
    browse,
    call,
    prepare,
    running_edge,
)
from tests.rooms.stores import need_postgres

ROUNDS = {
    "sqlite": int(os.environ.get("RINGTRACE_FAULT_ROUNDS", "12")),
    "postgres": int(os.environ.get("RINGTRACE_FAULT_ROUNDS", "6")),
}
CLIENTS = 24
GONE = (OSError, EOFError, asyncio.IncompleteReadError)


async def press(port: int, promises: Promises, chance: random.Random) -> None:
    """One client until the edge is gone."""
    try:
        async with Client(port) as client:
            while True:
                await (call if chance.random() < 0.2 else browse)(client, promises, chance)
    except GONE:
        return


async def press_and_end(edge: EdgeProcess, promises: Promises, chance: random.Random) -> None:
    """Load from many clients, and the end once a random number of answers is in: a kill, or one time in five a stop,
    so that later starts have states to begin with."""
    loads = [asyncio.create_task(press(edge.port, promises, chance)) for _ in range(CLIENTS)]
    before, enough = answers(promises), chance.randrange(20, 400)
    while answers(promises) - before < enough:
        done, _ = await asyncio.wait(loads, timeout=0.001)
        assert not done, "the edge ended by itself"
    if chance.random() < 0.2:
        assert await asyncio.to_thread(edge.stop) == 0
    else:
        edge.kill()
    await asyncio.gather(*loads)


def answers(promises: Promises) -> int:
    return len(promises.numbers) + sum(promises.beats.values()) + promises.call_events


def leases_of(event: AnyEvent) -> tuple[Lease, ...]:
    """What an event promises: a called number is promised to its holder as well."""
    if isinstance(event, VisitSeen | VisitAlive):
        return event.leases
    return (event.holder,) if isinstance(event, CallReported) and event.holder is not None else ()


def live_leases(events: Iterable[AnyEvent], at_ms: int) -> dict[str, Lease]:
    """By number, the leases that are live at `at_ms` as the journal has them."""
    ends: dict[str, Lease] = {}
    for event in events:
        for lease in leases_of(event):
            if lease.e164 not in ends or lease.until_ms >= ends[lease.e164].until_ms:
                ends[lease.e164] = lease
    return {number: lease for number, lease in ends.items() if lease.until_ms > at_ms}


def overlaps(events: Iterable[AnyEvent]) -> list[tuple[Lease, Lease]]:
    """Pairs of leases of different visits on one number whose times overlap; there must be none."""
    whole: dict[str, Lease] = {}
    for event in events:
        for lease in leases_of(event):
            known = whole.get(lease.lease_id)
            if known is None or lease.until_ms > known.until_ms:
                whole[lease.lease_id] = lease
    by_number: defaultdict[str, list[Lease]] = defaultdict(list)
    for lease in sorted(whole.values(), key=lambda lease: lease.from_ms):
        by_number[lease.e164].append(lease)
    return [
        (one, other) for leases in by_number.values() for one, other in pairwise(leases) if other.from_ms < one.until_ms
    ]


def assert_kept(promises: Promises, events: list[AnyEvent]) -> None:
    """Everything that was answered is in the journal, with the same number."""
    assert promises.unexpected == []
    shown = {event.visit_id: [lease.e164 for lease in event.leases] for event in events if isinstance(event, VisitSeen)}
    lost = [
        token
        for token, number in promises.numbers.items()
        if shown.get(derived_id("visit", SITE, token)) != ([number] if number else [])
    ]
    assert lost == []
    alive = Counter(event.visit_id for event in events if isinstance(event, VisitAlive))
    beats = {derived_id("visit", SITE, token): count for token, count in promises.beats.items()}
    assert {visit: count for visit, count in beats.items() if alive[visit] < count} == {}
    reports = [event for event in events if isinstance(event, CallReported)]
    assert promises.calls <= {report.call_id for report in reports}
    assert len({report.event_id for report in reports}) >= promises.call_events
    assert len({report.event_id for report in reports}) == len(reports)


async def assert_live_visits_go_on(edge: EdgeProcess, promises: Promises, events: list[AnyEvent]) -> int:
    """Right after the restart: newcomers get none of the numbers that live visits hold, and live visits keep theirs.

    Returns how many live visits there were.
    """
    tokens = {derived_id("visit", SITE, token): token for token in promises.numbers}
    live = live_leases(events, wall_clock())
    async with Client(edge.port) as client:
        for n in range(5):
            newcomer = await client.page("visit", f"newcomer-{n}-{os.urandom(8).hex()}", new=True)
            assert newcomer is not None
            asked_ms = wall_clock()
            assert [number for number in newcomer.numbers if number in live and live[number].until_ms > asked_ms] == []
        known = [(number, lease) for number, lease in live.items() if lease.visit_id in tokens]
        for number, lease in known[:10]:
            answer = await client.page("beat", tokens[lease.visit_id])
            if lease.until_ms > wall_clock():  # it was live all the while
                assert answer is not None
                assert (answer.held, answer.numbers) == (True, [number])
    return len(known)


@pytest.fixture
def where(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str | Path:
    """A store with a directory in it; edges that are started use it."""
    if request.param == "sqlite":
        prepare(tmp_path)
        return tmp_path / "edge.sqlite"
    need_postgres()
    url = shared_server().fresh_database()
    monkeypatch.setenv("RINGTRACE_EDGE_STORE", url)
    prepare(tmp_path, url)
    return url


@pytest.mark.timeout(120 + 5 * max(ROUNDS.values()))
@pytest.mark.xdist_group("edge process")
@pytest.mark.parametrize(("where", "rounds"), [*ROUNDS.items()], indirect=["where"], ids=list(ROUNDS))
def test_it_keeps_every_promise_through_kill_9(where: str | Path, rounds: int, tmp_path: Path) -> None:
    [port] = free_ports(1)
    chance, promises, reader = random.Random(), Promises(), JournalReader(where)
    live_at_restart = 0
    for _ in range(rounds):
        with running_edge(tmp_path, port) as edge:
            live_at_restart += asyncio.run(assert_live_visits_go_on(edge, promises, reader.events()))
            asyncio.run(press_and_end(edge, promises, chance))
    events = reader.events()
    print(
        f"{rounds} ends, {len(promises.numbers)} visits, {sum(promises.beats.values())} beats and "
        f"{promises.call_events} call events answered, {len(events)} events in the journal, {live_at_restart} visits "
        f"lived through an end, {sum(leases_of(event) != () for event in events if isinstance(event, CallReported))} "
        f"calls held a number for longer, {len(overlaps(events))} numbers leased twice"
    )
    assert_kept(promises, events)
    assert overlaps(events) == []
    assert live_at_restart > 0  # else nothing was tried
    assert len({lease.e164 for event in events for lease in leases_of(event)}) > len(NUMBERS) / 2
    assert any(leases_of(event) for event in events if isinstance(event, CallReported))


def lease(lease_id: str, visit: str, from_ms: int, until_ms: int) -> Lease:
    return Lease(
        lease_id=lease_id,
        e164=NUMBERS[0],
        pool_id="pool_f",
        target_e164="+13105550123",
        visit_id=visit,
        visitor_id=visit,
        from_ms=from_ms,
        until_ms=until_ms,
    )


def alive(of: Lease) -> VisitAlive:
    return VisitAlive(
        event_id=f"ev_{of.lease_id}_{of.until_ms}",
        at_ms=of.from_ms,
        company_id="c",
        visit_id=of.visit_id,
        visitor_id=of.visitor_id,
        site_id=SITE,
        leases=(of,),
    )


def test_it_would_see_a_number_on_two_live_visits() -> None:
    """The checks above can fail."""
    first, renewed = lease("l1", "a", 0, 100), lease("l1", "a", 0, 200)
    assert overlaps([alive(first), alive(lease("l2", "b", 100, 200))]) == []
    assert overlaps([alive(first), alive(lease("l2", "b", 150, 300)), alive(renewed)]) != []


def test_it_would_see_a_called_number_taken_from_its_caller() -> None:
    first, called = lease("l1", "a", 0, 100), lease("l1", "a", 0, 400)
    report = CallReported(
        event_id="ev_call",
        at_ms=50,
        company_id="c",
        call_id="call",
        connection_id="conn",
        carrier="kamailio",
        carrier_call_id="x",
        kind=ReportKind.ARRIVED,
        number_id="num",
        called_e164=NUMBERS[0],
        holder=called,
    )
    assert overlaps([alive(first), report, alive(lease("l2", "b", 200, 300))]) != []


def test_it_would_see_a_lost_visit() -> None:
    with pytest.raises(AssertionError):
        assert_kept(Promises(numbers={"visit-0000000000000000": NUMBERS[0]}), [])
