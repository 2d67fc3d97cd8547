"""A small house in one process: an edge with everything in its directory that a test may want."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from ringtrace.core.clock import SetClock
from ringtrace.edge.app import Edge
from ringtrace.edge.inprocess import Answered, InProcess
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.flows.interpreter import ring_flow
from ringtrace.privacy.keys import connection_purpose, load_keys
from ringtrace.telephony.registry import CARRIERS
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry
from ringtrace.wire.journal import AnyEvent
from ringtrace.wire.sqlite import open_store, publish_directory, read_events

COMPANY, SITE, KEY = "company_test", "site_test", "st_test"
ORIGIN = "https://plumber.example"
TARGET = "+13105550123"
PUBLIC_URL = "https://edge.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"


class House:
    """One company with one site, one pool (`numbers`) and one connection a carrier, each with one static number."""

    def __init__(self, data_dir: Path, numbers: int, *, visits_per_minute: int = 600, region_header: str = "") -> None:
        self.path = data_dir / "edge.sqlite"
        self.keys = load_keys(data_dir)
        self.clock = SetClock(1_760_000_000_000)
        self.secrets = {carrier: secrets.token_hex(16) for carrier in CARRIERS}
        self.numbers = tuple(f"+131055501{n:02d}" for n in range(40, 40 + numbers))
        self.static = {carrier: f"+131055502{n:02d}" for n, carrier in enumerate(sorted(CARRIERS))}
        self.pool_carrier = "kamailio"
        self._runner = asyncio.Runner()
        self._visits_per_minute = visits_per_minute
        self._region_header = region_header
        self.publish(self.directory)
        self.open()

    def open(self) -> None:
        """A new edge on the same store, as after a restart."""
        self.store = SqliteEdgeStore(self.path)
        self.edge = Edge(
            self.store,
            self.keys,
            self.clock,
            visits_per_minute=self._visits_per_minute,
            region_header=self._region_header,
        )
        self.door = InProcess(self.edge)
        self._runner.run(self.edge.refresh())

    def restart(self) -> None:
        self._runner.run(self.store.close())
        self.open()

    def close(self) -> None:
        self._runner.run(self.store.close())
        self._runner.close()

    def directory(self, version: int) -> Directory:
        return Directory(
            version=version,
            sites=(SiteEntry(site_id=SITE, company_id=COMPANY, key=KEY, origins=(ORIGIN,)),),
            pools=(
                PoolEntry(
                    pool_id="pool_test", site_id=SITE, company_id=COMPANY, target_e164=TARGET, numbers=self.numbers
                ),
            ),
            numbers=(
                *(self._number(e164, self.pool_carrier, "pool_test") for e164 in self.numbers),
                *(self._number(e164, carrier, None) for carrier, e164 in self.static.items()),
            ),
            connections=tuple(self._connection(carrier) for carrier in CARRIERS),
        )

    def _number(self, e164: str, carrier: str, pool_id: str | None) -> NumberEntry:
        return NumberEntry(
            number_id=f"num_{e164}",
            company_id=COMPANY,
            e164=e164,
            connection_id=f"conn_{carrier}",
            flow=ring_flow("+13105550199", 20),
            pool_id=pool_id,
        )

    def _connection(self, carrier: str) -> ConnectionEntry:
        connection_id = f"conn_{carrier}"
        return ConnectionEntry(
            connection_id=connection_id,
            company_id=COMPANY,
            carrier=carrier,
            public_url=PUBLIC_URL,
            sealed_secret=self.keys.seal(self.secrets[carrier], connection_purpose(connection_id)),
        )

    def publish(self, directory: Callable[[int], Directory]) -> None:
        """Publishes what `directory(version)` returns."""
        with closing(open_store(self.path)) as store:
            publish_directory(store, directory)

    def refresh(self) -> bool:
        return self._runner.run(self.edge.refresh())

    def tell_refusals(self) -> None:
        self._runner.run(self.edge.tell_refusals())

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None, **options: str) -> Answered:
        """Posts as a browser on the site's page would; `body` is JSON's, or raw bytes."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        browser = {"origin": ORIGIN, "user-agent": BROWSER, "accept-language": "en"}
        return self._runner.run(self.door.post(path, raw, {**browser, **(headers or {})}, **options))

    def ask(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        return self._runner.run(self.door.ask(method, target, body, headers))

    def visit(
        self, name: str, url: str = f"{ORIGIN}/", *, new: bool = True, visitor: str = "", **more: object
    ) -> Answered:
        """A page view of the visit called `name`."""
        return self.post("/v1/visit", {**self.sign(name, visitor), "url": url, "new": new, **more})

    def together(self, *visits: tuple[str, bool]) -> list[Answered]:
        """Page views that arrive at once, in this order: the visit's name, and whether it says it is new."""

        async def post_all() -> list[Answered]:
            posts = [
                self.door.post(
                    "/v1/visit",
                    msgspec.json.encode({**self.sign(name), "url": f"{ORIGIN}/", "new": new}),
                    {"origin": ORIGIN, "user-agent": BROWSER, "accept-language": "en"},
                )
                for name, new in visits
            ]
            return list(await asyncio.gather(*posts))

        return self._runner.run(post_all())

    def sign(self, name: str, visitor: str = "") -> dict[str, object]:
        """What every post of a visit has."""
        return {
            "v": 1,
            "site": KEY,
            "visit": f"visit-token-{name:0>8}",
            "visitor": f"visitor-token-{visitor or name:0>8}",
        }

    def events(self) -> list[AnyEvent]:
        """The whole journal, in order."""
        with closing(open_store(self.path)) as store:
            return [event for _, event in read_events(store, 0, 1_000_000) if event is not None]


def make_house(data_dir: Path, numbers: int = 3, *, visits_per_minute: int = 600, region_header: str = "") -> House:
    return House(data_dir, numbers, visits_per_minute=visits_per_minute, region_header=region_header)


def shown(answer: Answered) -> list[str]:
    """The numbers an answer says to show."""
    return [swap["number"] for swap in msgspec.json.decode(answer.body)["swaps"]]
