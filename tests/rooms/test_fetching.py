"""Which addresses the installation check may ask, and what a page's policy lets through."""

from __future__ import annotations

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.web import fetching
from ringtrace.web.content_policy import is_allowed
from ringtrace.web.fetching import fetch, is_public


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("", True),
        ("img-src 'none'", True),
        ("default-src 'none'", False),
        ("script-src *", True),
        ("script-src https:", True),
        ("script-src http:", True),
        ("script-src 'self'", False),
        ("script-src https://edge.example", True),
        ("script-src edge.example", True),
        ("script-src *.example", True),
        ("script-src *.edge.example", False),
        ("script-src http://edge.example:*", True),
        ("script-src edge.example:8443", False),
        ("script-src https://edge.example/ringtrace.js", True),
        ("script-src 'nonce-abc'", True),
        ("script-src 'nonce-other' 'strict-dynamic' https://edge.example", False),
        ("default-src 'none'; script-src-elem https://edge.example", True),
        ("script-src 'none'; script-src https://edge.example", False),
    ],
)
def test_it_knows_what_a_policy_lets_through(policy: str, allowed: bool) -> None:
    asked = {"edge": "https://edge.example", "page": "https://www.shop.example", "nonce": "abc"}
    assert is_allowed(policy, "script-src", **asked) is allowed


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("255.255.255.255", "198.18.0.1", "ff02::1", "nonsense", "fe80::1%eth0"),
    ],
)
def test_it_refuses_every_address_that_is_not_public(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_public(address)
    monkeypatch.setattr(fetching, "resolve", lambda _host, _port: ["93.184.216.34", address])
    with pytest.raises(BadInput, match="not on the open internet"):
        fetch("https://innocent.example/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"])
def test_it_takes_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_it_refuses_this_machine_however_it_is_written(host: str) -> None:
    with pytest.raises(BadInput):
        fetch(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "https://user@a.example/", "//a.example"),
        *(
            "https://a.example:22/",
            "https://a.example:99999/",
            "http://[::",
            "https:///x",
            "https://a.example/" + "x" * 3000,
        ),
    ],
)
def test_it_refuses_what_is_no_page_of_the_web(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "resolve", lambda _host, _port: ["93.184.216.34"])
    with pytest.raises(BadInput):
        fetch(url)
