"""The shell's pages in a real browser: the policy holds, calls appear by themselves, a phone and a keyboard suffice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell

_PAGES = (
    *("/", "/?days=90", "/sources/", "/calls/", "/numbers/", "/numbers/pools/add/", "/start/done/"),
    *("/settings/", "/settings/sources/", "/settings/sources/add/"),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture(scope="module")
def alices_cookies(chromium: Browser, shell: Shell) -> str:
    """Alice signed in once, by her link; each test begins as she left the browser."""
    context = chromium.new_context()
    context.new_page().goto(shell.link)
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    context.close()
    return cookies["ringtrace_session"]


@pytest.fixture
def alice(page: Page, shell: Shell, alices_cookies: str) -> Page:
    page.context.add_cookies([{"name": "ringtrace_session", "value": alices_cookies, "url": shell.url}])
    return page


def _complaints(page: Page) -> list[str]:
    """What the browser's console says from now on, violations of the policy among it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_it_keeps_the_strict_policy_on_every_page(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    for path in _PAGES:
        answer = alice.goto(shell.url + path)
        assert answer is not None
        assert answer.status == 200, path
    assert said == []


def test_it_draws_the_chart_and_tells_a_bar_on_hover_within_the_policy(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    alice.goto(f"{shell.url}/?days=7")
    chart = alice.get_by_role("img", name="Stacked bars")
    expect(chart.locator("svg path").first).to_be_attached()
    box = chart.bounding_box()
    assert box is not None
    alice.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + box["height"] * 0.6)
    expect(chart.locator("svg")).to_contain_text("Paid Search  0.8")
    alice.emulate_media(color_scheme="dark")
    expect(chart.locator("svg path").first).to_be_attached()
    assert said == []


def test_it_shows_a_call_while_it_rings_and_its_end_by_itself(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    alice.goto(f"{shell.url}/calls/")
    call_id = shell.ring()
    row = alice.locator(f"#{call_id}")
    expect(row).to_contain_text("Ringing", timeout=2_000)
    assert alice.locator("#log-rows tr").first.get_attribute("id") == call_id
    shell.finish(call_id)
    expect(row).to_contain_text("Answered", timeout=2_000)
    expect(row).to_contain_text("91 %")
    expect(row).to_contain_text("emergency-leaks")
    assert said == []


def test_it_keeps_the_place_of_the_keyboard_when_the_log_changes(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/calls/")
    link = alice.locator("#log-rows tr a").last
    address = link.get_attribute("href")
    link.focus()
    call_id = shell.ring()
    expect(alice.locator(f"#{call_id}")).to_be_visible(timeout=2_000)
    assert alice.evaluate("document.activeElement.getAttribute('href')") == address


def test_it_marks_a_sale_with_the_keyboard_alone(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/calls/")
    alice.locator("#log-rows tr a").last.focus()
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", name="Which visit made this call?")).to_be_visible()
    alice.get_by_label("Value").focus()
    alice.keyboard.type("1,250")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("status")).to_contain_text("Outcome saved")
    expect(alice.locator(".outcomes")).to_contain_text("$1,250")


def test_it_lets_the_keyboard_skip_to_the_content(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/calls/")
    alice.keyboard.press("Tab")
    expect(alice.get_by_text("Skip to the content")).to_be_focused()
    alice.keyboard.press("Enter")
    expect(alice.locator("main")).to_be_focused()


def test_it_fits_a_phone(alice: Page, shell: Shell) -> None:
    alice.set_viewport_size({"width": 360, "height": 740})
    for path in _PAGES:
        alice.goto(shell.url + path)
        too_wide = alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path


def test_it_opens_the_menu_on_a_phone(alice: Page, shell: Shell) -> None:
    alice.set_viewport_size({"width": 360, "height": 740})
    alice.goto(f"{shell.url}/calls/")
    link = alice.get_by_role("link", name="Numbers", exact=True)
    expect(link).to_be_hidden()
    alice.get_by_role("button", name="Menu").click()
    link.click()
    expect(alice.get_by_role("heading", name="Numbers", exact=True, level=1)).to_be_visible()


def _open_pool(page: Page, shell: Shell) -> None:
    page.goto(f"{shell.url}/numbers/")
    page.get_by_role("link", name="Alice’s pool").first.click()


def test_it_says_who_sees_a_pool_while_its_rule_is_written(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    _open_pool(alice, shell)
    words = alice.locator("#rule-words")
    expect(words).to_contain_text("every visit")
    alice.get_by_label("Sources").fill("Google")
    alice.get_by_label("Mediums").fill("cpc")
    alice.get_by_label("Phones").check()
    expect(words).to_contain_text("visits from google / cpc on phones", timeout=3_000)
    alice.get_by_label("Landing pages").fill("emergency")
    expect(words).to_contain_text("is not the path of a page", timeout=3_000)
    assert said == []


def test_it_fits_a_pools_page_on_a_phone(alice: Page, shell: Shell) -> None:
    alice.set_viewport_size({"width": 360, "height": 740})
    _open_pool(alice, shell)
    assert alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_it_asks_only_for_what_a_condition_needs(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/settings/sources/add/")
    parameter, text = alice.get_by_label("Parameter of condition 1"), alice.get_by_label("Text of condition 1")
    expect(parameter).to_be_hidden()
    alice.get_by_label("What of condition 1").select_option("param")
    expect(parameter).to_be_visible()
    alice.get_by_label("How of condition 1").select_option("exists")
    expect(text).to_be_hidden()


def test_it_tries_a_rule_before_it_is_saved(alice: Page, shell: Shell) -> None:
    said = _complaints(alice)
    alice.goto(f"{shell.url}/settings/sources/add/")
    alice.get_by_label("Name").fill("Leaks")
    alice.get_by_label("What of condition 1").select_option("campaign")
    alice.get_by_label("Text of condition 1").fill("emergency-leaks")
    alice.get_by_label("Medium").fill("leak-ads")
    alice.get_by_role("button", name="Try on recent visits").click()
    expect(alice.locator("#trial")).to_contain_text("1 of the last 1 visits")
    expect(alice.locator("#trial")).to_contain_text("leak-ads")
    expect(alice.get_by_label("Name")).to_have_value("Leaks")
    assert said == []
