"""Addresses, zones and hosts that are not what they should be."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput, BadUrl
from ringtrace.web.actions import check_time_zone
from ringtrace.web.addresses import check_origin
from ringtrace.web.models import Site
from tests.doors.cast import Cast


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example/kontakt?a=b", "https://xn--bcher-kva.example"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("https://x:443", "https://x"),
        ("http://x:80/", "http://x"),
        ("http://x:443", "http://x:443"),
        ("https://x:8443", "https://x:8443"),
        (" HTTPS://WWW.Example.COM ", "https://www.example.com"),
        ("https://my_shop.example", "https://my_shop.example"),
        ("http://localhost:8200", "http://localhost:8200"),
        ("http://192.0.2.7", "http://192.0.2.7"),
        ("http://[2001:DB8:0:0::1]:80", "http://[2001:db8::1]"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_it_keeps_an_origin_as_browsers_send_it(written: str, sent: str) -> None:
    assert check_origin(written) == sent


@pytest.mark.parametrize(
    "wrong",
    [
        "https://exa mple.com",
        "https://a..example",
        "https://.example",
        "https://a.example.",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        "https://a\\b.example",
        "https://a%20b.example",
        "https://person:word@a.example",
        "https://a.example:99999",
        "https://a.example:x",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://1.2.3.400",
        "https://127.1",
        "https://\u202eevil.example",
        "https://",
        "//a.example",
        "ftp://a.example",
        "javascript:alert(1)",
        "a.example",
    ],
)
def test_it_refuses_what_is_no_address_of_a_site(wrong: str) -> None:
    with pytest.raises(BadUrl) as refused:
        check_origin(wrong)
    assert "https://www.example.com" in refused.value.hint


@given(st.text(max_size=60) | st.text("abü.:/[]@%_-0149 \u3002\u00ad", max_size=40))
@example("\u00ad")
def test_it_keeps_an_origin_that_it_would_keep_again_or_refuses(text: str) -> None:
    try:
        origin = check_origin(f"https://{text}")
    except BadUrl:
        return
    assert origin.isascii()
    assert origin == origin.lower()
    assert check_origin(origin) == origin


def test_it_keeps_the_addresses_of_a_site_as_browsers_send_them(cast: Cast) -> None:
    form = {f"{cast.site.pk}-name": "Shop", f"{cast.site.pk}-origins": "https://Bücher.example:443/\nhttp://b:80"}
    cast.alice.post(f"/settings/sites/{cast.site.pk}/", form)
    assert Site.objects.get(pk=cast.site.pk).origins == ["https://xn--bcher-kva.example", "http://b"]


@pytest.mark.parametrize("name", ["Factory", "localtime", "posixrules", "", "Mars/Olympus", "../UTC", "/etc/localtime"])
def test_it_refuses_a_zone_that_is_no_place(name: str) -> None:
    with pytest.raises(BadInput, match="is not a time zone"):
        check_time_zone(name)


@pytest.mark.parametrize("name", ["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires"])
def test_it_takes_a_zone_of_a_place(name: str) -> None:
    assert check_time_zone(name) == name


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "evil\r\nINFO forged line", "a b", "x" * 4_000])
def test_it_writes_one_line_about_a_strange_host_and_not_its_name(
    cast: Cast, host: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = logging.getLogger("django.security.DisallowedHost").handlers
    (handler,) = (each for each in handlers if type(each) is logging.StreamHandler)  # the others are the test run's
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    assert cast.nobody.get("/login/", headers={"host": host}).status_code == 400
    assert written.getvalue().count("\n") == 1
    assert "refused a request for a host" in written.getvalue()
    assert host[:4] not in written.getvalue()
    assert "Traceback" not in written.getvalue()
    assert {record.name for record in caplog.records} == {"django.security.DisallowedHost"}
    caplog.clear()
    assert cast.nobody.get("/nothing/").status_code == 404
    assert {record.name for record in caplog.records} == {"django.request"}
