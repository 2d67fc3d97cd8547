"""All outcomes: found, told how they were matched, and given their call by hand where nothing matched."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.port import OutcomeIn, PersonIn
from ringtrace.web.models import AuditRow, CallRow, Company, Membership, OutcomeRow, Role, StaleMonth, User
from ringtrace.web.months import month_of
from ringtrace.web.outcomes import do_mark_outcome, do_take_outcomes
from tests.doors.cast import Cast, browser, make_call

_OLD_MS = 1_700_000_000_000


def _page(client: Client, query: str = "") -> str:
    answer = client.get(f"/outcomes/{query}", follow=True)
    assert answer.status_code == 200, query
    return html.unescape(answer.content.decode())


def _ids(client: Client, query: str) -> list[str]:
    """What the page lists, by the id that its system gave."""
    return re.findall(r'<span class="under path">([^<]+)</span>', _page(client, query))


def _tell(cast: Cast, external_id: str, **fields: object) -> OutcomeRow:
    told = {"kind": "sale", "external_id": external_id, "at_ms": wall_clock(), **fields}
    do_take_outcomes(cast.company, [OutcomeIn(**told)], wall_clock(), system="hubspot")  # type: ignore[arg-type]
    return OutcomeRow.objects.get(external_id=external_id)


@pytest.fixture
def told(cast: Cast) -> OutcomeRow:
    """A missed sale of HubSpot's beside an appointment that it matched, and a lead marked by hand."""
    do_mark_outcome(cast.call, OutcomeKind.LEAD, None, wall_clock(), note="rang back", external_id="by-hand")
    _tell(cast, "D-1", kind="appointment", call_id=cast.call.pk)
    OutcomeRow.objects.filter(external_id="D-1").update(call=cast.call, how="call_id", miss="", named_id="")
    return _tell(cast, "D-2", value_cents=48_000, person=PersonIn(phone_e164="+12125550001"))


def test_it_lists_every_outcome_with_how_it_was_matched(cast: Cast, told: OutcomeRow) -> None:
    page = _page(cast.alice)
    assert "3 outcomes" in page
    assert "By the call’s id" in page
    assert "Nobody called from this number." in page
    assert "look for the call by its time" in page
    assert "1 matched nothing" in page
    assert f"/outcomes/{told.pk}/call/" in page
    assert "rang back" in page
    assert "$480" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["D-2", "D-1"]),
        ("?how=missed", ["D-2"]),
        ("?how=call_id", ["D-1"]),
        ("?miss=no_such_caller", ["D-2"]),
        ("?miss=unknown_call", []),
        ("?kind=appointment", ["D-1"]),
        ("?system=hubspot", ["D-2", "D-1"]),
        ("?system=hand", []),
        ("?q=d-2", ["D-2"]),
        ("?q=%2B1 212 555 0001", ["D-2"]),
        ("?until=2020-01-01", []),
        ("?days=2", ["D-2", "D-1"]),
    ],
)
def test_it_finds(cast: Cast, told: OutcomeRow, query: str, found: list[str]) -> None:
    assert _ids(cast.alice, query) == found


@pytest.mark.parametrize("query", ["?since=2026-02-31", "?how=magic", "?miss=luck", "?days=-1"])
def test_it_says_what_it_cannot_read(cast: Cast, told: OutcomeRow, query: str) -> None:
    page = _page(cast.alice, query)
    assert 'role="alert"' in page
    assert "3 outcomes" in page


def test_it_refuses_a_place_that_is_none(cast: Cast) -> None:
    assert cast.alice.get("/outcomes/?before=x").status_code == 400


def test_it_pages_without_losing_or_doubling_one(cast: Cast) -> None:
    for nth in range(70):
        at_ms = wall_clock() - nth // 3
        OutcomeRow.objects.create(
            company=cast.company,
            kind="sale",
            at_ms=at_ms,
            system="x",
            external_id=f"N{nth}",
            how="call_id",
            call=cast.call,
        )
    first = _page(cast.alice)
    older = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert older is not None
    seen = re.findall(r"under path\">(N\d+)<", first + _page(cast.alice, older[1]))
    assert sorted(seen) == sorted({f"N{nth}" for nth in range(70)})


def test_it_gives_an_outcome_its_call_by_hand_and_tells_the_lake_both_months(cast: Cast, told: OutcomeRow) -> None:
    call = make_call(cast.number, None, started_ms=_OLD_MS)
    StaleMonth.objects.all().delete()
    answer = cast.alice.post(f"/outcomes/{told.pk}/call/", {"call": call.pk})
    assert answer["Location"] == f"/calls/{call.pk}/"
    told.refresh_from_db()
    assert (told.call_id, told.how, told.miss) == (call.pk, "hand", "")
    assert str(told.marked_by) == "alice@example.com"
    months = set(StaleMonth.objects.values_list("month", flat=True))
    assert {month_of(_OLD_MS), month_of(told.at_ms)} <= months
    noted = AuditRow.objects.get(what="outcome_assign")
    assert (noted.about, noted.said) == (told.pk, {"call": call.pk})
    assert "its call was chosen by hand" in html.unescape(cast.alice.get(f"/calls/{call.pk}/").content.decode())


def test_it_corrects_a_choice_of_hand(cast: Cast, told: OutcomeRow) -> None:
    first, second = make_call(cast.number, None), make_call(cast.number, None)
    for call in (first, second):
        cast.alice.post(f"/outcomes/{told.pk}/call/", {"call": call.pk})
    told.refresh_from_db()
    assert told.call_id == second.pk
    assert "Choose another call" in _page(cast.alice)


def test_it_keeps_the_choice_when_the_outcome_is_told_again(cast: Cast, told: OutcomeRow) -> None:
    unknown = _tell(cast, "D-3", call_id="theirs-7")
    for row in (told, unknown):
        cast.alice.post(f"/outcomes/{row.pk}/call/", {"call": cast.call.pk})
    again = _tell(cast, "D-2", value_cents=50_000, person=PersonIn(phone_e164="+12125550001"))
    assert (again.call_id, again.how, again.value_cents) == (cast.call.pk, "hand", 50_000)
    assert _tell(cast, "D-3", call_id="theirs-7").call_id == cast.call.pk
    other = make_call(cast.number, None)
    named = _tell(cast, "D-3", call_id=other.pk)
    assert (named.call_id, named.how) == (other.pk, "call_id")


def test_it_offers_calls_of_the_day_and_of_a_search(cast: Cast, told: OutcomeRow) -> None:
    old = make_call(cast.number, None, started_ms=_OLD_MS)
    page = html.unescape(cast.alice.get(f"/outcomes/{told.pk}/call/").content.decode())
    assert cast.call.pk in page
    assert old.pk not in page
    day = datetime.fromtimestamp(_OLD_MS / 1000, UTC).astimezone(cast.company.zone).date()
    assert old.pk in cast.alice.get(f"/outcomes/{told.pk}/call/?on={day}").content.decode()
    assert old.pk in cast.alice.get(f"/outcomes/{told.pk}/call/?q={old.pk}").content.decode()
    assert "is no day" in html.unescape(cast.alice.get(f"/outcomes/{told.pk}/call/?on=never").content.decode())


def test_it_gives_it_no_call_of_others_and_none_at_all(cast: Cast, told: OutcomeRow) -> None:
    charlies = Company.objects.get(name="Charlie’s Heating")
    theirs = CallRow.objects.create(call_id="call_theirs", company=charlies, status="answered", started_ms=1)
    for form, status in (({"call": theirs.pk}, 404), ({"call": "call_none"}, 404), ({}, 400)):
        assert cast.alice.post(f"/outcomes/{told.pk}/call/", form).status_code == status
    told.refresh_from_db()
    assert told.call_id is None


def test_it_takes_no_outcome_away_from_the_call_that_it_matched(cast: Cast, told: OutcomeRow) -> None:
    matched = OutcomeRow.objects.get(external_id="D-1")
    assert cast.alice.post(f"/outcomes/{matched.pk}/call/", {"call": cast.call.pk}).status_code == 404


def test_it_shows_an_agent_what_came_of_their_own_calls_alone(cast: Cast, told: OutcomeRow) -> None:
    user = User.objects.create_user("dana@example.com", "a long enough password")
    Membership.objects.create(user=user, account=cast.company.account, role=Role.AGENT, agent_name="Dana")
    own = make_call(cast.number, None)
    CallRow.objects.filter(pk=own.pk).update(agent="Dana")
    OutcomeRow.objects.filter(external_id="D-1").update(call=own)
    dana = browser("dana@example.com")
    assert _ids(dana, "") == ["D-1"]
    assert dana.get(f"/outcomes/{told.pk}/call/").status_code == 404
    assert dana.post(f"/outcomes/{told.pk}/call/", {"call": own.pk}).status_code == 404


def test_it_shows_charlie_nothing_and_bob_no_button(cast: Cast, told: OutcomeRow) -> None:
    assert "Nothing has come of a call yet" in _page(cast.charlie)
    assert "Choose its call" not in _page(cast.bob)
    assert cast.bob.post(f"/outcomes/{told.pk}/call/", {"call": cast.call.pk}).status_code == 403


def test_it_teaches_where_there_is_none_yet(cast: Cast) -> None:
    page = _page(cast.alice)
    assert "Nothing has come of a call yet that we know of." in page
    assert "/settings/hooks/" in page
    assert "No outcome is like that" in _page(cast.alice, "?kind=sale")


def test_it_shows_money_of_another_currency_without_a_rate_as_unknown(cast: Cast) -> None:
    _tell(cast, "D-9", value_cents=10_000, currency="SEK", at_ms=wall_clock() - DAY_MS)
    page = _page(cast.alice)
    assert "Unknown: no rate is known for its currency" in page
    assert "SEK 100" in page
