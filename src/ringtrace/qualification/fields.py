"""The fields a condition may name, each once: they are columns of the lake's `calls` and `credits`, schema 3."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    LIST = "list"
    TRUTH = "truth"


class Operator(StrEnum):
    """How a leaf asks. The values are the keys of its JSON."""

    IS = "is"  # text: any of these texts, exactly; truth: this one
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    HAS = "has"  # list: at least one of these
    FIRST_IN_DAYS = "first_in_days"  # the caller had not called in the days before


class Field(Struct, frozen=True, kw_only=True):
    """One field. `unit` "" where it has none; `choices` () where any text will do; `plain` explains it to a person."""

    name: str
    kind: FieldKind
    title: str
    plain: str
    operators: tuple[Operator, ...]
    unit: str = ""
    choices: tuple[str, ...] = ()


_NUMERIC = (Operator.AT_LEAST, Operator.LESS_THAN)


def _text(name: str, title: str, plain: str, choices: tuple[str, ...] = ()) -> Field:
    return Field(name=name, kind=FieldKind.TEXT, title=title, plain=plain, operators=(Operator.IS,), choices=choices)


def _secs(name: str, title: str, plain: str, *more: Operator) -> Field:
    operators = (*_NUMERIC, *more)
    return Field(name=name, kind=FieldKind.NUMBER, title=title, plain=plain, operators=operators, unit="seconds")


def _truth(name: str, title: str, plain: str) -> Field:
    return Field(name=name, kind=FieldKind.TRUTH, title=title, plain=plain, operators=(Operator.IS,))


def _list(name: str, title: str, plain: str) -> Field:
    return Field(name=name, kind=FieldKind.LIST, title=title, plain=plain, operators=(Operator.HAS,))


RESPONSE_KINDS = ("call", "form", "chat", "store_visit", "other")

_ALL = (
    _text("kind", "Kind", "A call, a form, a chat, a visit to the store, or another contact.", RESPONSE_KINDS),
    _text("status", "Status", "How the call ended.", tuple(status.value for status in CallStatus)),
    _secs("talk_secs", "Talk time", "How long caller and business spoke."),
    _secs("ring_secs", "Ring time", "How long it rang before it was answered or given up."),
    _truth("is_first_call", "First-time caller", "This caller had never called the company before."),
    _secs(
        "since_last_secs",
        "Time since the last call",
        "How long before this call the same caller called last.",
        Operator.FIRST_IN_DAYS,
    ),
    _truth("is_spam", "Spam", "The call was marked as spam."),
    _truth("transferred", "Transferred", "The call was passed on to somebody else."),
    _text("number", "Number", "The tracking number that was called, such as +13105550100."),
    _text("pool", "Pool", "The pool of the tracking number."),
    _text("flow_branch", "Flow branch", "Where the call flow sent the call."),
    _text("menu_keys", "Menu keys", "The keys the caller pressed, in their order."),
    _text("agent", "Agent", "Who took the call."),
    _text("caller_region", "Caller's region", "Where the caller's number is from."),
    _text("line_type", "Line type", "Mobile, landline or another, where the carrier says."),
    _text("disposition", "Disposition", "How whoever handled the call marked it."),
    _list("tags", "Tags", "The call's tags: by hand, by rule, by keypad or imported."),
    _list("outcomes", "Outcomes", "What came of it: lead, appointment, sale, or a kind of the company's own."),
)
FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _ALL})


def field_of(name: str) -> Field:
    """The field of this name. Raises BadInput."""
    try:
        return FIELDS[name]
    except KeyError:
        raise BadInput(f"{name[:60]!r} is not a field.", hint=f"Use one of {', '.join(FIELDS)}.") from None
