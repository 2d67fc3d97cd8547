"""The screen pop in a real browser: a call that begins while the page is open, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell

_WITHIN_MS = 10_000


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture(scope="module")
def alice(chromium: Browser, shell: Shell) -> str:
    """Her session, signed in once by her link."""
    context = chromium.new_context()
    context.new_page().goto(shell.link)
    (found,) = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "ringtrace_session"]
    context.close()
    return str(found)


def test_a_call_appears_goes_on_and_is_said_how_it_ended(page: Page, shell: Shell, alice: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.add_cookies([{"name": "ringtrace_session", "value": alice, "url": shell.url}])
    page.goto(f"{shell.url}/pop/")
    expect(page.locator("#pop-link")).to_have_text("Calls appear by themselves")
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.resource_type == "document" else None)
    call_id = shell.ring()
    card = page.locator(f"#{call_id}")
    expect(card).to_contain_text("Ringing", timeout=_WITHIN_MS)
    expect(card.get_by_role("heading", level=2)).to_have_text("(310) 555-7734")
    expect(card.get_by_role("button", name="Booked")).to_have_count(0)
    shell.finish(call_id)
    expect(card).to_contain_text("Answered", timeout=_WITHIN_MS)
    expect(card).to_contain_text("emergency-leaks")
    card.get_by_role("button", name="Booked").click()
    expect(card.get_by_role("button", name="Booked")).to_have_attribute("aria-pressed", "true")
    card.get_by_text("Add an outcome").click()
    card.get_by_label("Value").fill("12")
    other = shell.ring()  # the desk changes under the hands of somebody who types
    expect(page.locator(f"#{other}")).to_contain_text("Ringing", timeout=_WITHIN_MS)
    expect(card.get_by_label("Value")).to_have_value("12")
    card.get_by_role("button", name="Save outcome").click()
    expect(card).to_contain_text(re.compile(r"Sale\s+\$12"))
    assert loads == []
    assert complaints == []


def test_without_a_stream_it_asks_by_itself(page: Page, shell: Shell, alice: str) -> None:
    page.context.add_cookies([{"name": "ringtrace_session", "value": alice, "url": shell.url}])
    page.route("**/pop/stream/**", lambda route: route.fulfill(status=503))
    page.goto(f"{shell.url}/pop/")
    expect(page.locator("#pop-link")).to_have_text("Asking every two seconds")
    call_id = shell.ring()
    expect(page.locator(f"#{call_id}")).to_contain_text("Ringing", timeout=_WITHIN_MS)
