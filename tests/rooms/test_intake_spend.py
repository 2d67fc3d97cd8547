"""Spend as the sellers of ads export it. The real exports are not ours to keep: they are read where they lie."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.moments import DateStyle
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.files.spend.port import ReportKind, SpendChoices, ToldTotal, Vendor
from ringtrace.intake.files.spend.registry import FORMATS, describe, detect, read_spend, totals_of
from ringtrace.intake.files.values import NumberStyle
from ringtrace.intake.port import Problem, SpendIn, What

EXPORTS = Path(__file__).parent / "exports"
REAL = Path(__file__).parents[3] / "shared" / "data"
MAY = (date(2026, 5, 1), date(2026, 5, 8))


def real(name: str) -> Table:
    path = REAL / name
    if not path.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{name} is not here: real exports have no licence and are not in the repository")
    return open_table(path)


def table_of(text: str) -> Table:
    return open_table(io.BytesIO(text.encode()))


def spent(table: Table, vendor: Vendor, choices: SpendChoices | None = None) -> list[SpendIn]:
    rows = [row for _, row in read_spend(table, describe(table, vendor, choices=choices or SpendChoices()))]
    assert not [row for row in rows if isinstance(row, Problem)]
    return [row for row in rows if isinstance(row, SpendIn)]


@pytest.mark.parametrize(
    ("name", "vendor", "report"),
    [
        ("google_keywords.csv", Vendor.GOOGLE_ADS, ReportKind.KEYWORDS),
        ("google_search_terms.csv", Vendor.GOOGLE_ADS, ReportKind.SEARCH_TERMS),
        ("google_german.csv", Vendor.GOOGLE_ADS, ReportKind.CAMPAIGNS),
        ("google_api.csv", Vendor.GOOGLE_ADS, ReportKind.KEYWORDS),
        ("microsoft_keywords.csv", Vendor.MICROSOFT_ADS, ReportKind.KEYWORDS),
        ("microsoft_pages.csv", Vendor.MICROSOFT_ADS, ReportKind.KEYWORDS),
        ("meta_days.csv", Vendor.META_ADS, ReportKind.ADS),
        ("meta_period.csv", Vendor.META_ADS, ReportKind.CAMPAIGNS),
        ("meta_french.csv", Vendor.META_ADS, ReportKind.AD_GROUPS),
        ("meta_german.csv", Vendor.META_ADS, ReportKind.CAMPAIGNS),
    ],
)
def test_it_knows_whose_export_this_is_and_of_what(name: str, vendor: Vendor, report: ReportKind) -> None:
    table = open_table(EXPORTS / name)
    assert detect(table) is vendor
    file = describe(table, vendor)
    assert (file.report, file.complaints) == (report, ())
    assert (file.source, file.medium) == (FORMATS[vendor].source, FORMATS[vendor].medium)


def test_it_does_not_guess_a_vendor() -> None:
    for text in ("date,campaign,cost\n2026-05-01,a,5\n", "name,phone\na,b\n"):
        assert detect(table_of(text)) is None


def test_it_reads_the_real_keywords_report_whose_money_is_mostly_elsewhere() -> None:
    table = real("google_ads_search_keywords_towing.csv")
    file = describe(table, Vendor.GOOGLE_ADS)
    assert (detect(table), file.report, file.period) == (Vendor.GOOGLE_ADS, ReportKind.KEYWORDS, MAY)
    rows = spent(table, Vendor.GOOGLE_ADS)
    assert len(rows) == 17
    assert sum(row.cost_micros for row in rows) == 120_000
    assert sum(row.clicks or 0 for row in rows) == 1
    assert {(row.currency, row.campaign, row.since_on, row.until_on) for row in rows} == {
        ("CAD", "Towing Near Me", *MAY)
    }
    assert [total for total in totals_of(table, file) if total.is_account] == [
        ToldTotal("Total: Account", 164_110_000, True)
    ]


def test_it_reads_the_real_search_terms_report_which_is_the_same_money() -> None:
    table = real("google_ads_search_terms_towing_utf16.csv")
    file = describe(table, Vendor.GOOGLE_ADS)
    assert (detect(table), file.report, file.period) == (Vendor.GOOGLE_ADS, ReportKind.SEARCH_TERMS, MAY)
    rows = spent(table, Vendor.GOOGLE_ADS)
    assert (len(rows), sum(row.cost_micros for row in rows)) == (18, 120_000)
    assert {row.keyword for row in rows} == {""}  # a search term is not what was bought


def test_it_reads_google_without_days_over_its_period() -> None:
    table = open_table(EXPORTS / "google_keywords.csv")
    rows = spent(table, Vendor.GOOGLE_ADS)
    assert [(row.keyword, row.cost_micros, row.clicks, row.impressions) for row in rows] == [
        ("burst pipe", 1_234_500_000, 823, 1_204),
        ("drain cleaning", 8_000_000, 4, 40),
        ("water heater", 0, 0, 0),
    ]
    assert {(row.since_on, row.until_on, row.currency) for row in rows} == {(*MAY, "CAD")}


def test_it_reads_google_in_german_with_commas_for_decimals() -> None:
    rows = spent(open_table(EXPORTS / "google_german.csv"), Vendor.GOOGLE_ADS)
    assert [(row.since_on.day, row.cost_micros, row.impressions) for row in rows] == [
        (1, 1_234_500_000, 1_600),
        (2, 750_000, 9),
    ]
    assert rows[0].currency == "EUR"


def test_it_reads_the_micros_of_googles_api() -> None:
    (row,) = spent(open_table(EXPORTS / "google_api.csv"), Vendor.GOOGLE_ADS)
    assert (row.cost_micros, row.currency, row.since_on, row.keyword) == (
        *(1_234_500_000, "CAD", date(2026, 5, 1), "burst pipe"),
    )


def test_it_reads_microsoft_by_day_and_over_its_period() -> None:
    days = spent(open_table(EXPORTS / "microsoft_keywords.csv"), Vendor.MICROSOFT_ADS)
    assert [(row.since_on, row.cost_micros, row.currency) for row in days] == [
        (date(2026, 2, 1), 1_000_250_000, "USD"),
        (date(2026, 2, 2), 2_000_000, "USD"),
    ]
    (period,) = spent(open_table(EXPORTS / "microsoft_pages.csv"), Vendor.MICROSOFT_ADS)
    assert (period.since_on, period.until_on, period.currency) == (date(2026, 6, 10), date(2026, 6, 16), None)


def test_it_reads_meta_with_its_currency_in_the_header() -> None:
    rows = spent(open_table(EXPORTS / "meta_days.csv"), Vendor.META_ADS)
    assert [(row.since_on, row.until_on, row.cost_micros, row.currency) for row in rows] == [
        (date(2026, 5, 1), date(2026, 5, 1), 12_500_000, "USD"),
        (date(2026, 5, 2), date(2026, 5, 2), 0, "USD"),  # nobody saw it
    ]
    (german,) = spent(open_table(EXPORTS / "meta_german.csv"), Vendor.META_ADS)
    assert (german.campaign, german.cost_micros, german.currency, german.clicks) == ("Bad; neu", 12_500_000, "EUR", 3)
    french = spent(open_table(EXPORTS / "meta_french.csv"), Vendor.META_ADS)
    assert [(row.since_on, row.ad_group, row.cost_micros) for row in french] == [
        (date(2026, 8, 31), "Propriétaires", 1_234_560_000),
        (date(2026, 9, 1), "Propriétaires", 2_000_000),
    ]


def test_it_leaves_out_the_sum_that_meta_puts_first_and_says_so() -> None:
    table = open_table(EXPORTS / "meta_period.csv")
    (_, total), (line, row) = read_spend(table, describe(table, Vendor.META_ADS))
    assert isinstance(total, Problem)
    assert "sum of the others" in total.message
    assert isinstance(row, SpendIn)
    assert (line, row.cost_micros, row.until_on) == (3, 1_250_500_000, date(2026, 8, 31))


def test_it_asks_for_what_a_file_does_not_say() -> None:
    table = table_of('date,campaign,cost\n5/6/2026,a,"1,234"\n')
    file = describe(table, Vendor.GENERIC)
    said = " ".join(file.complaints)
    assert "source and the medium" in said
    assert "decimal mark" in said
    assert "month may come first" in said
    with pytest.raises(BadInput, match="decimal mark"):
        read_spend(table, file)
    choices = SpendChoices(
        numbers=NumberStyle.POINT, dates=DateStyle.DAY_FIRST, source="Yelp", medium="cpc", currency="USD"
    )
    (row,) = spent(table, Vendor.GENERIC, choices)
    assert (row.since_on, row.cost_micros, row.source, row.currency) == (date(2026, 6, 5), 1_234_000_000, "yelp", "USD")


def test_it_asks_for_the_days_and_the_cost() -> None:
    assert "which days" in " ".join(describe(table_of("Campaign,Impr.,Cost\na,1,2.00\n"), Vendor.GOOGLE_ADS).complaints)
    assert "cost" in " ".join(describe(table_of("Day,Campaign\n2026-05-01,a\n"), Vendor.GOOGLE_ADS).complaints)
    choices = SpendChoices(since_on=MAY[0], until_on=MAY[1])
    (row,) = spent(table_of("Campaign,Impr.,Cost\na,1,2.00\n"), Vendor.GOOGLE_ADS, choices)
    assert (row.since_on, row.until_on) == MAY


def test_it_reads_any_table_by_a_mapping() -> None:
    table = table_of("Wann;Was;Wieviel\n31/05/2026;Radio;1.234,50\n")
    mapping = ColumnMap(
        what=What.SPEND,
        columns={"day": "Wann", "campaign": "Was", "cost": "Wieviel"},
        fixed={"source": "radio", "medium": "offline", "currency": "EUR"},
    )
    file = describe(table, Vendor.GENERIC, mapping=mapping)
    assert list(read_spend(table, file)) == [
        (
            2,
            SpendIn(
                since_on=date(2026, 5, 31),
                until_on=date(2026, 5, 31),
                cost_micros=1_234_500_000,
                currency="EUR",
                source="radio",
                medium="offline",
                campaign="Radio",
            ),
        )
    ]
    wrong = ColumnMap(what=What.SPEND, columns={"day": "When", "cost": "Wieviel"})
    assert "no column 'When'" in " ".join(describe(table, Vendor.GENERIC, mapping=wrong).complaints)


def test_it_reads_weeks_and_months_as_the_days_they_are() -> None:
    week, month = (
        spent(table_of(f"{unit},Campaign,Impr.,Cost\n2026-02-02,a,1,2.00\n"), Vendor.GOOGLE_ADS)[0]
        for unit in ("Week", "Month")
    )
    assert (week.since_on, week.until_on) == (date(2026, 2, 2), date(2026, 2, 8))
    assert (month.since_on, month.until_on) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",a,1,2.00", "no day"),
        ("2026-05-01,a,1,", "no cost"),
        ("2026-05-01,a,1,-2.00", "less than nothing"),
        ("2026-05-01,a,some,2.00", "amount"),
        ("2026-05-01,a,1,free", "amount"),
        ("2026-05-01,a,1,2.00,EUROS", "currency"),
    ],
)
def test_it_refuses_a_row_with_what_is_wrong(row: str, said: str) -> None:
    table = table_of(
        f"Day,Campaign,Impr.,Cost,Currency code\n{row}{',' * (4 - row.count(','))}\n2026-05-01,b,1,1.00,USD\n"
    )
    (line, found), _ = read_spend(table, describe(table, Vendor.GOOGLE_ADS))
    assert line == 2
    assert isinstance(found, Problem)
    assert said in found.message
    assert found.column
