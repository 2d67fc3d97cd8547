from __future__ import annotations

import re
from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.web.links import do_make_link
from ringtrace.web.models import Company, Connection, Pool, Site, TrackingNumber, User
from ringtrace.wire.opening import open_wire
from tests.doors.cast import PAID, PASSWORD, Cast, make_call, make_refusal, make_visit

OWNER = {
    "email": "Olive@Example.com",
    "password": PASSWORD,
    "name": "Olive’s Ovens",
    "time_zone": "America/New_York",
    "currency": "USD",
    "region": "US",
}
SITE = {
    "name": "Main site",
    "origins": "https://ovens.example/contact\nhttps://ovens.example",
    "printed": "(212) 555-0199",
}
NUMBERS = {
    "carrier": "kamailio",
    "numbers": "+12125550101, (212) 555-0102\n212.555.0103",
    "destination": "sip:kitchen@pbx.example",
    "ring_secs": "25",
    "hold_mins": "20",
}


def _begin(client: Client) -> None:
    client.get("/welcome/", {"once": do_make_link(wall_clock())})


@pytest.mark.django_db
def test_it_leads_from_the_link_to_the_script_tag(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    token = do_make_link(wall_clock())
    answer = client.get("/welcome/", {"once": token})
    assert answer["Location"] == "/start/owner/"  # and the token is gone from the address
    assert client.get("/start/owner/").status_code == 200
    assert client.post("/start/owner/", OWNER)["Location"] == "/start/site/"
    assert client.post("/start/site/", SITE)["Location"] == "/start/numbers/"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/start/numbers/", NUMBERS)["Location"] == "/start/done/"
    page = client.get("/start/done/").content.decode()
    assert re.search(
        r"&lt;script async src=&quot;http://127\.0\.0\.1:8100/ringtrace\.js&quot; data-site=&quot;st_\w+&quot;", page
    )
    assert f"ringtrace sip config --data {settings.DATA_DIR}" in page


@pytest.mark.django_db
def test_it_publishes_what_the_wizard_made_to_the_edge(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    client.post("/start/site/", SITE)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/start/numbers/", NUMBERS)
    with closing(open_wire(settings.EDGE_STORE)) as store:
        directory = store.read_directory()
    assert directory is not None
    assert directory.sites[0].origins == ("https://ovens.example",)
    assert directory.pools[0].target_e164 == "+12125550199"
    assert directory.pools[0].numbers == ("+12125550101", "+12125550102", "+12125550103")
    assert directory.pools[0].hold_secs == 1200


@pytest.mark.django_db
def test_it_takes_a_link_once(client: Client) -> None:
    token = do_make_link(wall_clock())
    assert client.get("/welcome/", {"once": token}).status_code == 302
    again = Client().get("/welcome/", {"once": token})
    assert again.status_code == 410
    assert b"ringtrace link" in again.content


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000])
def test_it_takes_no_made_up_link(client: Client, token: str) -> None:
    assert client.get("/welcome/", {"once": token}).status_code == 410
    assert client.post("/start/owner/", OWNER).status_code == 410
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_takes_no_link_older_than_a_day(client: Client) -> None:
    token = do_make_link(wall_clock() - DAY_MS - 1)
    assert client.get("/welcome/", {"once": token}).status_code == 410


@pytest.mark.django_db
def test_it_does_not_use_a_link_up_when_something_only_looks_ahead(client: Client) -> None:
    token = do_make_link(wall_clock())
    assert client.head("/welcome/", {"once": token}).status_code == 204
    assert client.get("/welcome/", {"once": token}, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert client.get("/welcome/", {"once": token}).status_code == 302


def test_it_signs_in_the_person_a_link_was_made_for(cast: Cast) -> None:
    token = do_make_link(wall_clock(), User.objects.get(email="alice@example.com"))
    assert cast.nobody.get("/welcome/", {"once": token})["Location"] == "/"
    assert "Alice’s Plumbing" in cast.nobody.get("/settings/").content.decode()


def test_it_makes_no_second_owner(cast: Cast) -> None:
    before = User.objects.count()
    assert cast.nobody.get("/welcome/", {"once": do_make_link(wall_clock())}).status_code == 409
    assert cast.nobody.post("/start/owner/", OWNER).status_code == 409
    assert User.objects.count() == before


@pytest.mark.django_db
def test_it_goes_on_where_it_was_left(client: Client) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    back = Client()
    back.post("/login/", {"username": "olive@example.com", "password": PASSWORD})
    assert back.get("/", follow=True).redirect_chain[-1][0] == "/start/site/"
    back.post("/start/site/", SITE)
    assert back.get("/start/")["Location"] == "/start/numbers/"
    back.post("/start/numbers/", NUMBERS)
    assert back.get("/start/")["Location"] == "/start/done/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "valid email"),
        ({"password": "short"}, "too short"),
        ({"password": "1234567890"}, "too common"),
        ({"time_zone": "Mars/Olympus"}, "not a time zone"),
        ({"time_zone": "../../etc/passwd"}, "not a time zone"),
        ({"currency": "XXX"}, "valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_it_says_what_is_wrong_with_the_owner(client: Client, wrong: dict[str, str], said: str) -> None:
    _begin(client)
    answer = client.post("/start/owner/", OWNER | wrong)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"origins": "ovens"}, "is not a web address"),
        ({"origins": "javascript:alert(1)"}, "is not a web address"),
        ({"printed": "12"}, "too few or too many digits"),
        ({"printed": "call us"}, "is not a phone number"),
    ],
)
def test_it_says_what_is_wrong_with_the_site(client: Client, wrong: dict[str, str], said: str) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    assert said in client.post("/start/site/", SITE | wrong).content.decode()
    assert not Pool.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"carrier": "twilio"}, "auth token is needed"),
        ({"carrier": "pigeon"}, "valid choice"),
        ({"numbers": "+12125550101\nnot-a-number"}, "is not a phone number"),
        ({"numbers": " \n "}, "required"),
        ({"destination": "sip:a b@c"}, "is not a SIP address"),
        ({"destination": "sip:x@y\r\nEvil: 1"}, "is not a SIP address"),
        ({"ring_secs": "0"}, "greater than or equal to 5"),
        ({"hold_mins": "9999"}, "less than or equal to 1440"),
    ],
)
def test_it_says_what_is_wrong_with_the_numbers(client: Client, wrong: dict[str, str], said: str) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    client.post("/start/site/", SITE)
    assert said in client.post("/start/numbers/", NUMBERS | wrong).content.decode()
    assert not TrackingNumber.objects.exists()
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_it_takes_a_site_without_what_every_address_begins_with(client: Client) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    assert client.post("/start/site/", SITE | {"origins": "www.ovens.example"})["Location"] == "/start/numbers/"
    assert Site.objects.get().origins == ["https://www.ovens.example"]
    assert "How many do I need?" in client.get("/start/numbers/").content.decode()


def _green(client: Client) -> int:
    return client.get("/start/progress/").content.decode().count("check-line good")


@pytest.mark.django_db
def test_its_last_step_proves_itself_line_by_line(client: Client) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    client.post("/start/site/", SITE)
    client.post("/start/numbers/", NUMBERS)
    assert _green(client) == 0
    assert "See what is left of the set-up" in client.get("/numbers/").content.decode()
    company, site = Company.objects.get(), Site.objects.get()
    make_refusal(company.pk, "wrong_origin", 1, site.pk)
    page = client.get("/start/done/").content.decode()
    assert _green(client) == 1  # the tag was seen, on a page of another address
    assert "Add this page&#x27;s address" in page
    assert 'hx-trigger="every 2s"' in page
    make_visit(company, site, PAID)
    assert _green(client) == 2
    assert "google / cpc" in client.get("/start/progress/").content.decode()
    make_call(TrackingNumber.objects.order_by("e164")[0], None)
    page = client.get("/start/progress/").content.decode()
    assert _green(client) == 3
    assert "It works" in page
    assert "hx-trigger" not in page
    assert "See what is left of the set-up" not in client.get("/numbers/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "base", "is_local"),
    [("", "http://127.0.0.1:8100", True), ("https://calls.example/", "https://calls.example", False)],
)
def test_it_gives_twilio_its_webhook_addresses_and_keeps_the_token_sealed(
    client: Client, url: str, base: str, is_local: bool
) -> None:
    _begin(client)
    client.post("/start/owner/", OWNER)
    client.post("/start/site/", SITE)
    client.post(
        "/start/numbers/", NUMBERS | {"carrier": "twilio", "auth_token": "very-secret-token", "public_url": url}
    )
    connection = Connection.objects.get()
    page = client.get("/start/done/").content.decode()
    assert ("Twilio cannot reach it" in page) is is_local
    for door in ("inbound", "status"):
        assert f"{base}/carriers/{connection.pk}/{door}" in page
    assert "very-secret-token" not in page + connection.sealed_secret
