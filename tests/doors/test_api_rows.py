"""What programs tell and list: outcomes, contacts, spend, calls, names, definitions, imports."""

from __future__ import annotations

import msgspec
import pytest

from ringtrace.core.clock import DAY_MS, MINUTE_MS, at_from_ms, ms_from_at
from ringtrace.qualification import TagRule, read_condition
from ringtrace.web.counting import do_add_tag_rule
from ringtrace.web.customers import phone_hash
from ringtrace.web.models import CallRow, CallTag, ContactRow, ImportRun, NameRuleRow, OutcomeRow, SpendRow
from tests.doors.cast import CALLER, Cast, make_call, make_match
from tests.doors.programs import alices, bobs, make_lead

AT = "2026-11-20T09:30:00-08:00"
AT_MS = ms_from_at(msgspec.convert(AT, at_from_ms(0).__class__))
SALE = {"kind": "sale", "at": AT, "external_id": "crm:9", "value_cents": 125_000, "currency": "USD"}
SPEND = {"on": "2026-11-20", "source": "google", "medium": "cpc", "campaign": "leaks", "cost_cents": 4_200}
CALL = {
    "external_id": "77",
    "system": "mypbx",
    "started_at": AT,
    "status": "answered",
    "called": "(310) 555-0101",
    "caller": "+13105550188",
    "caller_name": "Ann",
    "ring_secs": 5,
    "talk_secs": 61.5,
    "agent": "Zoe",
    "tags": ["vip"],
    "source": {"source": "Google", "medium": "cpc", "campaign": "leaks"},
}


# Outcomes


def test_it_takes_outcomes_and_matches_them_to_calls(cast: Cast) -> None:
    call = make_call(cast.number, None, started_ms=AT_MS - 10 * MINUTE_MS)
    call.caller_hash = phone_hash(cast.company.pk, CALLER)
    call.save()
    answer = alices(cast).post("/outcomes", SALE | {"person": {"phone": "(310) 555-7734"}})
    assert (answer["taken"], answer["missed"], answer["rejected"]) == (1, 0, [])
    row = OutcomeRow.objects.get()
    assert (row.call, row.value_cents, row.at_ms, row.system, row.how) == (call, 125_000, AT_MS, "api", "caller_time")
    assert row.marked_by is not None


def test_it_takes_good_rows_and_names_the_bad_ones_by_their_place(cast: Cast) -> None:
    rows = [
        SALE,
        {"kind": "sale"},
        SALE | {"external_id": "crm:10", "kind": "call"},
        SALE | {"external_id": "crm:11", "value_cents": -1},
        SALE | {"external_id": "crm:12", "colour": "red"},
        SALE | {"external_id": "crm:13", "person": {"phone": "12"}},
        SALE | {"external_id": "crm:14", "person": {"email": "nobody"}},
        SALE | {"external_id": "crm:15", "value_cents": 10**14},
        SALE | {"external_id": "crm:16", "at": "2026-11-20T09:30:00"},
        SALE | {"external_id": "crm:17"},
        SALE | {"external_id": "crm:18", "at": "0001-01-01T00:00:00Z"},
        SALE | {"external_id": "crm:19", "at": "9999-12-31T23:59:59-12:00"},
        SALE | {"external_id": "crm:20", "value_cents": 10**40},
        7,
    ]
    answer = alices(cast).post("/outcomes", rows)
    assert answer["taken"] == 2
    assert [each["index"] for each in answer["rejected"]] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13]
    assert all(each["message"] for each in answer["rejected"])
    assert "colour" in answer["rejected"][3]["message"]
    assert set(OutcomeRow.objects.values_list("external_id", flat=True)) == {"crm:9", "crm:17"}


def test_it_replaces_an_outcome_and_never_doubles_it(cast: Cast) -> None:
    program = alices(cast)
    assert program.post("/outcomes", [SALE, SALE])["taken"] == 1
    assert program.post("/outcomes", SALE)["unchanged"] == 1
    assert program.post("/outcomes", SALE | {"value_cents": 99})["taken"] == 1
    assert OutcomeRow.objects.get().value_cents == 99


def test_it_lists_what_matched_nothing_with_the_reason(cast: Cast) -> None:
    program = alices(cast)
    make_lead(cast.call)
    program.post("/outcomes", SALE | {"person": {"phone": "+13105550999"}})
    (missed,) = program.get("/outcomes?missed=true")["outcomes"]
    assert (missed["external_id"], missed["miss"], missed["call_id"]) == ("crm:9", "no_such_caller", None)
    assert missed["why"] == "Nobody called from this number."
    assert (missed["at"], missed["at_ms"]) == ("2026-11-20T09:30:00.000-08:00", AT_MS)
    assert (missed["value_cents"], missed["currency"]) == (125_000, "USD")
    (matched,) = program.get("/outcomes?missed=false&kind=lead")["outcomes"]
    assert matched["call_id"] == cast.call.pk


def test_it_keeps_money_of_another_currency_as_it_was_told(cast: Cast) -> None:
    program = alices(cast)
    program.post("/outcomes", SALE | {"currency": "EUR"})
    (row,) = program.get("/outcomes")["outcomes"]
    assert (row["value_cents"], row["said_cents"], row["said_currency"]) == (None, 125_000, "EUR")
    cast.company.rates = {"EUR": 1.08}
    cast.company.save()
    program.post("/outcomes", SALE | {"currency": "EUR"})
    assert program.get("/outcomes")["outcomes"][0]["value_cents"] == 135_000


@pytest.mark.parametrize("external_id", ["crm:9", "deal/9 of 10", "hubspot:deal:907:sale", "ü?#&=%2F"])
def test_it_takes_an_outcome_back(cast: Cast, external_id: str) -> None:
    program = alices(cast)
    program.post("/outcomes", SALE | {"external_id": external_id})
    quoted = external_id.replace("%", "%25").replace("?", "%3F").replace("#", "%23").replace(" ", "%20")
    assert program.ask("DELETE", f"/outcomes/{quoted}").status_code == 200
    assert not OutcomeRow.objects.exists()
    assert program.refused("DELETE", f"/outcomes/{quoted}") == (404, "E200")


def test_it_takes_an_outcome_without_an_external_id_back_by_its_own(cast: Cast) -> None:
    program = alices(cast)
    program.post("/outcomes", {"kind": "lead", "at": AT})
    own = program.get("/outcomes")["outcomes"][0]["outcome_id"]
    assert program.ask("DELETE", f"/outcomes/{own}").status_code == 200
    assert program.refused("DELETE", "/outcomes/")[0] in (404, 405)


def test_it_pages_without_losing_or_repeating_whatever_comes_in(cast: Cast) -> None:
    program = alices(cast)
    rows = [SALE | {"external_id": f"n{n}", "at": f"2026-11-20T09:{n // 2:02d}:00Z"} for n in range(25)]
    program.post("/outcomes", rows)
    seen, cursor = [], ""
    for _ in range(10):
        page = program.get(f"/outcomes?limit=7&cursor={cursor}")
        seen += [row["external_id"] for row in page["outcomes"]]
        cursor = page["next"]
        program.post("/outcomes", SALE | {"external_id": f"late{len(seen)}", "at": "2026-11-21T09:00:00Z"})
        if cursor is None:
            break
    assert sorted(seen) == sorted(str(row["external_id"]) for row in rows)


def test_it_lists_by_days_of_the_company_moments_and_ms(cast: Cast) -> None:
    program = alices(cast)
    program.post("/outcomes", SALE | {"at": "2026-11-21T07:30:00Z"})  # 23:30 of the 20th in Los Angeles
    for query in (
        "since=2026-11-20&until=2026-11-20",
        "since=2026-11-21T07:30:00Z",
        "since=2026-11-20T23:30:00-08:00",
        "until=2026-11-21T08:31:00%2B01:00",
        f"since={ms_from_at(msgspec.convert('2026-11-21T07:30:00Z', at_from_ms(0).__class__))}",
    ):
        assert len(program.get(f"/outcomes?{query}")["outcomes"]) == 1, query
    for query in ("since=2026-11-21", "until=2026-11-19", "until=2026-11-21T07:30:00Z"):
        assert program.get(f"/outcomes?{query}")["outcomes"] == [], query


# Contacts and spend


def test_it_takes_contacts_and_their_outcomes(cast: Cast) -> None:
    program = alices(cast)
    contact = {"kind": "chat", "at": AT, "external_id": "chat:1", "person": {"email": "Ann@Example.com"}}
    assert program.post("/contacts", [contact, contact | {"kind": "pigeon"}])["taken"] == 1
    assert program.post("/contacts", contact)["unchanged"] == 1
    program.post("/outcomes", SALE | {"contact_external_id": "chat:1"})
    assert OutcomeRow.objects.get().contact == ContactRow.objects.get()


def test_it_books_spend_as_an_import(cast: Cast) -> None:
    program = alices(cast)
    rows = [SPEND | {"keyword": "burst"}, SPEND | {"keyword": "drip", "clicks": 3}, SPEND | {"source": ""}]
    answer = program.post("/spend", rows)
    assert (answer["taken"], [each["index"] for each in answer["rejected"]]) == (2, [2])
    assert program.post("/spend", [SPEND | {"keyword": "burst", "cost_cents": 5_000}])["taken"] == 1
    burst, drip = program.get("/spend")["spend"]
    assert (burst["on"], burst["cost_cents"], burst["currency"]) == ("2026-11-20", 5_000, "USD")
    assert (drip["keyword"], drip["cost_cents"], drip["clicks"]) == ("drip", 4_200, 3)
    runs = program.get("/imports")["imports"]
    assert [(run["system"], run["what"], run["state"], run["taken"], run["rejected"]) for run in runs] == [
        ("api", "spend", "done", 1, 0),
        ("api", "spend", "done", 2, 1),
    ]
    assert burst["import_id"] == runs[0]["import_id"] == ImportRun.objects.order_by("-began_ms", "-pk")[0].pk
    assert drip["import_id"] == runs[1]["import_id"]


def test_spend_of_one_day_may_come_in_several_requests(cast: Cast) -> None:
    program = alices(cast)
    program.post("/spend", SPEND)
    for keyword in ("burst", "drip", "burst"):
        program.post("/spend", [SPEND | {"keyword": keyword, "cost_cents": cents} for cents in (60, 40)])
    told = [(row.keyword, row.cost_cents) for row in SpendRow.objects.order_by("keyword")]
    assert told == [("burst", 100), ("drip", 100)]


def test_a_request_may_speak_for_the_whole_of_a_campaigns_day(cast: Cast) -> None:
    program = alices(cast)
    program.post("/spend", [SPEND | {"keyword": "burst"}, SPEND | {"keyword": "drip"}, SPEND | {"campaign": "other"}])
    program.post("/spend?replaces=campaign_day", SPEND | {"keyword": "burst"})
    assert {(row.campaign, row.keyword) for row in SpendRow.objects.all()} == {("leaks", "burst"), ("other", "")}
    assert program.refused("POST", "/spend?replaces=all", SPEND) == (400, "E100")


def test_it_books_no_spend_without_a_rate(cast: Cast) -> None:
    answer = alices(cast).post("/spend", SPEND | {"currency": "EUR"})
    assert "EUR" in answer["rejected"][0]["message"]
    wrong = [SPEND | {"on": "0001-01-01"}, SPEND | {"clicks": 10**30}, SPEND | {"cost_cents": -1}, SPEND | {"on": "x"}]
    assert [each["index"] for each in alices(cast).post("/spend", wrong)["rejected"]] == [0, 1, 2, 3]
    assert not SpendRow.objects.exists()


def test_it_pages_spend(cast: Cast) -> None:
    program = alices(cast)
    program.post("/spend", [SPEND | {"on": f"2026-11-{day:02d}"} for day in range(1, 6)])
    first = program.get("/spend?limit=3")
    second = program.get(f"/spend?limit=3&cursor={first['next']}")
    assert [row["on"][-2:] for row in first["spend"] + second["spend"]] == ["05", "04", "03", "02", "01"]
    assert second["next"] is None
    assert len(program.get("/spend?since=2026-11-02&until=2026-11-03")["spend"]) == 2


# Calls


def test_it_brings_calls_in_and_replaces_them(cast: Cast) -> None:
    program = alices(cast)
    ringing = CALL | {"external_id": "78", "status": "ringing"}
    answer = program.post("/calls", [CALL, ringing, CALL | {"external_id": "79", "called": "nobody"}])
    assert (answer["taken"], [each["index"] for each in answer["rejected"]]) == (1, [1, 2])
    assert program.post("/calls", CALL)["unchanged"] == 1
    row = CallRow.objects.get(system="mypbx")
    assert (row.status, row.started_ms, row.talk_secs, row.number) == ("answered", AT_MS, 61.5, cast.number)
    program.post("/outcomes", SALE | {"call_id": "mypbx:77"})
    assert OutcomeRow.objects.get().call == row
    listed = next(each for each in program.get("/calls")["calls"] if each["call_id"] == row.pk)
    assert listed["source"]["source"] == "google"
    assert (listed["caller"], listed["caller_name"], listed["tags"]) == ("+13105550188", "Ann", ["vip"])
    assert listed["outcomes"][0]["value_cents"] == 125_000


def test_it_masks_callers_for_those_who_may_not_see_them(cast: Cast) -> None:
    alices(cast).post("/calls", CALL)
    for address in ("/calls", f"/calls/{CallRow.objects.get(system='mypbx').pk}", f"/calls/{cast.call.pk}"):
        said = bobs(cast).ask("GET", address).content.decode()
        for secret in (CALLER, "+13105550188", "Ann"):
            assert secret not in said
    assert all(call["caller_is_masked"] for call in bobs(cast).get("/calls")["calls"])
    withheld = make_call(cast.number, None, caller=None)
    assert alices(cast).get(f"/calls/{withheld.pk}")["call"]["caller"] is None


def test_it_filters_calls_by_time_and_status(cast: Cast) -> None:
    old = make_call(cast.number, None, started_ms=cast.call.started_ms - 3 * DAY_MS, status="missed")
    program = alices(cast)
    assert [call["call_id"] for call in program.get("/calls")["calls"]] == [cast.call.pk, old.pk]
    assert [call["call_id"] for call in program.get("/calls?status=missed")["calls"]] == [old.pk]
    assert [call["call_id"] for call in program.get(f"/calls?since={cast.call.started_ms}")["calls"]] == [cast.call.pk]
    assert [call["call_id"] for call in program.get(f"/calls?until={cast.call.started_ms}")["calls"]] == [old.pk]


def test_it_tells_all_that_is_known_of_a_call(cast: Cast) -> None:
    make_match(cast.call, cast.visit)
    make_lead(cast.call)
    do_add_tag_rule(
        cast.company, TagRule(tag="long", condition=read_condition({"field": "talk_secs", "at_least": 60})), 0
    )
    program = alices(cast)
    program.post(
        "/definitions", {"name": "never", "title": "N", "condition": {"field": "talk_secs", "at_least": 9_999}}
    )
    program.post(f"/calls/{cast.call.pk}/tags", {"add": ["vip"]})
    said = program.get(f"/calls/{cast.call.pk}")
    (candidate,) = said["match"]["candidates"]
    assert (candidate["p"], candidate["is_best"], candidate["source"]["campaign"]) == (0.83, True, "emergency-leaks")
    assert candidate["reasons"] == ["Tapped the number 8 s before"]
    assert said["match"]["p_none"] == pytest.approx(0.17)
    assert [(each["tag"], each["by"]) for each in said["tags"]] == [("long", "rule"), ("vip", "api")]
    assert {each["definition"]: each["meets"] for each in said["definitions"]} == {
        "qualified-1": True,
        "never-1": False,
    }
    assert said["call"]["outcomes"][0]["kind"] == "lead"


def test_it_marks_a_call(cast: Cast) -> None:
    cast.company.keypad = {"1": {"tag": "hot", "disposition": "Quoted"}}
    cast.company.save()
    program, address = alices(cast), f"/calls/{cast.call.pk}"
    assert program.post(f"{address}/disposition", {"disposition": "booked"})["call"]["disposition"] == "Booked"
    assert program.post(f"{address}/spam", {"is_spam": True})["call"]["is_spam"] is True
    assert program.post(f"{address}/tags", {"add": ["vip", "VIP"]})["call"]["tags"] == ["vip"]
    assert program.post(f"{address}/tags", {"remove": ["vip"]})["call"]["tags"] == []
    assert program.refused("POST", f"{address}/tags", {"add": ["new"], "remove": ["vip"]}) == (404, "E200")
    assert not CallTag.objects.filter(tag="new").exists()
    pressed = program.post(f"{address}/keys", {"keys": "1"})["call"]
    assert (pressed["tags"], pressed["disposition"]) == (["hot"], "Quoted")
    assert program.refused("POST", f"{address}/keys", {"keys": "9"}) == (400, "E100")
    assert program.refused("POST", f"{address}/disposition", {"disposition": "Gone"}) == (400, "E100")
    for value in (100, 200):
        said = program.post(f"{address}/outcomes", SALE | {"value_cents": value})
    assert [each["value_cents"] for each in said["call"]["outcomes"]] == [200]
    assert program.refused("POST", f"{address}/outcomes", SALE | {"call_id": "call_other"}) == (400, "E100")


# Names and definitions


def test_it_aligns_names_and_lists_what_is_unmatched(cast: Cast) -> None:
    program = alices(cast)
    program.post("/spend", [SPEND | {"campaign": "Emergency leaks"}])
    said = program.get("/names")
    spent = {"campaign": "Emergency leaks", "cost_cents": 4_200, "currency": "USD"}
    assert said["spend_without_visits"] == [spent]
    assert said["visits_without_spend"] == [{"campaign": "emergency-leaks", "visits": 1}]
    assert [(each["said"], each["means"]) for each in said["suggestions"]] == [("Emergency leaks", "emergency-leaks")]
    program.post("/names", {"field": "campaign", "said": "Emergency leaks", "means": "emergency-leaks"})
    said = program.get("/names")
    assert (said["spend_without_visits"], said["suggestions"], len(said["rules"])) == ([], [], 1)
    assert program.refused("POST", "/names", {"field": "colour", "said": "a", "means": "b"}) == (400, "E103")
    assert NameRuleRow.objects.count() == 1


def test_it_writes_definitions_and_keeps_their_versions(cast: Cast) -> None:
    program = alices(cast)
    first = {"name": "long_calls", "title": "Long", "condition": {"field": "talk_secs", "at_least": 60}, "note": "Try"}
    assert program.post("/definitions", first)["label"] == "long_calls-1"
    assert program.post("/definitions", first)["label"] == "long_calls-1"
    second = first | {"condition": {"field": "talk_secs", "at_least": 90}, "is_main": True}
    saved = program.post("/definitions", second)
    assert (saved["label"], saved["is_main"]) == ("long_calls-2", True)
    versions = program.get("/definitions/long_calls/versions")["versions"]
    assert [(each["label"], each["by"], each["note"]) for each in versions] == [
        ("long_calls-2", "alice@example.com", "Try"),
        ("long_calls-1", "alice@example.com", "Try"),
    ]
    assert {each["name"]: each["is_main"] for each in program.get("/definitions")["definitions"]} == {
        "long_calls": True,
        "qualified": False,
    }
    assert program.refused("POST", "/definitions", first | {"condition": {"field": "mood", "is": ["x"]}})[0] == 400
