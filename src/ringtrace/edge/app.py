"""The edge: raw ASGI, a handful of doors, one store."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from ringtrace.core.clock import MINUTE_MS, Clock
from ringtrace.core.errors import RingtraceError, StoreUnavailable
from ringtrace.core.refusals import Refusal
from ringtrace.edge.calls import answer_carrier
from ringtrace.edge.counts import Counts
from ringtrace.edge.directory import Lookup
from ringtrace.edge.http import Answer, Receive, Request, Scope, Send, read_request, refuse, send_answer
from ringtrace.edge.limits import RateLimit
from ringtrace.edge.snippets import SNIPPETS
from ringtrace.edge.store.port import EdgeStore
from ringtrace.edge.visits import (
    answer_beat,
    answer_click,
    answer_form,
    answer_identify,
    answer_server,
    answer_visit,
)
from ringtrace.privacy.keys import Keys
from ringtrace.wire.directory import Directory

log = logging.getLogger("ringtrace.edge")

_MOST_VISIT_BYTES = 32_768
_MOST_WEBHOOK_BYTES = 65_536
_MOST_WAITING = 10_000

PageDoor = Callable[["Edge", Request, int], Awaitable[Answer]]

SERVER_DOOR = "/v1/server/visit"  # for servers: no page may read its answer
PAGE_DOORS: dict[str, PageDoor] = {
    "/v1/visit": answer_visit,
    "/v1/beat": answer_beat,
    "/v1/click": answer_click,
    "/v1/form": answer_form,
    "/v1/identify": answer_identify,
    SERVER_DOOR: answer_server,
}


class Edge:
    """One edge process. `visits_per_minute` bounds what one address may post to one site, `new_per_ten_minutes` how
    many new visits of an address get numbers of their own; `trusted_proxies` are ours, in front; `region_header`, in
    lower case, is a header that they set."""

    def __init__(
        self,
        store: EdgeStore,
        keys: Keys,
        clock: Clock,
        *,
        visits_per_minute: int = 600,
        new_per_ten_minutes: int = 120,
        trusted_proxies: int = 0,
        region_header: str = "",
    ) -> None:
        self.store = store
        self.keys = keys
        self.clock = clock
        self.trusted_proxies = trusted_proxies
        self.region_header = region_header
        self.counts = Counts()
        self.rate = RateLimit(visits_per_minute, MINUTE_MS)
        self.bursts = RateLimit(new_per_ten_minutes, 10 * MINUTE_MS)
        self.lookup = Lookup(Directory(version=0), keys)
        self._page_headers = _PAGE_HEADERS | {region_header.encode()}

    @property
    def is_overloaded(self) -> bool:
        return self.store.waiting >= _MOST_WAITING

    async def refresh(self) -> bool:
        """Takes a newer directory if one was published; True if so. Raises StoreUnavailable."""
        newer = await self.store.directory_after(self.lookup.version)
        if newer is None:
            return False
        lookup = Lookup(newer, self.keys)
        await self.store.set_pools(newer.pools, self.clock())
        self.lookup = lookup
        return True

    async def tell_refusals(self) -> None:
        """Journals the refusals counted since the last time; raises StoreUnavailable, and keeps what was not taken."""
        events = self.counts.take_events(self.clock())
        for told, event in enumerate(events):
            try:
                await self.store.record(event)
            except StoreUnavailable:
                for untold in events[told:]:
                    self.counts.put_back(untold)
                raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        try:
            answer, origin, door = await self._answer(scope, receive, path)
        except RingtraceError as error:
            log.warning("door %s failed: %s", _door_name(path), type(error).__name__)
            answer, origin, door = refuse(Refusal.STORE_DOWN), None, _door_name(path)
        self.counts.answered(door, answer.refusal)
        await send_answer(send, answer, origin)

    async def _answer(self, scope: Scope, receive: Receive, path: str) -> tuple[Answer, str | None, str]:
        if path in PAGE_DOORS:
            return await self._answer_page(scope, receive, path)
        if path.startswith("/carriers/"):
            return await self._answer_carrier(scope, receive, path), None, "carriers"
        return self._answer_get(scope, path), None, _door_name(path)

    async def _answer_page(self, scope: Scope, receive: Receive, path: str) -> tuple[Answer, str | None, str]:
        request = await read_request(scope, receive, _MOST_VISIT_BYTES, self._page_headers)
        if isinstance(request, Refusal):
            self.counts.refused(request)
            return refuse(request), None, path
        if request.method != "POST":
            return refuse(Refusal.NO_SUCH_DOOR), None, path
        answer = await PAGE_DOORS[path](self, request, self.clock())
        return answer, None if path == SERVER_DOOR else request.headers.get("origin"), path

    async def _answer_carrier(self, scope: Scope, receive: Receive, path: str) -> Answer:
        request = await read_request(scope, receive, _MOST_WEBHOOK_BYTES)
        if isinstance(request, Refusal):
            self.counts.refused(request)
            return refuse(request)
        parts = path.split("/")
        if len(parts) != 4 or request.method != "POST":
            return refuse(Refusal.NO_SUCH_DOOR)
        return await answer_carrier(self, request, parts[2], parts[3], self.clock())

    def _answer_get(self, scope: Scope, path: str) -> Answer:
        if scope["method"] not in ("GET", "HEAD"):
            return refuse(Refusal.NO_SUCH_DOOR)
        if path in SNIPPETS:
            return SNIPPETS[path]
        if path == "/healthz":
            return Answer(body=b'{"status":"ok"}')
        if path == "/metrics":
            return Answer(body=self._metrics(), content_type=b"text/plain; version=0.0.4")
        return refuse(Refusal.NO_SUCH_DOOR)

    def _metrics(self) -> bytes:
        figures = {
            "directory_version": self.lookup.version,
            "waiting_writes": self.store.waiting,
            "waiting_writes_most": _MOST_WAITING,
            "commits_total": self.store.commits,
            **self.store.figures(),
        }
        return self.counts.exposition(figures)


# What page doors look at: a browser sends a dozen headers more.
_PAGE_HEADERS = frozenset(
    {b"origin", b"user-agent", b"accept-language", b"sec-gpc", b"x-forwarded-for", b"authorization"}
)


def _door_name(path: str) -> str:
    """A bounded set of names for the metrics: what visitors make up is `other`."""
    if path.startswith("/carriers/"):
        return "carriers"
    return "snippet" if path in SNIPPETS else path if path in ("/healthz", "/metrics", *PAGE_DOORS) else "other"
