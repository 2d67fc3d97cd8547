"""Spend: what was spent by day, campaign, ad group and keyword."""

from __future__ import annotations

from datetime import date

from msgspec import Struct
from ninja import Router

from ringtrace.core.errors import BadInput
from ringtrace.intake.port import SpendIn, What
from ringtrace.web.access import access_companies
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.operations import READS, TELLS_SPEND, operation
from ringtrace.web.api.paging import MOST, page_of, same
from ringtrace.web.api.params import Cursor, Day, Exactly, Limit
from ringtrace.web.api.reading import FIRST_ON, LAST_ON, Cents, Count, Currency, Name
from ringtrace.web.api.taking import TakenRows, take_rows
from ringtrace.web.models import Company, SpendRow
from ringtrace.web.spend import Replaces

router = Router(tags=["spend"])
_MICROS_IN_CENT = 10_000


class SpendBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one day of a campaign, ad group or keyword cost. The same again replaces it. Sums and their parts never
    stand beside each other: the later told stays. Rows of one request for the same thing add up."""

    on: date
    source: Name
    medium: Name
    cost_cents: Cents
    currency: Currency | None = None
    campaign: Name = ""
    ad_group: Name = ""
    keyword: Name = ""
    clicks: Count | None = None
    impressions: Count | None = None


class SpendOut(Struct, frozen=True, kw_only=True):
    """`cost_cents` in `currency`, the company's; what was told in another stands in `said_cents`."""

    on: date
    source: str
    medium: str
    campaign: str
    ad_group: str
    keyword: str
    cost_cents: int
    currency: str
    said_cents: float | None
    said_currency: str | None
    rate: float | None
    clicks: int | None
    impressions: int | None
    import_id: str | None


class SpendPage(Struct, frozen=True, kw_only=True):
    spend: list[SpendOut]
    next: str | None


@operation(
    router,
    "POST /spend",
    "tell_spend",
    "Tell spend, one row or up to 1,000",
    TELLS_SPEND,
    body=SpendBody | list[SpendBody],
    answers=TakenRows,
)
def tell(request: ApiRequest, replaces: Replaces = Replaces.ROW) -> TakenRows:
    """`replaces=campaign_day`: the request speaks for the whole of each campaign's day that it names."""
    return take_rows(request, What.SPEND, SpendBody, _spend_in, kept=True, choices={"replaces": replaces.value})


@operation(router, "GET /spend", "list_spend", "Spend, the newest day first", READS, answers=SpendPage, rows="spend")
def listed(
    request: ApiRequest,
    since: Day = None,
    until: Day = None,
    source: Exactly = "",
    medium: Exactly = "",
    campaign: Exactly = "",
    cursor: Cursor = "",
    limit: Limit = MOST,
) -> SpendPage:
    company = company_of(request)
    rows = SpendRow.objects.filter(company=company, company__in=access_companies(user_of(request)))
    rows = same(rows, source=source, medium=medium, campaign=campaign)
    if since is not None:
        rows = rows.filter(on_date__gte=since)
    if until is not None:
        rows = rows.filter(on_date__lte=until)
    found, following = page_of(rows, "on_date", cursor, limit, as_told=True)
    return SpendPage(spend=[_out(row, company) for row in found], next=following)


def _spend_in(body: SpendBody, _company: Company) -> SpendIn:
    if not FIRST_ON <= body.on <= LAST_ON:
        raise BadInput("on: that is no day of ours.", hint=f"From {FIRST_ON.year} to {LAST_ON.year}.")
    return SpendIn(
        since_on=body.on,
        until_on=body.on,
        cost_micros=body.cost_cents * _MICROS_IN_CENT,
        currency=body.currency,
        source=body.source,
        medium=body.medium,
        campaign=body.campaign,
        ad_group=body.ad_group,
        keyword=body.keyword,
        clicks=body.clicks,
        impressions=body.impressions,
    )


def _out(row: SpendRow, company: Company) -> SpendOut:
    return SpendOut(
        on=row.on_date,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        ad_group=row.ad_group,
        keyword=row.keyword,
        cost_cents=row.cost_cents,
        currency=company.currency,
        said_cents=None if row.said_micros is None else row.said_micros / _MICROS_IN_CENT,
        said_currency=row.currency or None,
        rate=row.rate,
        clicks=row.clicks,
        impressions=row.impressions,
        import_id=row.run_id,
    )
