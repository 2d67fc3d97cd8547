"""What was spent: by day, campaign, ad group and keyword. A later figure takes an earlier one's place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.money import MOST_CENTS
from ringtrace.intake.port import SpendIn
from ringtrace.web.models import Company, ImportRun, SpendRow
from ringtrace.web.months import mark_stale
from ringtrace.web.rates import rate_of, why_no_rate

MICROS_IN_CENT = 10_000
MOST_DAYS = 366
_LONGEST = 200
_BATCH = 500

_BY_HAND: Mapping[str, Any] = {
    **dict.fromkeys(("clicks", "impressions", "said_micros", "rate", "run")),
    "currency": "",
    "spread_days": 1,
}

CampaignDay = tuple[date, str, str, str]
SpendKey = tuple[CampaignDay, str, str]


class Replaces(StrEnum):
    """What an import takes away beside the rows it tells: all that others said of a campaign's day, or only what would
    count its rows twice. It stands in the run's choices."""

    CAMPAIGN_DAY = "campaign_day"
    ROW = "row"


class TakenSpend(Struct, frozen=True, kw_only=True):
    """How many days' figures were written, were as they were, and were taken away by newer ones."""

    taken: int = 0
    unchanged: int = 0
    replaced: int = 0


def do_book_spend(
    company: Company, on_date: date, source: str, medium: str, campaign: str, cost_cents: int
) -> SpendRow:
    """What a campaign cost on a day; a later figure replaces the earlier, and those of its ad groups and keywords."""
    of_campaign = SpendRow.objects.filter(company=company, on_date=on_date, source=source, medium=medium)
    of_campaign.filter(campaign=campaign).exclude(ad_group="", keyword="").delete()
    row, _ = SpendRow.objects.update_or_create(
        company=company,
        on_date=on_date,
        source=source,
        medium=medium,
        campaign=campaign,
        ad_group="",
        keyword="",
        defaults={"cost_cents": cost_cents, **_BY_HAND},
    )
    mark_stale(company, months=[f"{on_date:%Y-%m}"])
    return row


@transaction.atomic
def do_take_spend(
    company: Company,
    told: Sequence[SpendIn],
    run: ImportRun,
    *,
    rates: Mapping[str, float] | None = None,
    spread: bool = False,
) -> TakenSpend:
    """Books figures of one import. What other imports said of the same day and campaign is taken away: each import
    speaks for the whole of a campaign's day, so that keywords of one file never stand beside campaigns of another; and
    a figure without a campaign is all that was spent on the day with that source and medium. A run whose choices say
    `replaces: row` speaks for its rows alone: others of the day stay, but for sums of these rows and parts of them.

    A figure for several days is spread evenly over them where `spread` says so; else BadInput. So for a currency
    without a rate. Figures of one import for the same day and keyword add up (a match type each, say).
    """
    wanted: dict[SpendKey, SpendRow] = {}
    for one in told:
        for row in _rows(company, one, run, rates, spread=spread):
            key = (_campaign_day(row), row.ad_group, row.keyword)
            wanted[key] = _added(wanted[key], row) if key in wanted else row
    return _replace(company, run, wanted)


def _rows(
    company: Company, one: SpendIn, run: ImportRun, rates: Mapping[str, float] | None, *, spread: bool
) -> list[SpendRow]:
    days = (one.until_on - one.since_on).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise BadInput("The period is not one of 1 to 366 days.", hint="Export it by day.")
    if days > 1 and not spread:
        raise BadInput(
            f"This figure is for {days} days together.", hint="Export it by day, or choose to spread it evenly."
        )
    rate = rate_of(company, one.currency, rates)
    if rate is None:
        raise why_no_rate(company, one.currency or "")
    is_foreign = bool(one.currency) and (one.currency or "").upper() != company.currency
    cents = round(one.cost_micros * rate / MICROS_IN_CENT)
    if not 0 <= cents <= MOST_CENTS:
        raise BadInput("What was spent cannot be negative or astronomical.", hint="Check the amount's format.")
    if not one.source or not one.medium:
        raise BadInput("Whom was it spent with?", hint="Give a source and a medium, such as google and cpc.")
    names = {"source": one.source, "medium": one.medium, "campaign": one.campaign}
    names |= {"ad_group": one.ad_group, "keyword": one.keyword}
    return [
        SpendRow(
            company=company,
            on_date=one.since_on + timedelta(days=nth),
            **{name: text[:_LONGEST] for name, text in names.items()},
            cost_cents=_share(cents, days, nth),
            clicks=None if one.clicks is None else _share(one.clicks, days, nth),
            impressions=None if one.impressions is None else _share(one.impressions, days, nth),
            said_micros=_share(one.cost_micros, days, nth) if is_foreign else None,
            currency=(one.currency or "").upper() if is_foreign else "",
            rate=rate if is_foreign else None,
            spread_days=days,
            run=run,
        )
        for nth in range(days)
    ]


def _share(whole: int, parts: int, nth: int) -> int:
    """The nth of so many parts in whole numbers that add up to the whole."""
    return whole * (nth + 1) // parts - whole * nth // parts


def _added(one: SpendRow, other: SpendRow) -> SpendRow:
    one.cost_cents += other.cost_cents
    for name in ("clicks", "impressions", "said_micros"):
        mine, theirs = getattr(one, name), getattr(other, name)
        setattr(one, name, theirs if mine is None else mine if theirs is None else mine + theirs)
    return one


def _campaign_day(row: SpendRow) -> CampaignDay:
    return row.on_date, row.source, row.medium, row.campaign


_SAID = ("cost_cents", "clicks", "impressions", "said_micros", "currency", "rate", "spread_days")


def _replace(company: Company, run: ImportRun, wanted: Mapping[SpendKey, SpendRow]) -> TakenSpend:
    days = {key[0] for key in wanted}
    there = [*SpendRow.objects.filter(company=company, on_date__in={day[0] for day in days})]
    old = {(_campaign_day(row), row.ad_group, row.keyword): row for row in there if _campaign_day(row) in days}
    gone = _gone(run, wanted, there)
    unchanged: list[SpendRow] = []
    changed: list[SpendRow] = []
    fresh: list[SpendRow] = []
    for key, row in wanted.items():
        before = old.get(key)
        if before is None:
            fresh.append(row)
            continue
        if before.run_id == run.pk:  # another batch of the same import
            row = _added(row, before)  # noqa: PLW2901 - the same figure, grown
        row.pk = before.pk
        (unchanged if all(getattr(before, name) == getattr(row, name) for name in _SAID) else changed).append(row)
    for start in range(0, len(gone), _BATCH):
        SpendRow.objects.filter(pk__in=gone[start : start + _BATCH]).delete()
    SpendRow.objects.bulk_create(fresh, batch_size=_BATCH)
    SpendRow.objects.bulk_update([*changed, *unchanged], [*_SAID, "run"], batch_size=_BATCH)
    if fresh or changed or gone:
        mark_stale(company, months={f"{day[0]:%Y-%m}" for day in days})
    return TakenSpend(taken=len(fresh) + len(changed), unchanged=len(unchanged), replaced=len(gone))


def _gone(run: ImportRun, wanted: Mapping[SpendKey, SpendRow], there: Sequence[SpendRow]) -> list[int]:
    """What other imports said, and what these rows take the place of."""
    days = {key[0] for key in wanted}
    wholes, parts = {day[:3] for day in days if not day[3]}, {day[:3] for day in days if day[3]}
    grains: dict[CampaignDay, set[tuple[str, bool]]] = defaultdict(set)
    for day, ad_group, keyword in wanted:
        grains[day].add((ad_group, bool(keyword)))
    is_by_row = run.choices.get("replaces") == Replaces.ROW
    gone: list[int] = []
    for row in there:
        day = _campaign_day(row)
        if row.run_id == run.pk or (day, row.ad_group, row.keyword) in wanted:
            continue
        if day not in days:
            is_gone = day[:3] in (parts if not row.campaign else wholes)
        else:
            is_gone = not is_by_row or _is_of_another_grain(row, grains[day])
        if is_gone:
            gone.append(row.pk)
    return gone


def _is_of_another_grain(row: SpendRow, told: Set[tuple[str, bool]]) -> bool:
    """Whether it would count what is told twice: a sum beside its ad groups or keywords, or the other way round."""
    if any(bool(ad_group) != bool(row.ad_group) for ad_group, _ in told):
        return True
    return (row.ad_group, not row.keyword) in told
