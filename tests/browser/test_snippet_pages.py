"""The snippet on hard pages: odd formats, attributes, shadow roots, frames, paper, single-page applications."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.played_edge import Body, PlayedEdge, played_edge, served_pages

GALLERY = Path(__file__).parent / "gallery"
PRINTED = "(310) 555-0123"
FIRST = "(310) 555-0142"
STATICS: tuple[Body, ...] = (
    {"target": "+18003569377", "cc": "1", "number": "+18005550142"},
    {"target": "+442079460018", "cc": "44", "number": "+442079460977"},
)
PAPER = """() => new Promise((done) => {
  const main = document.getElementById("main");
  const numbers = () => [main.textContent, document.getElementById("late").textContent];
  addEventListener("beforeprint", () => queueMicrotask(() => { window.paper = numbers(); }));
  addEventListener("afterprint", () => done([window.paper, numbers()]));
})"""


@pytest.fixture
def edge() -> Iterator[PlayedEdge]:
    with played_edge(PlayedEdge()) as edge:
        yield edge


@pytest.fixture
def site(edge: PlayedEdge) -> Iterator[str]:
    with (
        served_pages(GALLERY) as elsewhere,
        served_pages(GALLERY, EDGE=edge.origin, ELSEWHERE=elsewhere) as origin,
    ):
        yield origin


def see(page: Page | Frame, number: str, where: str = "#main") -> None:
    expect(page.locator(where)).to_have_text(number)


def test_it_swaps_vanity_split_and_foreign_numbers(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.statics = STATICS
    page.goto(f"{site}/hard.html")
    see(page, FIRST)
    pairs = page.eval_on_selector_all("#formats li", "all => all.map((li) => [li.textContent, li.dataset.expect])")
    assert [shown for shown, _ in pairs] == [expected for _, expected in pairs]
    assert page.evaluate("document.body.firstChild.data").strip() == "text of the body's own: 310-555-0142"
    assert page.evaluate("document.querySelector('svg').textContent") == "310-555-0142"
    assert {"18003569377", "02079460018", "3105550123"} <= set(cast("list[str]", edge.of("visit")[0]["numbers"]))


def test_it_swaps_what_attributes_say(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.statics = STATICS
    page.goto(f"{site}/hard.html")
    see(page, FIRST)
    picture = page.locator("#picture")
    expect(picture).to_have_attribute("alt", "Call 310.555.0142")
    expect(picture).to_have_attribute("title", "310-555-0142")
    expect(page.locator("#button")).to_have_attribute("aria-label", "Call 1-800-5550142")
    expect(page.locator("#vanity")).to_have_attribute("href", "TEL:1-800-5550142")
    expect(page.locator("#profile")).to_have_attribute("title", "310-555-0142")
    expect(page.locator("svg a")).to_have_attribute("href", "tel:3105550142")


def test_it_leaves_alone_what_is_no_number_of_the_page(page: Page, site: str) -> None:
    page.goto(f"{site}/hard.html")
    see(page, FIRST)
    expect(page.locator("#profile")).to_have_attribute("href", "/p/310-555-0123")
    expect(page.locator("#kept")).to_have_attribute("alt", "310-555-0123")
    see(page, "310-555-0123", "#edited")
    assert page.title() == "Call 310-555-0123"


def test_it_swaps_an_attribute_that_changes(page: Page, site: str) -> None:
    page.goto(f"{site}/hard.html")
    see(page, FIRST)
    page.evaluate("() => { document.getElementById('button').title = 'or 310.555.0123'; }")
    expect(page.locator("#button")).to_have_attribute("title", "or 310.555.0142")


def test_it_swaps_under_the_chosen_selectors_alone(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/only.html")
    see(page, FIRST)
    see(page, "310-555-0142", "span.phone")
    see(page, "310-555-0123", "#not")
    expect(page.locator("#link")).to_have_attribute("href", "tel:3105550123")
    page.evaluate("() => { document.getElementById('late').innerHTML = '<p>310-555-0123</p>'; }")
    see(page, "310-555-0142", "#late")


def test_it_swaps_inside_open_shadow_roots(page: Page, site: str) -> None:
    page.goto(f"{site}/shadow.html")
    see(page, FIRST)
    text_of = "(id) => document.getElementById(id).shadowRoot.textContent.trim()"
    assert page.evaluate(text_of, "declared") == "310-555-0142"
    assert page.evaluate(text_of, "made") == "310-555-0142"
    assert page.evaluate(text_of, "kept") == "310-555-0123"
    assert page.locator("#made a").get_attribute("href") == "tel:3105550142"


def test_it_follows_shadow_roots_that_come_and_change_later(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/shadow.html")
    see(page, FIRST)
    page.evaluate("() => { card(document.getElementById('later'), '<p>310 555 0123</p>'); }")
    see(page, "310 555 0142", "#later p")
    page.evaluate("() => { document.querySelector('#later').shadowRoot.innerHTML = '<b>3105550123</b>'; }")
    see(page, "3105550142", "#later b")
    page.evaluate(
        "() => { card(document.querySelector('#declared').shadowRoot.getElementById('inner'), '<i>310.555.0123</i>'); }"
    )
    see(page, "310.555.0142", "#inner i")
    page.evaluate("() => { document.querySelector('#declared').shadowRoot.firstChild.data = '+1 310 555 0123 '; }")
    assert page.evaluate("document.querySelector('#declared').shadowRoot.firstChild.data") == "+1 310 555 0142 "


def test_it_says_when_a_number_is_tapped_in_a_shadow_root(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/shadow.html")
    see(page, FIRST)
    page.evaluate("() => addEventListener('click', (event) => event.preventDefault())")
    page.click("#made b")
    assert edge.wait_for("click")[0]["number"] == "+13105550142"


def _frame(page: Page, name: str) -> Frame:
    frame = page.query_selector(f"#{name}")
    assert frame is not None
    inside = frame.content_frame()
    assert inside is not None
    return inside


def test_it_swaps_inside_frames_of_the_same_origin(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/frames.html")
    see(page, FIRST)
    for name in ("framed", "written"):
        see(_frame(page, name), "310 555 0142", "#number")
    see(_frame(page, "elsewhere"), "310 555 0123", "#number")
    page.frame_locator("#framed").locator("#number").evaluate("(line) => { line.textContent = '3105550123'; }")
    see(_frame(page, "framed"), "3105550142", "#number")


def test_it_follows_frames_that_load_late_and_taps_in_them(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/frames.html")
    see(page, FIRST)
    page.evaluate(
        "() => { document.getElementById('late').innerHTML = '<iframe id=\"new\" src=\"framed.html?late\"></iframe>'; }"
    )
    late = page.frame_locator("#new")
    expect(late.locator("#number")).to_have_text("310 555 0142")
    late.locator("body").evaluate("(body) => body.addEventListener('click', (event) => event.preventDefault())")
    late.locator("#call").click()
    assert edge.wait_for("click")[0]["number"] == "+13105550142"
    page.evaluate("() => { document.getElementById('new').src = 'framed.html?again'; }")
    page.wait_for_function("document.getElementById('new').contentWindow.location.search === '?again'")
    expect(late.locator("#number")).to_have_text("310 555 0142")


def test_it_prints_the_own_number_on_paper(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/")
    see(page, FIRST)
    page.evaluate(f"() => {{ window.printed = ({PAPER})(); }}")
    page.pdf()
    assert page.evaluate("window.printed") == [[PRINTED, ""], [FIRST, ""]]


def test_it_keeps_paper_as_printed_when_the_page_changes_for_it(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/")
    see(page, FIRST)
    page.evaluate("""() => addEventListener("beforeprint", () => {
      document.getElementById("late").textContent = "310.555.0123";
    })""")
    page.evaluate(f"() => {{ window.printed = ({PAPER})(); }}")
    page.pdf()
    assert page.evaluate("window.printed") == [[PRINTED, "310.555.0123"], [FIRST, "310.555.0142"]]


def test_it_sees_a_page_view_where_the_address_is_replaced(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/?gclid=test")
    see(page, FIRST)
    page.evaluate("() => history.replaceState({}, '', '/boilers')")
    first, second = edge.wait_for("visit", 2)
    assert (second["url"], second["visit"]) == (f"{site}/boilers", first["visit"])
    page.evaluate("""() => {
      history.replaceState({ scroll: 7 }, "", "/boilers#prices");
      history.pushState({}, "", "/drains");
    }""")
    assert edge.wait_for("visit", 3)[2]["url"] == f"{site}/drains"


@pytest.mark.parametrize("tag", ["", " integrity='{INTEGRITY}' crossorigin='anonymous'"])
def test_it_works_under_a_strict_policy_and_pinned(page: Page, edge: PlayedEdge, tmp_path: Path, tag: str) -> None:
    facts = GALLERY.parents[2] / "src/ringtrace/edge/static/snippet.json"
    integrity = facts.read_text().partition('"integrity": "')[2].partition('"')[0]
    script = f'<script async src="{edge.origin}/ringtrace.js" data-site="site-key"{tag}></script>'
    (tmp_path / "index.html").write_text(
        script.replace("{INTEGRITY}", integrity) + '<p id="main">(310) 555-0123</p>', encoding="utf-8"
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    policy = (
        f"default-src 'none'; script-src {edge.origin}; connect-src {edge.origin}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    with served_pages(tmp_path, policy=policy) as site:
        page.goto(site)
        see(page, FIRST)
    assert [text for text in complaints if "favicon" not in text] == []


def test_it_swaps_what_came_while_the_edge_was_asked(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script("""const plain = window.fetch;
    window.fetch = (...given) => {
      document.getElementById("late").textContent = "310 555 0123";
      return plain(...given);
    };""")
    page.goto(site)
    see(page, FIRST)
    see(page, "310 555 0142", "#late")
    assert len(edge.of("visit")) == 1


def test_it_asks_once_before_it_swaps(page: Page, edge: PlayedEdge, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if edge.origin in request.url else None)
    page.goto(f"{site}/hard.html")
    see(page, FIRST)
    assert asked == [f"{edge.origin}/ringtrace.js", f"{edge.origin}/v1/visit"]
