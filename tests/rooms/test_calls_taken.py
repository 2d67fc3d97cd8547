"""Calls that another system took: the same ones again, what people here said of them since, who called first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ringtrace.core.errors import BadInput
from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.intake.port import CallIn
from ringtrace.web import actions
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.erasure import do_forget_caller
from ringtrace.web.imported_calls import TakenCalls, do_take_calls
from ringtrace.web.models import CallRow, CallTag, Company, CustomerKey, OutcomeRow, TrackingNumber
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.outcomes import do_take_outcomes
from ringtrace.web.review import do_tag
from tests.rooms.taken import ANN, BEN, DAY_MS, NOW_MS, call, called, contact, marked, new_company, outcome, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return new_company()


def take(company: Company, *told: CallIn) -> TakenCalls:
    return do_take_calls(company, told, NOW_MS)


def test_the_same_log_again_changes_nothing(company: Company) -> None:
    said = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc")
    told = (
        call("1", tags=("Hot", "New"), source=said, outcome=outcome("callrail:1:sale", value_cents=500)),
        call("2", NOW_MS - DAY_MS, BEN, caller_name="Ben", is_first_call=False),
        call("3", NOW_MS - DAY_MS, None),
    )
    take(company, *told)
    before = state()
    with marked():
        assert take(company, *told).unchanged == 3
    assert state() == before
    row = CallRow.objects.get(attributed_by=AttributedBy.IMPORTED)
    assert (row.said_source or {})["source"] == "google"
    assert OutcomeRow.objects.get().call_id == row.pk


def test_the_same_id_again_replaces(company: Company) -> None:
    take(company, call("1", agent="Al"))
    with marked("2026-09"):
        assert take(company, call("1", agent="Bo"), call("1", agent="Cy")).taken == 2
    assert CallRow.objects.get().agent == "Cy"


def test_the_same_id_of_another_system_is_another_call(company: Company) -> None:
    take(company, call("1"))
    take(new_company("Bob's Heating"), call("1"))
    assert CallRow.objects.count() == 2


@pytest.mark.parametrize("started_ms", [-(10**14), 0, DAY_MS, 10**14])
def test_a_time_that_cannot_be_refuses_the_call(company: Company, started_ms: int) -> None:
    with pytest.raises(BadInput) as caught:
        take(company, call("1", started_ms))
    assert caught.value.hint
    with pytest.raises(BadInput):
        do_take_contacts(company, [contact("1", started_ms)], NOW_MS, system="forms")


def test_talk_time_and_times_are_told_of_answered_calls(company: Company) -> None:
    take(company, call("1", ring_secs=5.0, talk_secs=60.0))
    row = CallRow.objects.get()
    assert (row.answered_ms, row.ended_ms) == (NOW_MS + 5_000, NOW_MS + 65_000)


class TestByHand:
    def test_tags_stay_and_the_logs_own_are_as_the_log_says(self, company: Company) -> None:
        take(company, call("1", tags=("Hot", "Old")))
        do_tag(CallRow.objects.get(), "Mine", "hand", None, NOW_MS)
        with marked("2026-09"):
            take(company, call("1", tags=("Hot", "New", "mine")))
        assert sorted(CallTag.objects.values_list("tag", "by")) == [
            ("Hot", "import"),
            ("Mine", "hand"),
            ("New", "import"),
        ]
        assert take(company, call("1", tags=("Hot", "New", "mine"))).unchanged == 1

    def test_a_disposition_and_spam_stay(self, company: Company) -> None:
        take(company, call("1", disposition="Quoted", is_spam=True), call("2"))
        CallRow.objects.update(disposition="Booked", is_spam=False)
        take(company, call("1", disposition="Quoted", is_spam=True, agent="Al"), call("2", agent="Al"))
        assert set(CallRow.objects.values_list("disposition", "is_spam", "agent")) == {("Booked", False, "Al")}

    def test_a_disposition_that_was_not_known_is_learnt(self, company: Company) -> None:
        take(company, call("1"))
        take(company, call("1", disposition="Quoted"))
        assert CallRow.objects.get().disposition == "Quoted"

    def test_a_tag_that_is_none_refuses_the_call(self, company: Company) -> None:
        with pytest.raises(BadInput):
            take(company, call("1", tags=("a|b",)))


class TestFirstCalls:
    def firsts(self) -> list[bool | None]:
        return list(CallRow.objects.order_by("started_ms").values_list("is_first_call", flat=True))

    def test_the_earliest_that_is_known_is_first(self, company: Company) -> None:
        take(company, call("2", NOW_MS), call("1", NOW_MS - DAY_MS))
        assert self.firsts() == [True, False]
        take(company, call("0", NOW_MS - 2 * DAY_MS))
        assert self.firsts() == [True, False, False]

    def test_the_other_system_may_know_of_an_earlier_one(self, company: Company) -> None:
        take(company, call("1", NOW_MS - DAY_MS, is_first_call=False), call("2", NOW_MS, is_first_call=True))
        assert self.firsts() == [False, False]

    def test_ours_is_first_no_more(self, company: Company) -> None:
        called(company, "ours", NOW_MS, ANN, is_first_call=True)
        with marked("2026-08", "2026-09"):
            take(company, call("1", NOW_MS - 30 * DAY_MS))
        assert self.firsts() == [True, False]

    def test_a_call_that_becomes_anothers_leaves_the_first_to_the_next(self, company: Company) -> None:
        take(company, call("1", NOW_MS - 40 * DAY_MS), call("2", NOW_MS))
        with marked("2026-08", "2026-09"):
            take(company, call("1", NOW_MS - 40 * DAY_MS, BEN))
        assert self.firsts() == [True, True]

    def test_nobody_knows_of_a_withheld_number(self, company: Company) -> None:
        take(company, call("1", caller=None))
        assert self.firsts() == [None]


def test_outcomes_that_waited_for_the_call_find_it(company: Company) -> None:
    do_take_outcomes(company, [outcome("o", at_ms=NOW_MS + DAY_MS, phone_e164=ANN)], NOW_MS, system="crm")
    take(company, call("1"))
    assert OutcomeRow.objects.get().call_id == CallRow.objects.get().pk


def test_what_an_outcome_was_worth_is_converted(company: Company) -> None:
    told = call("1", outcome=outcome("s", value_cents=1000, currency="CAD"))
    do_take_calls(company, [told], NOW_MS, rates={"CAD": 0.5})
    assert OutcomeRow.objects.get().value_cents == 500


class TestMoved:
    def test_a_call_told_at_another_time_leaves_its_month(self, company: Company) -> None:
        take(company, call("1", NOW_MS - 40 * DAY_MS))
        with marked("2026-08", "2026-09"):
            take(company, call("1", NOW_MS))

    def test_later_calls_say_anew_how_long_before_the_caller_called(self, company: Company) -> None:
        take(company, call("0", NOW_MS - 70 * DAY_MS), call("2", NOW_MS), call("b", NOW_MS + 30 * DAY_MS, BEN))
        with marked("2026-08", "2026-09"):
            take(company, call("1", NOW_MS - 40 * DAY_MS))
        with marked("2026-08"):
            take(company, call("1", NOW_MS - 40 * DAY_MS, agent="Al"))


class TestLive:
    @pytest.fixture
    def number(self, company: Company) -> TrackingNumber:
        line = actions.do_connect_carrier(company, "twilio", "Twilio", "secret", "https://edge.example")
        return actions.do_add_numbers(
            line,
            ["+13105550140"],
            ring_flow("+13105550199", 20),
            static_source=Source(channel=Channel.OFFLINE, source="flyer", medium="offline"),
        )[0]

    def live(self, company: Company, number: TrackingNumber, sid: str, started_ms: int = NOW_MS) -> CallRow:
        assert number.connection_id
        call_id = derived_id("call", number.connection_id, sid)
        return called(company, call_id, started_ms, number=number, agent="Al", connection_id=number.connection_id)

    def test_a_carriers_own_call_is_not_doubled(self, company: Company, number: TrackingNumber) -> None:
        row = self.live(company, number, "CA1")
        sale = outcome("twilio:CA1:sale", value_cents=500)
        told = replace(call("CA1", NOW_MS + DAY_MS, tags=("Hot",), outcome=sale), system="twilio")
        with marked("2026-09"):
            assert take(company, told, told) == TakenCalls(unchanged=2, outcomes=1)
        with marked():
            take(company, told)
        assert CallRow.objects.get().agent == "Al"
        assert CallTag.objects.get().call_id == OutcomeRow.objects.get().call_id == row.pk

    def test_nor_is_one_by_the_same_caller_within_a_minute(self, company: Company, number: TrackingNumber) -> None:
        self.live(company, number, "CA1")
        self.live(company, number, "CA2", NOW_MS + 50_000)
        assert take(company, call("1", NOW_MS - 20_000), call("2", NOW_MS + 30_000)).unchanged == 2
        assert CallRow.objects.count() == 2

    @pytest.mark.parametrize(
        "told",
        [
            call("1", NOW_MS + 60_001),
            call("1", caller=BEN),
            call("1", caller=None),
            call("1", called_e164="+13105550141"),
        ],
    )
    def test_any_other_call_is_another(self, company: Company, number: TrackingNumber, told: CallIn) -> None:
        self.live(company, number, "CA1")
        assert take(company, told).taken == 1
        assert CallRow.objects.count() == 2

    def test_one_live_call_is_one_told_call(self, company: Company, number: TrackingNumber) -> None:
        self.live(company, number, "CA1")
        assert take(company, call("1", NOW_MS + 20_000), call("2", NOW_MS + 1_000)).unchanged == 1
        assert set(CallRow.objects.values_list("started_ms", flat=True)) == {NOW_MS, NOW_MS + 20_000}


def test_tags_are_spelled_as_the_company_spells_them(company: Company) -> None:
    do_tag(called(company, "ours", NOW_MS), "vip", "hand", None, NOW_MS)
    take(company, call("1", tags=("VIP", "Hot")), call("2", NOW_MS + 1, tags=("hot",)))
    assert set(CallTag.objects.values_list("tag", flat=True)) == {"vip", "Hot"}


def test_a_forgotten_caller_stays_forgotten(company: Company) -> None:
    said = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc", click_ids={"gclid": "x"})
    sale = outcome("callrail:1:sale", value_cents=500, phone_e164=ANN, email="ann@example.com")
    told = call("1", caller_name="Ann", source=said, outcome=sale)
    take(company, told)
    do_forget_caller(company, ANN, NOW_MS)
    hashed = CallRow.objects.get().caller_hash
    assert take(company, told).unchanged == 1
    take(company, replace(told, agent="Al"))
    row = CallRow.objects.get()
    assert (row.agent, row.caller_hash, row.caller_sealed, row.name_sealed) == ("Al", hashed, None, None)
    assert not (row.said_source or {}).get("click_ids")
    assert OutcomeRow.objects.get().caller_hash == hashed
    assert not CustomerKey.objects.exists()
