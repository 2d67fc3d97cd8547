"""From the first link to the first call of one's own: `ringtrace serve` as a user starts it, and its own wizard."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ringtrace.telephony.simulator import Answered, CallScript
from ringtrace.telephony.twilio.simulator import SIMULATOR
from ringtrace.testing.serving import Serving, start_serving

PRINTED = "(310) 555-0123"
TOKEN = "12345678901234567890123456789012"
MOST_SECS = 60  # of the machine's part: reading and typing is the other nine minutes

pytestmark = pytest.mark.xdist_group("whole")


@pytest.fixture
def ringtrace(tmp_path: Path) -> Iterator[Serving]:
    with start_serving(tmp_path / "data") as serving:
        yield serving


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A page on this machine: its address, and its file."""
    folder = tmp_path / "pages"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder / "index.html"
    server.shutdown()
    thread.join()
    server.server_close()


def _walk(page: Page, ringtrace: Serving, site_url: str) -> str:
    """Through the wizard; the script tag at its end."""
    page.goto(ringtrace.link)
    page.get_by_label("E-mail").fill("alice@harborplumbing.example")
    page.get_by_label("Password").fill("a long pass phrase of hers")
    page.get_by_label("Company name").fill("Harbor Plumbing")
    page.get_by_label("Time zone").fill("America/Los_Angeles")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Address").fill(site_url)
    page.get_by_label("Printed number").fill(PRINTED)
    page.get_by_role("button", name="Continue").click()
    page.locator("[name=carrier][value=twilio]").check()
    page.get_by_label("auth token").fill(TOKEN)
    page.get_by_label("Tracking numbers").fill("(310) 555-0140\n(310) 555-0141")
    page.get_by_label("Where calls go").fill("(310) 555-0199")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/start/done/")
    return page.locator("code", has_text="<script").first.inner_text()


def _call(ringtrace: Serving, connection_id: str, called: str) -> None:
    """What Twilio posts when somebody calls."""
    started_ms = time.time_ns() // 1_000_000
    script = CallScript(
        key=str(started_ms),
        started_ms=started_ms,
        public_url=ringtrace.edge_url,
        connection_id=connection_id,
        secret=TOKEN,
        called=called,
        caller="+13105557734",
        scenario=Answered(ring_secs=1, talk_secs=2),
    )
    inbound = SIMULATOR.inbound(script)
    with httpx.Client(trust_env=False) as carrier:
        assert carrier.post(inbound.url, content=inbound.body, headers=dict(inbound.headers)).status_code == 200


def test_it_leads_to_the_first_call_and_each_line_turns_green_by_itself(
    chromium: Browser, ringtrace: Serving, site: tuple[str, Path]
) -> None:
    site_url, index = site
    began = time.monotonic()
    owner = chromium.new_context().new_page()
    tag = _walk(owner, ringtrace, site_url)
    lines = owner.locator("#progress .check-line")
    expect(lines).to_have_count(3)
    assert owner.locator("#progress .good").count() == 0
    index.write_text(f"<!doctype html><head>{tag}</head><p>Call <b>{PRINTED}</b></p>")
    visitor = chromium.new_context().new_page()
    visitor.goto(f"{site_url}/?utm_source=google&utm_medium=cpc")
    expect(visitor.locator("b")).not_to_have_text(PRINTED)
    expect(lines.nth(1)).to_have_class(re.compile("good"))
    expect(lines.nth(1)).to_contain_text("google / cpc")
    shown = visitor.locator("b").inner_text()
    expect(lines.nth(2)).to_contain_text(f"Call {shown}")
    connection = re.search(r"/carriers/(conn_\w+)/inbound", owner.content())
    assert connection is not None
    _call(ringtrace, connection[1], "+1" + re.sub(r"\D", "", shown))
    expect(lines.nth(2)).to_have_class(re.compile("good"))
    expect(owner.locator("#progress")).to_contain_text("It works")
    assert time.monotonic() - began < MOST_SECS
    owner.get_by_role("link", name="look at it").click()
    expect(owner.locator("main")).to_contain_text("google")
    for page in (owner, visitor):
        page.context.close()
