from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import DAY_MS, MINUTE_MS, SECOND_MS, wall_clock
from ringtrace.qualification import Leaf, Operator
from ringtrace.reports.questions import Scope
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.counting import do_save_definition
from ringtrace.web.models import Company, ContactRow, PersonRow, Site, TapRow, TrackingNumber
from tests.doors.cast import (
    CALLER_SHOWN,
    MAIL,
    PASSWORD,
    Cast,
    make_call,
    make_lease,
    make_match,
    make_refusal,
    make_report,
    make_visit,
    mark,
    site_form,
)

Asked = list[tuple[Scope, str]]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# Signing in


def test_it_signs_in_whatever_the_case_of_the_address(cast: Cast, asked: Asked) -> None:
    answer = cast.nobody.post("/login/", {"username": "ALICE@example.com", "password": PASSWORD})
    assert answer["Location"] == "/"
    assert "Alice’s Plumbing" in _text(cast.nobody, "/")


def test_it_does_not_say_whether_the_address_or_the_password_was_wrong(cast: Cast) -> None:
    said = [
        re.sub(r'value="[^"]*"', "", cast.nobody.post("/login/", each).content.decode())
        for each in (
            {"username": "alice@example.com", "password": "wrong"},
            {"username": "nobody@example.com", "password": "wrong"},
        )
    ]
    assert said[0] == said[1]


def test_it_takes_no_more_guesses_after_ten(cast: Cast) -> None:
    for _ in range(10):
        cast.nobody.post("/login/", {"username": "alice@example.com", "password": "a guess"})
    answer = cast.nobody.post("/login/", {"username": "alice@example.com", "password": PASSWORD})
    assert "Too many tries" in answer.content.decode()
    assert cast.nobody.post("/login/", {"username": "bob@example.com", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else_after_signing_in(cast: Cast, place: str) -> None:
    form = {"username": "alice@example.com", "password": PASSWORD, "next": place}
    assert cast.nobody.post("/login/", form)["Location"] == "/"


def test_it_signs_out(cast: Cast) -> None:
    assert cast.alice.post("/logout/")["Location"] == "/login/"
    assert cast.alice.get("/calls/").status_code == 302


# The call log


def test_it_shows_a_call_with_its_visit_and_the_probability(cast: Cast) -> None:
    page = _text(cast.alice, "/calls/")
    for shown in (
        CALLER_SHOWN,
        "(310) 555-0101",
        "Answered",
        "7 s",
        "2:05",
        "83 %",
        "emergency-leaks",
        "burst pipe help",
        "/leaks",
    ):
        assert shown in page, shown
    assert ">first<" in page


def test_it_has_no_news_while_nothing_changed(cast: Cast) -> None:
    assert cast.alice.get(f"/calls/news/?since={_stamp(cast)}").status_code == 204


def test_it_brings_a_new_call_by_itself(cast: Cast) -> None:
    stamp = _stamp(cast)
    call = make_call(cast.number, None, status="ringing", started_ms=wall_clock())
    news = _text(cast.alice, f"/calls/news/?since={stamp}")
    assert news.index(call.pk) < news.index(cast.call.pk)
    assert re.search(rf'id="{call.pk}"[^>]*class="fresh"', news)
    assert not re.search(rf'id="{cast.call.pk}"[^>]*class="fresh"', news)
    found = re.search(r"since=([\w.]+)", news)
    assert found is not None
    assert cast.alice.get(f"/calls/news/?since={found[1]}").status_code == 204


def test_it_updates_a_call_in_progress(cast: Cast) -> None:
    call = make_call(cast.number, None, status="ringing")
    stamp = _stamp(cast)
    call.status, call.changed_ms = "abandoned", call.changed_ms + 1
    call.save()
    assert "Abandoned" in _text(cast.alice, f"/calls/news/?since={stamp}")


def test_it_brings_a_marked_sale_by_itself(cast: Cast) -> None:
    stamp = _stamp(cast)
    mark(cast.alice, cast.call, value="129.50")
    assert "$129.50" in _text(cast.alice, f"/calls/news/?since={stamp}")


def test_it_asks_little_while_nothing_changed(cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    stamp = _stamp(cast)
    with django_assert_max_num_queries(5):  # type: ignore[operator]  # session, person, company, role, the stamp
        cast.alice.get(f"/calls/news/?since={stamp}")


def test_it_leafs_through_every_call_once(cast: Cast) -> None:
    at_ms = wall_clock() - DAY_MS
    for number in range(120):  # three at a time share a moment
        make_call(cast.number, None, started_ms=at_ms - (number // 3) * MINUTE_MS)
    seen: list[str] = []
    address = "/calls/"
    for _ in range(5):
        page = _text(cast.alice, address)
        seen += re.findall(r'<tr id="(call_\w+)"', page)
        more = re.search(r'href="(\?before=[^"]+)"', page)
        if more is None:
            break
        address = f"/calls/{more[1]}"
    assert len(seen) == len(set(seen)) == 121


@pytest.mark.parametrize("cursor", ["x", "1", "-5.call_1", "99999999999999999999.call_1", "1." + "x" * 3000])
def test_it_refuses_a_cursor_it_never_gave(cast: Cast, cursor: str) -> None:
    assert cast.alice.get("/calls/", {"before": cursor}).status_code in (200, 400)


def test_it_says_that_a_caller_withheld_the_number(cast: Cast) -> None:
    make_call(cast.number, None, caller=None)
    assert "withheld" in _text(cast.alice, "/calls/")


def _stamp(cast: Cast) -> str:
    found = re.search(r"/calls/news/\?since=([\w.]+)", _text(cast.alice, "/calls/"))
    assert found is not None
    return found[1]


# One call


def test_it_shows_the_evidence_and_the_journey(cast: Cast) -> None:
    earlier = make_visit(cast.company, cast.site, MAIL, ago_ms=3 * DAY_MS)
    earlier.visitor_id = cast.visit.visitor_id
    earlier.save()
    make_match(cast.call, cast.visit)
    make_report(cast.call, ReportKind.ENDED, 130, EndCause.HUNG_UP)
    make_report(cast.call, ReportKind.ARRIVED, 0)
    page = _text(cast.alice, f"/calls/{cast.call.pk}/")
    assert "Tapped the number 8 s before" in page
    assert "Calls come by themselves twice a month" in page
    assert "83 %" in page
    assert "17 %" in page
    journey = page[page.index('class="journey"') :]
    assert journey.index("newsletter") < journey.index("emergency-leaks")
    assert page.index(">Arrived<") < page.index(">Ended<")
    assert "Hung up" in page


def test_it_shows_taps_and_forms_in_the_journey(cast: Cast) -> None:
    began_ms = cast.visit.started_ms
    of_visit = {"company": cast.company, "visit": cast.visit}
    ContactRow.objects.create(contact_id="f1", name="<b>quote", url="/", at_ms=began_ms + MINUTE_MS, **of_visit)
    for number in (1, 2):
        tapped_ms = began_ms + number * 10 * SECOND_MS
        TapRow.objects.create(event_id=f"t{number}", e164=cast.number.e164, at_ms=tapped_ms, **of_visit)
    page = _text(cast.alice, f"/calls/{cast.call.pk}/")
    journey = page[page.index('class="journey"') :]
    assert journey.count("tapped (310) 555-0101") == 2
    assert journey.index("tapped") < journey.index("sent the form “&lt;b&gt;quote”")


def test_it_says_that_a_caller_was_named_on_the_site(cast: Cast) -> None:
    address = f"/calls/{cast.call.pk}/"
    charlies = Company.objects.get(name="Charlie’s Heating")
    roofs = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    elsewhere = [make_visit(company, cast.site, MAIL) for company in (charlies, roofs)]
    for number, visit in enumerate((cast.visit, *elsewhere)):
        PersonRow.objects.create(
            event_id=f"p{number}",
            company=visit.company,
            visit=visit,
            visitor_id=visit.visitor_id,
            phone_hash=f"hash {number}",
            at_ms=visit.started_ms,
        )
    for caller_hash, is_named in ((None, False), ("hash 0", True), ("hash 1", False), ("hash 2", False)):
        type(cast.call).objects.filter(pk=cast.call.pk).update(caller_hash=caller_hash)
        assert ("Named on the site" in _text(cast.alice, address)) is is_named


def test_it_escapes_what_visitors_wrote(cast: Cast) -> None:
    evil = '"><script>alert(1)</script>'
    visit = cast.visit
    visit.source = visit.source | {"campaign": evil, "keyword": evil, "landing_page": evil, "source": evil}
    visit.save()
    make_match(cast.call, visit)
    for address in ("/calls/", f"/calls/{cast.call.pk}/"):
        assert "<script>alert" not in _text(cast.alice, address)


# Numbers


def test_it_shows_who_holds_a_number_now(cast: Cast) -> None:
    assert "free" in _text(cast.alice, "/numbers/")
    make_lease(cast, cast.number)
    page = _text(cast.alice, "/numbers/")
    assert re.search(r"<strong>1</strong> of 1 held now", page)
    assert re.search(r"555-0101.*?google.*?until \d\d:\d\d:\d\d", page, re.DOTALL)


def test_it_adds_numbers_to_the_pool(cast: Cast) -> None:
    form = _more(cast, use=cast.pool.pk)
    assert cast.alice.post("/numbers/add/", form)["Location"] == "/numbers/"
    assert cast.pool.numbers.count() == 3
    assert "(310) 555-0152" in _text(cast.alice, "/numbers/")


def test_it_adds_a_static_number_with_its_source(cast: Cast) -> None:
    form = _more(cast, use="static", source="van", medium="print", campaign="left side", channel="Offline")
    cast.alice.post("/numbers/add/", form)
    made = TrackingNumber.objects.get(e164="+13105550151")
    assert made.pool is None
    assert (made.static_source or {})["source"] == "van"
    call = make_call(made, None)
    call.attributed_by = "static_number"
    call.save()
    assert "static number" in _text(cast.alice, "/calls/")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"numbers": "+13105550101"}, "cannot be used: it is in use already or not yours"),
        ({"use": "pool_of_somebody_else"}, "valid choice"),
        ({"use": "static", "source": ""}, "name it"),
        ({"connection": "conn_of_somebody_else"}, "valid choice"),
        ({"destination": "nowhere"}, "is not a phone number"),
    ],
)
def test_it_says_what_is_wrong_with_added_numbers(cast: Cast, wrong: dict[str, str], said: str) -> None:
    answer = cast.alice.post("/numbers/add/", _more(cast) | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert TrackingNumber.objects.count() == 1


def test_it_counts_refusals_with_what_to_do(cast: Cast) -> None:
    make_refusal(cast.company.pk, "pool_empty", 41)
    make_refusal("", "unknown_site", 3)
    make_refusal("company_of_charlie", "bot", 98765)
    page = _text(cast.alice, "/numbers/")
    assert re.search(r"Pool empty</th><td class=\"n\">41</td><td>Every number of the pool is in use", page)
    assert "Unknown site" not in page  # two accounts live here: whose it is cannot be told
    assert "98,765" not in page


def test_it_shows_the_webhook_addresses(cast: Cast) -> None:
    assert f"https://calls.example/carriers/{cast.connection.pk}/inbound" in _text(cast.alice, "/numbers/")


def _more(cast: Cast, **fields: str) -> dict[str, str]:
    usual = {
        "connection": cast.connection.pk,
        "use": cast.pool.pk,
        "channel": "Offline",
        "numbers": "+13105550151\n+13105550152",
        "destination": "(310) 555-0199",
        "ring_secs": "20",
    }
    return usual | fields


# Settings, companies, mishaps, headers


def test_it_changes_the_company(cast: Cast) -> None:
    form = {"name": "Alice & Co", "time_zone": "Europe/Paris", "currency": "EUR", "region": "FR"}
    assert cast.alice.post("/settings/", form)["Location"] == "/settings/"
    cast.company.refresh_from_db()
    assert (cast.company.name, cast.company.time_zone, cast.company.currency) == ("Alice & Co", "Europe/Paris", "EUR")


def test_it_changes_the_addresses_of_a_site(cast: Cast) -> None:
    form = site_form(cast.site, origins="https://a.example\nhttps://b.example:8443/x")
    assert cast.alice.post(f"/settings/sites/{cast.site.pk}/", form)["Location"] == "/settings/"
    assert Site.objects.get(pk=cast.site.pk).origins == ["https://a.example", "https://b.example:8443"]


def test_it_keeps_a_currency_that_is_not_in_the_list(cast: Cast) -> None:
    Company.objects.filter(pk=cast.company.pk).update(currency="ISK")
    assert '<option value="ISK" selected>' in _text(cast.alice, "/settings/")


def test_it_switches_between_companies_of_one_person(cast: Cast) -> None:
    other = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    assert CALLER_SHOWN in _text(cast.alice, "/calls/")
    assert cast.alice.post("/company/", {"company": other.pk}).status_code == 302
    assert CALLER_SHOWN not in _text(cast.alice, "/calls/")
    assert "Alice’s Roofs" in _text(cast.alice, "/settings/")


@pytest.mark.parametrize(
    "address", ["/nothing/", "/calls/call_not_there/", "/calls/..%2f..%2fetc/", "/settings/sites/x/"]
)
def test_it_has_one_page_for_what_is_not_there(cast: Cast, address: str) -> None:
    answer = cast.alice.get(address) if "sites" not in address else cast.alice.post(address)
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()


def test_it_never_shows_the_text_of_an_error(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("the secret inside")

    monkeypatch.setattr("ringtrace.web.pages.overview.ask_overview", broken)
    quiet = Client(raise_request_exception=False)
    quiet.force_login(cast.company.account.memberships.get(role="owner").user)
    answer = quiet.get("/")
    assert answer.status_code == 500
    assert "the secret inside" not in answer.content.decode()
    assert "went wrong on our side" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        *("/login/", "/calls/", "/nothing/", "/welcome/", "/numbers/", "/settings/", "/settings/sources/add/"),
        *("/calls/review/", "/settings/definitions/", "/settings/definitions/add/"),
        *("/settings/tags/", "/settings/tags/add/"),
    ],
)
def test_it_allows_no_inline_script_or_style_anywhere(cast: Cast, address: str) -> None:
    answer = cast.alice.get(address)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert not re.search(r'\sstyle="|\son\w+="|<style', page)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert answer["Cache-Control"] == "no-store" or "no-store" in answer["Cache-Control"]


def test_it_says_that_the_town_is_simulated(cast: Cast, settings: Settings) -> None:
    assert "simulated town" not in _text(cast.alice, "/calls/")
    settings.DEMO_URL = "http://127.0.0.1:8200/"
    assert 'href="http://127.0.0.1:8200/"' in _text(cast.alice, "/calls/")


def test_it_names_every_field_and_every_figure_for_a_screen_reader(cast: Cast, asked: Asked) -> None:
    """Every input has a label, every table a caption, every header a scope, every page one main heading."""
    static = do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=MAIL)[0]
    settings_pages = ("/settings/", "/settings/sources/", "/settings/sources/add/")
    numbers_pages = ("/numbers/", f"/numbers/pools/{cast.pool.pk}/", f"/numbers/statics/{static.pk}/")
    do_save_definition(cast.company, "long", "Long calls", Leaf("talk_secs", Operator.AT_LEAST, 60), 1)
    definition = f"/settings/definitions/{cast.company.definitions.get(name='long').pk}/"
    counting_pages = ("/settings/definitions/", "/settings/definitions/add/", definition, "/settings/tags/")
    others = ("/", "/sources/", "/calls/", f"/calls/{cast.call.pk}/", "/numbers/pools/add/", "/calls/review/")
    for address in (*others, *numbers_pages, *settings_pages, *counting_pages, "/settings/tags/add/"):
        page = _text(cast.alice, address)
        ids = re.findall(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|date)")[^>]*\sid="([^"]+)"', page)
        assert all(f'for="{each}"' in page for each in ids), address
        assert page.count("<table") == page.count("<caption"), address
        assert not re.search(r"<th(?![^>]*scope=)[ >]", page), address
        assert page.count("<h1") == 1, address
