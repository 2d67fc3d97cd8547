"""What the filters of the call log offer to choose from, and what is said of those that are set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import show_phone
from ringtrace.core.sources import Channel
from ringtrace.qualification import tag_key
from ringtrace.web import access
from ringtrace.web.bulk import among
from ringtrace.web.call_filters import NONE, UNKNOWN, Filters
from ringtrace.web.models import CallTag, Company, User
from ringtrace.web.templatetags.show import day, secs, status_word

_MOST_NUMBERS = 500
_LOOKED_AT = 2_000
_REVIEW_DAYS = 730


class Chip(Struct, frozen=True, kw_only=True):
    """A filter that is set, in words; `without`: the address's query with it taken off."""

    words: str
    without: str


_WORDS = {
    "source": "Source",
    "campaign": "Campaign",
    "keyword": "Keyword",
    "landing_page": "Landing page",
    "agent": "Taken by",
    "tag": "Tag",
}


def chips_of(filters: Filters) -> list[Chip]:
    return [Chip(words=words, without=filters.without(*names)) for names, words in _said(filters)]


def _said(filters: Filters) -> Iterable[tuple[tuple[str, ...], str]]:
    if filters.q:
        yield ("q",), f"“{filters.q}”"
    if filters.days:
        yield ("days",), f"Last {filters.days} days"
    elif filters.since_on or filters.until_on:
        yield ("since", "until"), _dates(filters.since_on, filters.until_on)
    if filters.status:
        yield ("status",), " or ".join(status_word(status) for status in filters.status)
    if filters.channel:
        yield ("channel",), f"Channel {'unknown' if filters.channel == UNKNOWN else filters.channel}"
    for name, title in _WORDS.items():
        if text := getattr(filters, name):
            yield (name,), f"{title} “{text}”"
    if filters.number:
        yield ("number",), f"To {_phone(filters.number)}"
    if filters.disposition:
        yield ("disposition",), "No disposition" if filters.disposition == NONE else f"Ended “{filters.disposition}”"
    if filters.outcome:
        words = filters.outcome.replace("_", " ")
        yield ("outcome",), "No outcome" if filters.outcome == NONE else f"Outcome {words}"
    yield from _figures(filters)


def _figures(filters: Filters) -> Iterable[tuple[tuple[str, ...], str]]:
    if filters.first:
        yield ("first",), "First-time callers" if filters.first == "yes" else "Repeat callers"
    if filters.min_talk is not None:
        yield ("min_talk",), f"Talked at least {secs(filters.min_talk)}"
    if filters.max_talk is not None:
        yield ("max_talk",), f"Talked at most {secs(filters.max_talk)}"
    if filters.spam:
        yield ("spam",), "Spam alone" if filters.spam == "yes" else "Without spam"
    if filters.matched is not None:
        yield ("matched",), f"Matched at {filters.matched} % or more"


def _dates(since_on: date | None, until_on: date | None) -> str:
    if since_on is None:
        return f"Until {day(until_on)}"
    return f"Since {day(since_on)}" if until_on is None else f"{day(since_on)} – {day(until_on)}"


def _phone(text: str) -> str:
    return show_phone(text) if text.startswith("+") else text


def choices_of(user: User, company: Company) -> dict[str, Any]:
    """For the selects and the suggestions; agents and kinds of one's own are those of the newest rows."""
    numbers = access.access_numbers(user, company).values_list("e164", "name")[:_MOST_NUMBERS]
    newest = access.access_calls(user, company).values_list("agent", flat=True)[:_LOOKED_AT]
    told = access.access_all_outcomes(user, company).values_list("kind", flat=True)[:_LOOKED_AT]
    own = sorted({kind for kind in told if kind not in tuple(OutcomeKind)})
    return {
        "statuses": [(status.value, status_word(status)) for status in CallStatus],
        "channels": [channel.value for channel in Channel],
        "numbers": [(e164, f"{show_phone(e164)} {name}".strip()) for e164, name in numbers],
        "agents": sorted({agent for agent in newest if agent}),
        "kinds": [(kind, kind.replace("_", " ")) for kind in (*(each.value for each in OutcomeKind), *own)],
        "dispositions": company.dispositions,
        "all_tags": suggested_tags(user, company),
    }


def suggested_tags(user: User, company: Company) -> list[str]:
    """Those of the newest calls and of rules: asking all calls for theirs takes longer than the page."""
    newest = list(access.access_calls(user, company).values_list("pk", flat=True)[:_LOOKED_AT])
    put = CallTag.objects.filter(call__in=among(newest)).values_list("key", "tag")
    by_rule = {tag_key(rule.tag): rule.tag for rule in access.access_tag_rules(user, company)}
    return sorted((by_rule | dict(put)).values())


def review_query(filters: Filters, today_on: date) -> str:
    """The same calls for the review, which asks for days."""
    if filters.days or filters.since_on:
        return filters.query
    since_on = (filters.until_on or today_on) - timedelta(days=_REVIEW_DAYS)
    until_on = filters.until_on or today_on
    rest = [pair for pair in filters.pairs if pair[0] not in ("since", "until")]
    return urlencode([("since", since_on.isoformat()), ("until", until_on.isoformat()), *rest])
