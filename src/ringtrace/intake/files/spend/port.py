"""What a vendor's export is, before its rows are read.

The same money stands in every report of one account and period: the keywords' report, the search terms' and the
campaigns' are three tellings of one bill, so `SpendFile.report` says which this is and the importer books one of them.
Several rows may share a day, campaign, ad group and keyword (match types, devices, networks, ads): they add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from ringtrace.intake.files.moments import DateStyle
from ringtrace.intake.files.values import NumberStyle


class Vendor(StrEnum):
    GOOGLE_ADS = "google_ads"
    MICROSOFT_ADS = "microsoft_ads"
    META_ADS = "meta_ads"
    GENERIC = "generic"


class ReportKind(StrEnum):
    """What a row of the report is."""

    ACCOUNT = "account"
    CAMPAIGNS = "campaigns"
    AD_GROUPS = "ad_groups"
    KEYWORDS = "keywords"
    SEARCH_TERMS = "search_terms"
    ADS = "ads"


class SpendChoices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person says where the file does not. `since_on`/`until_on`: the period of rows without a day."""

    numbers: NumberStyle | None = None
    dates: DateStyle | None = None
    currency: str | None = None
    source: str | None = None
    medium: str | None = None
    since_on: date | None = None
    until_on: date | None = None


class SpendFile(Struct, frozen=True, kw_only=True):
    """What a file turned out to be. `columns`: our field -> the file's column; `fixed`: our field -> a value for rows
    that have none; `period`: of the whole file where rows carry no day; `currency`: of rows that say none;
    `complaints`: why it cannot be read as it is, each with what to do."""

    vendor: Vendor
    report: ReportKind
    columns: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    period: tuple[date, date] | None = None
    currency: str | None = None
    numbers: NumberStyle = NumberStyle.AMBIGUOUS
    dates: DateStyle = DateStyle.AMBIGUOUS
    source: str | None = None
    medium: str | None = None
    complaints: tuple[str, ...] = ()


class ToldTotal(Struct, frozen=True):
    """A total that the file itself gives, such as (`Total: Account`, 164110000). `is_account`: of all that was spent,
    which may be more than the rows: campaigns without keywords are not in a keywords' report."""

    label: str
    cost_micros: int
    is_account: bool


class Format(Struct, frozen=True, kw_only=True):
    """One vendor's export. `names`: our field -> the vendor's column names, folded, the first found counting. A row is
    a total where every column of `names_of_row` that the file has is blank."""

    vendor: Vendor
    title: str
    source: str
    medium: str
    names: Mapping[str, Sequence[str]]
    knows: Callable[[frozenset[str], Sequence[str]], bool]
    preamble_period: Callable[[Sequence[str], DateStyle], tuple[date, date] | None]
    names_of_row: tuple[str, ...] = ()
