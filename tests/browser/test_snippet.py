"""The snippet in a real Chromium, against an edge on another origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.played_edge import POOL, TARGET, PlayedEdge, played_edge, served_pages

GALLERY = Path(__file__).parent / "gallery"
PRINTED = "(310) 555-0123"
FIRST = "(310) 555-0142"
SECOND = "(310) 555-0157"
PAID = "/?utm_source=google&utm_medium=cpc&gclid=test-123"

STORED = "() => [document.cookie, localStorage.length, sessionStorage.length]"
BLOCK_STORAGE = """
for (const [owner, name] of [[Document.prototype, "cookie"], [window, "localStorage"], [window, "sessionStorage"]])
  Object.defineProperty(owner, name, { get() { throw new Error("blocked"); }, set() { throw new Error("blocked"); } });
"""
WATCH_SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => { window.shifts += list.getEntries().length; }).observe({ type: "layout-shift" });"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
COUNT_MUTATIONS = """() => new Promise((done) => {
  let count = 0, frames = 0;
  const observer = new MutationObserver((records) => { count += records.length; });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  document.getElementById("late").innerHTML = "<p>(310) 555-0123</p>";
  const next = () => (frames++ < 10 ? requestAnimationFrame(next) : done(count));
  next();
})"""


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


def test_it_swaps_every_format_and_keeps_its_punctuation(page: Page, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    pairs = page.eval_on_selector_all("#formats li", "all => all.map((li) => [li.textContent, li.dataset.expect])")
    assert [shown for shown, _ in pairs] == [expected for _, expected in pairs]
    assert page.input_value("#typed") == "310-555-0123"


def test_it_swaps_tel_links_and_what_is_read_aloud(page: Page, site: str) -> None:
    page.goto(site)
    call = page.locator("#call")
    expect(call).to_have_attribute("href", "tel:+13105550142")
    expect(call).to_have_attribute("title", "Call 310-555-0142")
    expect(call).to_have_attribute("aria-label", f"Call {FIRST}")
    expect(call).to_have_text("Call 310-555-0142")


def test_it_moves_nothing_on_the_page(page: Page, site: str) -> None:
    page.add_init_script(WATCH_SHIFTS)
    page.goto(site)
    see(page, FIRST)
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("window.shifts") == 0
    page.evaluate("() => { document.getElementById('main').style.paddingBottom = '99px'; }")
    page.wait_for_function("window.shifts > 0")  # what would be seen if it had


def test_it_tells_the_edge_what_the_visit_is(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site + PAID, referer="http://127.0.0.1:1/ad")
    see(page, FIRST)
    (body,) = edge.of("visit")
    assert body["v"] == 1
    assert body["site"] == "site-key"
    assert body["url"] == site + PAID
    assert body["referrer"] == "http://127.0.0.1:1/ad"
    assert (body["consent"], body["gpc"], body["new"]) == ("unset", False, True)
    assert {"3105550123", "3105550199"} <= set(cast("list[str]", body["numbers"]))
    assert len(str(body["visitor"])) == len(str(body["visit"])) == 26


def test_it_gives_a_second_visitor_another_number(chromium: Browser, page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    other = chromium.new_context()
    second = other.new_page()
    second.goto(f"{site}/?utm_source=newsletter&utm_medium=email")
    see(second, SECOND)
    other.close()
    first_post, second_post = edge.of("visit")
    assert first_post["visitor"] != second_post["visitor"]


def test_it_knows_a_returning_visitor(visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site + PAID)
    see(page, FIRST)
    page.reload()
    see(page, FIRST)
    again = visitor.new_page()
    again.goto(f"{site}/?utm_source=newsletter")
    see(again, SECOND)
    first, reloaded, returned = edge.of("visit")
    assert first["visitor"] == reloaded["visitor"] == returned["visitor"]
    assert first["visit"] == reloaded["visit"] != returned["visit"]
    assert (first["new"], reloaded["new"], returned["new"]) == (True, False, True)


def test_it_keeps_its_cookies_first_party_and_for_thirteen_months(
    visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str
) -> None:
    page.goto(site)
    see(page, FIRST)
    cookies = {cookie["name"]: cookie for cookie in visitor.cookies()}
    assert set(cookies) == {"_rt_visitor", "_rt_visit"}
    assert cookies["_rt_visitor"]["value"] == edge.of("visit")[0]["visitor"]
    assert all(cookie["sameSite"] == "Lax" for cookie in cookies.values())
    now_secs = page.evaluate("Date.now() / 1000")
    assert cookies["_rt_visitor"]["expires"] - now_secs == pytest.approx(390 * 86400, abs=60)


def test_it_ends_a_visit_after_thirty_minutes(page: Page, edge: PlayedEdge, site: str) -> None:
    page.clock.install()
    page.goto(site)
    see(page, FIRST)
    page.goto("about:blank")
    page.clock.fast_forward("31:00")
    page.goto(site)
    see(page, SECOND)
    before, after = edge.of("visit")
    assert before["visitor"] == after["visitor"]
    assert before["visit"] != after["visit"]


def test_it_swaps_late_content_without_another_request(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    late = '<p>Call 310.555.0123 <a href="tel:310-555-0123">now</a></p>'
    page.evaluate("(html) => { document.getElementById('late').innerHTML = html; }", late)
    expect(page.locator("#late p")).to_have_text("Call 310.555.0142 now")
    expect(page.locator("#late a")).to_have_attribute("href", "tel:310-555-0142")
    page.evaluate("() => { document.querySelector('#late p').firstChild.data = 'or 3105550123 '; }")
    expect(page.locator("#late p")).to_have_text("or 3105550142 now")
    assert len(edge.of("visit")) == 1


def test_it_swaps_late_content_before_it_is_painted(page: Page, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    write = "() => { const late = document.getElementById('late'); late.textContent = '310-555-0123'; "
    shown = page.evaluate(
        write + "return new Promise((done) => requestAnimationFrame(() => done(late.textContent))); }"
    )
    assert shown == "310-555-0142"


def test_it_does_not_chase_its_own_changes(page: Page, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    assert page.evaluate(COUNT_MUTATIONS) == 2  # the paragraph came, its text was swapped


def test_it_asks_once_more_for_numbers_that_came_late(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => { document.getElementById('late').textContent = 'office: (424) 555-0111'; }")
    first, again = edge.wait_for("visit", 2)
    assert "4245550111" in cast("list[str]", again["numbers"])
    assert (again["visit"], again["new"]) == (first["visit"], False)


def test_it_asks_about_late_numbers_once_a_page_view(page: Page, edge: PlayedEdge, site: str) -> None:
    page.clock.install()
    page.goto(site)
    see(page, FIRST)
    write_late = "(text) => { document.getElementById('late').textContent = text; }"
    with page.expect_response("**/v1/visit") as answer:
        page.evaluate(write_late, "(424) 555-0111")
        page.clock.run_for(500)
    answer.value.finished()
    page.evaluate(write_late, "(562) 555-0112")
    page.clock.run_for(500)
    page.evaluate("() => history.pushState({}, '', '/drains')")
    page.clock.run_for(500)
    _, asked, moved = edge.wait_for("visit", 3)
    assert "4245550111" in cast("list[str]", asked["numbers"])
    assert moved["url"] == f"{site}/drains"


def test_it_follows_a_single_page_application(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site + PAID)
    see(page, FIRST)
    page.evaluate(
        "() => { history.pushState({}, '', '/drains'); document.querySelector('#main').textContent = '310 555 0123'; }"
    )
    see(page, "310 555 0142")
    first, second = edge.wait_for("visit", 2)
    assert second["url"] == f"{site}/drains"
    assert (second["visit"], second["new"]) == (first["visit"], False)
    assert "3105550123" in cast("list[str]", second["numbers"])
    page.go_back()
    assert edge.wait_for("visit", 3)[2]["url"] == site + PAID


@pytest.mark.parametrize("failure", [{"status": 503}, {"status": 204}, {"drops": True}])
def test_it_leaves_the_printed_number_when_the_edge_fails(
    page: Page, edge: PlayedEdge, site: str, failure: dict[str, object]
) -> None:
    for name, value in failure.items():
        setattr(edge, name, value)
    with page.expect_event("requestfailed" if edge.drops else "requestfinished", lambda request: "/v1/" in request.url):
        page.goto(site)
    assert page.evaluate("() => new Promise((done) => setTimeout(() => done(ringtrace.state().swaps)))") == []
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]


def test_it_leaves_the_printed_number_when_the_edge_is_slow(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.stalls = True
    with page.expect_event("requestfailed", lambda request: "/v1/visit" in request.url) as failed:
        page.goto(site)
    assert failed.value.failure == "net::ERR_ABORTED"
    waited_ms = page.evaluate("() => performance.now() - performance.getEntriesByName(location.href)[0].responseStart")
    assert waited_ms >= 1000
    edge.released.set()
    see(page, PRINTED)


def test_it_breaks_nothing_where_the_edge_is_gone(page: Page) -> None:
    with served_pages(GALLERY, EDGE="http://127.0.0.1:1") as site:
        page.goto(site)
        see(page, PRINTED)


def test_it_leaves_alone_a_visitor_who_said_no(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/denied.html")
    (body,) = edge.wait_for("visit")
    assert body["consent"] == "denied"
    assert body["visitor"] is None
    assert {"visit", "new"}.isdisjoint(body)
    page.wait_for_load_state("networkidle")
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]


def test_it_waits_for_consent_where_the_edge_needs_it(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.refuses = lambda body: body["consent"] != "granted"
    page.goto(site)
    edge.wait_for("visit")
    page.wait_for_load_state("networkidle")
    see(page, PRINTED)
    assert page.evaluate(STORED) == ["", 0, 0]
    page.evaluate("() => ringtrace('consent', 'granted')")
    see(page, FIRST)
    assert edge.of("visit")[1]["consent"] == "granted"
    assert "_rt_visitor=" in page.evaluate("document.cookie")


def test_it_forgets_a_visitor_who_changes_their_mind(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => ringtrace('consent', 'denied')")
    see(page, PRINTED)
    expect(page.locator("#call")).to_have_attribute("href", "tel:+13105550123")
    assert page.evaluate(STORED) == ["", 0, 0]
    assert edge.wait_for("visit", 2)[1]["visitor"] is None


def test_it_takes_calls_made_before_it_loads_and_says_when_it_swapped(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/queued.html")
    see(page, FIRST)
    swaps = [{"target": TARGET, "cc": "1", "number": POOL[0]}]
    assert edge.of("visit")[0]["consent"] == "granted"
    assert page.evaluate("window.swapped") == swaps
    assert page.evaluate("window.dataLayer") == [{"event": "ringtrace_swapped", "swaps": swaps}]


def test_it_works_where_storage_is_blocked(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script(BLOCK_STORAGE)
    page.goto(site)
    see(page, FIRST)


def test_it_says_when_a_swapped_number_is_tapped(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => addEventListener('click', (event) => event.preventDefault())")
    page.click("#other")
    page.click("#call b")
    (body,) = edge.wait_for("click")
    visit = edge.of("visit")[0]
    assert body["number"] == POOL[0]
    assert (body["visit"], body["visitor"], body["site"]) == (visit["visit"], visit["visitor"], "site-key")


def test_it_gives_signs_of_life(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.beat_secs = 0.05
    page.goto(site)
    see(page, FIRST)
    beats = edge.wait_for("beat", 3)
    assert {beat["visit"] for beat in beats} == {edge.of("visit")[0]["visit"]}
    assert len(edge.of("visit")) == 1


def test_it_gives_one_last_sign_of_life_when_the_page_is_left(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    assert edge.of("beat") == []
    page.goto("about:blank")
    edge.wait_for("beat")
    assert len(edge.of("beat")) == 1


def test_it_shows_the_new_number_after_losing_the_old(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.beat_secs = 0.05
    page.goto(site)
    see(page, FIRST)
    page.evaluate(
        "() => { document.getElementById('late').append(document.getElementById('main').cloneNode(true).firstChild); }"
    )
    edge.lose()
    see(page, SECOND)
    expect(page.locator("#late")).to_have_text(SECOND)
    expect(page.locator("#call")).to_have_attribute("href", "tel:+13105550157")
    first, again = edge.of("visit")[:2]
    assert (again["visit"], again["new"]) == (first["visit"], False)
    assert "3105550123" in cast("list[str]", again["numbers"])


@pytest.mark.parametrize("trouble", ["no number left", "edge fails"])
def test_it_prints_the_own_number_again_when_the_lost_one_is_not_replaced(
    page: Page, edge: PlayedEdge, site: str, trouble: str
) -> None:
    edge.beat_secs = 0.05
    edge.pool = ("+442079460977",)
    page.goto(site)
    see(page, "+442079460977")
    expect(page.locator("#call")).to_have_attribute("href", "tel:+442079460977")
    if trouble == "edge fails":
        edge.breaks = frozenset({"visit"})
        edge.lose()
    else:
        edge.refuses = lambda _: True
    see(page, PRINTED)
    expect(page.locator("#call")).to_have_attribute("href", "tel:+13105550123")


def test_it_knows_a_visitor_whose_cookies_were_cleared(
    visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str
) -> None:
    page.goto(site)
    see(page, FIRST)
    visitor.clear_cookies()
    page.reload()
    see(page, FIRST)
    first, again = edge.of("visit")
    assert (first["visitor"], first["visit"]) == (again["visitor"], again["visit"])
