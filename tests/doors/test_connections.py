"""Connecting carriers, mending a connection, and taking numbers out of use."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.web import actions
from ringtrace.web.models import CallRow, Company, Connection, TrackingNumber
from ringtrace.wire.directory import Directory
from ringtrace.wire.opening import open_wire
from tests.doors.cast import Cast, make_call

FLYER = Source(channel=Channel.OFFLINE, source="flyer")


def _text(cast: Cast, address: str = "/numbers/") -> str:
    return cast.alice.get(address).content.decode()


def _directory() -> Directory:
    with closing(open_wire(settings.EDGE_STORE)) as store:
        directory = store.read_directory()
    assert directory is not None
    return directory


def _change(cast: Cast, **fields: str) -> dict[str, str]:
    usual = {"name": "Main line", "public_url": "https://calls.example/", "secret": ""}
    return {f"{cast.connection.pk}-{name}": value for name, value in (usual | fields).items()}


# Connections


def test_it_mends_a_connection_and_tells_the_edge(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    form = _change(cast, public_url="https://Phone.example:443/", secret=" a-newer-token ")
    with django_capture_on_commit_callbacks(execute=True):
        answer = cast.alice.post(f"/numbers/connections/{cast.connection.pk}/", form)
    assert answer["Location"] == "/numbers/"
    cast.connection.refresh_from_db()
    assert (cast.connection.name, cast.connection.public_url) == ("Main line", "https://phone.example")
    assert actions.connection_secret(cast.connection) == "a-newer-token"
    published = next(each for each in _directory().connections if each.connection_id == cast.connection.pk)
    assert published.public_url == "https://phone.example"
    assert published.sealed_secret == cast.connection.sealed_secret


def test_it_keeps_the_secret_where_none_is_written_and_never_shows_it(cast: Cast) -> None:
    answer = cast.alice.post(f"/numbers/connections/{cast.connection.pk}/", _change(cast), follow=True)
    cast.connection.refresh_from_db()
    assert actions.connection_secret(cast.connection) == "alices-token"
    wrong = _change(cast, secret="another-token", name="")
    refused = cast.alice.post(f"/numbers/connections/{cast.connection.pk}/", wrong)
    assert refused.status_code == 422
    for page in (answer.content.decode(), refused.content.decode()):
        assert "alices-token" not in page
        assert "another-token" not in page


@pytest.mark.parametrize(
    "url",
    ["calls.example", "ftp://calls.example", "https://calls example", "https://calls.example/?x=1", "https://a..b"],
)
def test_it_refuses_a_public_url_no_carrier_can_reach(cast: Cast, url: str) -> None:
    answer = cast.alice.post(f"/numbers/connections/{cast.connection.pk}/", _change(cast, public_url=url))
    assert answer.status_code == 422
    assert "is not a web address" in answer.content.decode()
    cast.connection.refresh_from_db()
    assert cast.connection.public_url == "https://calls.example"


def test_it_makes_a_new_secret_for_kamailio_when_asked(cast: Cast) -> None:
    connection = actions.do_connect_carrier(cast.company, "kamailio", "SIP", "")
    secret = actions.connection_secret(connection)
    form = {f"{connection.pk}-name": "SIP", f"{connection.pk}-public_url": "http://10.0.0.2:8100"}
    cast.alice.post(f"/numbers/connections/{connection.pk}/", form)
    connection.refresh_from_db()
    assert actions.connection_secret(connection) == secret
    answer = cast.alice.post(
        f"/numbers/connections/{connection.pk}/", form | {f"{connection.pk}-renew": "on"}, follow=True
    )
    connection.refresh_from_db()
    assert actions.connection_secret(connection) != secret
    assert "configuration anew" in answer.content.decode()


def test_it_connects_one_more_carrier(cast: Cast) -> None:
    form = {
        "connect-carrier": "twilio",
        "connect-name": "Second account",
        "connect-auth_token": "token-of-the-second",
        "connect-public_url": "https://calls.example",
    }
    assert cast.alice.post("/numbers/connect/", form)["Location"] == "/numbers/"
    made = Connection.objects.get(name="Second account")
    assert actions.connection_secret(made) == "token-of-the-second"
    page = _text(cast)
    assert f"https://calls.example/carriers/{made.pk}/inbound" in page
    assert "token-of-the-second" not in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"connect-carrier": "twilio"}, "auth token is needed"),
        ({"connect-carrier": "pigeon"}, "valid choice"),
        ({"connect-carrier": "twilio", "connect-auth_token": "x", "connect-public_url": "nowhere"}, "web address"),
    ],
)
def test_it_says_what_is_wrong_with_a_new_carrier(cast: Cast, wrong: dict[str, str], said: str) -> None:
    answer = cast.alice.post("/numbers/connect/", wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Connection.objects.count() == 1


# Numbers


def test_it_takes_a_number_out_of_its_pool_and_keeps_its_calls(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    address = f"/numbers/{cast.number.pk}/remove/"
    assert f'href="{address}"' in _text(cast)
    assert "still ring" in _text(cast, address)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):  # a second click does no more
            assert cast.alice.post(address, {"what": "take_out"})["Location"] == "/numbers/"
    cast.number.refresh_from_db()
    assert cast.number.pool is None
    assert CallRow.objects.get().number == cast.number
    directory = _directory()
    assert cast.number.e164 not in directory.pools[0].numbers
    assert cast.number.e164 in {each.e164 for each in directory.numbers}  # calls to it still ring
    assert "Out of use" in _text(cast)


def test_it_keeps_a_number_that_had_calls_for_good(cast: Cast) -> None:
    actions.do_take_out_number(cast.number)
    answer = cast.alice.post(f"/numbers/{cast.number.pk}/remove/", {"what": "remove"})
    assert answer.status_code == 422
    assert "they belong to it" in answer.content.decode()
    assert TrackingNumber.objects.filter(pk=cast.number.pk).exists()
    assert f"/numbers/{cast.number.pk}/remove/" not in _text(cast)


def test_it_keeps_what_a_static_number_stands_for_while_calls_count_by_it(cast: Cast) -> None:
    made = actions.do_add_numbers(cast.connection, ["+13105550160"], ring_flow("+13105550199", 20), static_source=FLYER)
    make_call(made[0], None)
    for what in ("take_out", "remove"):
        cast.alice.post(f"/numbers/{made[0].pk}/remove/", {"what": what})
    made[0].refresh_from_db()
    assert (made[0].static_source or {})["source"] == "flyer"


def test_it_removes_a_number_that_had_no_calls(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    flow = ring_flow("+13105550199", 20)
    with django_capture_on_commit_callbacks(execute=True):
        (made,) = actions.do_add_numbers(cast.connection, ["+13105550160"], flow, static_source=FLYER)
    assert "+13105550160" in {each.e164 for each in _directory().numbers}
    address = f"/numbers/{made.pk}/remove/"
    assert "are refused" in _text(cast, address)
    with django_capture_on_commit_callbacks(execute=True):
        assert cast.alice.post(address, {"what": "remove"})["Location"] == "/numbers/"
    assert not TrackingNumber.objects.filter(pk=made.pk).exists()
    assert "+13105550160" not in {each.e164 for each in _directory().numbers}


@pytest.mark.parametrize("what", ["remove", "", "everything"])
def test_it_removes_no_number_that_is_still_shown(cast: Cast, what: str) -> None:
    CallRow.objects.all().delete()
    assert cast.alice.post(f"/numbers/{cast.number.pk}/remove/", {"what": what}).status_code == 422
    cast.number.refresh_from_db()
    assert cast.number.pool == cast.pool


def test_it_puts_a_number_back_with_its_calls(cast: Cast) -> None:
    actions.do_take_out_number(cast.number)
    form = {
        "connection": cast.connection.pk,
        "use": cast.pool.pk,
        "channel": "Offline",
        "numbers": "+13105550101\n+13105550161",
        "destination": "+13105550188",
        "ring_secs": "15",
    }
    assert "2 numbers added" in cast.alice.post("/numbers/add/", form, follow=True).content.decode()
    assert TrackingNumber.objects.get(e164="+13105550101").pk == cast.number.pk
    assert cast.pool.numbers.count() == 2
    assert CallRow.objects.get().number_id == cast.number.pk


def test_it_says_of_anybodys_number_only_that_it_cannot_be_used(cast: Cast) -> None:
    """Not even a number Charlie has taken out of use tells Alice that he has it."""
    charlies = Company.objects.get(name="Charlie’s Heating")
    connection = actions.do_connect_carrier(charlies, "kamailio", "SIP", "")
    flow = ring_flow("+4930901820", 20)
    actions.do_add_numbers(connection, ["+13105550170", "+13105550171"], flow, static_source=FLYER)
    TrackingNumber.objects.filter(e164="+13105550171").update(static_source=None)
    said = set()
    for taken in ("+13105550101", "+13105550170", "+13105550171"):
        form = {"connection": cast.connection.pk, "use": cast.pool.pk, "channel": "Offline", "numbers": taken}
        answer = cast.alice.post("/numbers/add/", form | {"destination": "+13105550188", "ring_secs": "15"})
        assert answer.status_code == 422
        found = re.search(r'id="id_numbers_error">(.*?)</p>', answer.content.decode())
        assert found is not None
        said.add(found[1].replace(taken, "NUMBER").strip())
    assert said == {"NUMBER cannot be used: it is in use already or not yours. Remove it from the list."}


def test_it_shows_a_viewer_what_a_number_is_but_no_button(cast: Cast) -> None:
    page = cast.bob.get(f"/numbers/{cast.number.pk}/remove/").content.decode()
    assert 'name="what"' not in page
    assert "Only an owner or an admin" in page
    assert "/remove/" not in cast.bob.get("/numbers/").content.decode()
