"""The visit path on PostgreSQL: one edge beside two edges on one database, in turns.

Two edges can do more than one only where there are cores for them: with four, each edge, the database and the load have
one each. With fewer all share what there is, and the ratio says how far the machine goes; then the CPU time a request
tells what more cores would do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.progress import track

from benchmarks import edge
from benchmarks.edge import BEATS, CONNECTIONS, ROUND_SECS, ROUNDS, VISITS, Load, Round
from benchmarks.figures import Figure, alone, beside
from ringtrace.core.errors import PartMissing, RingtraceError
from ringtrace.testing.postgres import PostgresServer
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import Directory
from ringtrace.wire.opening import open_wire

LEAST_RATIO = 1.6
_EDGES = 2
_CORES_FOR_ALL = 4
_SETTINGS = ("shared_buffers=256MB", "max_wal_size=4GB")


class Played(Struct, frozen=True, kw_only=True):
    """One kind of request for a while, at one edge or at both."""

    per_sec: float
    p50_ms: float
    p99_ms: float
    edge_us: float  # CPU a request, of all edges
    database_us: float
    in_a_commit: float


class Stand(Struct, frozen=True, kw_only=True):
    """What is measured, all running."""

    database: PostgresServer
    edges: tuple[edge.Server, ...]
    load_core: int | None
    wrk: str


def run() -> list[Figure]:
    """Raises PartMissing without wrk or PostgreSQL, RingtraceError if an edge did not do what was measured."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise PartMissing("The benchmark of the edge needs wrk.", hint="On Debian: apt-get install wrk.")
    with ExitStack() as stack:
        return _measure(_stand(stack, wrk))


def _stand(stack: ExitStack, wrk: str) -> Stand:
    cores = sorted(os.sched_getaffinity(0))
    pinned: list[int | None] = [*cores[:_CORES_FOR_ALL]] if len(cores) >= _CORES_FOR_ALL else [None] * _CORES_FOR_ALL
    database = stack.enter_context(closing(PostgresServer(settings=_SETTINGS)))
    if pinned[_EDGES] is not None:
        subprocess.run(["taskset", "-acp", str(pinned[_EDGES]), str(database.pid)], check=True, capture_output=True)
    url = database.fresh_database()
    with closing(open_wire(url)) as wire:
        wire.publish_directory(lambda version: Directory(version=version, sites=edge._SITES, pools=edge._POOLS))  # noqa: SLF001 - the same directory as on SQLite
    data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="ringtrace-bench-"))
    started = [
        stack.enter_context(_started(Path(data_dir), port, core, url))
        for port, core in zip(free_ports(_EDGES), pinned, strict=False)
    ]
    return Stand(database=database, edges=tuple(started), load_core=pinned[-1], wrk=wrk)


@contextmanager
def _started(data_dir: Path, port: int, core: int | None, url: str) -> Iterator[edge.Server]:
    command = [sys.executable, "-m", "ringtrace", "edge", "--data", str(data_dir), "--port", str(port)]
    command += ["--visits-per-minute", str(10**9), "--new-per-ten-minutes", str(10**9)]
    process = subprocess.Popen(
        [*_on(core), *command], stdin=subprocess.PIPE, env={**os.environ, "RINGTRACE_EDGE_STORE": url}
    )
    try:
        edge._wait_until_up(process, port)  # noqa: SLF001 - as its own benchmark waits
        yield edge.Server(pid=process.pid, port=port)
    finally:
        process.terminate()
        process.communicate()


def _on(core: int | None) -> list[str]:
    return [] if core is None else ["taskset", "-c", str(core)]


def _measure(stand: Stand) -> list[Figure]:
    """In turns: what else the machine does falls on one and two alike."""
    _play(stand, stand.edges, msgspec.structs.replace(BEATS, path="/v1/visit"), 0, 2)  # the known visits begin
    rounds: dict[tuple[str, int], list[Played]] = {}
    for number in track(range(ROUNDS + 1), description="postgres", transient=True):
        for load in (VISITS, BEATS):
            for count in (1, _EDGES):
                start = (2 * number + count) * 10_000_000
                played = _play(stand, stand.edges[:count], load, start, ROUND_SECS if number else 1)
                if number:  # the first, short one warms up
                    rounds.setdefault((load.name, count), []).append(played)
    return _figures(rounds, has_cores=stand.load_core is not None)


def _play(stand: Stand, edges: Sequence[edge.Server], load: Load, start: int, secs: int) -> Played:
    before = _cpu_secs(stand.database.pids()), sum(one.cpu_secs for one in edges), _commits(edges)
    loads = [
        subprocess.Popen(_wrk(stand, one, load, start + 5_000_000 * nth, secs), stdout=subprocess.PIPE, text=True)
        for nth, one in enumerate(edges)
    ]
    said = [one.communicate()[0].rpartition("FIGURES ")[2] for one in loads]
    rounds = [msgspec.json.decode(one, type=Round) for one in said]
    after = _cpu_secs(stand.database.pids()), sum(one.cpu_secs for one in edges), _commits(edges)
    requests = sum(one.requests for one in rounds)
    bad = sum(one.not_ok + one.not_answered for one in rounds)
    if bad:
        raise RingtraceError(f"{bad} of {requests} requests failed.", hint="What went wrong is said above.")
    return Played(
        per_sec=sum(one.per_sec for one in rounds),
        p50_ms=max(one.p50_ms for one in rounds),
        p99_ms=max(one.p99_ms for one in rounds),
        database_us=(after[0] - before[0]) / requests * 1e6,
        edge_us=(after[1] - before[1]) / requests * 1e6,
        in_a_commit=requests / max(1, after[2] - before[2]),
    )


def _wrk(stand: Stand, at: edge.Server, load: Load, start: int, secs: int) -> list[str]:
    command = [*_on(stand.load_core), stand.wrk, "-t1", f"-c{CONNECTIONS}", f"-d{secs}s", "-s", str(edge._SCRIPT)]  # noqa: SLF001
    arguments = (load.path, load.site, edge.ORIGIN, str(load.known), str(start))
    return [*command, f"http://127.0.0.1:{at.port}", "--", *arguments]


def _commits(edges: Sequence[edge.Server]) -> int:
    return sum(one.metric("ringtrace_edge_commits_total") for one in edges)


def _cpu_secs(pids: Sequence[int]) -> float:
    return sum(edge.Server(pid=pid, port=0).cpu_secs for pid in pids)


def _figures(rounds: dict[tuple[str, int], list[Played]], *, has_cores: bool) -> list[Figure]:
    figures = []
    for load in (VISITS, BEATS):
        one, two = rounds[load.name, 1], rounds[load.name, _EDGES]
        of = load.name
        figures += [
            alone(f"{of}, one edge", _column(one, "per_sec"), "requests/s"),
            beside(
                f"{of}, two edges",
                _column(two, "per_sec"),
                "requests/s",
                "one edge",
                _column(one, "per_sec"),
                at_least=LEAST_RATIO if has_cores else None,  # without cores of their own nothing was promised
            ),
            alone(f"{of}, one edge, p50", _column(one, "p50_ms"), "ms"),
            alone(f"{of}, one edge, p99", _column(one, "p99_ms"), "ms"),
            beside(f"{of}, two edges, p99", _column(two, "p99_ms"), "ms", "one edge", _column(one, "p99_ms")),
            *_cpu_figures(of, one, two),
            alone(f"{of}, in a commit", _column(one, "in_a_commit"), "events"),
        ]
    return figures


def _cpu_figures(of: str, one: Sequence[Played], two: Sequence[Played]) -> list[Figure]:
    return [
        beside(f"{of}, CPU of {part}, two edges", _column(two, name), "us/request", "one edge", _column(one, name))
        for part, name in (("edges", "edge_us"), ("PostgreSQL", "database_us"))
    ]


def _column(series: Sequence[Played], name: str) -> list[float]:
    return [float(getattr(one, name)) for one in series]
