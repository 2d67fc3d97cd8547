"""Calls by what brought them: by the source of the visit that was matched, of the static number, or of the system that
told of the call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_

import msgspec
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from ringtrace.core.sources import Source
from ringtrace.web.call_filters import UNKNOWN, Filters
from ringtrace.web.models import CallRow, Company, TrackingNumber
from ringtrace.web.models.calls import AttributedBy

_TEXTS = ("source", "campaign", "keyword", "landing_page")
_SEARCHED = ("campaign", "keyword", "landing_page")
_ROWS = {"by_visit": "visit__source", "by_word": "said_source"}


def like(name: str, text: str) -> Q:
    """Whole, whatever its case; `*` at either end stands for any text."""
    hows = {
        (False, False): "iexact",
        (True, False): "iendswith",
        (False, True): "istartswith",
        (True, True): "icontains",
    }
    return Q(**{f"{name}__{hows[text.startswith('*'), text.endswith('*')]}": text.strip("*")})


def with_sources(calls: QuerySet[CallRow]) -> QuerySet[CallRow]:
    """With what `by_source` and `by_source_text` look at: the texts of a source, and the whole of it as it is kept."""
    for name, column in _ROWS.items():
        calls = calls.alias(**{f"{name}_whole": Cast(column, TextField())})
        texts = {
            f"{name}_{text}": Coalesce(KeyTextTransform(text, column), Value(""), output_field=TextField())
            for text in (*_TEXTS, "channel")
        }
        calls = calls.alias(**texts)
    return calls


def by_source(company: Company, filters: Filters) -> Q:
    """All that is asked of the source, of one and the same source."""
    asked = {name: text for name in _TEXTS if (text := getattr(filters, name))}
    if filters.channel == UNKNOWN:
        return _nobody_knows() if not asked else Q(pk__in=[])
    channel = filters.channel
    by_visit = _all(_held("by_visit", name, text) for name, text in asked.items())
    by_word = _all(_held("by_word", name, text) for name, text in asked.items())
    if channel:
        by_visit &= Q(visit__channel=channel)
        by_word &= Q(by_word_channel=channel)
    found = [pk for pk, source in _static_sources(company) if _is(source, channel, asked)]
    return _branches(by_visit, by_word, Q(number__in=found))


def by_source_text(company: Company, text: str) -> Q:
    """What is in the campaign, the keyword or the landing page, or in the name of a static number."""
    by_visit = _any(_held("by_visit", name, f"*{text}*") for name in _SEARCHED)
    by_word = _any(_held("by_word", name, f"*{text}*") for name in _SEARCHED)
    named = Q(number__in=list(_named(company, text)))
    found = [
        pk for pk, source in _static_sources(company) if any(_fits(source, name, f"*{text}*") for name in _SEARCHED)
    ]
    return _branches(by_visit, by_word, Q(number__in=found)) | named


def _branches(by_visit: Q, by_word: Q, by_number: Q) -> Q:
    return (
        (Q(attributed_by=AttributedBy.VISIT) & by_visit)
        | (Q(attributed_by=AttributedBy.STATIC_NUMBER) & by_number)
        | (Q(attributed_by=AttributedBy.IMPORTED) & by_word)
    )


def _nobody_knows() -> Q:
    return (
        Q(attributed_by__in=(AttributedBy.NOTHING, AttributedBy.OVERFLOW_NUMBER))
        | Q(attributed_by=AttributedBy.VISIT, visit=None)
        | Q(attributed_by=AttributedBy.IMPORTED, said_source=None)
    )


def _held(row: str, name: str, text: str) -> Q:
    """First whether the source as it is kept holds the text at all: that is read faster than its parts."""
    bare = json.dumps(text.strip("*"))[1:-1]
    return Q(**{f"{row}_whole__icontains": bare}) & like(f"{row}_{name}", text)


def _static_sources(company: Company) -> list[tuple[str, Source]]:
    numbers = TrackingNumber.objects.filter(company=company, static_source__isnull=False)
    return [(pk, msgspec.convert(said, Source)) for pk, said in numbers.values_list("pk", "static_source")]


def _named(company: Company, text: str) -> QuerySet[TrackingNumber, str]:
    numbers = TrackingNumber.objects.filter(company=company, pool=None, name__icontains=text)
    return numbers.values_list("pk", flat=True)


def _is(source: Source, channel: str, asked: Mapping[str, str]) -> bool:
    return channel in ("", source.channel) and all(_fits(source, name, text) for name, text in asked.items())


def _fits(source: Source, name: str, text: str) -> bool:
    said, bare = (getattr(source, name) or "").lower(), text.strip("*").lower()
    if text.startswith("*"):
        return bare in said if text.endswith("*") else said.endswith(bare)
    return said.startswith(bare) if text.endswith("*") else said == bare


def _all(parts: Iterable[Q]) -> Q:
    return reduce(and_, parts, Q())


def _any(parts: Iterable[Q]) -> Q:
    return reduce(or_, parts, Q())
