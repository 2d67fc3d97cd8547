"""A site's settings: its tag, consent, hosts that send nobody, and the key of its own server."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from importlib.resources import files

import pytest
from django.test import Client

from ringtrace.web.models import Site
from tests.doors.cast import Cast, site_form
from tests.doors.edge_sees import sites_of


def _page(client: Client) -> str:
    answer = client.get("/settings/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _save(cast: Cast, **fields: str) -> int:
    return cast.alice.post(f"/settings/sites/{cast.site.pk}/", site_form(cast.site, **fields)).status_code


def _key(cast: Cast, client: Client, what: str) -> str:
    answer = client.post(f"/settings/sites/{cast.site.pk}/key/", {"what": what})
    found = re.search(r"rsk_[\w-]+", answer.content.decode())
    return found[0] if found else ""


def test_it_pins_the_snippet_by_the_very_file_that_is_served(cast: Cast) -> None:
    body = files("ringtrace").joinpath("edge", "static", "snippet.js").read_bytes()
    page = _page(cast.alice)
    assert f"/ringtrace-{hashlib.sha256(body).hexdigest()[:12]}.js" in page
    found = re.search(r'integrity="sha384-([^"]+)" crossorigin="anonymous"', page)
    assert found is not None
    assert base64.b64decode(found[1]) == hashlib.sha384(body).digest()
    assert f'/ringtrace.js" data-site="{cast.site.key}"' in page


def test_it_saves_consent_and_hosts_that_send_nobody(cast: Cast) -> None:
    hosts = "https://Booking.example.com/done?x=1\nbücher.example, pay.example"
    assert _save(cast, consent="needed", ignored_referrers=hosts) == 302
    told = sites_of(cast.company)[cast.site.pk]
    assert told.consent == "needed"
    assert told.ignored_referrers == ("booking.example.com", "xn--bcher-kva.example", "pay.example")
    assert "booking.example.com\nxn--bcher-kva.example" in _page(cast.alice)
    assert _save(cast, consent="") == 302
    assert sites_of(cast.company)[cast.site.pk].consent == "needed"  # nothing said of it: as it was


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ignored_referrers": "localhost"}, "is not a web address"),
        ({"ignored_referrers": "a b.example"}, "is not a web address"),
        ({"consent": "perhaps"}, "valid choice"),
        ({"origins": ""}, "required"),
    ],
)
def test_it_says_what_is_wrong_with_a_site(cast: Cast, wrong: dict[str, str], said: str) -> None:
    before = Site.objects.filter(pk=cast.site.pk).values().get()
    answer = cast.alice.post(f"/settings/sites/{cast.site.pk}/", site_form(cast.site, **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Site.objects.filter(pk=cast.site.pk).values().get() == before


def test_it_shows_a_server_key_once_and_keeps_its_digest_alone(cast: Cast) -> None:
    assert "This site has no key" in _page(cast.alice)
    key = _key(cast, cast.alice, "make")
    assert len(key) > 40
    told = sites_of(cast.company)[cast.site.pk]
    assert told.server_key_hash == hashlib.sha256(key.encode()).hexdigest()
    row = Site.objects.filter(pk=cast.site.pk).values().get()
    assert key not in str(row)
    for client in (cast.alice, cast.bob):
        assert "rsk_" not in _page(client)
    assert "This site has a key" in _page(cast.alice)


def test_it_puts_a_new_key_in_place_of_the_old_and_takes_it_away(cast: Cast) -> None:
    first, second = _key(cast, cast.alice, "make"), _key(cast, cast.alice, "make")
    assert first != second
    told = sites_of(cast.company)[cast.site.pk]
    assert told.server_key_hash == hashlib.sha256(second.encode()).hexdigest()
    assert _key(cast, cast.alice, "remove") == ""
    assert sites_of(cast.company)[cast.site.pk].server_key_hash == ""


def test_it_keeps_the_key_from_everybody_else(cast: Cast) -> None:
    _key(cast, cast.alice, "make")
    before = sites_of(cast.company)[cast.site.pk].server_key_hash
    for client in (cast.bob, cast.charlie, cast.nobody):
        for what in ("make", "remove", "show"):
            assert _key(cast, client, what) == ""
    assert sites_of(cast.company)[cast.site.pk].server_key_hash == before
    assert cast.alice.post(f"/settings/sites/{cast.site.pk}/key/", {"what": "show"}).status_code == 400


def test_it_gives_an_example_that_names_the_site(cast: Cast) -> None:
    page = _page(cast.alice)
    example = page[page.index("curl ") :]
    assert "/v1/server/visit" in example
    assert cast.site.key in example
    assert "YOUR-SERVER-KEY" in example


def test_it_sets_and_removes_the_rate_of_another_currency(cast: Cast) -> None:
    assert "No rate is set" in _page(cast.bob)
    assert cast.alice.post("/settings/rates/", {"what": "set", "code": "EUR", "rate": "1.08"}).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.rates == {"EUR": 1.08}
    assert "1.08 USD" in _page(cast.bob)
    assert cast.alice.post("/settings/rates/", {"what": "remove", "code": "EUR"}).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.rates == {}
    assert cast.alice.post("/settings/rates/", {"what": "remove", "code": "EUR"}).status_code == 404


@pytest.mark.parametrize("wrong", [{"code": "USD"}, {"code": "XXX"}, {"rate": "0"}, {"rate": "-1"}, {"rate": "nan"}])
def test_it_refuses_a_rate_that_cannot_be(cast: Cast, wrong: dict[str, str]) -> None:
    sent = {"what": "set", "code": "EUR", "rate": "1.08"} | wrong
    assert cast.alice.post("/settings/rates/", sent).status_code == 422
    cast.company.refresh_from_db()
    assert cast.company.rates == {}
