"""The group commit: what arrives together is written together, and other work gets its turn."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path

import pytest

from ringtrace.core.errors import StoreUnavailable
from ringtrace.edge.store import commits
from ringtrace.edge.store.commits import GroupCommit
from ringtrace.wire.sqlite import last_place, open_store


def run(tmp_path: Path, test: object) -> None:
    async def with_journal() -> None:
        with closing(open_store(tmp_path / "edge.sqlite")) as connection:
            journal = GroupCommit(connection)
            assert callable(test)
            found = test(journal)
            assert isinstance(found, Coroutine)
            await found
            await journal.close()

    asyncio.run(with_journal())


def rows(connection: sqlite3.Connection) -> list[int]:
    return [last for (last,) in connection.execute("SELECT last FROM journal ORDER BY last")]


@pytest.mark.parametrize("slow_secs", [1.0, 0.0])
def test_it_writes_what_arrives_together_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_secs: float
) -> None:
    """In the loop, and on the thread."""
    monkeypatch.setattr(commits, "_SLOW_SECS", slow_secs)

    async def test(journal: GroupCommit) -> None:
        promises = [journal.append(b"\xc0") for _ in range(7)]
        assert journal.waiting == 7
        await promises[0]
        assert all(promise.done() for promise in promises)
        assert (journal.place, journal.commits, journal.waiting) == (7, 1, 0)
        await journal.append(b"\xc0")

    run(tmp_path, test)
    with closing(open_store(tmp_path / "edge.sqlite")) as connection:
        assert rows(connection) == [7, 8]


@pytest.mark.parametrize("slow_secs", [1.0, 0.0])
def test_other_work_gets_its_turn_while_events_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_secs: float
) -> None:
    monkeypatch.setattr(commits, "_SLOW_SECS", slow_secs)

    async def test(journal: GroupCommit) -> None:
        is_over = False

        async def keep_writing() -> None:
            while not is_over:
                await journal.append(b"\xc0")

        writers = [asyncio.create_task(keep_writing()) for _ in range(8)]
        places: list[int] = []
        await journal.run(lambda connection: places.append(last_place(connection)))
        is_over = True
        await asyncio.gather(*writers)
        assert len(places) == 1

    run(tmp_path, test)


def test_nobody_who_gives_up_takes_the_others_promise_away(tmp_path: Path) -> None:
    async def test(journal: GroupCommit) -> None:
        async def write() -> None:
            await journal.append(b"\xc0")

        tasks = [asyncio.create_task(write()) for _ in range(3)]
        await asyncio.wait(tasks, timeout=0)
        tasks[0].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in found] == [asyncio.CancelledError, type(None), type(None)]
        assert journal.place == 3

    run(tmp_path, test)


def test_it_goes_on_after_a_disk_that_took_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(journal: GroupCommit) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(commits, "append", _refuse)
            for promise in [journal.append(b"\xc0") for _ in range(2)]:
                with pytest.raises(StoreUnavailable):
                    await promise
        await journal.append(b"\xc0")
        assert (journal.place, journal.commits) == (1, 1)

    run(tmp_path, test)


def _refuse(*_: object) -> int:
    raise StoreUnavailable("no", hint="no")
