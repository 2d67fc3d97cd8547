"""Microsoft Advertising: reports from its pages and from its reporting service.

Defaults: source bing, medium cpc. Its guide (learn.microsoft.com, "Reports", Report File Schema; read in a public copy)
gives the block before the header (`Report Name: …`, `Report Time: 2/1/2020, 2/7/2020`, `Rows: 5`, a blank line), the
line `@2020 Microsoft Corporation. All rights reserved.` at the end, `TimePeriod` as `yyyy-mm-dd` by day and as
`3/15/2020 12:00:00 AM|7` by hour, and commas between thousands in format version 1.0. `Report Time` is written month
first there, and is read so where the file does not show otherwise. A report from the pages (public sample, 2026) had
tabs, `Account name`, `Campaign name`, `Ad group`, `Keyword`, `Impressions`, `Clicks`, `Spend`, and no currency.
From memory: `Gregorian date`, `Search term`, `Currency code`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ringtrace.intake.files.moments import DateStyle, read_range
from ringtrace.intake.files.spend.port import Format, Vendor

_TIME = "report time:"
_OWN = frozenset(
    (
        *(
            "gregorian date",
            "gregoriandate",
            "timeperiod",
            "time period",
            "campaignname",
            "adgroupname",
            "currencycode",
        ),
        *("account number", "accountname", "accountid", "ad distribution", "bid match type", "bidmatchtype"),
    )
)


def _knows(names: frozenset[str], preamble: Sequence[str]) -> bool:
    if "amount spent" in names:
        return False
    named = any(line.strip('" ').lower().startswith("report name:") for line in preamble)
    return "spend" in names and (named or bool(names & _OWN))


def _period(preamble: Sequence[str], style: DateStyle) -> tuple[date, date] | None:
    for line in preamble:
        said = line.strip('" ')
        if said.lower().startswith(_TIME):
            return read_range(said[len(_TIME) :], DateStyle.MONTH_FIRST if style is DateStyle.AMBIGUOUS else style)
    return None


FORMAT = Format(
    vendor=Vendor.MICROSOFT_ADS,
    title="Microsoft Advertising",
    source="bing",
    medium="cpc",
    names={
        "day": ("gregorian date", "gregoriandate", "time period", "timeperiod", "date", "day"),
        "week": ("week", "week starting"),
        "month": ("month",),
        "search_term": ("search term", "search query", "searchquery", "searchterm"),
        "keyword": ("keyword",),
        "campaign": ("campaign", "campaign name", "campaignname"),
        "ad_group": ("ad group", "ad group name", "adgroup", "adgroupname"),
        "ad": ("ad id", "adid", "ad title", "adtitle"),
        "cost": ("spend", "cost"),
        "currency": ("currency code", "currencycode", "currency"),
        "clicks": ("clicks",),
        "impressions": ("impressions", "impr"),
    },
    knows=_knows,
    preamble_period=_period,
    names_of_row=("campaign", "ad_group", "keyword", "search_term"),
)
