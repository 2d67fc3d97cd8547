"""An edge played by the test: it keeps the door's contract and remembers every post. And a server for the pages."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from urllib.parse import urlsplit

SNIPPET = Path(__file__).parents[2] / "src/ringtrace/edge/static/snippet.js"
TARGET = "+13105550123"
POOL = ("+13105550142", "+13105550157", "+13105550168", "+13105550179")

Body = dict[str, object]


@dataclass
class PlayedEdge:
    """Numbers go to visits in the order they come.

    `status`, `stalls`, `drops`, `breaks` and `refuses` make it misbehave; `lose()` takes every lease away, as if
    the hold had run out. A visitor who said no gets neither tokens nor a number of the pool; `statics` are shown to
    everyone. `note` is what the edge appends to a visit's token.
    """

    beat_secs: float = 60
    status: int = 200
    stalls: bool = False
    drops: bool = False
    breaks: frozenset[str] = frozenset()  # doors that answer 500
    pool: tuple[str, ...] = POOL
    statics: tuple[Body, ...] = ()
    note: str = ""
    refuses: Callable[[Body], bool] = lambda _: False
    origin: str = ""
    posts: list[tuple[str, Body]] = field(default_factory=list)
    released: Event = field(default_factory=Event)
    _leases: dict[str, str] = field(default_factory=dict)
    _leased: int = 0
    _news: Condition = field(default_factory=Condition)

    def take(self, door: str, body: Body) -> Body:
        with self._news:
            self.posts.append((door, body))
            answer = {} if door in self.breaks else self._answer(door, body)  # a door that fails leases nothing
            self._news.notify_all()
        return answer

    def of(self, door: str) -> list[Body]:
        return [body for name, body in self.posts if name == door]

    def wait_for(self, door: str, count: int = 1, deadline_secs: float = 10) -> list[Body]:
        """The door's posts once there are `count`; AssertionError after the deadline."""
        with self._news:
            enough = self._news.wait_for(lambda: len(self.of(door)) >= count, deadline_secs)
            assert enough, f"{len(self.of(door))} posts to {door}, {count} awaited"
            return self.of(door)

    def lose(self) -> None:
        self._leases.clear()

    def _answer(self, door: str, body: Body) -> Body:
        said = {"beat_secs": self.beat_secs, "gpc": body.get("gpc", False)}
        if body["consent"] == "denied" or self.refuses(body):
            alone = {"visitor": None, "visit": None, "swaps": self.statics, "held": False, "reason": "no_consent"}
            return said | alone
        visit = str(body["visit"]).removesuffix(self.note)
        if door == "visit" and visit not in self._leases:
            self._leases[visit] = self.pool[self._leased % len(self.pool)] if self.pool else ""
            self._leased += 1
        number = self._leases.get(visit) or None
        leased = ({"target": TARGET, "cc": "1", "number": number},) if number else ()
        tokens = {"visitor": body["visitor"], "visit": visit + self.note}
        return said | tokens | {"swaps": leased + self.statics, "held": number is not None, "reason": None}


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what went wrong."""

    def send(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError):  # the page that asked is gone
            self.wfile.write(content)


def _edge_handler(edge: PlayedEdge) -> type[BaseHTTPRequestHandler]:
    class Handler(_Quiet):
        def do_GET(self) -> None:
            anyone = {"Access-Control-Allow-Origin": "*"}
            self.send(200, SNIPPET.read_bytes(), "text/javascript; charset=utf-8", **anyone)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"].startswith("text/plain")
            answer = edge.take(self.path.removeprefix("/v1/"), body)
            if edge.stalls:
                edge.released.wait()
            if edge.drops or edge.stalls:
                self.close_connection = True
                return
            allowed = {"Access-Control-Allow-Origin": self.headers["Origin"]}
            status = 500 if self.path.removeprefix("/v1/") in edge.breaks else edge.status
            self.send(status, json.dumps(answer).encode(), "application/json", **allowed)

    return Handler


def _page_handler(folder: Path, policy: str, placeholders: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    headers = {"Content-Security-Policy": policy} if policy else {}

    class Handler(_Quiet):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            file = folder / (path.strip("/") or "index.html")
            if not file.is_file():
                self.send(404, b"", "text/plain")
                return
            content = file.read_bytes()
            for name, value in placeholders.items():
                content = content.replace(b"{{%s}}" % name.encode(), value.encode())
            self.send(200, content, mimetypes.guess_type(file.name)[0] or "text/plain", **headers)

    return Handler


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serves on a free port of loopback; gives the origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def played_edge(edge: PlayedEdge) -> Iterator[PlayedEdge]:
    with _served(_edge_handler(edge)) as edge.origin:
        try:
            yield edge
        finally:
            edge.released.set()


@contextmanager
def served_pages(folder: Path, *, policy: str = "", **placeholders: str) -> Iterator[str]:
    """The folder's files, with each `{{NAME}}` filled in; gives the origin."""
    with _served(_page_handler(folder, policy, placeholders)) as origin:
        yield origin
