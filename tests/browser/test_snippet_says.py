"""What the snippet tells the edge and the page besides the visit: ids, taps, forms, people; where it keeps its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.played_edge import POOL, Body, PlayedEdge, played_edge, served_pages

GALLERY = Path(__file__).parent / "gallery"
PRINTED = "(310) 555-0123"
FIRST = "(310) 555-0142"
LONDON: Body = {"target": "+442079460018", "cc": "44", "number": "+442079460977"}
COOKIES = {
    "_ga": "GA1.1.123.456",
    "_ga_AB12": "GS2.1.s1$o1",
    "_fbp": "fb.1.1.2",
    "_fbc": "fb.1.1.x",
    "_gat": "1",
    "x_ga": "no",
    "_fbq": "no",
}


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


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_it_hands_on_the_ids_of_others_and_the_time_zone(
    visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str
) -> None:
    visitor.add_cookies([{"name": name, "value": value, "url": site} for name, value in COOKIES.items()])
    page.goto(site)
    see(page, FIRST)
    (body,) = edge.of("visit")
    wanted = {f"{name}={COOKIES[name]}" for name in ("_ga", "_ga_AB12", "_fbp", "_fbc")}
    assert isinstance(body["ck"], list)
    assert set(body["ck"]) == wanted
    assert body["tz"] == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")


def test_it_knows_the_time_zone_in_older_browsers(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script("delete globalThis.Temporal")
    page.goto(site)
    see(page, FIRST)
    (body,) = edge.of("visit")
    assert body["tz"] == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert body["ck"] == []


def test_it_keeps_the_token_that_was_answered(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.note = "-" + "n" * 37
    page.goto(site)
    see(page, FIRST)
    assert page.evaluate("ringtrace.state().visit") == f"{edge.of('visit')[0]['visit']}{edge.note}"
    page.reload()
    see(page, FIRST)
    first, again = edge.of("visit")
    assert again["visit"] == f"{first['visit']}{edge.note}"
    assert len(str(again["visit"])) == 64


def test_it_is_one_visitor_on_all_sub_domains(visitor: BrowserContext, page: Page, edge: PlayedEdge, site: str) -> None:
    port = site.rpartition(":")[2]
    page.goto(f"http://www.example.localhost:{port}/")
    see(page, FIRST)
    page.goto(f"http://shop.example.localhost:{port}/")
    see(page, FIRST)
    first, second = edge.of("visit")
    assert (first["visitor"], first["visit"]) == (second["visitor"], second["visit"])
    assert {cookie["domain"] for cookie in visitor.cookies()} == {".example.localhost"}
    page.evaluate("() => ringtrace('consent', 'denied')")
    see(page, PRINTED)
    assert visitor.cookies() == []


def test_it_tells_of_forms_by_name_or_id(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/forms.html")
    see(page, FIRST)
    for told_before, button in enumerate(("#one button", "#two button", "#three")):
        page.click(button)
        told = edge.wait_for("form", told_before + 1)  # posts of one moment may overtake each other
    assert [(body["form"], body["url"]) for body in told] == [
        (name, f"{site}/forms.html") for name in ("quote", "two", "")
    ]
    assert {body["visit"] for body in told} == {edge.of("visit")[0]["visit"]}


def test_it_tells_the_data_layer(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/")
    see(page, FIRST)
    page.evaluate("() => addEventListener('click', (event) => event.preventDefault())")
    page.click("#call b")
    page.goto(f"{site}/forms.html")
    see(page, FIRST)
    page.click("#one button")
    swaps = [{"target": "+13105550123", "cc": "1", "number": POOL[0]}]
    assert page.evaluate("dataLayer") == [
        {"event": "ringtrace_swapped", "swaps": swaps},
        {"event": "ringtrace_form", "form": "quote"},
    ]
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => addEventListener('click', (event) => event.preventDefault())")
    page.click("#call b")
    assert page.evaluate("dataLayer")[1] == {"event": "ringtrace_click", "number": POOL[0]}


def test_it_names_people_by_hashes_alone(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => ringtrace('identify', { phone: '+1 (213) 555-0111', email: ' Alice@Example.COM ' })")
    (body,) = edge.wait_for("identify")
    assert body["phone"] == sha256("+12135550111")
    assert body["email"] == sha256("alice@example.com")
    assert body["visit"] == edge.of("visit")[0]["visit"]
    assert not any("alice" in str(sent).lower() or "555-0111" in str(sent) for _, sent in edge.posts)


@pytest.mark.parametrize(
    ("phone", "swaps", "e164"),
    [
        ("(213) 555-0111", (), "+12135550111"),
        ("1-213-555-0111", (), "+12135550111"),
        ("020 7946 0018", (LONDON,), "+442079460018"),
        ("442079460018", (LONDON,), "+442079460018"),
    ],
)
def test_it_writes_phone_numbers_in_full(
    page: Page, edge: PlayedEdge, site: str, phone: str, swaps: tuple[Body, ...], e164: str
) -> None:
    edge.pool, edge.statics = (() if swaps else POOL), swaps
    page.goto(f"{site}/hard.html")
    page.wait_for_function("ringtrace.state?.().swaps.length > 0")
    page.evaluate("(phone) => ringtrace('identify', { phone })", phone)
    (body,) = edge.wait_for("identify")
    assert body["phone"] == sha256(e164)
    assert "email" not in body


def test_it_names_people_before_it_loads(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script(
        "window.ringtrace = function () { (ringtrace.q = ringtrace.q || []).push(arguments); };"
        "ringtrace('identify', { email: 'alice@example.com' });"
    )
    page.goto(site)
    (body,) = edge.wait_for("identify")
    assert body["email"] == sha256("alice@example.com")
    assert body["visit"] == edge.of("visit")[0]["visit"]


def test_it_names_nobody_who_takes_back_their_consent_meanwhile(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.evaluate("() => { ringtrace('identify', { email: 'alice@example.com' }); ringtrace('consent', 'denied'); }")
    see(page, PRINTED)
    page.evaluate("() => { ringtrace('consent', 'granted'); ringtrace('identify', { email: 'bob@example.com' }); }")
    edge.wait_for("identify")
    assert [body["email"] for body in edge.of("identify")] == [sha256("bob@example.com")]


def test_it_does_not_send_a_phone_number_of_an_unknown_country(page: Page, edge: PlayedEdge, site: str) -> None:
    edge.pool = ()
    page.goto(site)
    page.wait_for_function("ringtrace.state?.().visit")
    page.evaluate("() => ringtrace('identify', { phone: '213 555 0111', email: 'alice@example.com' })")
    (body,) = edge.wait_for("identify")
    assert "phone" not in body
    assert body["email"] == sha256("alice@example.com")


def test_it_takes_its_site_from_a_call_where_the_tag_cannot_say_it(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(f"{site}/framed.html")
    page.evaluate(
        """(edge) => {
          window.ringtrace = function () { (ringtrace.q = ringtrace.q || []).push(arguments); };
          ringtrace("site", "site-key");
          const script = document.createElement("script");
          script.src = `${edge}/ringtrace.js`;
          document.head.append(script);
        }""",
        edge.origin,
    )
    expect(page.locator("#number")).to_have_text("310 555 0142")
    assert edge.of("visit")[0]["site"] == "site-key"


def test_it_is_quiet_in_a_page_that_is_only_prerendered(page: Page, edge: PlayedEdge, site: str) -> None:
    page.add_init_script("Object.defineProperty(document, 'prerendering', { get: () => true, configurable: true });")
    page.goto(site)
    page.wait_for_load_state("networkidle")
    assert edge.posts == []
    page.evaluate("() => document.dispatchEvent(new Event('prerenderingchange'))")
    see(page, FIRST)


def test_it_runs_once_where_it_is_included_twice(page: Page, edge: PlayedEdge, site: str) -> None:
    page.goto(site)
    see(page, FIRST)
    page.add_script_tag(url=f"{edge.origin}/ringtrace.js")
    page.evaluate("() => history.pushState({}, '', '/next')")
    edge.wait_for("visit", 2)
    assert len(edge.of("visit")) == 2
