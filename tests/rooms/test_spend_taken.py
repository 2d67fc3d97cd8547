"""What was spent: told again, corrected, finer or coarser, it is never counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ringtrace.core.errors import BadInput
from ringtrace.intake.port import SpendIn
from ringtrace.web.models import Company, ImportRun, SpendRow
from ringtrace.web.rates import check_rates
from ringtrace.web.spend import TakenSpend, do_book_spend, do_take_spend
from tests.rooms.taken import NOW_MS, marked, new_company

pytestmark = pytest.mark.django_db

DAY = date(2026, 9, 3)


@pytest.fixture
def company() -> Company:
    return new_company()


def new_run(company: Company) -> ImportRun:
    return ImportRun.objects.create(company=company, what="spend", began_ms=NOW_MS, changed_ms=NOW_MS)


def spent(cents: int, campaign: str = "", ad_group: str = "", keyword: str = "", **more: Any) -> SpendIn:
    said = {"since_on": DAY, "until_on": DAY, "source": "google", "medium": "cpc", **more}
    return SpendIn(cost_micros=cents * 10_000, campaign=campaign, ad_group=ad_group, keyword=keyword, **said)


def take(company: Company, *told: SpendIn, run: ImportRun | None = None, **more: Any) -> TakenSpend:
    return do_take_spend(company, told, run or new_run(company), **more)


def total(company: Company) -> int:
    return sum(SpendRow.objects.filter(company=company).values_list("cost_cents", flat=True))


ACCOUNT = (spent(900),)
CAMPAIGNS = (spent(500, "A"), spent(400, "B"))
GROUPS = (spent(300, "A", "a1"), spent(200, "A", "a2"), spent(400, "B", "b1"))
KEYWORDS = (spent(300, "A", "a1", "x"), spent(150, "A", "a2", "y"), spent(50, "A", "a2", "z"), spent(400, "B", "b1"))


@pytest.mark.parametrize("later", [ACCOUNT, CAMPAIGNS, GROUPS, KEYWORDS])
@pytest.mark.parametrize("earlier", [ACCOUNT, CAMPAIGNS, GROUPS, KEYWORDS])
def test_the_same_bill_told_finer_or_coarser_is_the_same_bill(
    company: Company, earlier: tuple[SpendIn, ...], later: tuple[SpendIn, ...]
) -> None:
    take(company, *earlier)
    take(company, *later)
    assert total(company) == 900
    assert SpendRow.objects.count() == len(later)


def test_the_same_file_again_changes_nothing(company: Company) -> None:
    take(company, *KEYWORDS)
    with marked():
        again = take(company, *KEYWORDS)
    assert (again.taken, again.unchanged, again.replaced) == (0, 4, 0)


def test_a_correction_replaces(company: Company) -> None:
    take(company, *KEYWORDS)
    with marked("2026-09"):
        again = take(company, *KEYWORDS[:3], spent(390, "B", "b1"))
    assert (again.taken, again.unchanged, total(company)) == (1, 3, 890)


def test_a_keyword_that_is_told_no_more_is_gone(company: Company) -> None:
    take(company, *KEYWORDS)
    assert take(company, *KEYWORDS[:2]).replaced == 1
    assert total(company) == 850


def test_other_days_campaigns_and_sources_stay(company: Company) -> None:
    take(company, *CAMPAIGNS, spent(70, "A", since_on=DAY + timedelta(1), until_on=DAY + timedelta(1)))
    take(company, spent(30, source="bing"), spent(5, medium="display"))
    take(company, spent(510, "A"))
    assert total(company) == 510 + 400 + 70 + 30 + 5


def test_batches_of_one_run_stand_beside_each_other(company: Company) -> None:
    take(company, spent(1, "A"))
    run = new_run(company)
    for one in KEYWORDS:
        take(company, one, run=run)
    take(company, spent(7, "A", "a1", "x", clicks=2), spent(8, "A", "a1", "x", clicks=3), run=run)
    assert total(company) == 915
    row = SpendRow.objects.get(keyword="x")
    assert (row.cost_cents, row.clicks) == (315, 5)


def test_rows_of_one_day_and_keyword_add_up(company: Company) -> None:
    take(company, spent(10, "A", clicks=1), spent(20, "A"), spent(5, "A", clicks=4, impressions=9))
    row = SpendRow.objects.get()
    assert (row.cost_cents, row.clicks, row.impressions) == (35, 5, 9)


def test_another_companys_spend_is_its_own(company: Company) -> None:
    other = new_company("Bob's Heating")
    take(other, *CAMPAIGNS)
    take(company, *ACCOUNT)
    assert (total(other), total(company)) == (900, 900)


def test_what_is_booked_by_hand_replaces_its_keywords(company: Company) -> None:
    take(company, *KEYWORDS)
    do_book_spend(company, DAY, "google", "cpc", "A", 510)
    assert total(company) == 910


def test_what_is_booked_by_hand_keeps_nothing_of_what_it_replaces(company: Company) -> None:
    days: dict[str, Any] = {"until_on": DAY + timedelta(1), "clicks": 8, "impressions": 9, "currency": "CAD"}
    take(company, spent(1000, "A", **days), rates={"CAD": 0.5}, spread=True)
    row = do_book_spend(company, DAY, "google", "cpc", "A", 510)
    row.refresh_from_db()
    assert (row.cost_cents, row.clicks, row.impressions, row.run) == (510, None, None, None)
    assert (row.said_micros, row.currency, row.rate, row.spread_days) == (None, "", None, 1)


class TestByRow:
    """Imports that speak for their rows alone, as programs' requests do."""

    def take(self, company: Company, *told: SpendIn) -> TakenSpend:
        run = new_run(company)
        run.choices = {"replaces": "row"}
        return take(company, *told, run=run)

    @pytest.mark.parametrize("later", [ACCOUNT, CAMPAIGNS, GROUPS, KEYWORDS])
    @pytest.mark.parametrize("earlier", [ACCOUNT, CAMPAIGNS, GROUPS, KEYWORDS])
    def test_the_same_bill_finer_or_coarser_row_by_row(
        self, company: Company, earlier: tuple[SpendIn, ...], later: tuple[SpendIn, ...]
    ) -> None:
        for one in (*earlier, *later):
            self.take(company, one)
        assert total(company) == 900
        assert SpendRow.objects.count() == len(later)

    def test_what_is_told_again_replaces(self, company: Company) -> None:
        self.take(company, *KEYWORDS)
        assert self.take(company, spent(310, "A", "a1", "x"), KEYWORDS[1]).unchanged == 1
        assert total(company) == 910

    def test_rows_of_one_import_add_up_and_a_later_ones_replace_them(self, company: Company) -> None:
        for _ in range(2):
            self.take(company, spent(60, "A", "", "x"), spent(40, "A", "", "x"))
        assert total(company) == 100

    def test_an_ad_group_without_keywords_stays_beside_keywords_of_others(self, company: Company) -> None:
        self.take(company, spent(100, "A", "a1"))
        self.take(company, spent(50, "A", "a2", "x"))
        assert total(company) == 150

    def test_a_file_still_speaks_for_the_day(self, company: Company) -> None:
        self.take(company, *KEYWORDS)
        take(company, spent(1, "A", "a1", "x"))
        assert total(company) == 401


class TestMoney:
    def test_another_currency_without_a_rate_is_refused(self, company: Company) -> None:
        with pytest.raises(BadInput, match=r"CAD.*USD") as refused:
            take(company, spent(100, "A", currency="CAD"))
        assert "CAD" in refused.value.hint
        assert not SpendRow.objects.exists()

    def test_it_converts_by_the_rate_and_keeps_what_was_told(self, company: Company) -> None:
        take(company, spent(1000, "A", currency="cad"), rates=check_rates({"cad": 0.73}))
        row = SpendRow.objects.get()
        assert (row.cost_cents, row.said_micros, row.currency, row.rate) == (730, 10_000_000, "CAD", 0.73)

    def test_the_companys_own_rate_is_enough(self, company: Company) -> None:
        company.rates = {"CAD": 0.5}
        take(company, spent(1000, "A", currency="CAD"))
        assert total(company) == 500

    @pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
    def test_a_rate_that_is_none_is_refused(self, rate: float) -> None:
        with pytest.raises(BadInput):
            check_rates({"CAD": rate})

    @pytest.mark.parametrize("wrong", [{"source": ""}, {"medium": None}, {"until_on": DAY - timedelta(1)}])
    def test_what_cannot_be_is_refused(self, company: Company, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadInput):
            take(company, spent(1, "A", **wrong))

    def test_less_than_nothing_is_refused(self, company: Company) -> None:
        with pytest.raises(BadInput):
            take(company, spent(-1, "A"))


class TestSeveralDays:
    def test_they_are_refused_unless_they_are_to_be_spread(self, company: Company) -> None:
        with pytest.raises(BadInput, match="8 days"):
            take(company, spent(100, "A", until_on=DAY + timedelta(7)))

    def test_each_days_row_says_so(self, company: Company) -> None:
        with marked("2026-09", "2026-10"):
            take(company, spent(100, "A", until_on=DAY + timedelta(30)), spread=True)
        assert set(SpendRow.objects.values_list("spread_days", flat=True)) == {31}


class TestShares(TestCase):
    @given(
        cents=st.integers(0, 10**9), days=st.integers(1, 40), clicks=st.integers(0, 10**6), rate=st.floats(0.01, 100)
    )
    def test_it_spreads_to_the_cent(self, cents: int, days: int, clicks: int, rate: float) -> None:
        company = new_company()
        told = spent(cents, "A", until_on=DAY + timedelta(days - 1), clicks=clicks, currency="CAD")
        take(company, told, spread=True, rates={"CAD": rate})
        rows = SpendRow.objects.filter(company=company)
        assert sum(row.cost_cents for row in rows) == round(cents * 10_000 * rate / 10_000)
        assert sum(row.clicks or 0 for row in rows) == clicks
        assert sum(row.said_micros or 0 for row in rows) == cents * 10_000
        costs = [row.cost_cents for row in rows]
        assert len(costs) == days
        assert max(costs) - min(costs) <= 1
