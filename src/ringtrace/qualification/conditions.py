"""A condition on one call or contact, as data: `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}` or a leaf.

Two-valued: what is unknown never meets a leaf, and so always meets the `not` of it. `all` of nothing is met by
everything, `any` of nothing by nothing. Texts are compared exactly. `first_in_days: N` is met if the caller's call
before was at least N days earlier (a day: 86,400 seconds), or if there was none and it is known to be the caller's
first; the call of an unknown caller, of whom neither is known, does not meet it. `sql.py` says the same to DuckDB.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from ringtrace.qualification.fields import Operator

DAY_SECS = 86_400


class Leaf(Struct, frozen=True):
    """One question of one field. `value`: texts for `is` and `has`, a truth for `is`, a number for the others."""

    field: str
    operator: Operator
    value: tuple[str, ...] | bool | int | float


class All(Struct, frozen=True):
    parts: tuple[Condition, ...] = ()


class Any(Struct, frozen=True):
    parts: tuple[Condition, ...] = ()


class Not(Struct, frozen=True):
    part: Condition


Condition: TypeAlias = All | Any | Not | Leaf


class Traits(Struct, frozen=True, kw_only=True):
    """What is known of one call or contact, by the names of the lake's columns. None: unknown. Numbers are finite."""

    kind: str | None = None
    status: str | None = None
    talk_secs: float | None = None
    ring_secs: float | None = None
    is_first_call: bool | None = None
    since_last_secs: int | None = None
    is_spam: bool = False
    transferred: bool | None = None
    number: str | None = None
    pool: str | None = None
    flow_branch: str | None = None
    menu_keys: str | None = None
    agent: str | None = None
    caller_region: str | None = None
    line_type: str | None = None
    disposition: str | None = None
    tags: tuple[str, ...] | None = ()
    outcomes: tuple[str, ...] | None = ()


def as_data(condition: Condition) -> dict[str, object]:
    """The plain JSON that `read_condition` reads back to an equal condition."""
    match condition:
        case All(parts):
            return {"all": [as_data(part) for part in parts]}
        case Any(parts):
            return {"any": [as_data(part) for part in parts]}
        case Not(part):
            return {"not": as_data(part)}
        case Leaf(field, operator, value):
            return {"field": field, operator.value: list(value) if isinstance(value, tuple) else value}


def fields_of(condition: Condition) -> frozenset[str]:
    """The fields it names."""
    match condition:
        case All(parts) | Any(parts):
            return frozenset().union(*map(fields_of, parts))
        case Not(part):
            return fields_of(part)
        case Leaf(field):
            return frozenset({field})


def meets(condition: Condition, traits: Traits) -> bool:
    """Whether a call or contact meets it."""
    match condition:
        case All(parts):
            return all(meets(part, traits) for part in parts)
        case Any(parts):
            return any(meets(part, traits) for part in parts)
        case Not(part):
            return not meets(part, traits)
        case Leaf():
            return _meets_leaf(condition, traits)


def _meets_leaf(leaf: Leaf, traits: Traits) -> bool:
    known = getattr(traits, leaf.field)
    match leaf.operator, leaf.value:
        case Operator.FIRST_IN_DAYS, int(days):
            return traits.is_first_call is True if known is None else bool(known >= days * DAY_SECS)
        case _ if known is None:
            return False
        case Operator.IS, tuple(texts):
            return known in texts
        case Operator.IS, bool(truth):
            return known is truth
        case Operator.HAS, tuple(texts):
            return not set(texts).isdisjoint(known)
        case Operator.AT_LEAST, int(least) | float(least):
            return bool(known >= least)
        case Operator.LESS_THAN, int(most) | float(most):
            return bool(known < most)
        case _:
            raise TypeError(f"{leaf} was not made by read_condition")
