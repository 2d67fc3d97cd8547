"""The call log in a real browser: filters that news keeps to, ticks that stay, a run of them by Shift, and the undo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture
def alice(chromium: Browser, shell: Shell) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(shell.link)
    yield page
    context.close()


def test_it_filters_ticks_and_says_one_thing_of_many_while_calls_come_in(alice: Page, shell: Shell) -> None:
    said: list[str] = []
    alice.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    first, second, third = (shell.ring() for _ in range(3))
    for call_id in (first, second, third):
        shell.finish(call_id)
    alice.goto(f"{shell.url}/calls/")
    alice.get_by_text("More filters").click()
    alice.get_by_role("group", name="Status").get_by_label("Answered").check()
    alice.get_by_role("button", name="Show calls").click()
    expect(alice).to_have_url(f"{shell.url}/calls/?status=answered")
    expect(alice.locator("#log-count")).to_have_text("4 calls found")
    boxes = alice.locator("#log-rows input[name=call]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(alice.locator("#bulk")).to_contain_text("With the 3 ticked:")

    ringing = shell.ring()
    shell.finish(ringing)  # under the filter it is news once it is answered
    expect(alice.locator(f"#{ringing}")).to_be_visible(timeout=8_000)
    expect(alice.locator("#log-count")).to_have_text("5 calls found")
    expect(boxes.nth(0)).not_to_be_checked()
    assert [boxes.nth(nth).is_checked() for nth in range(5)] == [False, True, True, True, False]

    alice.get_by_placeholder("Tag", exact=True).fill("Boiler")
    alice.get_by_role("button", name="Add tag").click()
    expect(alice.get_by_role("status").filter(has_text="Tagged 3 calls “Boiler”.")).to_be_visible()
    expect(alice).to_have_url(f"{shell.url}/calls/?status=answered")
    expect(alice.locator("#log-rows .said-tag")).to_have_count(3)
    alice.get_by_role("button", name="Undo it").click()
    expect(alice.locator("#log-rows .said-tag")).to_have_count(0)

    alice.get_by_role("link", name="Take off the filter Answered").click()
    expect(alice).to_have_url(f"{shell.url}/calls/")
    for path in ("/calls/", f"/calls/{first}/", "/outcomes/", "/calls/?status=answered&days=7"):
        alice.set_viewport_size({"width": 360, "height": 740})
        alice.goto(shell.url + path)
        assert alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
    assert said == []
