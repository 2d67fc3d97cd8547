"""The visit path beside a bare echo on the same server: one core for the server, the other for the load.

What is measured is the whole way: decode, gates, source, lease, durable record (synchronous=FULL), answer.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import msgspec
from msgspec import Struct
from rich.progress import track

from benchmarks.figures import Figure, alone, beside
from ringtrace.core.errors import PartMissing, RingtraceError
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import Directory, PoolEntry, SiteEntry
from ringtrace.wire.sqlite import open_store, publish_directory

ORIGIN = "https://plumber.example"
ROUNDS = int(os.environ.get("RINGTRACE_BENCH_ROUNDS", "7"))
ROUND_SECS = int(os.environ.get("RINGTRACE_BENCH_ROUND_SECS", "3"))
CONNECTIONS = 64
LEAST_SHARE = 0.5
_KNOWN_VISITS = 2_000
_UP_SECS = 30
_NUMBERS = 10_000
_HOLD_SECS = 1  # new visits come by the thousand a second: their numbers must come back as fast
_SCRIPT = Path(__file__).with_name("load.lua")


class Round(Struct, frozen=True, kw_only=True):
    """What wrk said of one round, and what the server's process used meanwhile."""

    requests: int
    secs: float
    p50_ms: float
    p99_ms: float
    not_answered: int
    not_ok: int
    cpu_us: float = 0.0
    commits: int = 0

    @property
    def per_sec(self) -> float:
        return self.requests / self.secs


class Load(Struct, frozen=True, kw_only=True):
    """One kind of request. `known` 0: all new visits; else signs of life of so many visits."""

    name: str
    path: str
    site: str
    known: int


ECHO = Load(name="echo", path="/", site="st_new", known=0)
VISITS = Load(name="new visits", path="/v1/visit", site="st_new", known=0)
BEATS = Load(name="beats", path="/v1/beat", site="st_known", known=_KNOWN_VISITS)


class Server(Struct, frozen=True, kw_only=True):
    pid: int
    port: int

    @property
    def cpu_secs(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metric(self, name: str) -> int:
        """The sum of a metric over its labels; 0 where the server has none."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def run() -> list[Figure]:
    """Raises PartMissing without wrk or a second core, RingtraceError if a server did not do what was measured."""
    wrk = shutil.which("wrk")
    cores = sorted(os.sched_getaffinity(0))
    if wrk is None or len(cores) < 2:
        raise PartMissing("The benchmark of the edge needs wrk and two cores.", hint="On Debian: apt-get install wrk.")
    with ExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringtrace-bench-")))
        publish(data_dir / "edge.sqlite")
        ports = free_ports(2)
        bare = stack.enter_context(_started(["-m", "benchmarks.echo_server", str(ports[0])], ports[0], cores[0]))
        edge_command = ["-m", "ringtrace", "edge", "--data", str(data_dir), "--port", str(ports[1])]
        edge_command += ["--visits-per-minute", str(10**9), "--new-per-ten-minutes", str(10**9)]
        edge = stack.enter_context(_started(edge_command, ports[1], cores[0]))
        return _measure(wrk, cores[1], bare, edge)


def publish(store: Path) -> None:
    """Two sites: one whose numbers come back after a second, one that holds them."""
    with closing(open_store(store)) as connection:
        publish_directory(connection, lambda version: Directory(version=version, sites=_SITES, pools=_POOLS))


_SITES = tuple(
    SiteEntry(site_id=f"site_{kind}", company_id="company", key=f"st_{kind}", origins=(ORIGIN,))
    for kind in ("new", "known")
)
_POOLS = (
    PoolEntry(
        pool_id="pool_new",
        site_id="site_new",
        company_id="company",
        target_e164="+13105550123",
        numbers=tuple(f"+1310555{n:05d}" for n in range(_NUMBERS)),
        hold_secs=_HOLD_SECS,
        cooldown_secs=0,
    ),
    PoolEntry(
        pool_id="pool_known",
        site_id="site_known",
        company_id="company",
        target_e164="+13105550123",
        numbers=tuple(f"+1310556{n:05d}" for n in range(_KNOWN_VISITS)),
        hold_secs=3_600,
    ),
)


@contextmanager
def _started(arguments: Sequence[str], port: int, core: int) -> Iterator[Server]:
    command = ["taskset", "-c", str(core), sys.executable, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        _wait_until_up(process, port)
        yield Server(pid=process.pid, port=port)
    finally:
        process.terminate()
        process.communicate()


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _UP_SECS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RingtraceError("A server of the benchmark did not start.", hint="What went wrong is said above.")


def _measure(wrk: str, core: int, bare: Server, edge: Server) -> list[Figure]:
    """Echo, visits, beats, and round again: what else the machine does falls on all alike."""
    rounds: dict[str, list[Round]] = {load.name: [] for load in (ECHO, VISITS, BEATS)}
    _play(wrk, core, edge, msgspec.structs.replace(BEATS, path="/v1/visit"), 0, 2)  # the known visits begin
    for number in track(range(ROUNDS + 1), description="edge", transient=True):
        for load, server in ((ECHO, bare), (VISITS, edge), (BEATS, edge)):
            played = _play(wrk, core, server, load, number * 10_000_000, ROUND_SECS if number else 1)
            if number:  # the first, short one warms up
                rounds[load.name].append(played)
    _check(edge, rounds)
    return _figures(rounds)


def _play(wrk: str, core: int, server: Server, load: Load, start: int, secs: int) -> Round:
    command = ["taskset", "-c", str(core), wrk, "-t1", f"-c{CONNECTIONS}", f"-d{secs}s", "-s", str(_SCRIPT)]
    command += [f"http://127.0.0.1:{server.port}", "--", load.path, load.site, ORIGIN, str(load.known), str(start)]
    commits, cpu_secs = _commits(server, load), server.cpu_secs
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = msgspec.json.decode(said.rpartition("FIGURES ")[2], type=Round)
    cpu_us = (server.cpu_secs - cpu_secs) / found.requests * 1e6
    return msgspec.structs.replace(found, cpu_us=cpu_us, commits=_commits(server, load) - commits)


def _commits(server: Server, load: Load) -> int:
    return 0 if load is ECHO else server.metric("ringtrace_edge_commits_total")


def _check(edge: Server, rounds: dict[str, list[Round]]) -> None:
    """A figure counts only if the requests did what they stand for: numbers were shown and held."""
    bad = sum(one.not_ok + one.not_answered for series in rounds.values() for one in series)
    answers = edge.metric('ringtrace_edge_answers_total{door="/v1/')
    shown = sum(
        edge.metric(f'ringtrace_edge_answers_total{{door="/v1/{door}",result="ok"}}') for door in ("visit", "beat")
    )
    if bad or shown < 0.99 * answers:
        raise RingtraceError(
            f"{bad} requests failed and {answers - shown} of {answers} were shown no number.",
            hint="The pool of the benchmark is too small for this machine, or the edge is broken.",
        )


def _figures(rounds: dict[str, list[Round]]) -> list[Figure]:
    echo = rounds[ECHO.name]
    figures = [alone("echo", [one.per_sec for one in echo], "requests/s")]
    for load, least in ((VISITS, LEAST_SHARE), (BEATS, None)):
        series = rounds[load.name]
        of = load.name
        figures += [
            beside(of, _column(series, "per_sec"), "requests/s", "echo", _column(echo, "per_sec"), at_least=least),
            beside(f"{of}, p50", _column(series, "p50_ms"), "ms", "echo", _column(echo, "p50_ms")),
            beside(f"{of}, p99", _column(series, "p99_ms"), "ms", "echo", _column(echo, "p99_ms")),
            beside(f"{of}, CPU", _column(series, "cpu_us"), "us/request", "echo", _column(echo, "cpu_us")),
            alone(f"{of}, commits", [one.commits / one.secs for one in series], "commits/s"),
            alone(f"{of}, in a commit", [one.requests / max(1, one.commits) for one in series], "events"),
        ]
    return figures


def _column(series: Sequence[Round], name: str) -> list[float]:
    return [float(getattr(one, name)) for one in series]
