"""Journeys small enough to follow by hand: each touch with its channel and how long before the call it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.lake.draft import Facts
from tests.rooms.metric_lakes import NOON_MS, Touch, nobody, response

PAID, MAIL, DIRECT, SEARCH = "Paid Search", "Email", "Direct", "Organic Search"


class Seen(Struct, frozen=True):
    """A touch of a journey."""

    channel: str
    hours: float
    landing_page: str | None = None


def journey(p: float, *seen: Seen) -> tuple[float, tuple[Seen, ...]]:
    return p, seen


def call(name: str, *candidates: tuple[float, Sequence[Seen]], at_ms: int = NOON_MS, **traits: Any) -> list[Any]:
    """A response of candidates, each with its probability; what is left of one is unknown. `linear` shares equally,
    `first_touch` and `last_touch` as they say, all others as `linear`."""
    rows: list[Any] = []
    for nth, (p, seen) in enumerate(candidates):
        length = len(seen)
        for place, one in enumerate(seen, start=1):
            touch = Touch(
                channel=one.channel, source=one.channel.lower(), medium="m", p=p, linear=p / length, last=p / length
            )
            made = response(name, [touch], at_ms=at_ms, **({"status": "answered"} | traits))[0]
            shares = dict.fromkeys(("markov", "markov_2", "shapley"), p / length)
            shares |= {"first_touch": p * (place == 1), "last_touch": p * (place == length)}
            rows.append(
                msgspec.structs.replace(
                    made,
                    touch_id=f"{name}-{nth}-{place}",
                    visit_id=f"visit-{name}-{nth}-{place}",
                    touch_ms=at_ms - round(one.hours * HOUR_MS),
                    position=place,
                    length=length,
                    landing_page=one.landing_page,
                    head=not rows,
                    **shares,
                )
            )
    left = 1 - sum(p for p, _ in candidates)
    if left > 1e-9:
        rest = response(name, [nobody(left)], at_ms=at_ms, **({"status": "answered"} | traits))[0]
        learned = dict.fromkeys(("markov", "markov_2", "shapley"), left)
        rows.append(msgspec.structs.replace(rest, head=not rows, first_touch=left, last_touch=left, **learned))
    return rows


def journey_facts() -> Facts:
    """Six calls: two after one paid visit, one after e-mail twice and a paid visit, two journeys of the same weight
    that may have made one call, one that is nobody's, and a long one."""
    rows = [
        *call("A", journey(1.0, Seen(PAID, 0.01, "/leaks")), sales=1, sale_cents=30_000, outcomes=("sale",)),
        *call("B", journey(0.8, Seen(PAID, 2, "/leaks"))),
        *call(
            "C",
            journey(1.0, Seen(MAIL, 72), Seen(MAIL, 48, "/spring"), Seen(PAID, 0.5, "/leaks/now")),
            sales=1,
            sale_cents=10_000,
            refunds=1,
            refund_cents=4_000,
            outcomes=("refund", "sale"),
        ),
        *call("D", journey(0.4, Seen(MAIL, 10), Seen(DIRECT, 1)), journey(0.4, Seen(SEARCH, 9), Seen(DIRECT, 0.5))),
        *call("E", status="missed"),
        *call("F", journey(1.0, *(Seen(DIRECT, 100 - hour) for hour in range(40)))),
    ]
    return {"credits": rows}
