"""`ringtrace serve`: starts edge, web and worker, keeps them running, stops them cleanly."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace import __version__
from ringtrace.cli.lifeline import LIFELINE
from ringtrace.cli.stores import add_store_option, choose_store
from ringtrace.core.errors import BadInput, RingtraceError
from ringtrace.wire.lock import only_one

log = logging.getLogger("ringtrace.serve")

_STOP_SECS = 15.0
_UP_SECS = 60.0
_LOOK_SECS = 0.1
_FIRST_WAIT_SECS, _LONGEST_WAIT_SECS = 0.2, 10.0
_WELL_AFTER_SECS = 30.0
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - refused without public addresses


class Addresses(Struct, frozen=True, kw_only=True):
    """Where the doors are. The URLs are what people and carriers use; behind a proxy they differ from host and port."""

    host: str
    edge_port: int
    web_port: int
    edge_url: str
    web_url: str
    edge_options: tuple[str, ...] = ()  # handed on to the edge as they are
    edges: int = 1  # on edge_port and the ports after it
    trusted_proxies: int = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--web-port", type=int, default=8000, metavar="PORT", help="port of the pages (8000)")
    parser.add_argument("--edge-port", type=int, default=8100, metavar="PORT", help="port of the edge (8100)")
    parser.add_argument("--web-url", default="", metavar="URL", help="the pages' public address, behind a proxy")
    parser.add_argument("--edge-url", default="", metavar="URL", help="the edge's public address, behind a proxy")
    parser.add_argument(
        "--visits-per-minute", type=int, default=600, metavar="N", help="bound for one address on one site (600)"
    )
    parser.add_argument(
        "--new-per-ten-minutes",
        type=int,
        default=120,
        metavar="N",
        help="new visits of one address that get numbers of their own (120)",
    )
    parser.add_argument(
        "--region-header", default="", metavar="NAME", help="a header in which a proxy of yours says the region"
    )
    parser.add_argument(
        "--trusted-proxies", type=int, default=0, metavar="N", help="proxies of yours in front of it (0)"
    )


def add_database_options(parser: argparse.ArgumentParser) -> None:
    add_store_option(parser)
    parser.add_argument(
        "--edges",
        type=int,
        default=1,
        metavar="N",
        help="edge processes, on --edge-port and the ports after it (1); more than one only with --edge-store",
    )


def edges_of(options: argparse.Namespace, where: Addresses) -> Addresses:
    """Raises BadInput for edges that could not share their store or have no port."""
    ports = range(where.edge_port, where.edge_port + options.edges)
    if options.edges < 1:
        raise BadInput("--edges takes 1 or more.")
    if choose_store(options) == "" and options.edges > 1:
        raise BadInput(
            "The embedded store has one edge: a second would lease numbers twice.",
            hint="Leave --edges out, or name a PostgreSQL database by --edge-store.",
        )
    if where.web_port in ports:
        raise BadInput(
            f"{options.edges} edges take the ports {ports[0]} to {ports[-1]}, and the pages are on {where.web_port}.",
            hint="Choose another --web-port or --edge-port.",
        )
    return msgspec.structs.replace(where, edges=options.edges)


def addresses(options: argparse.Namespace) -> Addresses:
    """Where the doors are, from the options. Raises BadInput where nobody could tell the public addresses."""
    if options.host in _EVERYWHERE and not (options.web_url and options.edge_url):
        raise BadInput(
            f"--host {options.host} listens on every address, and does not say which one people use.",
            hint="Add --web-url and --edge-url, such as https://ringtrace.example.com.",
        )
    shown = f"[{options.host}]" if ":" in options.host else options.host
    return Addresses(
        host=options.host,
        edge_port=options.edge_port,
        web_port=options.web_port,
        edge_url=(options.edge_url or f"http://{shown}:{options.edge_port}").rstrip("/"),
        web_url=(options.web_url or f"http://{shown}:{options.web_port}").rstrip("/"),
        edge_options=(
            *("--visits-per-minute", str(options.visits_per_minute)),
            *("--new-per-ten-minutes", str(options.new_per_ten_minutes)),
            *("--trusted-proxies", str(options.trusted_proxies)),
            *(("--region-header", options.region_header) if options.region_header else ()),
        ),
        trusted_proxies=options.trusted_proxies,
    )


def run(options: argparse.Namespace) -> int:
    where = edges_of(options, addresses(options))
    with held_data_dir(options.data):
        once = prepare(options.data, where)
        return Supervisor(parts_of(options.data, where)).run(lambda: greet(options.data, where, once))


def greet(data_dir: Path, where: Addresses, once: str | None) -> None:
    lines = [
        f"Ringtrace {__version__}, data in {data_dir}",
        f"  pages  {where.web_url}/",
        f"  edge   {where.edge_url}/",
    ]
    if once:
        lines += ["", "Open this link to begin. It works once:", f"  {where.web_url}/welcome/?once={once}"]
    print("\n".join(lines), flush=True)


@contextmanager
def held_data_dir(path: Path) -> Iterator[None]:
    """The data directory, made if missing and for its owner only (0700), held against a second Ringtrace on it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    with only_one(path / "lock", "Ringtrace"):
        yield


class Part(Struct, frozen=True, kw_only=True):
    """One process: its name and the `ringtrace` arguments that start it."""

    name: str
    arguments: tuple[str, ...]
    host: str = ""
    port: int | None = None  # it is up when this port answers


def parts_of(data_dir: Path, where: Addresses) -> list[Part]:
    data = ("--data", str(data_dir))
    urls = ("--web-url", where.web_url, "--edge-url", where.edge_url)
    listen = ("--host", where.host)
    edges = [
        Part(
            name=f"edge-{nth + 1}" if nth else "edge",
            arguments=("edge", *data, *listen, "--port", str(where.edge_port + nth), *where.edge_options),
            host=where.host,
            port=where.edge_port + nth,
        )
        for nth in range(where.edges)
    ]
    return [
        *edges,
        Part(
            name="web",
            arguments=(
                *("web", *data, *urls, *listen, "--port", str(where.web_port)),
                *("--trusted-proxies", str(where.trusted_proxies)),
            ),
            host=where.host,
            port=where.web_port,
        ),
        Part(name="worker", arguments=("worker", *data, *urls)),
    ]


def prepare(data_dir: Path, where: Addresses) -> str | None:
    """Brings the ledger up to date in a process of its own; returns the first run's token if there is no owner yet."""
    command = _command("prepare", "--data", str(data_dir), "--web-url", where.web_url, "--edge-url", where.edge_url)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RingtraceError("The ledger could not be prepared.", hint="What went wrong is said above.")
    once: str | None = json.loads(done.stdout)["once"]
    return once


class Running:
    """A started part. Its standard input is a lifeline: when this process dies, the pipe closes and the part stops."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            _command(*part.arguments), stdin=subprocess.PIPE, start_new_session=True, env={**os.environ, LIFELINE: "1"}
        )

    @property
    def is_up(self) -> bool:
        if self.part.port is None:
            return True
        try:
            with socket.create_connection((self.part.host, self.part.port), timeout=1):
                return True
        except OSError:
            return False

    def signal(self, sign: signal.Signals) -> None:
        """To the part and whatever it started."""
        try:
            os.killpg(self.process.pid, sign)
        except ProcessLookupError:
            log.debug("%s is gone already", self.part.name)


class Supervisor:
    """Starts parts, starts again what dies, stops all on SIGTERM or SIGINT."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._running: dict[str, Running] = {}
        self._waits: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._missing: set[str] = set()
        self._stop = threading.Event()

    def run(self, when_up: object = None) -> int:
        """Blocks until told to stop; 0 then, 1 if the parts did not come up. Calls `when_up` once they have."""
        for part in self._parts:
            check_port_is_free(part)
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: self._stop.set())
        try:
            for part in self._parts:
                self._start(part)
            if not self._wait_until_up():
                return 0 if self._stop.is_set() else 1
            if callable(when_up):
                when_up()
            while not self._stop.wait(_LOOK_SECS):
                self._mend()
            return 0
        finally:
            self._stop_all()

    def _start(self, part: Part) -> None:
        self._running[part.name] = Running(part)

    def _wait_until_up(self) -> bool:
        deadline = time.monotonic() + _UP_SECS
        while not all(running.is_up for running in self._running.values()):
            dead = [name for name, running in self._running.items() if running.process.poll() is not None]
            if dead or time.monotonic() > deadline:
                log.error("%s did not start", " and ".join(dead) or "a part")
                return False
            if self._stop.wait(_LOOK_SECS):
                return False
        return True

    def _mend(self) -> None:
        now = time.monotonic()
        for name, running in list(self._running.items()):
            if name in self._due:
                if self._due[name] <= now:
                    del self._due[name]
                    self._start(running.part)
                    self._missing.add(name)
            elif running.process.poll() is not None:
                self._note_death(name, running, now)
            elif name in self._missing and running.is_up:
                self._missing.discard(name)
                log.info("%s is back", name)

    def _note_death(self, name: str, running: Running, now: float) -> None:
        """Ends whatever the part had started, and says when it is started again: sooner if it had lived well."""
        running.signal(signal.SIGKILL)
        lived_well = now - running.started > _WELL_AFTER_SECS
        wait_secs = _FIRST_WAIT_SECS if lived_well else self._waits.get(name, _FIRST_WAIT_SECS)
        self._waits[name] = min(_LONGEST_WAIT_SECS, wait_secs * 2)
        self._due[name] = now + wait_secs
        log.error("%s ended with code %s; starting it again in %.1f s", name, running.process.returncode, wait_secs)

    def _stop_all(self) -> None:
        for running in self._running.values():
            if running.process.poll() is None:
                running.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECS
        for name, running in self._running.items():
            try:
                running.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop in time and was ended", name)
            running.signal(signal.SIGKILL)
            running.process.wait()
            if running.process.stdin is not None:
                running.process.stdin.close()


def check_port_is_free(part: Part) -> None:
    """Raises BadInput that names the option to change."""
    if part.port is None:
        return
    family = socket.AF_INET6 if ":" in part.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((part.host, part.port))
        except OSError as error:
            raise BadInput(
                f"Port {part.port} of {part.host} cannot be used for the {part.name}.",
                hint=f"Stop what listens there, or choose another by --{part.name.partition('-')[0]}-port.",
            ) from error


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ringtrace", *arguments]
