"""A real edge process to knock over, and clients that remember every answer they got."""

from __future__ import annotations

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace.flows.interpreter import ring_flow
from ringtrace.privacy.keys import connection_purpose, load_keys
from ringtrace.telephony.kamailio.simulator import SIMULATOR
from ringtrace.telephony.simulator import Answered, CallScript
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry
from ringtrace.wire.journal import AnyEvent
from ringtrace.wire.opening import open_wire

COMPANY, SITE, KEY, CONNECTION, SECRET = "company_f", "site_f", "st_faults", "conn_f", "a secret of the connection"
ORIGIN = "https://plumber.example"
PUBLIC_URL = "https://edge.example"
NUMBERS = tuple(f"+13105556{n:03d}" for n in range(160))
HOLD_SECS = 2
CALLED_HOLD_SECS = 4
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
_UP_SECS = 30


def prepare(data_dir: Path, where: str | Path = "") -> None:
    """Keys and a directory with one site, one pool and one SIP line: all that an edge needs.

    `where`: the shared store's URL or path; the data directory's own file if it is not said.
    """
    keys = load_keys(data_dir)
    connection = ConnectionEntry(
        connection_id=CONNECTION,
        company_id=COMPANY,
        carrier="kamailio",
        public_url=PUBLIC_URL,
        sealed_secret=keys.seal(SECRET, connection_purpose(CONNECTION)),
    )
    pool = PoolEntry(
        pool_id="pool_f",
        site_id=SITE,
        company_id=COMPANY,
        target_e164="+13105550123",
        numbers=NUMBERS,
        hold_secs=HOLD_SECS,
        called_hold_secs=CALLED_HOLD_SECS,
        cooldown_secs=0,
    )
    with closing(open_wire(where or data_dir / "edge.sqlite")) as wire:
        wire.publish_directory(
            lambda version: Directory(
                version=version,
                sites=(SiteEntry(site_id=SITE, company_id=COMPANY, key=KEY, origins=(ORIGIN,)),),
                pools=(pool,),
                numbers=tuple(map(_number, NUMBERS)),
                connections=(connection,),
            ),
        )


def _number(e164: str) -> NumberEntry:
    return NumberEntry(
        number_id=f"num_{e164}",
        company_id=COMPANY,
        e164=e164,
        connection_id=CONNECTION,
        flow=ring_flow("+13105550199"),
        pool_id="pool_f",
    )


def journal(data_dir: Path) -> list[AnyEvent]:
    """All events of a data directory's own store."""
    return JournalReader(data_dir / "edge.sqlite").events()


class JournalReader:
    """Reads a journal as a worker does, and goes on where it was."""

    def __init__(self, where: str | Path) -> None:
        self._where = where
        self._place = 0
        self._events: list[AnyEvent] = []

    def events(self) -> list[AnyEvent]:
        """All so far."""
        with closing(open_wire(self._where)) as wire:
            while found := wire.read_events(self._place, 10_000):
                self._events += [event for _, event in found if event is not None]
                self._place = found[-1][0]
        return self._events


class EdgeProcess:
    """`ringtrace edge`, alone: no web, no worker, no ledger."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.port = port
        command = [sys.executable, "-m", "ringtrace", "edge", "--data", str(data_dir), "--port", str(port)]
        command += ["--visits-per-minute", "1000000000", "--new-per-ten-minutes", "1000000000"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def wait_until_up(self) -> None:
        """Raises RuntimeError if it ends or takes too long."""
        deadline = time.monotonic() + _UP_SECS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                self._wait_a_moment()
        raise RuntimeError("the edge did not come up")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, if it still runs; its exit code."""
        self.process.terminate()
        if self.process.stdin is not None:
            self.process.stdin.close()
        return self.process.wait(30)

    def _wait_a_moment(self) -> None:
        """Until it ends, or a moment has gone: nothing tells when a port begins to listen."""
        try:
            self.process.wait(0.01)
        except subprocess.TimeoutExpired:
            return


@contextmanager
def running_edge(data_dir: Path, port: int | None = None) -> Iterator[EdgeProcess]:
    """An edge that is up; ended, if it still runs, when the block ends."""
    edge = EdgeProcess(data_dir, port or free_ports(1)[0])
    try:
        edge.wait_until_up()
        yield edge
    finally:
        edge.stop()


@dataclass
class Promises:
    """What clients were answered: every entry must be found in the journal afterwards."""

    numbers: dict[str, str | None] = field(default_factory=dict)  # visit token -> the number it was shown, if any
    beats: dict[str, int] = field(default_factory=dict)  # visit token -> signs of life taken
    calls: set[str] = field(default_factory=set)  # call ids taken
    call_events: int = 0
    unexpected: list[bytes] = field(default_factory=list)


class Swapped(Struct, frozen=True):
    number: str


class Shown(Struct, frozen=True):
    """What a page is answered, as far as these tests look."""

    held: bool
    swaps: tuple[Swapped, ...]

    @property
    def numbers(self) -> list[str]:
        return [swap.number for swap in self.swaps]


class Client:
    """One keep-alive connection. Raises OSError, EOFError or IncompleteReadError when the edge is gone."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Client:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        lines = [f"POST {target} HTTP/1.1", "host: 127.0.0.1", "accept-language: en-US", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split(" ", 2)[1]), await self._reader.readexactly(length)

    async def page(self, door: str, token: str, **more: object) -> Shown | None:
        """A post of the visit `token`; the answer, None if it was not 200."""
        body = {"v": 1, "site": KEY, "visit": token, "visitor": f"visitor-of-{token}", "url": f"{ORIGIN}/", **more}
        headers = {"origin": ORIGIN, "user-agent": BROWSER, "content-type": "text/plain"}
        status, raw = await self.post(f"/v1/{door}", msgspec.json.encode(body), headers)
        return msgspec.json.decode(raw, type=Shown) if status == 200 else None


async def browse(client: Client, promises: Promises, chance: random.Random) -> None:
    """One visit: a page view, some signs of life; each answer is remembered as soon as it is there."""
    token = f"visit-{chance.getrandbits(64):016x}"
    answer = await client.page("visit", token, new=True)
    if answer is None:
        promises.unexpected.append(token.encode())
        return
    promises.numbers[token] = next(iter(answer.numbers), None)
    for _ in range(chance.randrange(8) if answer.held else 0):
        beat = await client.page("beat", token)
        if beat is not None and beat.held:
            promises.beats[token] = promises.beats.get(token, 0) + 1


async def call(client: Client, promises: Promises, chance: random.Random) -> None:
    """One call, its reports at once: their times are the script's."""
    script = CallScript(
        key=f"call-{chance.getrandbits(64):016x}",
        started_ms=time.time_ns() // 1_000_000,
        public_url=PUBLIC_URL,
        connection_id=CONNECTION,
        secret=SECRET,
        called=chance.choice(NUMBERS),
        caller="+14155550123",
        scenario=Answered(ring_secs=3, talk_secs=20),
    )
    inbound = SIMULATOR.inbound(script)
    status, reply = await client.post(inbound.target, inbound.body, inbound.headers)
    if status != 200:
        promises.unexpected.append(reply)
        return
    call_id = SIMULATOR.read_call_id(reply) or ""
    promises.calls.add(call_id)
    promises.call_events += 1
    for request in SIMULATOR.reports(script, reply):
        status, _ = await client.post(request.target, request.body, request.headers)
        promises.call_events += status == 200
