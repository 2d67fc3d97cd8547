"""Outcomes told in pieces, out of order, by several systems, or before what they came of."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ringtrace.core.errors import BadInput
from ringtrace.intake.port import OutcomeIn
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.imported_calls import do_take_calls
from ringtrace.web.models import Company, OutcomeRow
from ringtrace.web.outcomes import TakenOutcomes, do_mark_outcome, do_retry_misses, do_take_outcomes
from tests.rooms.taken import ANN, BEN, DAY_MS, MINUTE_MS, NOW_MS, call, called, contact, new_company, outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return new_company()


def take(company: Company, *told: OutcomeIn, system: str = "crm", **more: Any) -> TakenOutcomes:
    return do_take_outcomes(company, told, NOW_MS, system=system, rates={"CAD": 0.5}, **more)


def send(company: Company, *told: OutcomeIn) -> TakenOutcomes:
    return take(company, *told, newer_only=True)


def only() -> OutcomeRow:
    return OutcomeRow.objects.get()


@pytest.mark.parametrize("ms", [0, 366 * DAY_MS - 1, 7_289_654_400_000, -(10**17), 10**17])
@pytest.mark.parametrize("name", ["at_ms", "called_ms", "told_ms"])
def test_a_time_that_cannot_be_is_refused(company: Company, name: str, ms: int) -> None:
    with pytest.raises(BadInput) as raised:
        take(company, replace(outcome("o"), **{name: ms}))
    assert raised.value.hint
    assert not OutcomeRow.objects.exists()


class TestInPieces:
    def test_what_a_message_does_not_say_stays(self, company: Company) -> None:
        called(company, "c1", NOW_MS - MINUTE_MS)
        who: dict[str, Any] = {"phone_e164": ANN, "email": "ann@example.com"}
        first = outcome("o", value_cents=100, currency="CAD", note="Heater", stage="won", called_ms=NOW_MS, **who)
        send(company, first)
        before = dict(OutcomeRow.objects.values().get())
        assert before["customer_id"] is not None
        assert send(company, outcome("o", at_ms=NOW_MS + 1)).taken == 1
        same = {name: value for name, value in before.items() if name not in ("at_ms", "told_ms")}
        after = dict(OutcomeRow.objects.values().get())
        assert {name: after[name] for name in same} == same

    def test_of_somebody_else_it_keeps_nothing_of_the_first(self, company: Company) -> None:
        send(company, outcome("o", phone_e164=ANN, email="ann@example.com"))
        ann = only().customer_id
        send(company, outcome("o", phone_e164=BEN))
        assert only().customer_id != ann

    def test_elsewhere_it_replaces_the_whole(self, company: Company) -> None:
        take(company, outcome("o", value_cents=100, note="Heater", phone_e164=ANN))
        take(company, outcome("o"))
        assert (only().value_cents, only().note, only().caller_hash) == (None, "", None)


class TestOutOfOrder:
    def test_what_was_told_later_stands_though_it_happened_earlier(self, company: Company) -> None:
        send(company, outcome("o", value_cents=100, told_ms=NOW_MS))
        send(company, outcome("o", at_ms=NOW_MS - DAY_MS, value_cents=200, told_ms=NOW_MS + 5))
        assert only().value_cents == 200
        assert send(company, outcome("o", at_ms=NOW_MS + DAY_MS, value_cents=300, told_ms=NOW_MS)).unchanged == 1
        assert only().value_cents == 200

    def test_of_two_told_at_once_the_later_delivery_stands(self, company: Company) -> None:
        for cents in (100, 200):
            send(company, outcome("o", value_cents=cents, told_ms=NOW_MS))
        assert only().value_cents == 200

    def test_the_same_told_later_is_unchanged_and_later(self, company: Company) -> None:
        send(company, outcome("o", told_ms=NOW_MS))
        assert send(company, outcome("o", told_ms=NOW_MS + 9)).unchanged == 1
        assert only().told_ms == NOW_MS + 9

    def test_a_removal_told_earlier_removes_nothing(self, company: Company) -> None:
        send(company, outcome("o", told_ms=NOW_MS))
        assert send(company, outcome("o", told_ms=NOW_MS - 1, removed=True)).removed == 0
        assert send(company, outcome("o", at_ms=NOW_MS - DAY_MS, told_ms=NOW_MS + 1, removed=True)).removed == 1


class TestWhichever:
    """The order in which calls come does not matter."""

    def test_a_better_call_that_comes_later_is_it(self, company: Company) -> None:
        take(company, outcome("o", phone_e164=ANN))
        do_take_calls(company, [call("old", NOW_MS - 80 * DAY_MS)], NOW_MS)
        do_take_calls(company, [call("true", NOW_MS - MINUTE_MS)], NOW_MS)
        assert only().call is not None
        assert only().call.started_ms == NOW_MS - MINUTE_MS  # type: ignore[union-attr]

    def test_what_was_told_again_later_stays_with_its_first_call(self, company: Company) -> None:
        do_take_calls(company, [call("first", NOW_MS - 5 * DAY_MS)], NOW_MS)
        take(company, outcome("o", "lead", NOW_MS - 4 * DAY_MS, phone_e164=ANN))
        first = only().call_id
        take(company, outcome("o", phone_e164=ANN))
        do_take_calls(company, [call("later", NOW_MS - DAY_MS)], NOW_MS)
        assert (only().kind, only().call_id) == ("sale", first)

    def test_of_a_call_whose_time_was_told_no_other_is_it(self, company: Company) -> None:
        called(company, "old", NOW_MS - 80 * DAY_MS)
        take(company, outcome("o", phone_e164=ANN, email="ann@example.com", called_ms=NOW_MS - MINUTE_MS))
        assert (only().call_id, only().miss) == (None, "none_near")

    def test_a_persons_other_phone_near_that_time_is_it(self, company: Company) -> None:
        called(company, "near", NOW_MS - MINUTE_MS, BEN)
        take(company, outcome("a", "lead", NOW_MS - DAY_MS, phone_e164=BEN, email="ann@example.com"))
        take(company, outcome("o", phone_e164=ANN, email="ann@example.com", called_ms=NOW_MS))
        row = OutcomeRow.objects.get(external_id="o")
        assert (row.call_id, row.how) == ("near", "person")


class TestNamedBeforeItIsThere:
    def test_a_call(self, company: Company) -> None:
        take(company, outcome("a", call_id="callrail:1", phone_e164=ANN), outcome("b", call_id="callrail:1"))
        assert set(OutcomeRow.objects.values_list("miss", "named_id")) == {("unknown_call", "callrail:1")}
        do_take_calls(company, [call("1", NOW_MS - MINUTE_MS)], NOW_MS)
        assert OutcomeRow.objects.get(external_id="a").how == "call_id"
        assert do_retry_misses(company, NOW_MS) == 1
        assert set(OutcomeRow.objects.values_list("how", "miss", "named_id")) == {("call_id", "", "")}

    def test_a_contact(self, company: Company) -> None:
        take(company, outcome("o", contact_external_id="f1"))
        do_take_contacts(company, [contact("f1", NOW_MS - MINUTE_MS)], NOW_MS, system="crm")
        assert do_retry_misses(company, NOW_MS) == 1
        assert (only().how, only().miss) == ("contact_id", "")

    def test_told_again_without_its_id_it_keeps_it(self, company: Company) -> None:
        send(company, outcome("o", call_id="callrail:1"))
        send(company, outcome("o", at_ms=NOW_MS + 1, value_cents=5))
        assert (only().miss, only().named_id, only().value_cents) == ("unknown_call", "callrail:1", 5)


class TestTwoSystems:
    def test_the_same_id_is_two_outcomes(self, company: Company) -> None:
        take(company, outcome("1001", value_cents=100), system="pos")
        take(company, outcome("1001", value_cents=200), system="crm")
        take(company, outcome("1001", removed=True), system="api")
        assert sorted(OutcomeRow.objects.values_list("system", "value_cents")) == [("crm", 200), ("pos", 100)]

    def test_an_id_that_names_its_system_is_that_systems(self, company: Company) -> None:
        take(company, outcome("hubspot:deal:7:sale"), system="hubspot")
        take(company, outcome("hubspot:deal:7:sale", value_cents=5), system="api")
        assert (only().system, only().value_cents) == ("hubspot", 5)
        assert take(company, outcome("hubspot:deal:7:sale", removed=True), system="standard").removed == 1

    def test_a_mark_by_hand_leaves_nothing_of_what_was_told(self, company: Company) -> None:
        by_hand = called(company, "c1", NOW_MS - MINUTE_MS)
        lost = outcome("o", "opportunity", phone_e164=BEN, value_cents=1, currency="CAD", stage="x", is_lost=True)
        take(company, lost)
        do_mark_outcome(by_hand, "sale", 500, NOW_MS, external_id="o")
        row = only()
        assert (row.call_id, row.kind, row.value_cents, row.how, row.miss) == ("c1", "sale", 500, "call_id", "")
        assert (row.said_cents, row.currency, row.stage, row.is_lost, row.caller_hash) == (None, "", "", False, None)
        take(company, outcome("o", value_cents=600))
        assert (only().call_id, only().value_cents) == ("c1", 600)

    def test_a_mark_by_hand_overwrites_neither_of_two_systems(self, company: Company) -> None:
        take(company, outcome("o"), system="pos")
        take(company, outcome("o"), system="crm")
        by_hand = called(company, "c1", NOW_MS - MINUTE_MS)
        for cents in (1, 2):
            do_mark_outcome(by_hand, "sale", cents, NOW_MS, external_id="o")
        assert sorted(OutcomeRow.objects.values_list("system", flat=True)) == ["", "crm", "pos"]
