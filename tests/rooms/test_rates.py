"""Rates that are given later: what was told in another currency gets its value then."""

from __future__ import annotations

import pytest

from ringtrace.cli import rates
from ringtrace.core.errors import BadInput
from ringtrace.core.money import MOST_CENTS
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.models import CallRow, Company, OutcomeRow
from ringtrace.web.outcomes import do_take_outcomes
from ringtrace.web.rates import do_set_rates
from tests.rooms.taken import ANN, DAY_MS, NOW_MS, called, contact, marked, new_company, outcome
from tests.rooms.test_import_command import ringtrace

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return new_company()


def tell(company: Company) -> None:
    """In euros: of a call of August, of a contact of July, and of nothing, in September."""
    called(company, "c1", NOW_MS - 20 * DAY_MS)
    do_take_contacts(company, [contact("f1", NOW_MS - 60 * DAY_MS, email="b@example.com")], NOW_MS, system="crm")
    told = [
        outcome("1", phone_e164=ANN, value_cents=1_001, currency="EUR"),
        outcome("2", contact_external_id="f1", value_cents=200, currency="EUR"),
        outcome("3", value_cents=300, currency="EUR"),
        outcome("4", value_cents=400, currency="GBP"),
        outcome("5", currency="EUR"),
        outcome("6", value_cents=600),
    ]
    do_take_outcomes(company, told, NOW_MS, system="crm")


def worth() -> list[int | None]:
    return [row.value_cents for row in OutcomeRow.objects.order_by("external_id")]


def test_a_rate_given_later_values_what_was_told_before(company: Company) -> None:
    tell(company)
    assert worth() == [None, None, None, None, None, 600]
    before_ms = CallRow.objects.get().changed_ms
    with marked("2026-07", "2026-08", "2026-09"):
        assert do_set_rates(company, {"eur": 1.08}, NOW_MS) == 3
    assert worth() == [1_081, 216, 324, None, None, 600]
    assert CallRow.objects.get().changed_ms > before_ms
    assert Company.objects.get().rates == {"EUR": 1.08}


def test_the_same_rate_again_changes_nothing_and_another_does(company: Company) -> None:
    tell(company)
    do_set_rates(company, {"EUR": 1.08}, NOW_MS)
    with marked():
        assert do_set_rates(company, {"EUR": 1.08}, NOW_MS) == 0
    assert do_set_rates(company, {"GBP": 1.25, "EUR": 1}, NOW_MS) == 4
    assert worth() == [1_001, 200, 300, 500, None, 600]


def test_rates_stand_beside_those_set_before(company: Company) -> None:
    do_set_rates(company, {"EUR": 1.08}, NOW_MS)
    do_set_rates(Company.objects.get(), {"GBP": 1.25}, NOW_MS)
    assert Company.objects.get().rates == {"EUR": 1.08, "GBP": 1.25}


def test_another_companys_outcomes_stay(company: Company) -> None:
    tell(company)
    assert do_set_rates(new_company("Bob's Heating"), {"EUR": 2}, NOW_MS) == 0
    assert worth()[0] is None


@pytest.mark.parametrize("wrong", [{"USD": 1.0}, {"EUR": 0.0}, {"Euro": 1.0}, {"EUR": 9e8}])
def test_a_rate_that_cannot_be_sets_nothing(company: Company, wrong: dict[str, float]) -> None:
    do_take_outcomes(company, [outcome("1", value_cents=MOST_CENTS, currency="EUR")], NOW_MS, system="crm")
    with pytest.raises(BadInput):
        do_set_rates(company, wrong, NOW_MS)
    assert (Company.objects.get().rates, worth()) == ({}, [None])


def test_the_command_sets_and_lists_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], company: Company
) -> None:
    monkeypatch.setattr(rates, "open_ledger", lambda _data: None)
    tell(company)
    assert "No rates" in ringtrace(capsys, "rates")[1]
    code, said = ringtrace(capsys, "rates", "set", "EUR=1.08", "--company", company.name)
    assert (code, said) == (0, "Set. 3 outcomes have another value now. 1 EUR = 1.08 USD")
    assert ringtrace(capsys, "rates", "--company", company.pk)[1] == "1 EUR = 1.08 USD"
    for wrong in ("EUR", "EUR=x"):
        with pytest.raises(BadInput):
            ringtrace(capsys, "rates", "set", wrong)
