"""A small edge for phone tests: verifies, parses and renders with the real carrier, and remembers what came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ringtrace.core.calls import ReportKind
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import Plan
from ringtrace.telephony.kamailio.inbound import CARRIER
from ringtrace.telephony.port import Doors, Inbound, Reply, Report, Webhook

SECRET = "the plumber's shared secret"
CONNECTION_ID = "connection_1"


class RouteApp(ThreadingHTTPServer):
    """`plan_for(inbound)` decides. `failing` is how many requests are still to be answered 500."""

    daemon_threads = True

    def __init__(self, plan_for: Callable[[Inbound], Plan], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.plan_for = plan_for
        self.failing = 0
        self.bodies: list[bytes] = []
        self.inbound: list[Inbound] = []
        self.reports: list[Report] = []
        self.refused: list[Refusal] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def kinds(self) -> list[ReportKind]:
        return [report.kind for report in self.reports]

    def answer(self, webhook: Webhook) -> Reply:
        self.bodies.append(webhook.body)
        refusal = CARRIER.verify(webhook, SECRET, time.time_ns() // 1_000_000)
        if refusal is not None:
            self.refused.append(refusal)
            return Reply(status=403, content_type="text/plain", body=b"")
        if self.failing > 0:
            self.failing -= 1
            return CARRIER.error_document()
        if webhook.door not in CARRIER.inbound_doors:
            report = CARRIER.parse_report(webhook)
            assert report is not None
            self.reports.append(report)
            return CARRIER.acknowledge(webhook)
        inbound = CARRIER.parse_inbound(webhook)
        self.inbound.append(inbound)
        call_id = f"call_{len(self.inbound)}"
        return CARRIER.render(self.plan_for(inbound), Doors(base=self.url, call_id=call_id))


class _Handler(BaseHTTPRequestHandler):
    server: RouteApp

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        webhook = Webhook(
            door=self.path.rpartition("/")[2], url=self.server.url + self.path, headers=headers, body=body
        )
        reply = self.server.answer(webhook)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


@contextmanager
def running_route_app(plan_for: Callable[[Inbound], Plan], port: int = 0) -> Iterator[RouteApp]:
    with RouteApp(plan_for, port) as app:
        thread = threading.Thread(target=app.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield app
        finally:
            app.shutdown()
            thread.join()
