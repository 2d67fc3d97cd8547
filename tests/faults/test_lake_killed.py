"""A publisher that is killed at any moment, while others read: every read is one whole state, old or new."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from ringtrace.core.clock import wall_clock
from ringtrace.lake.check import check_lake
from ringtrace.lake.home import read_manifest
from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.lake.writer import LakeWriter
from tests.faults.publishing import CALLS, COMPANY, MONTHS

ROUNDS = int(os.environ.get("RINGTRACE_FAULT_ROUNDS", "12"))
_MARKS = {
    "touchpoints": "campaign::BIGINT",
    "calls": "talk_secs::BIGINT",
    "identities": "visit_id::BIGINT",
    "conversions": "value_cents",
    "credits": "campaign::BIGINT",
}
ROOT = Path(__file__).parents[2]


def state_of(lake: LakeReader) -> set[tuple[int, int, int]]:
    """(lowest mark, highest mark, rows) of each fact, asked one after the other."""
    found = set()
    for fact, mark in _MARKS.items():
        sql = f"SELECT min({mark}) AS low, max({mark}) AS high, count(*) AS rows FROM {{{fact}}}"  # noqa: S608
        (row,) = lake.ask(sql, {}, facts=(fact,))
        found.add((row["low"], row["high"], row["rows"]))
    return found


class Readers:
    """Two threads that read without end. `halves`: what they read that was no whole state."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self.stop = Event()
        self.reads = 0
        self.marks: set[int] = set()
        self.halves: list[set[tuple[int, int, int]]] = []
        self.errors: list[BaseException] = []
        self.threads = [Thread(target=self._read) for _ in range(2)]

    def _read(self) -> None:
        while not self.stop.is_set():
            try:
                self._note(read_steadily(self._lake, COMPANY, state_of))
            except BaseException as error:  # noqa: BLE001 - it is what we look for
                self.errors.append(error)

    def _note(self, state: set[tuple[int, int, int]]) -> None:
        self.reads += 1
        ((low, high, rows), *others) = state
        if others or low != high or rows != CALLS * len(MONTHS):
            self.halves.append(state)
        self.marks.add(low)


@contextmanager
def reading(lake: Path) -> Iterator[Readers]:
    readers = Readers(lake)
    for thread in readers.threads:
        thread.start()
    try:
        yield readers
    finally:
        readers.stop.set()
        for thread in readers.threads:
            thread.join()


def publish_until_killed(lake: Path, first: int, chance: random.Random) -> int:
    """Runs a publisher, and kills it a little after a state that it has said; returns the last mark it said."""
    command = [sys.executable, "-m", "tests.faults.publishing", str(lake), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as publisher:
        assert publisher.stdout is not None
        said = [int(publisher.stdout.readline()) for _ in range(chance.randint(1, 3))]
        try:
            publisher.wait(chance.uniform(0, 0.6))  # a moment by chance, in the middle of whatever it does
        except subprocess.TimeoutExpired:
            publisher.kill()
        said += [int(line) for line in publisher.stdout.read().split()]
    assert publisher.returncode == -9
    return said[-1]


def check_swept(lake: Path) -> None:
    """What killed publishers left is taken away, and nothing else."""
    with closing(LakeWriter(lake, unread_after_secs=-60)) as writer:
        writer.sweep(wall_clock())
    checked = check_lake(lake)
    assert (checked.troubles, checked.orphans) == ((), 0)
    on_disk = {str(path.relative_to(lake)) for path in lake.rglob("*") if path.is_file()}
    assert on_disk - read_manifest(lake).all_paths() <= {"manifest.json", "manifest.json.fresh"}


def test_readers_see_whole_states_while_publishers_are_killed(tmp_path: Path) -> None:
    chance = random.Random(4)
    last = publish_until_killed(tmp_path, 1, chance)
    left = 0
    with reading(tmp_path) as readers:
        for _ in range(ROUNDS):
            began = readers.reads
            last = publish_until_killed(tmp_path, last + 2, chance)
            named = read_manifest(tmp_path).all_paths()
            left += sum(str(path.relative_to(tmp_path)) not in named for path in tmp_path.rglob("*.parquet"))
            assert readers.reads > began
    assert readers.errors == []
    assert readers.halves == []
    assert len(readers.marks) > ROUNDS
    ((low, high, _),) = read_steadily(tmp_path, COMPANY, state_of)
    assert low == high
    assert low in (last, last + 1)  # what was said is there; one more may have been named without being said
    check_swept(tmp_path)
    print(f"{ROUNDS} kills, {readers.reads} reads, {len(readers.marks)} states read, {left} orphans")
