"""What a vendor's export is, before its rows are read."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from ringtrace.intake.files.values import DateStyle, NumberStyle


class Vendor(StrEnum):
    GOOGLE_ADS = "google_ads"
    MICROSOFT_ADS = "microsoft_ads"
    META_ADS = "meta_ads"
    GENERIC = "generic"


class ReportKind(StrEnum):
    """What a row of the report is. The same money is in every report of one account and period: book one of them."""

    ACCOUNT = "account"
    CAMPAIGNS = "campaigns"
    AD_GROUPS = "ad_groups"
    KEYWORDS = "keywords"
    SEARCH_TERMS = "search_terms"
    ADS = "ads"
    OTHER = "other"


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
    """What a file turned out to be. `period`: of the whole file where rows carry no day; `columns`: our field -> the
    file's column; `complaints`: why it cannot be read as it is, each with what to do."""

    vendor: Vendor
    report: ReportKind
    columns: dict[str, str] = {}
    period: tuple[date, date] | None = None
    currency: str | None = None
    numbers: NumberStyle = NumberStyle.AMBIGUOUS
    dates: DateStyle = DateStyle.AMBIGUOUS
    source: str | None = None
    medium: str | None = None
    complaints: tuple[str, ...] = ()
