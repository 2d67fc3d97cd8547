"""Pools, static numbers by source, overflow: who sees which number, and what the edge is told of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.web import actions, pools
from ringtrace.web.forms.pools import initial_of
from ringtrace.web.models import Company, DirectoryMark, Pool, TrackingNumber
from ringtrace.web.when import in_words, read_list, when_of
from ringtrace.wire.directory import When
from tests.doors.cast import Cast, make_call, make_lease, make_refusal
from tests.doors.edge_sees import pools_of, statics_of

FLOW = ring_flow("+13105550199", 20)
GOOGLE = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc")
PHONES = When(sources=("google",), mediums=("cpc",), devices=("mobile",))


def _pool_form(cast: Cast, **fields: Any) -> dict[str, Any]:
    usual = {
        "name": "Ads",
        "target": "(310) 555-0199",
        "place": "100",
        "overflow": "",
        "hold_mins": "20",
        "called_hold_mins": "240",
        "cooldown_mins": "2.5",
        "beat_secs": "30",
    }
    return usual | fields


def _static_form(cast: Cast, **fields: Any) -> dict[str, Any]:
    usual = {
        "name": "Google Ads",
        "channel": "Paid Search",
        "source": "google",
        "medium": "cpc",
        "site": cast.site.pk,
        "target": "(310) 555-0199",
        "place": "50",
    }
    return usual | fields


def _one_more(cast: Cast, e164: str = "+13105550160", **more: Any) -> TrackingNumber:
    return actions.do_add_numbers(cast.connection, [e164], FLOW, **more)[0]


def _page(cast: Cast, address: str) -> str:
    answer = cast.alice.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# A pool's settings


def test_it_saves_a_pool_and_tells_the_edge_all_of_it(cast: Cast) -> None:
    shared = _one_more(cast)
    rule = {
        "channels": ["Paid Search", "Paid Social"],
        "sources": "Google, bing",
        "campaigns": "Emergency-*",
        "landings": "/emergency/*",
        "referrers": "https://www.Yelp.com/biz/x, bücher.example",
        "regions": "us-ca, de",
        "devices": ["mobile"],
    }
    form = _pool_form(cast, overflow=shared.pk, place="7", **rule)
    assert cast.alice.post(f"/numbers/pools/{cast.pool.pk}/", form)["Location"] == f"/numbers/pools/{cast.pool.pk}/"
    told = pools_of(cast.company)[cast.pool.pk]
    assert (told.hold_secs, told.called_hold_secs, told.cooldown_secs, told.beat_secs) == (1200, 14_400, 150, 30)
    assert (told.place, told.overflow_e164, told.target_e164) == (7, shared.e164, "+13105550199")
    assert told.when == When(
        channels=("Paid Search", "Paid Social"),
        sources=("google", "bing"),
        campaigns=("emergency-*",),
        landings=("/emergency/*",),
        referrers=("www.yelp.com", "xn--bcher-kva.example"),
        regions=("US-CA", "DE"),
        devices=("mobile",),
    )


def test_it_saves_what_it_shows_unchanged(cast: Cast) -> None:
    """Opening a pool's page and saving it changes nothing, whatever the pool had."""
    odd = pools.Times(hold_secs=95, cooldown_secs=7, called_hold_secs=100, beat_secs=20)
    placed = pools.Placed(target_e164="+13105550199", when=PHONES, place=3)
    pools.do_change_pool(cast.pool, name="Odd", times=odd, placed=placed)
    before = Pool.objects.filter(pk=cast.pool.pk).values().get()
    page = _page(cast, f"/numbers/pools/{cast.pool.pk}/")
    shown = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.replace("checked", "")))
    form = {name: shown[name] for name in _pool_form(cast) if name != "overflow"} | initial_of(PHONES)
    assert cast.alice.post(f"/numbers/pools/{cast.pool.pk}/", form).status_code == 302
    assert Pool.objects.filter(pk=cast.pool.pk).values().get() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"target": "none"}, "is not a phone number"),
        ({"hold_mins": "1", "beat_secs": "60"}, "would lose its number"),
        ({"hold_mins": "0"}, "greater than or equal to 1"),
        ({"place": "0"}, "greater than or equal to 1"),
        ({"landings": "emergency"}, "is not the path of a page"),
        ({"landings": "/a?b=1"}, "more than a path"),
        ({"referrers": "not a host"}, "is not a web address"),
        ({"regions": "California"}, "is not a region"),
        ({"devices": ["fridge"]}, "valid choice"),
        ({"channels": ["Offline"]}, "valid choice"),
        ({"sources": ", ".join(map(str, range(51)))}, "more than 50"),
        ({"overflow": "num_of_charlie"}, "valid choice"),
    ],
)
def test_it_says_what_is_wrong_with_a_pool(cast: Cast, wrong: dict[str, Any], said: str) -> None:
    before = Pool.objects.filter(pk=cast.pool.pk).values().get()
    answer = cast.alice.post(f"/numbers/pools/{cast.pool.pk}/", _pool_form(cast, **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Pool.objects.filter(pk=cast.pool.pk).values().get() == before


def test_it_makes_a_second_pool_for_the_same_printed_number(cast: Cast) -> None:
    form = {"name": "Ads", "site": cast.site.pk, "target": "(310) 555-0199"}
    answer = cast.alice.post("/numbers/pools/add/", form)
    made = Pool.objects.get(name="Ads")
    assert answer["Location"] == f"/numbers/pools/{made.pk}/"
    assert {pool.target_e164 for pool in pools_of(cast.company).values()} == {"+13105550199"}


def test_it_makes_no_pool_on_somebody_elses_site(cast: Cast) -> None:
    his = Company.objects.get(name="Charlie’s Heating").sites.get()
    answer = cast.alice.post("/numbers/pools/add/", {"name": "Mine", "site": his.pk, "target": "(310) 555-0199"})
    assert answer.status_code == 422
    assert Pool.objects.count() == 1


def test_it_removes_an_empty_pool_and_no_other(cast: Cast) -> None:
    address = f"/numbers/pools/{cast.pool.pk}/remove/"
    assert "still has numbers" in cast.alice.post(address, follow=True).content.decode()
    assert Pool.objects.exists()
    actions.do_take_out_number(cast.number)
    cast.alice.post(address)
    assert not Pool.objects.exists()
    assert cast.alice.get("/numbers/").status_code == 200


# The rule in words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (When(), "every visit"),
        (PHONES, "visits from google / cpc on phones"),
        (When(channels=("Paid Search", "Display")), "Paid Search or Display visits"),
        (When(mediums=("email",)), "visits by email"),
        (When(devices=("desktop", "tablet")), "visits on desktops or tablets"),
        (
            When(sources=("a", "b", "c", "d", "e"), landings=("/x/*",), regions=("US-CA",)),
            "visits from a, b, c or 2 more, that land on /x/*, in US-CA",
        ),
        (
            When(channels=("Referral",), referrers=("yelp.com",), keywords=("*leak*",), campaigns=("spring",)),
            "Referral visits of the campaign spring, for the keyword *leak*, referred by yelp.com",
        ),
    ],
)
def test_it_says_a_rule_in_plain_words(when: When, words: str) -> None:
    assert in_words(when) == words


def test_it_says_the_rule_while_it_is_written(cast: Cast) -> None:
    answer = cast.alice.post("/numbers/words/", {"sources": "Google", "mediums": "cpc", "devices": ["mobile"]})
    assert "visits from google / cpc on phones" in answer.content.decode()
    meant = cast.alice.post("/numbers/words/", {"source": "Google", "medium": "cpc", "channel": "Offline"})
    assert "visits from google / cpc" in meant.content.decode()  # of a static number whose rule is empty
    assert "every visit" in cast.alice.post("/numbers/words/", {}).content.decode()
    wrong = cast.alice.post("/numbers/words/", {"landings": "<b>x"}).content.decode()
    assert "Landing pages" in wrong
    assert "<b>x" not in wrong


@pytest.mark.parametrize("text", ["", " , ,\n", "a,b", "a\nb , a", "x" * 3])
def test_it_reads_lists_with_commas_or_lines(text: str) -> None:
    found = read_list(text)
    assert len(set(found)) == len(found)
    assert all(one == one.strip() and one for one in found)


# Static numbers by source


def test_it_shows_a_static_number_to_the_visits_it_stands_for(cast: Cast) -> None:
    number = _one_more(cast, static_source=Source(channel=Channel.OFFLINE, source="van"))
    assert statics_of(cast.company) == {}  # printed on a van: no page shows it
    form = _static_form(cast)
    assert cast.alice.post(f"/numbers/statics/{number.pk}/", form).status_code == 302
    told = statics_of(cast.company)[number.e164]
    assert told.when == When(sources=("google",), mediums=("cpc",))
    assert (told.target_e164, told.site_id, told.place) == ("+13105550199", cast.site.pk, 50)
    number.refresh_from_db()
    assert number.static_source == {"channel": "Paid Search", "source": "google", "medium": "cpc"}


def test_it_shows_a_static_number_to_other_visits_where_it_is_told_so(cast: Cast) -> None:
    number = _one_more(cast, static_source=GOOGLE)
    cast.alice.post(f"/numbers/statics/{number.pk}/", _static_form(cast, channels=["Paid Search"], place="3"))
    told = statics_of(cast.company)[number.e164]
    assert (told.when, told.place) == (When(channels=("Paid Search",)), 3)


def test_it_takes_a_static_number_off_the_pages(cast: Cast) -> None:
    number = _one_more(cast, static_source=GOOGLE)
    cast.alice.post(f"/numbers/statics/{number.pk}/", _static_form(cast))
    assert statics_of(cast.company)
    cast.alice.post(f"/numbers/statics/{number.pk}/", _static_form(cast, site="", target="", place=""))
    assert statics_of(cast.company) == {}
    assert "printed, on no page" in _page(cast, "/numbers/")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"source": ""}, "This field is required"),
        ({"target": ""}, "Name the printed number"),
        ({"site": "site_of_charlie"}, "valid choice"),
        ({"channel": "Offline", "source": "   "}, "required"),
        ({"landings": "x"}, "is not the path"),
    ],
)
def test_it_says_what_is_wrong_with_a_static_number(cast: Cast, wrong: dict[str, Any], said: str) -> None:
    number = _one_more(cast, static_source=GOOGLE)
    answer = cast.alice.post(f"/numbers/statics/{number.pk}/", _static_form(cast, **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert statics_of(cast.company) == {}


def test_it_adds_a_number_for_a_campaign_in_one_go(cast: Cast) -> None:
    form = {
        "connection": cast.connection.pk,
        "use": "static",
        "name": "Google Ads",
        "channel": "Paid Search",
        "source": "google",
        "medium": "cpc",
        "campaign": "Spring",
        "shown": f"{cast.site.pk} {cast.pool.target_e164}",
        "numbers": "+13105550161",
        "destination": "+13105550199",
        "ring_secs": "20",
    }
    assert cast.alice.post("/numbers/add/", form)["Location"] == "/numbers/"
    told = statics_of(cast.company)["+13105550161"]
    assert told.when == When(sources=("google",), mediums=("cpc",), campaigns=("spring",))
    page = _page(cast, "/numbers/")
    offers = page[page.index('class="offers"') :]
    assert offers.index("555-0161") < offers.index("Alice’s pool")
    two = cast.alice.post("/numbers/add/", form | {"numbers": "+13105550162\n+13105550163"})
    assert "Give one number" in two.content.decode()


def test_it_lets_a_source_without_name_stand_for_its_channel() -> None:
    assert when_of(Source(channel=Channel.EMAIL)) == When(channels=("Email",))
    assert when_of(Source(channel=Channel.OFFLINE)) == When()
    assert when_of(Source(channel=Channel.OFFLINE, source="Van")) == When(sources=("van",))


def test_it_has_no_settings_for_a_number_that_stands_for_nothing(cast: Cast) -> None:
    assert cast.alice.get(f"/numbers/statics/{cast.number.pk}/").status_code == 404


# Overflow


def test_it_adds_an_overflow_number(cast: Cast) -> None:
    form = {
        "connection": cast.connection.pk,
        "use": f"overflow:{cast.pool.pk}",
        "channel": "Offline",
        "numbers": "+13105550164",
        "destination": "+13105550199",
        "ring_secs": "20",
    }
    cast.alice.post("/numbers/add/", form)
    assert pools_of(cast.company)[cast.pool.pk].overflow_e164 == "+13105550164"
    assert "Overflow numbers" in _page(cast, "/numbers/")


def test_it_never_lets_a_number_be_two_things_at_once(cast: Cast) -> None:
    shared = _one_more(cast)
    pools.do_set_overflow(cast.pool, shared)
    for use in ({"pool": cast.pool}, {"static_source": GOOGLE}):
        with pytest.raises(BadInput, match="cannot be used"):
            actions.do_add_numbers(cast.connection, [shared.e164], FLOW, **use)
    with pytest.raises(BadInput, match="in turn"):
        pools.do_change_static(shared, name="", stands_for=GOOGLE)
    static = _one_more(cast, "+13105550165", static_source=GOOGLE)
    for taken in (static, cast.number):
        with pytest.raises(BadInput, match="cannot be an overflow"):
            pools.do_set_overflow(cast.pool, taken)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrackingNumber.objects.filter(pk=static.pk).update(pool=cast.pool)


def test_it_keeps_an_overflow_number_while_a_pool_needs_it(cast: Cast) -> None:
    shared = _one_more(cast)
    pools.do_set_overflow(cast.pool, shared)
    answer = cast.alice.post(f"/numbers/{shared.pk}/remove/", {"what": "remove"})
    assert "is the overflow of a pool" in answer.content.decode()
    cast.alice.post(f"/numbers/pools/{cast.pool.pk}/", _pool_form(cast))
    assert pools_of(cast.company)[cast.pool.pk].overflow_e164 is None
    assert cast.alice.post(f"/numbers/{shared.pk}/remove/", {"what": "remove"})["Location"] == "/numbers/"


def test_it_says_on_the_page_that_an_overflow_call_counts_for_nobody(cast: Cast) -> None:
    shared = _one_more(cast)
    pools.do_set_overflow(cast.pool, shared)
    call = make_call(shared, None)
    type(call).objects.filter(pk=call.pk).update(attributed_by="overflow_number", p_none=None)
    assert "counts for nobody" in _page(cast, f"/calls/{call.pk}/")
    assert "overflow number" in _page(cast, "/calls/")


# What the page tells


def test_it_lists_what_stands_in_for_a_number_in_its_order(cast: Cast) -> None:
    placed = pools.Placed(target_e164="+13105550199", when=When(), place=20)
    times = pools.Times(hold_secs=1800, cooldown_secs=60, called_hold_secs=0, beat_secs=60)
    pools.do_change_pool(cast.pool, name="Everybody", times=times, placed=placed)
    late = actions.do_create_pool(cast.site, "Too late", "+13105550199")
    early = _one_more(cast, static_source=GOOGLE)
    cast.alice.post(f"/numbers/statics/{early.pk}/", _static_form(cast, place="5"))
    page = _page(cast, "/numbers/")
    offers = page[page.index('class="offers"') : page.index("</ol>")]
    assert offers.index("555-0160") < offers.index("Everybody") < offers.index("Too late")
    assert offers.count("never reached") == 1
    assert offers.index("never reached") > offers.index("Too late")
    assert "Visits from google / cpc" in offers
    places = {pool.pool_id: pool.place for pool in pools_of(cast.company).values()}
    places |= {static.static_id: static.place for static in statics_of(cast.company).values()}
    assert sorted(places, key=places.__getitem__) == [early.pk, cast.pool.pk, late.pk]


def test_it_says_how_full_a_pool_is_and_how_many_it_turned_away(cast: Cast) -> None:
    make_lease(cast, cast.number)
    make_refusal(cast.company.pk, "pool_empty", 41, cast.site.pk)
    make_refusal(cast.company.pk, "bot", 7, cast.site.pk)
    page = _page(cast, "/numbers/")
    assert re.search(r"<strong>1</strong> of 1 held now", page)
    assert "41 visits of Alice’s site found no number free in 7 days" in page
    assert re.search(r"<strong>1</strong> of 1 held now", _page(cast, f"/numbers/pools/{cast.pool.pk}/"))


def test_it_shows_a_number_as_held_for_as_long_as_its_call_holds_it(cast: Cast) -> None:
    lease = make_lease(cast, cast.number)
    Pool.objects.update(called_hold_secs=7 * 86_400)
    lease.from_ms -= 5 * DAY_MS
    lease.until_ms += DAY_MS
    lease.save()
    for address in ("/numbers/", f"/numbers/pools/{cast.pool.pk}/"):
        assert re.search(r"<strong>1</strong> of 1 held now", _page(cast, address))


def test_it_tells_the_edge_after_each_change(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def wanted() -> int:
        return DirectoryMark.objects.get(pk=1).wanted

    before = wanted()
    number = _one_more(cast, static_source=GOOGLE)
    for address, form in (
        (f"/numbers/pools/{cast.pool.pk}/", _pool_form(cast)),
        (f"/numbers/statics/{number.pk}/", _static_form(cast)),
        ("/numbers/pools/add/", {"name": "Ads", "site": cast.site.pk, "target": "(310) 555-0199"}),
    ):
        before = wanted()
        with django_capture_on_commit_callbacks(execute=True):
            assert cast.alice.post(address, form).status_code == 302
        assert wanted() > before
        assert DirectoryMark.objects.get(pk=1).published == wanted()


# The page of the documentation


def _erlang_loss(offered: float, numbers: int) -> float:
    """The share of visits that find none of `numbers` free; the recursion of the Erlang loss formula."""
    loss = 1.0
    for number in range(1, numbers + 1):
        loss = offered * loss / (number + offered * loss)
    return loss


def test_it_documents_sizes_that_suffice_and_no_larger_ones() -> None:
    page = (Path(__file__).parents[2] / "docs/numbers.md").read_text()
    found = re.findall(r"^\| (\d.*\d) \|$", page, re.MULTILINE)
    lines = [[int(cell) for cell in line.split(" | ")] for line in found]
    assert len(lines) == 7
    for visits, *sizes in lines:
        for hold_mins, size in zip((5, 15, 30, 60), sizes, strict=True):
            offered = visits * (3 + hold_mins + 5) / 60
            assert _erlang_loss(offered, size) <= 0.01 < _erlang_loss(offered, size - 1)
