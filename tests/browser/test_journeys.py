"""Journeys in a real browser: everything is drawn under the strict policy, in light, in the dark and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_shell import Shell, running_shell

_HEAT = {
    "kind": "heatmap",
    "unit": "calls",
    "decimals": 0,
    "rows": ["Monday", "Tuesday"],
    "columns": ["9", "10"],
    "cells": [[0, 0, 3], [1, 0, 1], [0, 1, 0], [1, 1, None]],
}
_ADD = """data => {
  const chart = document.createElement("rt-chart"), text = document.createElement("script");
  text.type = "application/json";
  text.textContent = JSON.stringify(data);
  chart.id = "heat";
  chart.setAttribute("label", "Calls by hour");
  chart.append(text);
  document.querySelector("main").append(chart);
}"""


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


def test_every_chart_is_drawn_without_a_word_on_the_console(alice: Page, shell: Shell) -> None:
    said: list[str] = []
    alice.on("console", lambda message: said.append(message.text))
    alice.on("pageerror", lambda error: said.append(str(error)))
    alice.goto(f"{shell.url}/journeys/?days=7")
    charts = alice.locator("rt-chart")
    expect(charts).to_have_count(4)
    for nth in range(4):
        expect(charts.nth(nth).locator("svg path").first).to_be_attached()
        expect(charts.nth(nth)).to_have_attribute("role", "img")
    assert (alice.locator("#flow rt-chart").get_attribute("aria-label") or "").startswith("Flow diagram")
    alice.emulate_media(color_scheme="dark")
    expect(charts.first.locator("svg path").first).to_be_attached()
    alice.evaluate(_ADD, _HEAT)
    expect(alice.locator("#heat svg path").first).to_be_attached()
    alice.get_by_label("Measure").select_option("qualified")
    expect(alice).to_have_url(re.compile("measure=qualified"))
    assert said == []


def test_the_flow_is_a_table_for_the_keyboard_too_and_the_pages_fit_a_phone(alice: Page, shell: Shell) -> None:
    alice.set_viewport_size({"width": 360, "height": 740})
    for path in ("/journeys/?days=7", "/landing-pages/?days=7", "/journeys/?days=7&measure=sales"):
        alice.goto(shell.url + path)
        too_wide = alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path
    alice.goto(f"{shell.url}/journeys/?days=7")
    summary = alice.locator("#flow summary")
    summary.focus()
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("region", name="Flows between visits")).to_be_visible()
    expect(alice.locator("#flow tbody tr").first).to_contain_text("Call")
