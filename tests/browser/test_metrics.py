"""The metrics pages in a real browser: a filter by a click, a view saved, a figure explained, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell

_PAGES = (
    *("/metrics/", "/metrics/?by=day,channel&metrics=calls", "/metrics/why/?metric=calls", "/metrics/hours/"),
    *("/metrics/lifetime/", "/metrics/list/", "/metrics/views/", "/metrics/?by=nonsense&intervals=1&compare=year"),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture(scope="module")
def alices_cookies(chromium: Browser, shell: Shell) -> str:
    context = chromium.new_context()
    context.new_page().goto(shell.link)
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    context.close()
    return cookies["ringtrace_session"]


@pytest.fixture
def alice(page: Page, shell: Shell, alices_cookies: str) -> Page:
    page.context.add_cookies([{"name": "ringtrace_session", "value": alices_cookies, "url": shell.url}])
    return page


def test_a_click_filters_and_the_view_is_saved(alice: Page, shell: Shell) -> None:
    said: list[str] = []
    alice.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    alice.goto(f"{shell.url}/metrics/?days=7&metrics=calls&by=channel")
    expect(alice.locator("rt-chart svg path").first).to_be_attached()
    alice.locator(".pick summary").filter(has_text="Paid Search").click()
    alice.get_by_role("link", name="only this Paid Search").click()
    expect(alice.locator(".chips")).to_contain_text("Channel is Paid Search")
    expect(alice.locator(".metrics-table tbody tr")).to_have_count(1)
    alice.get_by_text("Save this view").click()
    alice.get_by_label("Name").fill("Paid only")
    alice.get_by_label("for everybody here").check()
    alice.get_by_role("button", name="Save").click()
    expect(alice.locator(".notice").first).to_contain_text("Saved as “Paid only”")
    alice.goto(f"{shell.url}/metrics/views/")
    alice.get_by_role("link", name="Paid only").click()
    expect(alice.locator(".chips")).to_contain_text("Channel is Paid Search")
    alice.get_by_role("link", name="Remove the filter Channel is Paid Search").click()
    expect(alice.locator(".chips")).to_have_count(0)
    assert said == []


def test_a_choice_shows_at_once_and_metrics_are_found_by_typing(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/metrics/?days=7&metrics=calls&by=channel")
    alice.get_by_label("Split by").select_option("device")
    expect(alice.locator(".metrics-table thead")).to_contain_text("Device")
    alice.get_by_text("Choose metrics").click()
    alice.get_by_label("Find a metric").fill("answer median")
    expect(alice.locator(".metric-choice:visible")).to_have_count(1)
    alice.get_by_label("Time to answer, median", exact=True).check()
    alice.get_by_role("button", name="Show these").click()
    expect(alice.locator(".metrics-table thead")).to_contain_text("Time to answer, median")
    assert "metrics=calls,time_to_answer_p50" in alice.url


def test_a_figure_leads_to_its_rows_and_on_to_the_call(alice: Page, shell: Shell) -> None:
    alice.goto(f"{shell.url}/metrics/?days=7&metrics=calls&by=channel")
    alice.locator("tfoot .why-link").first.click()
    expect(alice.get_by_role("heading", name="Why this number", level=1)).to_be_visible()
    expect(alice.locator(".big-figure")).to_have_text("1")
    alice.locator("#rows tbody a").first.click()
    expect(alice.get_by_role("heading", name="Which visit made this call?")).to_be_visible()


def test_it_works_without_scripts(chromium: Browser, shell: Shell, alices_cookies: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "ringtrace_session", "value": alices_cookies, "url": shell.url}])
    page = context.new_page()
    page.goto(f"{shell.url}/metrics/?days=7&metrics=calls&by=channel")
    page.locator("[name=add]").select_option("channel")
    page.locator("[name=how]").select_option("not")
    page.locator("[name=what]").fill("Paid Search")
    page.get_by_role("button", name="Show", exact=True).last.click()
    expect(page.locator(".chips")).to_contain_text("Channel is not Paid Search")
    assert "filter=-channel:Paid" in page.url
    context.close()


def test_it_keeps_the_policy_and_fits_a_phone(alice: Page, shell: Shell) -> None:
    said: list[str] = []
    alice.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    alice.set_viewport_size({"width": 360, "height": 740})
    for path in _PAGES:
        answer = alice.goto(shell.url + path)
        assert answer is not None
        assert answer.status == 200, path
        too_wide = alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path
    assert said == []
