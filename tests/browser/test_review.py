"""The review of calls and the editor of what counts, by the keyboard in a real browser, within the policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell

_PAGES = (
    *("/calls/review/", "/settings/definitions/", "/settings/definitions/add/?start=new_in_90_days"),
    *("/settings/tags/", "/settings/tags/add/"),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture
def alice(page: Page, shell: Shell, alices_cookies: str) -> Page:
    page.context.add_cookies([{"name": "ringtrace_session", "value": alices_cookies, "url": shell.url}])
    return page


@pytest.fixture(scope="module")
def alices_cookies(chromium: Browser, shell: Shell) -> str:
    """Alice signed in once, by her link."""
    context = chromium.new_context()
    context.new_page().goto(shell.link)
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    context.close()
    return cookies["ringtrace_session"]


def _complaints(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def _loads(page: Page) -> list[str]:
    """The documents that the page loads from now on."""
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if request.resource_type == "document" else None)
    return loaded


def test_it_reviews_calls_by_the_keyboard_alone_without_loading_a_page(alice: Page, shell: Shell) -> None:
    first, second = (shell.ring() for _ in range(2))
    for call_id in (first, second):
        shell.finish(call_id)
    said = _complaints(alice)
    alice.goto(f"{shell.url}/calls/review/")
    opens = alice.locator("#review .head a")
    expect(opens).to_have_attribute("href", f"/calls/{second}/")
    loaded, keys = _loads(alice), alice.keyboard
    keys.press("1")
    expect(opens).to_have_attribute("href", f"/calls/{first}/")
    expect(alice.get_by_role("status").first).to_contain_text("Marked “Booked”.")
    expect(alice.locator("#review")).to_be_focused()
    keys.press("s")
    expect(alice.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    keys.press("t")
    keys.type("s1 boiler")
    keys.press("Enter")
    expect(alice.get_by_role("list", name="Tags")).to_contain_text("s1 boiler")
    expect(opens).to_have_attribute("href", f"/calls/{first}/")
    keys.press("ArrowUp")
    expect(opens).to_have_attribute("href", f"/calls/{second}/")
    expect(alice.get_by_role("button", name="Booked")).to_have_attribute("aria-pressed", "true")
    assert f"call={second}" in alice.url
    keys.press("u")  # the tag of the other call
    expect(opens).to_have_attribute("href", f"/calls/{first}/")
    expect(alice.get_by_role("list", name="Tags")).not_to_contain_text("s1 boiler")
    keys.press("?")
    expect(alice.get_by_text("undo what was said last")).to_be_visible()
    alice.get_by_label("Listen to single keys").uncheck()
    alice.locator("#review").focus()
    keys.press("j")
    expect(opens).to_have_attribute("href", f"/calls/{first}/")
    assert loaded == []
    assert said == []


def test_it_keeps_keys_for_the_call_that_is_on_its_way(alice: Page, shell: Shell) -> None:
    first, second, third = (shell.ring() for _ in range(3))
    for call_id in (first, second, third):
        shell.finish(call_id)
    alice.goto(f"{shell.url}/calls/review/?call={third}")
    for key in "123":
        alice.keyboard.press(key)
    expect(alice.get_by_role("status").first).to_contain_text("Marked “Call back”.")
    for call_id, said in ((third, "Booked"), (second, "Quoted"), (first, "Call back")):
        alice.goto(f"{shell.url}/calls/{call_id}/")
        expect(alice.get_by_role("button", name=said)).to_have_attribute("aria-pressed", "true")


def test_it_counts_while_somebody_edits_in_rows_and_in_json(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    alice.goto(f"{shell.url}/settings/definitions/add/")
    loaded = _loads(alice)
    alice.locator("#top_0_of").select_option("talk_secs")
    expect(alice.locator("#top_0_how option:not([disabled])")).to_have_text(["is at least", "is less than"])
    alice.locator("#top_0_value").focus()
    alice.keyboard.type("200")
    expect(alice.locator("#count")).to_contain_text("talked at least 200 seconds")
    expect(alice.locator("#count")).to_contain_text("1 of those would not")
    alice.get_by_role("button", name="Edit as JSON").focus()
    alice.keyboard.press("Enter")
    box = alice.get_by_label("The condition as JSON")
    expect(box).to_have_value('{\n  "field": "talk_secs",\n  "at_least": 200\n}')
    box.fill('{"field": "talk_secs", "at_least": 90}')
    expect(alice.locator("#count")).to_contain_text("talked at least 90 seconds")
    alice.get_by_role("button", name="Edit as rows").click()
    expect(alice.locator("#top_0_value")).to_have_value("90")
    expect(alice.locator("#top_0_how")).to_have_value("at_least")
    assert loaded == []
    assert said == []


def test_it_fits_a_phone_and_keeps_the_policy(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    alice.set_viewport_size({"width": 360, "height": 740})
    for path in _PAGES:
        alice.goto(shell.url + path)
        too_wide = alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path
    assert said == []
