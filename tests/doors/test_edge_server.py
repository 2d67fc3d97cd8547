"""The door of sites that render on their servers, which speak for their visitors."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.refusals import Refusal
from ringtrace.edge import visits as visit_path
from ringtrace.edge.inprocess import Answered
from ringtrace.testing.house import BROWSER, COMPANY, KEY, ORIGIN, TARGET, House, make_house, shown
from ringtrace.wire.directory import SiteEntry, When
from tests.doors.edge_pages import (
    ADDRESS,
    PHONE,
    assert_refused,
    body_of,
    on_disk,
    pool,
    publish,
    publish_site,
    site_with,
    told,
    visit_ids,
    visits,
)

SECRET, THEIR_SECRET = "rs_the-key-of-the-sites-server", "rs_the-key-of-another-sites-server"
DOOR = "/v1/server/visit"


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _tokens(house: House) -> dict[str, str]:
    return {name: str(value) for name, value in house.sign("a").items() if name.startswith("visit")}


@pytest.fixture
def served(house: House) -> House:
    """A house whose site's server may ask, and another site with a key of its own."""
    ours = house.directory(0).sites[0]
    theirs = SiteEntry(
        site_id="site_next",
        company_id="company_next",
        key="st_next",
        origins=("https://next.example",),
        server_key_hash=_hashed(THEIR_SECRET),
    )
    publish(house, sites=(msgspec.structs.replace(ours, server_key_hash=_hashed(SECRET)), theirs))
    return house


def _ask(house: House, authorization: str | None = f"Bearer {SECRET}", /, **body: object) -> Answered:
    """As a server would: with none of a browser's headers."""
    page = {"v": 1, "site": KEY, "url": f"{ORIGIN}/", "user_agent": BROWSER, "ip": ADDRESS, **body}
    headers = {"user-agent": "python-httpx/1.0"} | ({} if authorization is None else {"authorization": authorization})
    return house.ask("POST", DOOR, msgspec.json.encode(page), headers)


def test_it_gives_a_server_a_number_and_tokens_for_its_visitor(served: House) -> None:
    answer = _ask(served, url=f"{ORIGIN}/drains?utm_source=google&utm_medium=cpc", referrer="https://x.example/")
    body = body_of(answer)
    assert told(answer) == (True, None, None)
    assert body["swaps"] == [{"target": TARGET, "cc": "1", "number": served.numbers[0]}]
    [seen] = visits(served)
    assert (seen.company_id, seen.source.source, seen.source.landing_page) == (COMPANY, "google", "/drains")
    assert [lease.e164 for lease in seen.leases] == shown(answer)
    signed = {"v": 1, "site": KEY, "visit": body["visit"], "visitor": body["visitor"]}
    assert told(served.post("/v1/beat", signed)) == (True, None, None)


def test_it_knows_the_visit_that_a_servers_tokens_name(served: House) -> None:
    first = _ask(served, **_tokens(served))
    assert shown(served.visit("a", new=False)) == shown(first)
    assert len(visit_ids(served)) == 1


@pytest.mark.parametrize("authorization", [None, "", SECRET, f"Basic {SECRET}", "Bearer"])
def test_it_refuses_a_server_without_a_key(served: House, authorization: str | None) -> None:
    reason = Refusal.FORGED if authorization == "Bearer" else Refusal.UNSIGNED
    assert_refused(_ask(served, authorization), reason, 403 if reason is Refusal.FORGED else 401)
    assert served.events() == []


@pytest.mark.parametrize(
    "key", ["", " ", "wrong", THEIR_SECRET, f"{SECRET}x", SECRET[:-1], SECRET.upper(), _hashed(SECRET), "é\xff"]
)
def test_it_refuses_a_key_that_is_not_the_sites(served: House, key: str) -> None:
    assert_refused(_ask(served, f"Bearer {key}"), Refusal.FORGED, 403)
    assert served.events() == []


def test_it_refuses_a_sites_key_for_another_site(served: House) -> None:
    assert_refused(_ask(served, site="st_next"), Refusal.FORGED, 403)
    assert_refused(_ask(served, site="st_unknown"), Refusal.UNKNOWN_SITE, 404)
    assert _ask(served, f"Bearer {THEIR_SECRET}", site="st_next").status == 200


def test_it_takes_the_key_however_its_scheme_is_written(served: House) -> None:
    for authorization in (f"bearer {SECRET}", f"BEARER  {SECRET} "):
        assert _ask(served, authorization).status == 200


def test_it_lets_no_server_in_where_no_key_was_made(house: House) -> None:
    for authorization in (None, "Bearer ", f"Bearer {_hashed('')}"):
        assert_refused(_ask(house, authorization), Refusal.UNSIGNED, 401)


def test_it_compares_keys_in_constant_time(served: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(proof: str, known: str) -> bool:
        compared.append((proof, known))
        return hmac.compare_digest(proof, known)

    monkeypatch.setattr(visit_path, "compare_digest", compare)
    _ask(served, "Bearer wrong")
    assert compared == [(_hashed("wrong"), _hashed(SECRET))]


def test_it_lets_no_page_in_by_a_servers_key(served: House) -> None:
    """The page's door goes by the page's origin, whatever else is shown."""
    answer = served.post("/v1/visit", served.sign("a"), {"authorization": f"Bearer {SECRET}", "origin": "https://x"})
    assert_refused(answer, Refusal.WRONG_ORIGIN, 403)


def test_it_looks_at_the_visitor_and_not_at_the_server(served: House) -> None:
    _ask(served, user_agent=PHONE, region="us-ca", tz="Europe/Berlin")
    _ask(served, region="nowhere", tz="Europe/Berlin")
    assert [(seen.device, seen.region) for seen in visits(served)] == [("mobile", "US-CA"), ("desktop", "DE")]


@pytest.mark.parametrize("agent", ["", "Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.0"])
def test_it_gives_a_servers_bots_no_number(served: House, agent: str) -> None:
    assert_refused(_ask(served, user_agent=agent), Refusal.BOT, 403)


def test_it_chooses_pools_for_a_servers_visitor_as_for_any(served: House) -> None:
    site = site_with(served, server_key_hash=_hashed(SECRET))
    german = pool("german", "+13105550901", when=When(regions=("DE",)), place=1)
    publish(served, sites=(site,), pools=(german, pool("general", "+13105550902")))
    assert shown(_ask(served, region="DE")) == ["+13105550901"]
    assert shown(_ask(served, region="FR")) == ["+13105550902"]


def test_it_asks_a_servers_visitor_for_consent_too(served: House) -> None:
    publish_site(served, server_key_hash=_hashed(SECRET), consent="needed")
    answer = _ask(served)
    assert told(answer) == (False, "no_consent", "no_consent")
    assert (body_of(answer)["visit"], body_of(answer)["visitor"]) == (None, None)
    assert served.events() == []
    assert shown(_ask(served, consent="granted", gpc=True)) == [served.numbers[0]]
    assert visits(served)[0].gpc is True


def test_it_counts_a_servers_visitors_by_their_own_addresses(tmp_path: Path) -> None:
    with closing(make_house(tmp_path, visits_per_minute=2)) as house:
        publish_site(house, server_key_hash=_hashed(SECRET))
        for address in (ADDRESS, "203.0.113.10"):
            assert [_ask(house, ip=address).status for _ in range(3)] == [200, 200, 429]
        assert_refused(_ask(house, ip=ADDRESS), Refusal.TOO_MANY, 429)
        house.clock.now_ms += MINUTE_MS
        assert _ask(house, ip=ADDRESS).status == 200


def test_it_keeps_neither_key_nor_address_nor_agent_of_a_servers_visitor(served: House) -> None:
    _ask(served, **_tokens(served))
    for kept in (SECRET, ADDRESS, BROWSER, "visit-token", "visitor-token"):
        assert kept.encode() not in on_disk(served)


def test_it_lets_no_page_read_what_a_server_is_answered(served: House) -> None:
    for answer in (_ask(served), _ask(served, None), _ask(served, f"Bearer {THEIR_SECRET}")):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
