"""Forms, people by hashes, other systems' ids, and where a visitor is."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from ringtrace.core.refusals import Refusal
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.telephony.registry import SIMULATORS
from ringtrace.testing.house import COMPANY, KEY, ORIGIN, House, make_house
from ringtrace.wire.journal import CallReported, FormSent, PersonNamed
from tests.doors.edge_pages import ADDRESS, ask_page, assert_refused, body_of, on_disk, publish_site, visits
from tests.doors.test_edge_calls import CALLER, Line

EMAIL = hashlib.sha256(b"anna@example.com").hexdigest()


def people(house: House) -> list[PersonNamed]:
    return [event for event in house.events() if isinstance(event, PersonNamed)]


def test_it_notes_a_form_by_its_name_and_never_what_was_typed(house: House) -> None:
    house.visit("a")
    typed = {"fields": {"name": "Anna Schmidt"}, "message": "my boiler leaks"}
    answer = house.post("/v1/form", {**house.sign("a"), "form": "quote", "url": f"{ORIGIN}/contact", **typed})
    assert (answer.status, answer.reason, body_of(answer)) == (200, None, {"held": True})
    seen, sent = house.events()
    assert isinstance(sent, FormSent)
    assert (sent.form, sent.url, sent.visit_id) == ("quote", f"{ORIGIN}/contact", visits(house)[0].visit_id)
    assert seen.company_id == sent.company_id == COMPANY
    for written in (b"Schmidt", b"boiler"):
        assert written not in on_disk(house)


def test_it_bounds_the_name_of_a_form(house: House) -> None:
    for length, reason in ((256, None), (257, "unreadable")):
        assert house.post("/v1/form", {**house.sign("a"), "form": "x" * length}).reason == reason


def test_it_names_a_person_by_keyed_hashes_alone(house: House) -> None:
    house.visit("a")
    digest = phone_digest(CALLER)
    answer = house.post("/v1/identify", {**house.sign("a"), "phone": digest, "email": EMAIL})
    assert (answer.status, answer.reason, body_of(answer)) == (200, None, {"held": True})
    [person] = people(house)
    purpose = caller_purpose(COMPANY)
    assert (person.phone_hash, person.email_hash) == (house.keys.hash(digest, purpose), house.keys.hash(EMAIL, purpose))
    assert person.visit_id == visits(house)[0].visit_id
    for written in (digest, EMAIL):
        assert written.encode() not in on_disk(house)


@pytest.mark.parametrize("carrier", sorted(SIMULATORS))
def test_it_gives_a_person_the_hash_of_the_calls_from_that_phone(house: House, carrier: str) -> None:
    line = Line(house, carrier)
    line.arrive(line.script(caller=CALLER))
    house.post("/v1/identify", {**house.sign("a"), "phone": hashlib.sha256(CALLER.encode()).hexdigest()})
    [call] = [event for event in house.events() if isinstance(event, CallReported)]
    assert people(house)[0].phone_hash == call.caller_hash
    assert people(house)[0].phone_hash is not None


def test_it_hashes_people_of_each_company_apart(house: House) -> None:
    hashes = []
    for company_id in (COMPANY, "company_next"):
        publish_site(house, company_id=company_id)
        house.post("/v1/identify", {**house.sign("a"), "email": EMAIL})
        hashes.append(people(house)[-1].email_hash)
    assert len(set(hashes)) == 2


@pytest.mark.parametrize("named", [{"phone": phone_digest(CALLER)}, {"email": EMAIL}])
def test_it_takes_one_of_the_two(house: House, named: dict[str, str]) -> None:
    assert house.post("/v1/identify", {**house.sign("a"), **named}).reason is None
    [person] = people(house)
    assert [person.phone_hash is None, person.email_hash is None] == ["phone" not in named, "email" not in named]


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"phone": None, "email": None},
        {"phone": ""},
        {"phone": CALLER},
        {"email": "anna@example.com"},
        {"email": EMAIL.upper()},
        {"email": EMAIL[:-1]},
        {"email": f"{EMAIL}0"},
        {"email": EMAIL, "phone": CALLER},
        {"email": EMAIL, "phone": ""},
        {"email": "g" * 64},
        {"email": "é" * 64},
        {"email": 7},
    ],
)
def test_it_refuses_a_person_in_clear_or_malformed(house: House, named: dict[str, object]) -> None:
    assert_refused(house.post("/v1/identify", {**house.sign("a"), **named}), Refusal.UNREADABLE, 400)
    assert house.events() == []


def test_it_keeps_what_google_and_meta_call_the_visitor(house: House) -> None:
    cookies = [
        "_ga=GA1.1.111.222",
        "_ga_X=GS2.1.s333$o1",
        "_fbp=fb.1.444.555",
        "_fbc=fb.1.444.clickid",
        "theirs=session-of-somebody",
    ]
    ask_page(house, {"ck": cookies})
    [seen] = visits(house)
    assert seen.ids == {
        "ga_client": "111.222",
        "ga_session": "333",
        "fbp": "fb.1.444.555",
        "fbc": "fb.1.444.clickid",
    }
    assert b"theirs" not in on_disk(house)
    assert b"session-of-somebody" not in on_disk(house)


def test_it_believes_no_region_in_a_header_that_nobody_said_is_ours(house: House) -> None:
    ask_page(house, {"region": "FR"}, {"cf-ipcountry": "DE", "x-region": "DE"})
    ask_page(house, {"tz": "America/New_York"}, {"cf-ipcountry": "DE"})
    assert [seen.region for seen in visits(house)] == [None, "US"]


@pytest.mark.parametrize(
    ("header", "zone", "region"),
    [
        ("de", "America/New_York", "DE"),
        ("US-CA", "", "US-CA"),
        ("XX", "America/New_York", "US"),
        ("T1", "", None),
        ("<script>", "Europe/Zurich", "CH"),
        (None, "Europe/Zurich", "CH"),
        (None, "Nowhere/At_All", None),
    ],
)
def test_it_believes_the_region_header_that_is_ours_before_the_time_zone(
    tmp_path: Path, header: str | None, zone: str, region: str | None
) -> None:
    with closing(make_house(tmp_path, region_header="cf-ipcountry")) as house:
        ask_page(house, {"tz": zone}, {} if header is None else {"CF-IPCountry": header})
        assert visits(house)[0].region == region
        assert ADDRESS.encode() not in on_disk(house)


@pytest.mark.parametrize(
    "body", [{"ck": "x"}, {"gcm": {"ad_storage": True}}, {"gcm": []}, {"tcf": 1}, {"tz": None}, {"consent": "maybe"}]
)
def test_it_refuses_signals_of_the_wrong_shape(house: House, body: dict[str, object]) -> None:
    assert_refused(ask_page(house, {**house.sign("a"), "site": KEY, **body}), Refusal.UNREADABLE, 400)
