"""The plumber's web site, with a telephone: a button that places a simulated call into the running Ringtrace.

The call is real for everything behind the carrier: signed requests in the carrier's own format, at real time.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import MutableMapping
from importlib import resources
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from ringtrace.core.clock import Clock
from ringtrace.core.ids import new_id
from ringtrace.telephony.simulator import (
    Answered,
    CallerHangsUp,
    CallScript,
    NoAnswer,
    Scenario,
    Simulator,
    TimedRequest,
)

log = logging.getLogger("ringtrace.demo")

_TYPES = {
    "html": b"text/html; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
}
_MOST_BYTES = 4_096
_MOST_RINGS = 200
_POST_TRIES = 5

Message = MutableMapping[str, Any]


class DemoLine(Struct, frozen=True, kw_only=True):
    """How the demo's telephone reaches the edge."""

    simulator: Simulator
    edge_url: str
    web_url: str
    site_key: str
    connection_id: str
    secret: str

    def __repr__(self) -> str:
        return f"DemoLine({self.connection_id})"


class RingPost(Struct, frozen=True, kw_only=True):
    """What the page posts: the number to ring, and how it should go."""

    number: str
    how: str = "answered"


class RingState(Struct, kw_only=True):
    """How a simulated call stands: `ringing`, `in_progress` or `ended`; `note` is for the person who watches."""

    state: str
    note: str


_COURSES: dict[str, tuple[Scenario, str]] = {
    "answered": (Answered(ring_secs=3, talk_secs=8), "Answered: they talked for 8 seconds."),
    "nobody_answers": (NoAnswer(ring_secs=8), "Nobody answered: a missed call."),
    "caller_hangs_up": (CallerHangsUp(after_secs=4), "The caller hung up while it rang."),
}


class DemoSite:
    """An ASGI app: the pages, `POST /ring` and `GET /ring/ID`."""

    def __init__(self, line: DemoLine, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._pages = _load_pages(line)
        self._rings: dict[str, RingState] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(timeout=5, trust_env=False)

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if scope["method"] == "POST" and path == "/ring":
            status, kind, body = await self._ring(await _read(receive))
        elif path.startswith("/ring/"):
            status, kind, body = self._state(path.removeprefix("/ring/"))
        else:
            page = self._pages.get("/index.html" if path == "/" else path)
            status, kind, body = (200, *page) if page else (404, _TYPES["html"], b"<h1>Not here</h1>")
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._http.aclose()

    async def _ring(self, body: bytes | None) -> tuple[int, bytes, bytes]:
        try:
            post = msgspec.json.decode(body or b"", type=RingPost)
            scenario, _ = _COURSES[post.how]
        except (msgspec.DecodeError, KeyError):
            return 400, b"application/json", b'{"error":"a number, and how it goes"}'
        if len(self._rings) >= _MOST_RINGS:
            self._rings.pop(next(iter(self._rings)))
        now_ms = self._clock()
        ring_id = new_id("ring", now_ms)
        self._rings[ring_id] = RingState(state="ringing", note="Ringing…")
        script = CallScript(
            key=ring_id,
            started_ms=now_ms,
            public_url=self._line.edge_url,
            connection_id=self._line.connection_id,
            secret=self._line.secret,
            called=post.number,
            caller=f"+1213555{random.randrange(100, 200):04d}",
            scenario=scenario,
        )
        task = asyncio.create_task(self._play(ring_id, script, post.how))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return 200, b"application/json", msgspec.json.encode({"id": ring_id})

    def _state(self, ring_id: str) -> tuple[int, bytes, bytes]:
        state = self._rings.get(ring_id)
        if state is None:
            return 404, b"application/json", b'{"error":"no such call"}'
        return 200, b"application/json", msgspec.json.encode(state)

    async def _play(self, ring_id: str, script: CallScript, how: str) -> None:
        ring = self._rings[ring_id]
        try:
            reply = await self._post(self._line.simulator.inbound(script))
            reports = self._line.simulator.reports(script, reply.content)
            if not reports:
                ring.state, ring.note = "ended", "Ringtrace does not know this number."
                return
            for request in reports:
                await asyncio.sleep(max(0, script.started_ms + request.offset_ms - self._clock()) / 1000)
                await self._post(request)
                if isinstance(script.scenario, Answered) and request.offset_ms >= script.scenario.ring_secs * 1000:
                    ring.state, ring.note = "in_progress", "They are talking…"
            ring.state, ring.note = "ended", _COURSES[how][1]
        except httpx.HTTPError:
            log.warning("the edge did not answer the demo's telephone")
            ring.state, ring.note = "ended", "The edge did not answer: is Ringtrace running?"

    async def _post(self, request: TimedRequest) -> httpx.Response:
        """As a carrier does it: again when the edge does not answer. Raises httpx.HTTPError after the last try."""
        for _ in range(_POST_TRIES - 1):
            try:
                return await self._http.post(request.url, content=request.body, headers=dict(request.headers))
            except httpx.TransportError:
                await asyncio.sleep(0.5)
        return await self._http.post(request.url, content=request.body, headers=dict(request.headers))


def _load_pages(line: DemoLine) -> dict[str, tuple[bytes, bytes]]:
    places = {"{{EDGE}}": line.edge_url, "{{SITE_KEY}}": line.site_key, "{{WEB}}": line.web_url}
    pages = {}
    for file in resources.files("ringtrace.demo").joinpath("pages").iterdir():
        body = file.read_text(encoding="utf-8")
        for place, value in places.items():
            body = body.replace(place, value)
        pages[f"/{file.name}"] = (_TYPES[file.name.rpartition(".")[2]], body.encode())
    return pages


async def _read(receive: Any) -> bytes | None:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > _MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return body
