"""The installation check: pages good and bad from a server on this machine, and addresses that it must never ask."""

from __future__ import annotations

import gzip
import html
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.web import fetching, page_reading, site_check
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.fetching import fetch
from ringtrace.web.models import RefusalRow, Site
from ringtrace.web.pools import Placed, do_change_static
from ringtrace.web.site_check import (
    CHECK_EVERY_MS,
    LONGEST_CHECK_MS,
    Checked,
    State,
    do_check_site,
    last_check,
    look_at,
)
from ringtrace.wire.directory import When
from tests.doors.cast import Cast

GOOGLE = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc")
Answer = tuple[int, dict[str, str], bytes]


class Pages(ThreadingHTTPServer):
    """A site on loopback: `answers` by path; `asked` keeps the headers of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def page(self, body: str, path: str = "/", **headers: str) -> None:
        told = {"Content-Type": "text/html; charset=utf-8"}
        self.answers[path] = (
            200,
            told | {name.replace("_", "-"): text for name, text in headers.items()},
            body.encode(),
        )


class _Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path.partition("?")[0], (404, {}, b""))
        if callable(answer):
            answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def pages() -> Iterator[Pages]:
    server = Pages()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(cast: Cast, pages: Pages, settings: Settings) -> Site:
    """Alice's site as the demo has its own: on this machine."""
    settings.DEMO_URL = pages.origin
    cast.site.origins = [pages.origin]
    cast.site.save()
    return cast.site


def _tag(site: Site, more: str = "async", key: str = "") -> str:
    return f'<script {more} src="http://127.0.0.1:8100/ringtrace.js" data-site="{key or site.key}"></script>'


def _html(head: str, body: str = "<p>Call (310) 555-0199</p>") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def _look(site: Site, path: str = "/") -> Checked:
    return look_at(site, site.origins[0] + path)


def _said(found: Checked, state: State) -> str:
    return " | ".join(f"{one.title} {one.words} {one.todo}" for one in found.findings if one.state is state)


def test_it_finds_nothing_to_mend_on_a_good_page(site: Site, pages: Pages) -> None:
    pages.page(_html(_tag(site)))
    found = _look(site)
    assert found.has_tag
    assert {one.state for one in found.findings} == {State.GOOD}
    path, headers = pages.asked[0]
    assert headers["User-Agent"].startswith("Ringtrace/")
    assert "Cookie" not in headers
    assert path == "/"


@pytest.mark.parametrize(
    ("head", "state", "said"),
    [
        ("", State.BAD, "There is no script tag"),
        ("<!-- {tag} -->", State.BAD, "inside a comment"),
        ("<noscript>{tag}</noscript>", State.BAD, "inside <noscript>"),
        ("<template>{tag}</template>", State.BAD, "inside <template>"),
        ("{tag}{tag}", State.WARN, "is there 2 times"),
        ("{other}", State.BAD, "names another site’s key"),
        ("{slow}", State.WARN, "holds up the page"),
        ("{elsewhere}", State.BAD, "loads its script from another address"),
        ("{pinned}", State.BAD, "pinned without crossorigin"),
        ("{oldpin}", State.WARN, "another version of the snippet"),
        ("{consents}", State.BAD, "is no word of consent"),
        ('<script src="https://www.googletagmanager.com/gtm.js?id=GTM-X"></script>', State.WARN, "Google Tag Manager"),
        ('{tag}<script src="https://cdn.callrail.com/x/swap.js"></script>', State.WARN, "CallRail swaps numbers"),
        (
            '{tag}<meta http-equiv="Content-Security-Policy" content="script-src \'self\'">',
            State.BAD,
            "forbids it (script-src)",
        ),
    ],
)
def test_it_says_what_is_wrong_with_a_tag(site: Site, pages: Pages, head: str, state: State, said: str) -> None:
    tags = {
        "{tag}": _tag(site),
        "{other}": _tag(site, key="st_01other"),
        "{slow}": _tag(site, more=""),
        "{elsewhere}": _tag(site).replace("127.0.0.1:8100", "old.example"),
        "{pinned}": _tag(site, more='async integrity="sha384-x"'),
        "{oldpin}": _tag(site, more='async integrity="sha384-x" crossorigin="anonymous"'),
        "{consents}": _tag(site, more='async data-consent="yes"'),
    }
    for name, text in tags.items():
        head = head.replace(name, text)
    pages.page(_html(head))
    assert said in _said(_look(site), state)


def test_it_reads_the_policy_of_the_headers(site: Site, pages: Pages) -> None:
    pages.page(
        _html(_tag(site)), Content_Security_Policy="default-src 'self' http://127.0.0.1:8100; connect-src 'none'"
    )
    wrong = _said(_look(site), State.BAD)
    assert "(connect-src)" in wrong
    assert "(script-src)" not in wrong


def test_it_minds_what_consent_the_tag_speaks_of(site: Site, pages: Pages) -> None:
    Site.objects.filter(pk=site.pk).update(consent="needed")
    site.refresh_from_db()
    pages.page(_html(_tag(site)))
    assert "No consent banner was noticed" in _said(_look(site), State.INFO)
    pages.page(_html(_tag(site, more='async data-consent="granted"')))
    assert "every visitor has agreed" in _said(_look(site), State.WARN)
    pages.page(_html(_tag(site) + '<script src="https://consent.cookiebot.com/uc.js"></script>'))
    assert "Cookiebot" in _said(_look(site), State.INFO)


def test_it_finds_the_numbers_wherever_they_stand(site: Site, pages: Pages) -> None:
    body = (
        '<p>Call (310) <b>555</b>-0199 or 310.555.0144, fax <span class="noswap">(310) 555-0133</span></p>'
        '<a href="tel:+13105550199">now</a><style>.x{width:3105550111px}</style>'
        '<script type="application/ld+json">{"@graph":[{"telephone":"+1-310-555-0177"}]}</script>'
        "<template>(310) 555-0122</template><p>Order 3105550166, 12/11/2026</p>"
    )
    pages.page(_html(_tag(site), body))
    found = {one.e164: (one.places, one.is_kept) for one in _look(site).printed}
    assert found == {
        "+13105550199": (("text", "link"), False),
        "+13105550144": (("text",), False),
        "+13105550133": (("text",), True),
        "+13105550177": (("data",), True),
    }


def test_it_warns_of_a_printed_number_that_stands_nowhere(site: Site, pages: Pages) -> None:
    pages.page(_html(_tag(site), "<p>Write to us.</p>"))
    assert "(310) 555-0199 stands nowhere on this page" in _said(_look(site), State.WARN)


def test_it_shows_what_a_visit_by_a_link_would_see(cast: Cast, site: Site, pages: Pages) -> None:
    number = do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=GOOGLE)[0]
    placed = Placed(target_e164="+13105550199", when=When(), place=50)
    do_change_static(number, name="Google Ads", stands_for=GOOGLE, site=site, placed=placed)
    pages.page(_html(_tag(site), "<p>Call (310) 555-0199, fax (310) 555-0144</p>"))
    address = f"/settings/sites/{site.pk}/check/"
    assert cast.alice.get(address, {"now": "1", "path": "/"}).status_code == 302
    usual = html.unescape(cast.alice.get(address).content.decode())
    assert "one of 1 of “Alice’s pool”" in usual
    assert "no pool and no static number stands in for it" in usual
    paid = html.unescape(cast.bob.get(address, {"link": "?utm_source=google&utm_medium=cpc"}).content.decode())
    assert "(310) 555-0155" in paid
    assert "the static number of this source, Google Ads" in paid
    referred = html.unescape(cast.bob.get(address, {"referrer": "www.bing.com"}).content.decode())
    assert "bing" in referred
    assert "one of 1 of “Alice’s pool”" in referred
    for odd in ({"link": "x" * 9_000}, {"link": "http://[::", "referrer": "]["}, {"device": "toaster"}, {"path": "//"}):
        assert cast.alice.get(address, odd).status_code == 200


def test_it_looks_for_whoever_may_change_the_site_and_keeps_what_it_found(cast: Cast, site: Site, pages: Pages) -> None:
    pages.page(_html(_tag(site)), path="/contact")
    address = f"/settings/sites/{site.pk}/check/"
    assert cast.bob.get(address, {"now": "1"}).status_code == 403
    assert cast.charlie.get(address, {"now": "1"}).status_code == 404
    assert not pages.asked
    assert cast.alice.get(address, {"now": "1", "path": "/contact"}).status_code == 302
    assert cast.alice.get(address, {"now": "1", "path": "/contact"}).status_code == 302
    assert len(pages.asked) == 1  # not again within a moment
    site.refresh_from_db()
    assert site.checked_ms is not None
    assert "The script tag is there" in cast.bob.get(address).content.decode()
    assert cast.alice.get(address, {"now": "1", "path": "contact"}).status_code == 422
    assert cast.alice.get(address, {"now": "1", "path": "//evil.example/"}).status_code == 422


def test_it_is_looked_at_by_one_at_a_time(cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"/settings/sites/{site.pk}/check/"
    looks: list[str] = []
    seen: list[str] = []

    def look(_site: Site, url: str) -> Checked:
        """While it looks, another comes."""
        looks.append(url)
        if len(looks) == 1:
            seen.append(
                html.unescape(cast.alice.get(address, {"now": "1", "path": "/x"}, follow=True).content.decode())
            )
        return Checked(url=url, findings=())

    monkeypatch.setattr(site_check, "look_at", look)
    cast.alice.get(address, {"now": "1"})
    assert len(looks) == 1
    assert "is being checked" in seen[0]
    assert 'hx-trigger="every 2s"' in seen[0]
    assert "vendor/htmx.min.js" in seen[0]
    assert f'hx-get="{address}?path=/x"' in seen[0].replace("%2F", "/")
    done = cast.alice.get(address).content.decode()
    assert "is being checked" not in done
    assert "hx-trigger" not in done


def test_of_two_that_read_the_same_moment_one_looks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_check, "look_at", lambda _site, url: Checked(url=url, findings=()))
    other = Site.objects.get(pk=site.pk)
    assert do_check_site(site, "/", 1_000_000) is not None
    assert do_check_site(other, "/", 1_000_000) is None
    site.refresh_from_db()
    assert do_check_site(site, "/", 1_000_000 + CHECK_EVERY_MS - 1) is None
    assert do_check_site(site, "/", 1_000_000 + CHECK_EVERY_MS) is not None


def test_a_check_that_never_ended_makes_room_and_keeps_nothing_late(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_ms = 1_000_000

    def late(_site: Site, url: str) -> Checked:
        """It took so long that another began and ended."""
        monkeypatch.setattr(site_check, "look_at", lambda _site, url: Checked(url=url, findings=()))
        again = Site.objects.get(pk=site.pk)
        assert do_check_site(again, "/new", began_ms + LONGEST_CHECK_MS - 1) is None
        assert do_check_site(again, "/new", began_ms + LONGEST_CHECK_MS) is not None
        return Checked(url=url, findings=())

    monkeypatch.setattr(site_check, "look_at", late)
    do_check_site(site, "/old", began_ms)
    site.refresh_from_db()
    found = last_check(site)
    assert found is not None
    assert found.url.endswith("/new")


def test_it_shows_what_has_arrived_as_the_proof(cast: Cast) -> None:
    address = f"/settings/sites/{cast.site.pk}/check/"
    assert "1 visit of this site began in the last hour" in cast.bob.get(address).content.decode()
    RefusalRow.objects.create(
        company_key=cast.company.pk,
        site_key=cast.site.pk,
        hour_ms=time.time_ns() // 10**6,
        reason="wrong_origin",
        count=3,
    )
    assert "Add this page&#x27;s address" in cast.bob.get(address).content.decode()


# What it must never ask


def test_it_asks_nobody_on_this_machine_but_the_demo(cast: Cast, site: Site, pages: Pages, settings: Settings) -> None:
    settings.DEMO_URL = ""
    pages.page(_html(_tag(site)))
    assert "not on the open internet" in _said(_look(site), State.BAD)
    assert not pages.asked
    settings.DEMO_URL = "http://127.0.0.1:1"
    assert "not on the open internet" in _said(_look(site), State.BAD)
    assert not pages.asked


def test_it_refuses_a_redirect_into_this_network(site: Site, pages: Pages) -> None:
    for target in ("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:6379/", "file:///etc/passwd"):
        pages.answers["/"] = (302, {"Location": target}, b"")
        assert "cannot be fetched" in _said(_look(site), State.BAD)
    assert {path for path, _ in pages.asked} == {"/"}


def test_it_connects_to_the_address_that_it_looked_at(
    site: Site, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere a moment later gains nothing: it is resolved once."""
    asked, connected = [], []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(fetching, "resolve", resolve)
    monkeypatch.setattr("ringtrace.web.fetching.socket.create_connection", connect)
    with pytest.raises(BadInput, match="did not answer"):
        fetch("http://rebinding.example/")
    assert connected == [("93.184.216.34", 80)]
    assert asked == ["rebinding.example"]


def test_it_follows_three_redirects_and_no_more(site: Site, pages: Pages) -> None:
    for nth in range(5):
        pages.answers[f"/{nth}"] = (301, {"Location": f"/{nth + 1}"}, b"")
    assert "redirected more than 3 times" in _said(_look(site, "/0"), State.BAD)
    pages.page(_html(_tag(site)), path="/5")
    assert _look(site, "/2").has_tag


def test_it_says_where_the_page_ended(cast: Cast, site: Site, pages: Pages) -> None:
    cast.site.origins = [pages.origin.replace("127.0.0.1", "localhost"), "https://other.example"]
    pages.page(_html(_tag(site)))
    found = look_at(cast.site, f"{pages.origin}/")
    assert "an address that is none of the site’s" in _said(found, State.BAD) or "cannot be fetched" in _said(
        found, State.BAD
    )


@pytest.mark.parametrize("packed", [False, True])
def test_it_takes_two_megabytes_and_no_more(site: Site, pages: Pages, packed: bool) -> None:
    body = _html(_tag(site)).encode() + b" " * 30_000_000
    headers = {"Content-Type": "text/html"} | ({"Content-Encoding": "gzip"} if packed else {})
    pages.answers["/"] = (200, headers, gzip.compress(body) if packed else body)
    fetched = fetch(f"{pages.origin}/", own_origin=pages.origin, allowed_ports=frozenset({pages.server_address[1]}))
    assert fetched.is_cut
    assert len(fetched.text) == fetching.MOST_BYTES
    found = _look(site)
    assert found.has_tag
    assert "Only its first 500,000 characters were read" in _said(found, State.WARN)


def test_it_says_that_a_page_is_too_tangled(site: Site, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_reading, "LONGEST_WORK_SECS", 0.0)
    pages.page(_html(_tag(site)))
    found = _look(site)
    assert "too tangled to read" in _said(found, State.BAD)
    assert not found.has_tag


def test_it_waits_no_longer_than_it_may(site: Site, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a first byte nor for one that drips."""
    monkeypatch.setattr(fetching, "LONGEST_SECS", 0.3)
    done = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not done.wait(0.05):
            try:
                handler.wfile.write(b"X: y\r\n")
            except OSError:
                return

    pages.answers["/"] = drip
    began = time.monotonic()
    assert "took longer" in _said(_look(site), State.BAD)
    assert time.monotonic() - began < 3
    done.set()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, {}, b""), "answered 404"),
        ((200, {"Content-Type": "application/pdf"}, b"%PDF"), "no page but application/pdf"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "br"}, b"x"), "packed as"),
        ((200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"no gzip"), "did not answer"),
    ],
)
def test_it_says_what_came_instead_of_a_page(site: Site, pages: Pages, answer: Answer, said: str) -> None:
    pages.answers["/"] = answer
    assert said in _said(_look(site), State.BAD)


def test_it_shows_no_more_of_a_page_than_its_text(cast: Cast, site: Site, pages: Pages) -> None:
    pages.page(_html(_tag(site, key="st_<img src=x>"), '<a href="tel:+13105550199<b>">x</a>'))
    address = f"/settings/sites/{site.pk}/check/"
    cast.alice.get(address, {"now": "1"})
    assert "<img src=x" not in cast.alice.get(address).content.decode()


def test_it_reads_what_no_browser_could(site: Site, pages: Pages) -> None:
    for odd in (
        "",
        "<" * 5_000,
        "<script",
        "</p></div></script>",
        "<a href='tel:'>",
        "<!--",
        "\0" * 50,
        "<p>" * 20_000,
    ):
        pages.page(odd)
        assert isinstance(_look(site), Checked)


def test_it_forgets_a_result_that_it_cannot_read(cast: Cast) -> None:
    Site.objects.filter(pk=cast.site.pk).update(checked={"odd": 1}, checked_ms=1)
    assert cast.alice.get(f"/settings/sites/{cast.site.pk}/check/").status_code == 200
    assert re.search("Look at the page", cast.alice.get(f"/settings/sites/{cast.site.pk}/check/").content.decode())
    assert last_check(cast.site) is None
