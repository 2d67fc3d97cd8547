"""The plumber's landing page and its demo bar, under a strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.played_edge import POOL, PlayedEdge, played_edge, served_pages

PAGES = Path(str(resources.files("ringtrace.demo").joinpath("pages")))
ADS = "/?utm_source=google&utm_medium=cpc&utm_campaign=emergency&utm_term=emergency+plumber&gclid=test-123"
EACH_PAGE = ("index.html", "emergency.html", "water-heaters.html", "drains.html")
WEB = "http://127.0.0.1:1"


@pytest.fixture
def edge() -> Iterator[PlayedEdge]:
    with played_edge(PlayedEdge()) as edge:
        yield edge


@pytest.fixture
def site(edge: PlayedEdge) -> Iterator[str]:
    ours = f"'self' {edge.origin}"
    policy = f"default-src 'self'; script-src {ours}; connect-src {ours}; object-src 'none'; base-uri 'none'"
    with served_pages(PAGES, policy=policy, EDGE=edge.origin, SITE_KEY="site-key", WEB=WEB) as origin:
        yield origin


@pytest.mark.parametrize("name", EACH_PAGE)
def test_it_swaps_every_number_of_every_page(page: Page, site: str, name: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/{name}")
    expect(page.locator("header .call")).to_have_text("(310) 555-0142")
    assert "0123" not in page.inner_text("main") + page.inner_text("footer") + page.inner_text(".band")
    assert all(
        href.endswith("0142") for href in page.eval_on_selector_all('a[href^="tel:"]', "all => all.map((a) => a.href)")
    )
    assert complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(page: Page, site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(site)
    expect(page.get_by_role("button", name="Ring this number")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_it_says_what_the_visit_came_as_and_what_it_is_shown(page: Page, site: str) -> None:
    page.goto(site + ADS)
    bar = page.get_by_role("region", name="Ringtrace demo")
    expect(bar).to_contain_text("Google Ads")
    expect(bar.locator(".demo-number")).to_have_text("(310) 555-0142")
    expect(bar).to_contain_text("in place of (310) 555-0123")
    bar.get_by_role("link", name="Newsletter").click()
    page.wait_for_url("**/water-heaters.html?utm_source=newsletter*")
    expect(bar.locator(".demo-number")).to_have_text("(310) 555-0157")


def test_it_ends_the_visit_for_a_direct_one_and_forgets_the_visitor_when_asked(
    page: Page, edge: PlayedEdge, site: str
) -> None:
    page.goto(site + ADS)
    expect(page.locator(".demo-number")).to_have_text("(310) 555-0142")
    page.get_by_role("link", name="Direct").click()
    expect(page.locator(".demo-number")).to_have_text("(310) 555-0157")
    page.get_by_role("button", name="Forget me").click()
    expect(page.locator(".demo-number")).to_have_text("(310) 555-0168")
    ads, direct, forgotten = edge.of("visit")
    assert ads["visitor"] == direct["visitor"] != forgotten["visitor"]
    assert len({ads["visit"], direct["visit"], forgotten["visit"]}) == 3


def test_it_rings_the_number_and_tells_how_it_goes(page: Page, edge: PlayedEdge, site: str) -> None:
    call = {"state": "ringing", "note": "It rings"}
    asked: list[object] = []

    def place(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json={"id": "call-1"})

    page.route("**/ring", place)
    page.route("**/ring/call-1", lambda route: route.fulfill(json=call))
    page.goto(site + ADS)
    page.get_by_role("combobox", name="How it goes").select_option("Caller hangs up")
    page.get_by_role("button", name="Ring this number").click()
    said = page.get_by_role("status")
    expect(said).to_have_text("It rings")
    expect(page.get_by_role("button", name="Ring this number")).to_be_disabled()
    call.update(state="in_progress", note="They talk")
    expect(said).to_have_text("They talk")
    call.update(state="ended", note="Hung up")
    expect(said).to_have_text("Hung up See it in the call log")
    expect(said.get_by_role("link")).to_have_attribute("href", f"{WEB}/calls/")
    visit = edge.of("visit")[0]
    assert asked == [
        {"number": POOL[0], "visit": visit["visit"], "visitor": visit["visitor"], "how": "caller_hangs_up"}
    ]


def test_it_says_so_when_the_call_cannot_be_placed(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("button", name="Ring this number").click()
    expect(page.get_by_role("status")).to_contain_text("could not be placed")
    expect(page.get_by_role("button", name="Ring this number")).to_be_enabled()


def test_it_rings_nothing_while_the_printed_number_is_shown(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.status = 503
    page.goto(site)
    expect(page.get_by_role("region", name="Ringtrace demo")).to_contain_text("as printed")
    expect(page.get_by_role("button", name="Ring this number")).to_be_disabled()
