"""Every dimension by its name: what a question can be split and filtered by."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from ringtrace.core.errors import BadInput

DimensionValue: TypeAlias = str | int | date | None


class DimensionKind(StrEnum):
    """What a dimension is of, which says how responses are counted by it."""

    TOUCH = "touch"  # of the touches before a response: each has its credit
    RESPONSE = "response"  # of the response itself: it counts as one
    TIME = "time"  # when it was, in the company's time zone


class ValueKind(StrEnum):
    TEXT = "text"
    HOUR = "hour"  # 0 to 23
    WEEKDAY = "weekday"  # 1 (Monday) to 7
    DAY = "day"  # a date
    WEEK = "week"  # the date of its Monday
    MONTH = "month"  # the date of its first day


class Dimension(Struct, frozen=True, kw_only=True):
    """One dimension. `column`: of `credits`, and of touchpoints or spend where those know it. Values may be None."""

    name: str
    title: str
    kind: DimensionKind
    column: str
    value: ValueKind = ValueKind.TEXT
    known_of_visits: bool = False
    known_of_spend: bool = False
    plain: str = ""


def _touch(name: str, title: str, column: str = "", *, spend: bool = False, plain: str = "") -> Dimension:
    return Dimension(
        name=name,
        title=title,
        kind=DimensionKind.TOUCH,
        column=column or name,
        known_of_visits=name != "reason",
        known_of_spend=spend,
        plain=plain,
    )


def _response(name: str, title: str, column: str = "", plain: str = "") -> Dimension:
    return Dimension(name=name, title=title, kind=DimensionKind.RESPONSE, column=column or name, plain=plain)


def _time(name: str, title: str, value: ValueKind, plain: str, *, spend: bool = True) -> Dimension:
    return Dimension(
        name=name,
        title=title,
        kind=DimensionKind.TIME,
        column="at_ms",
        value=value,
        known_of_visits=True,
        known_of_spend=spend,
        plain=plain,
    )


_ALL = (
    _touch("channel", "Channel", spend=True, plain="How somebody came: paid search, e-mail, a printed number."),
    _touch("source", "Source", spend=True, plain="Who sent them, such as google."),
    _touch("medium", "Medium", spend=True, plain="By what means, such as cpc."),
    _touch("campaign", "Campaign", spend=True, plain="The campaign's name, after the naming rules."),
    _touch("ad_group", "Ad group", spend=True, plain="The ad group within the campaign."),
    _touch("keyword", "Keyword", spend=True, plain="The keyword that was bought or searched for."),
    _touch("content", "Content", plain="Which ad or link."),
    _touch("landing_page", "Landing page", plain="The first page of the visit."),
    _touch("referrer", "Referrer", "referrer_host", plain="The site that linked to the visit."),
    _touch("device", "Device", plain="The visitor's kind of device."),
    _touch("region", "Visitor's region", "region", plain="Where the visit came from."),
    _response("caller_region", "Caller's region", plain="Where the caller's number is from."),
    _response("number", "Number", plain="The tracking number that was called."),
    _response("pool", "Pool", plain="The pool of that number."),
    _response("flow_branch", "Flow branch", plain="Where the call flow sent the call."),
    _response("agent", "Agent", plain="Who took the call."),
    _time("hour", "Hour", ValueKind.HOUR, "The hour of the day, 0 to 23.", spend=False),
    _time("weekday", "Weekday", ValueKind.WEEKDAY, "The day of the week, 1 (Monday) to 7."),
    _time("day", "Day", ValueKind.DAY, "The date."),
    _time("week", "Week", ValueKind.WEEK, "The week, by the date of its Monday."),
    _time("month", "Month", ValueKind.MONTH, "The month."),
    _response("new_repeat", "New or repeat", "is_first_call", "`new`: the caller's first call; `repeat`: a later one."),
    _response(
        "tag", "Tag", "tags", "Each tag of a call: a call with two tags stands in both lines, and once in totals."
    ),
    _response("kind", "Kind", plain="A call, form, chat, store_visit or other."),
    _response("disposition", "Disposition", plain="How whoever handled the call marked it."),
    _response("status", "Status", plain="How the call ended."),
    _response("line_type", "Line type", plain="Mobile, landline or another, where the carrier says."),
    _touch("reason", "Why unattributed", plain="`unknown`, `no_touches` or `thin`; none for credit that a touch has."),
)
DIMENSIONS: MappingProxyType[str, Dimension] = MappingProxyType({one.name: one for one in _ALL})


def find_dimension(name: str) -> Dimension:
    """The dimension of this name. Raises BadInput."""
    if name not in DIMENSIONS:
        raise BadInput(f"There is no dimension {name[:60]!r}.", hint=f"Choose of: {', '.join(DIMENSIONS)}.")
    return DIMENSIONS[name]
