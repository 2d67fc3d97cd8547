"""What another system tells of outcomes: which call it came of, what changes when it is told again, who is who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.core.ids import derived_id
from ringtrace.intake.port import OutcomeIn
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.customers import email_hash, phone_hash
from ringtrace.web.imported_calls import do_take_calls
from ringtrace.web.models import Company, ContactRow, Customer, CustomerKey, OutcomeRow, PersonRow
from ringtrace.web.outcomes import (
    MISSES,
    TOLERANCE_MS,
    WITHIN_MS,
    Miss,
    TakenOutcomes,
    do_mark_outcome,
    do_retry_misses,
    do_take_outcomes,
)
from ringtrace.wire.sqlite import SqliteWire
from tests.rooms.books import Books, new_books
from tests.rooms.taken import (
    ANN,
    BEN,
    CAT,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NOW_MS,
    call,
    called,
    contact,
    marked,
    new_company,
    outcome,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return new_company()


def take(company: Company, *told: OutcomeIn, **more: Any) -> TakenOutcomes:
    return do_take_outcomes(company, told, NOW_MS, system="crm", rates={"CAD": 0.5}, **more)


def only() -> OutcomeRow:
    return OutcomeRow.objects.get()


def found(row: OutcomeRow) -> tuple[str | None, str]:
    return row.call_id or row.contact_id, row.how or row.miss


class TestWhichCall:
    def test_it_believes_our_id_before_all(self, company: Company) -> None:
        called(company, "c1", NOW_MS - 5 * DAY_MS, BEN)
        called(company, "c2", NOW_MS - HOUR_MS)
        take(company, outcome("o", call_id="c1", phone_e164=ANN))
        assert found(only()) == ("c1", "call_id")

    def test_it_knows_an_imported_call_by_the_id_it_had(self, company: Company) -> None:
        do_take_calls(company, [call("CAL7")], NOW_MS)
        take(company, outcome("o", call_id="callrail:CAL7"))
        assert found(only()) == (derived_id("call", company.pk, "callrail", "CAL7"), "call_id")

    def test_it_knows_a_contact_by_the_senders_id(self, company: Company) -> None:
        do_take_contacts(company, [contact("f1")], NOW_MS, system="crm")
        take(company, outcome("o", contact_external_id="f1"))
        assert found(only()) == (ContactRow.objects.get().pk, "contact_id")

    def test_it_stays_with_what_the_same_id_came_of_before(self, company: Company) -> None:
        called(company, "c1", NOW_MS - 5 * DAY_MS)
        take(company, outcome("o", "lead", NOW_MS - 4 * DAY_MS, phone_e164=ANN))
        called(company, "c2", NOW_MS - HOUR_MS)
        take(company, outcome("o", "sale", phone_e164=ANN))
        assert found(only()) == ("c1", "caller_time")
        assert only().kind == "sale"

    def test_a_mark_by_hand_with_the_same_id_keeps_its_call(self, company: Company) -> None:
        by_hand = called(company, "c1", NOW_MS - 5 * DAY_MS, BEN)
        called(company, "c2", NOW_MS - HOUR_MS)
        do_mark_outcome(by_hand, "lead", None, NOW_MS, external_id="job:7")
        take(company, outcome("job:7", phone_e164=ANN, value_cents=100))
        assert found(only()) == ("c1", "call_id")
        assert only().value_cents == 100

    def test_a_corrected_caller_is_another_call(self, company: Company) -> None:
        called(company, "c1", NOW_MS - HOUR_MS, ANN)
        called(company, "c2", NOW_MS - HOUR_MS, BEN)
        take(company, outcome("o", phone_e164=ANN))
        take(company, outcome("o", phone_e164=BEN))
        assert found(only()) == ("c2", "caller_time")

    @pytest.mark.parametrize(
        ("offset_ms", "is_found"), [(TOLERANCE_MS, True), (-TOLERANCE_MS, True), (TOLERANCE_MS + 1, False)]
    )
    def test_a_call_within_half_an_hour_of_the_time_told_is_it(
        self, company: Company, offset_ms: int, is_found: bool
    ) -> None:
        at_ms = NOW_MS - 3 * DAY_MS
        called(company, "near", at_ms + offset_ms)
        called(company, "late", NOW_MS - HOUR_MS)
        take(company, outcome("o", phone_e164=ANN, called_ms=at_ms))
        assert found(only()) == (("near", "caller_time") if is_found else (None, "none_near"))

    def test_the_closest_start_counts(self, company: Company) -> None:
        at_ms = NOW_MS - DAY_MS
        called(company, "far", at_ms - 9 * MINUTE_MS)
        called(company, "near", at_ms + 2 * MINUTE_MS)
        take(company, outcome("o", phone_e164=ANN, called_ms=at_ms))
        assert only().call_id == "near"

    def test_without_a_time_the_last_call_before_is_it(self, company: Company) -> None:
        for name, at_ms in (("old", NOW_MS - 9 * DAY_MS), ("last", NOW_MS - DAY_MS), ("after", NOW_MS + HOUR_MS)):
            called(company, name, at_ms)
        take(company, outcome("o", phone_e164=ANN))
        assert only().call_id == "last"

    @pytest.mark.parametrize(("before_ms", "is_found"), [(WITHIN_MS, True), (WITHIN_MS + 1, False)])
    def test_it_looks_back_90_days(self, company: Company, before_ms: int, is_found: bool) -> None:
        called(company, "c1", NOW_MS - before_ms)
        take(company, outcome("o", phone_e164=ANN))
        assert found(only()) == (("c1", "caller_time") if is_found else (None, "none_near"))

    @pytest.mark.parametrize("who", [{"email": "Ann@example.com "}, {"crm_id": "hubspot:51"}])
    def test_a_person_is_known_by_what_was_told_with_their_phone(self, company: Company, who: dict[str, Any]) -> None:
        called(company, "c1", NOW_MS - DAY_MS)
        do_take_contacts(
            company,
            [contact("f", NOW_MS - 2 * DAY_MS, phone_e164=ANN, email="ann@example.com", crm_id="hubspot:51")],
            NOW_MS,
            system="crm",
        )
        take(company, outcome("o", **who))
        assert found(only()) == ("c1", "person")

    def test_a_persons_last_response_may_be_a_form(self, company: Company) -> None:
        called(company, "c1", NOW_MS - 2 * DAY_MS)
        told = contact("f", NOW_MS - DAY_MS, phone_e164=ANN, email="ann@example.com")
        do_take_contacts(company, [told], NOW_MS, system="crm")
        take(company, outcome("o", email="ann@example.com"))
        assert found(only()) == (ContactRow.objects.get().pk, "person")

    def test_a_caller_who_did_not_call_is_looked_for_as_a_person(self, company: Company) -> None:
        called(company, "c1", NOW_MS - DAY_MS, BEN)
        take(company, outcome("a", "lead", phone_e164=BEN, email="ann@example.com"))
        take(company, outcome("b", phone_e164=ANN, email="ann@example.com"))
        assert found(OutcomeRow.objects.get(external_id="b")) == ("c1", "person")

    def test_another_companys_calls_are_none_of_it(self, company: Company) -> None:
        other = new_company("Bob's Heating")
        called(other, "c1", NOW_MS - HOUR_MS)
        take(company, outcome("a", phone_e164=ANN), outcome("b", call_id="c1"))
        assert sorted(OutcomeRow.objects.values_list("miss", flat=True)) == ["no_such_caller", "unknown_call"]


@pytest.mark.parametrize(
    ("said", "miss"),
    [
        ({"call_id": "nowhere", "phone_e164": ANN}, Miss.UNKNOWN_CALL),
        ({"contact_external_id": "nowhere"}, Miss.UNKNOWN_CONTACT),
        ({}, Miss.NOBODY),
        ({"phone_e164": CAT}, Miss.NO_SUCH_CALLER),
        ({"phone_e164": ANN}, Miss.NONE_NEAR),
        ({"email": "who@example.com"}, Miss.UNKNOWN_PERSON),
    ],
)
def test_it_keeps_what_matches_nothing_with_why(company: Company, said: dict[str, Any], miss: Miss) -> None:
    called(company, "c1", NOW_MS + DAY_MS)
    taken = take(company, outcome("o", **said))
    assert (only().miss, only().how, taken.missed, taken.misses) == (miss, "", 1, {miss: 1})
    assert MISSES[miss].endswith(".")


class TestToldAgain:
    def test_the_same_id_replaces(self, company: Company) -> None:
        called(company, "c1", NOW_MS - HOUR_MS)
        first = outcome("o", "lead", phone_e164=ANN)
        assert (take(company, first).taken, take(company, first).unchanged) == (1, 1)
        assert take(company, outcome("o", "sale", phone_e164=ANN, value_cents=500)).taken == 1
        assert (only().kind, only().value_cents) == ("sale", 500)

    def test_twice_in_one_batch_is_one(self, company: Company) -> None:
        called(company, "c1", NOW_MS - HOUR_MS)
        take(company, outcome("o", "lead", phone_e164=ANN), outcome("o", "sale", phone_e164=ANN))
        assert only().kind == "sale"

    def test_without_an_id_it_counts_twice(self, company: Company) -> None:
        take(company, outcome(phone_e164=ANN), outcome(phone_e164=ANN))
        assert OutcomeRow.objects.count() == 2

    def test_it_passes_over_what_is_older_where_asked(self, company: Company) -> None:
        take(company, outcome("o", "sale", phone_e164=ANN))
        late = outcome("o", "opportunity", NOW_MS - HOUR_MS, phone_e164=ANN)
        assert take(company, late, newer_only=True).unchanged == 1
        assert only().kind == "sale"
        take(company, late)
        assert only().kind == "opportunity"

    def test_what_is_taken_back_is_gone(self, company: Company) -> None:
        called(company, "c1", NOW_MS - HOUR_MS)
        take(company, outcome("o", phone_e164=ANN))
        with marked("2026-09"):
            assert take(company, outcome("o", removed=True), outcome("other", removed=True)).removed == 1
        assert not OutcomeRow.objects.exists()

    def test_what_comes_and_goes_in_one_batch_leaves_nothing(self, company: Company) -> None:
        take(company, outcome("o", phone_e164=ANN), outcome("o", removed=True))
        assert not OutcomeRow.objects.exists()
        take(company, outcome("o", phone_e164=ANN))
        take(company, outcome("o", removed=True), outcome("o", "refund", phone_e164=ANN))
        assert only().kind == "refund"

    def test_a_refused_one_leaves_nothing(self, company: Company) -> None:
        with pytest.raises(BadInput):
            take(company, outcome("a"), outcome("b", value_cents=-1))
        assert not OutcomeRow.objects.exists()


class TestMoney:
    def test_it_converts_by_the_rate_given(self, company: Company) -> None:
        take(company, outcome("o", value_cents=1001, currency="cad"))
        assert (only().value_cents, only().said_cents, only().currency) == (500, 1001, "CAD")

    def test_without_a_rate_the_value_is_unknown_and_kept_as_told(self, company: Company) -> None:
        take(company, outcome("o", value_cents=1001, currency="EUR"))
        assert (only().value_cents, only().said_cents, only().currency) == (None, 1001, "EUR")
        company.rates = {"EUR": 2.0}
        assert take(company, outcome("o", value_cents=1001, currency="EUR")).taken == 1
        assert only().value_cents == 2002

    def test_its_own_currency_is_as_told(self, company: Company) -> None:
        take(company, outcome("o", value_cents=1001, currency="USD"))
        assert (only().value_cents, only().said_cents, only().currency) == (1001, None, "")


class TestWhoIsWho:
    def test_a_phone_alone_makes_nobody(self, company: Company) -> None:
        take(company, outcome("o", phone_e164=ANN))
        assert not Customer.objects.exists()

    def test_a_shared_key_joins_in_one_batch(self, company: Company) -> None:
        take(
            company,
            outcome("a", email="ann@example.com"),
            outcome("b", crm_id="hubspot:51", name="Ann"),
            outcome("c", email="ann@example.com", crm_id="hubspot:51", phone_e164=ANN),
            outcome("d", crm_id="hubspot:51"),
        )
        customer = Customer.objects.get()
        assert customer.name_sealed is not None
        assert set(OutcomeRow.objects.values_list("customer", flat=True)) == {customer.pk}
        assert sorted(CustomerKey.objects.values_list("kind", flat=True)) == ["crm", "email", "phone"]

    def test_two_who_were_known_become_the_older(self, company: Company) -> None:
        take(company, outcome("a", email="ann@example.com"))
        older = Customer.objects.get()
        do_take_outcomes(
            company,
            [outcome("b", crm_id="hubspot:51", name="Ann", at_ms=NOW_MS - 60 * DAY_MS)],
            NOW_MS + 1,
            system="crm",
        )
        with marked("2026-07", "2026-09"):  # the younger's outcome is the older's
            do_take_outcomes(
                company, [outcome("c", email="ann@example.com", crm_id="hubspot:51")], NOW_MS + 2, system=""
            )
        assert Customer.objects.get().pk == older.pk
        assert Customer.objects.get().name_sealed is not None
        assert set(OutcomeRow.objects.values_list("customer", flat=True)) == {older.pk}

    def test_somebody_who_was_known_wins_over_somebody_new(self, company: Company) -> None:
        take(company, outcome("a", email="ann@example.com"))
        older = Customer.objects.get()
        take(company, outcome("b", crm_id="hubspot:51"), outcome("c", email="ann@example.com", crm_id="hubspot:51"))
        assert Customer.objects.get().pk == older.pk
        assert set(OutcomeRow.objects.values_list("customer", flat=True)) == {older.pk}


class TestBeforeItsCall:
    @pytest.fixture
    def books(self, tmp_path: Path) -> Iterator[Books]:
        with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
            yield new_books(journal)

    def test_it_is_matched_when_the_call_comes(self, books: Books) -> None:
        company = books.company
        take(company, outcome("o", at_ms=NOW_MS + DAY_MS, phone_e164=ANN))
        assert only().miss == "no_such_caller"
        books.write(*books.answered("c1", NOW_MS, caller_hash=phone_hash(company.pk, ANN)))
        books.drain()
        assert found(only()) == ("c1", "caller_time")

    def test_a_persons_is_matched_when_their_call_comes(self, books: Books) -> None:
        company = books.company
        take(company, outcome("lead", "lead", NOW_MS + DAY_MS, phone_e164=ANN, email="ann@example.com"))
        take(company, outcome("sale", at_ms=NOW_MS + DAY_MS, email="ann@example.com"))
        books.write(*books.answered("c1", NOW_MS, caller_hash=phone_hash(company.pk, ANN)))
        books.drain()
        assert {found(row)[0] for row in OutcomeRow.objects.all()} == {"c1"}

    def test_it_is_matched_when_the_person_turns_out_to_have_called(self, company: Company) -> None:
        called(company, "c1", NOW_MS - DAY_MS)
        take(company, outcome("sale", email="ann@example.com"))
        assert only().miss == "unknown_person"
        take(company, outcome("lead", "lead", phone_e164=ANN, email="ann@example.com"))
        assert found(OutcomeRow.objects.get(external_id="sale")) == ("c1", "person")

    def test_it_is_matched_when_their_form_comes(self, company: Company) -> None:
        take(company, outcome("sale", email="ann@example.com"))
        do_take_contacts(company, [contact("f", NOW_MS - DAY_MS, email="ann@example.com")], NOW_MS, system="crm")
        assert found(only()) == (ContactRow.objects.get().pk, "person")

    def test_all_of_the_last_90_days_are_tried_where_nobody_is_named(self, company: Company) -> None:
        take(company, outcome("o", phone_e164=ANN), outcome("old", at_ms=NOW_MS - 91 * DAY_MS, phone_e164=ANN))
        called(company, "c1", NOW_MS - DAY_MS)
        called(company, "c0", NOW_MS - 92 * DAY_MS)
        assert do_retry_misses(company, NOW_MS) == 1


def test_it_marks_the_months_of_the_responses(company: Company) -> None:
    called(company, "c1", NOW_MS - 40 * DAY_MS)
    with marked("2026-08", "2026-09"):
        take(company, outcome("a", phone_e164=ANN), outcome("b", phone_e164=BEN))
    with marked():
        take(company, outcome("a", phone_e164=ANN), outcome("b", phone_e164=BEN))


class TestByContact:
    """A contact that no customer was told for is found by its phone, or by what its visitor said on a page."""

    @pytest.mark.parametrize("more", [{}, {"email": "ann@example.com"}])
    def test_by_its_phone(self, company: Company, more: dict[str, Any]) -> None:
        do_take_contacts(company, [contact("f", NOW_MS - DAY_MS, phone_e164=ANN)], NOW_MS, system="crm")
        take(company, outcome("o", phone_e164=ANN, **more))
        assert found(only()) == (ContactRow.objects.get().pk, "person")

    def test_a_form_by_what_its_visitor_said(self, tmp_path: Path) -> None:
        with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
            books = new_books(journal)
            books.write(books.seen("v1"), books.sent("v1", NOW_MS + 1000), books.named("v1", NOW_MS + 2000))
            books.write(books.seen("v2"), books.sent("v2", NOW_MS + 1500))
            books.drain()
        company = books.company
        PersonRow.objects.update(email_hash=email_hash(company.pk, "ann@example.com"))
        take(company, outcome("o", at_ms=NOW_MS + DAY_MS, email="ann@example.com"))
        assert found(only()) == (ContactRow.objects.get(visit="v1").pk, "person")

    def test_a_callers_own_call_comes_first(self, company: Company) -> None:
        called(company, "c1", NOW_MS - 2 * DAY_MS)
        do_take_contacts(company, [contact("f", NOW_MS - DAY_MS, phone_e164=ANN)], NOW_MS, system="crm")
        take(company, outcome("o", phone_e164=ANN))
        assert found(only()) == ("c1", "caller_time")
