"""What was spent, by the names that the company's naming rules give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ringtrace.intake.files.naming import NameField
from ringtrace.lake.schemas import SpendFact
from ringtrace.sources import channel_of
from ringtrace.web.models import SpendRow, TrackingNumber
from ringtrace.web.naming import aligner_of
from ringtrace.worker.spans import Span, columns_of

SPEND = "spend"  # what naming rules call the names that spend brings
_KEY = ("on_date", "source", "medium", "campaign", "ad_group", "keyword")


def spend(span: Span) -> Iterator[SpendFact]:
    since_on = datetime.fromtimestamp(span.since_ms / 1000, tz=UTC).date()
    until_on = datetime.fromtimestamp(span.until_ms / 1000, tz=UTC).date()
    names, printed = aligner_of(span.company_id), _channels_of_printed(span.company_id)
    rows = SpendRow.objects.filter(company_id=span.company_id, on_date__gte=since_on, on_date__lt=until_on)
    fields = (*_KEY, "cost_cents", "clicks", "impressions")
    for on_date, source, medium, campaign, ad_group, keyword, cost_cents, clicks, impressions in columns_of(
        rows.order_by(*_KEY), *fields
    ):
        means_source = names.align(NameField.SOURCE, source, SPEND)
        means_medium = names.align(NameField.MEDIUM, medium, SPEND)
        means_campaign = names.align(NameField.CAMPAIGN, campaign, SPEND) if campaign else ""
        yield SpendFact(
            company_id=span.company_id,
            on_date=on_date,
            channel=printed.get((means_source, means_medium))
            or channel_of(means_source, means_medium, means_campaign or None),
            source=means_source,
            medium=means_medium,
            campaign=means_campaign or None,
            ad_group=ad_group or None,
            keyword=keyword or None,
            cost_cents=cost_cents,
            clicks=clicks,
            impressions=impressions,
        )


def _channels_of_printed(company_id: str) -> dict[tuple[str, str], str]:
    """What the company's printed numbers stand for: a flyer's spend is of the channel that its calls are of."""
    numbers = TrackingNumber.objects.filter(company=company_id, static_source__isnull=False).order_by("number_id")
    said = [source for source in numbers.values_list("static_source", flat=True) if source]
    return {(one.get("source", ""), one.get("medium", "")): one["channel"] for one in said}
