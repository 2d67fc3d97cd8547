"""What the snippet hears of the visitor's choice, tells the edge, and keeps or forgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.played_edge import Body, PlayedEdge, played_edge, served_pages

GALLERY = Path(__file__).parent / "gallery"
PRINTED = "(310) 555-0123"
FIRST = "(310) 555-0142"
STATIC = "(310) 555-0100"
STATICS: tuple[Body, ...] = ({"target": "+13105550123", "cc": "1", "number": "+13105550100"},)
STORED = "() => [document.cookie, localStorage.length, sessionStorage.length]"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });"


@pytest.fixture
def edge() -> Iterator[PlayedEdge]:
    with played_edge(PlayedEdge()) as edge:
        yield edge


@pytest.fixture
def site(edge: PlayedEdge) -> Iterator[str]:
    with served_pages(GALLERY, EDGE=edge.origin) as origin:
        yield origin


def see(page: Page, number: str) -> None:
    expect(page.locator("#main")).to_have_text(number)


def test_it_keeps_nothing_before_consent_and_shows_static_numbers(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.statics = STATICS
    edge.refuses = lambda body: body["consent"] != "granted"
    page.goto(site)
    see(page, STATIC)
    assert page.evaluate(STORED) == ["", 0, 0]
    assert page.evaluate("(({ visit, visitor }) => [visit, visitor])(ringtrace.state())") == [None, None]
    page.goto("about:blank")
    assert [door for door, _ in edge.posts] == ["visit"]


def test_it_says_and_does_nothing_for_a_visitor_who_has_not_agreed(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.refuses = lambda _: True
    edge.statics = STATICS
    page.goto(f"{site}/forms.html")
    see(page, STATIC)
    page.click("#one button")
    page.evaluate("() => ringtrace('identify', { email: 'alice@example.com' })")
    page.evaluate("() => ringtrace('consent', 'granted')")
    edge.wait_for("visit", 2)
    page.goto("about:blank")
    assert {door for door, _ in edge.posts} == {"visit"}


def test_it_shows_static_numbers_to_a_visitor_who_said_no(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.statics = STATICS
    page.goto(f"{site}/denied.html")
    see(page, STATIC)
    assert page.evaluate(STORED) == ["", 0, 0]


def test_it_forgets_at_once_and_shows_the_printed_number_if_the_edge_is_gone(
    page: Page, edge: PlayedEdge, site: str
) -> None:
    page.goto(site)
    see(page, FIRST)
    edge.breaks = frozenset({"visit"})
    page.evaluate("() => ringtrace('consent', 'denied')")
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]


def test_it_knows_a_returning_visitor_whose_consent_comes_late(
    visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str
) -> None:
    page.goto(site)
    see(page, FIRST)
    edge.refuses = lambda body: body["consent"] != "granted"
    page.reload()
    edge.wait_for("visit", 2)
    page.evaluate("() => ringtrace('consent', 'granted')")
    see(page, FIRST)
    first, _, again = edge.wait_for("visit", 3)
    assert (first["visitor"], first["visit"]) == (again["visitor"], again["visit"])


def test_it_reads_consent_mode_and_never_grants_what_a_region_denies(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/gtag.html")
    see(page, FIRST)
    assert edge.of("visit")[0]["gcm"] == {
        "ad_storage": "denied",
        "analytics_storage": "denied",
        "ad_user_data": "denied",
    }


def test_it_asks_again_when_consent_mode_is_updated(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.refuses = lambda body: cast("Body", body["gcm"])["analytics_storage"] != "granted"
    page.goto(f"{site}/gtag.html")
    edge.wait_for("visit")
    assert page.evaluate(STORED) == ["", 0, 0]
    page.evaluate("() => gtag('consent', 'update', { ad_storage: 'granted', analytics_storage: 'granted' })")
    see(page, FIRST)
    assert edge.of("visit")[1]["gcm"] == {
        "ad_storage": "granted",
        "analytics_storage": "granted",
        "ad_user_data": "denied",
    }
    page.evaluate("() => gtag('consent', 'update', { analytics_storage: 'denied' })")
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]


def test_it_asks_nothing_when_consent_is_said_again(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/gtag.html")
    see(page, FIRST)
    page.evaluate("() => gtag('consent', 'update', { ad_storage: 'denied', security_storage: 'granted' })")
    page.evaluate("() => gtag('event', 'purchase')")
    page.evaluate("() => ringtrace('consent', 'unset')")
    page.evaluate("() => history.pushState({}, '', '/next')")
    assert edge.wait_for("visit", 2)[1]["url"] == f"{site}/next"
    assert len(edge.of("visit")) == 2


def test_it_takes_consent_mode_from_a_tag_manager(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    assert "gcm" not in edge.of("visit")[0]
    page.evaluate("() => ringtrace('gcm', { ad_storage: 'denied' })")
    assert edge.wait_for("visit", 2)[1]["gcm"] == {"ad_storage": "denied"}


def test_it_reads_the_tcf_string_where_the_law_applies(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.refuses = lambda body: body.get("tcf") != "COyes"
    page.goto(f"{site}/tcf.html")
    edge.wait_for("visit")
    page.evaluate("() => tell('cmpuishown', '')")
    edge.wait_for("visit", 2)
    page.evaluate("() => tell('useractioncomplete', 'COyes')")
    see(page, FIRST)
    assert [body.get("tcf") for body in edge.of("visit")] == [None, "", "COyes"]
    page.evaluate("() => tell('useractioncomplete', 'COno')")
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]


@pytest.mark.parametrize("told", ["'tcloaded', 'CO', false", "'tcloaded', 'CO', true, false"])
def test_it_leaves_out_a_tcf_string_that_does_not_count(page: Page, edge: PlayedEdge, site: str, told: str) -> None:
    page.goto(f"{site}/tcf.html")
    see(page, FIRST)
    page.evaluate(f"() => tell({told})")
    page.evaluate("() => history.pushState({}, '', '/next')")
    assert all("tcf" not in body for body in edge.wait_for("visit", 2))


def test_it_says_that_global_privacy_control_was_honoured(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script(GPC)
    page.goto(f"{site}/gpc.html")
    see(page, FIRST)
    expect(page.locator("#said")).to_be_visible()
    assert page.evaluate("ringtrace.state().gpc") is True
    assert edge.of("visit")[0]["gpc"] is True


def test_it_says_nothing_of_global_privacy_control_to_others(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/gpc.html")
    see(page, FIRST)
    expect(page.locator("#said")).to_be_hidden()
    assert page.evaluate("ringtrace.state().gpc") is False
