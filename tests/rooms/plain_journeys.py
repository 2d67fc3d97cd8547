"""The definitions of the lake once more, in plain Python, a journey at a time: what their SQL is checked against."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from ringtrace.attribution.registry import RULES
from ringtrace.attribution.steps import NUMPY_OPS
from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import PAID_CHANNELS, Channel
from ringtrace.lake.definitions.asking import LOOKBACK_MS
from ringtrace.lake.definitions.laying import Laying
from tests.rooms.lake_worlds import SINCE_MS, UNTIL_MS, Facts

Row = dict[str, Any]


@dataclass(frozen=True)
class Journey:
    """`touches` in order; `p` exact to 1e-12; `response` None where it came to nothing."""

    company_id: str
    response: Row | None
    person: str
    p: float
    touches: tuple[Row, ...]


def people_of(facts: Facts) -> dict[str, str]:
    """Two rounds of the least label of any shared key."""
    shared: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in facts["identities"]:
        if row["p"] >= 0.8 and row["at_ms"] < UNTIL_MS:
            shared[row["company_id"], row["key_kind"], row["key"]].add(row["visitor_id"])
    label = {visitor: visitor for visitors in shared.values() for visitor in visitors}
    for _ in range(2):
        least = {key: min(label[visitor] for visitor in visitors) for key, visitors in shared.items()}
        label = {
            visitor: min(least[key] for key, visitors in shared.items() if visitor in visitors) for visitor in label
        }
    return label


def responses_of(facts: Facts) -> list[Row]:
    calls = [(row["company_id"], row["call_id"], "call", row["started_ms"]) for row in facts["calls"]]
    forms = [
        (row["company_id"], row["response_id"], "form", row["response_ms"])
        for row in facts["conversions"]
        if row["kind"] == "form"
    ]
    return [
        {"company_id": company, "response_id": response, "kind": kind, "at_ms": at_ms}
        for company, response, kind, at_ms in calls + forms
        if SINCE_MS <= at_ms < UNTIL_MS
    ]


def journeys_of(facts: Facts, laying: Laying) -> list[Journey]:
    """One journey a response and person, with or without touches."""
    label = people_of(facts)
    journeys = []
    for response in responses_of(facts):
        asking = [
            row
            for row in facts["identities"]
            if row["key_kind"] == response["kind"] and row["key"] == response["response_id"] and row["p"] > 5e-13
        ]
        persons = sorted({_person(row, label) for row in asking})
        for person in persons:
            own = [row for row in asking if _person(row, label) == person]
            likeliest = max(own, key=lambda row: (row["p"], [-ord(letter) for letter in row["visitor_id"]]))
            held = [touch for touch in facts["touchpoints"] if _holds(touch, response, person, label)]
            if laying.level == "session":
                number = f"call:{response['response_id']}"
                visit = likeliest["visit_id"]
                held = [
                    touch
                    for touch in held
                    if touch["visitor_id"] == number or (visit is not None and touch["visit_id"] == visit)
                ]
            p = round(sum(row["p"] for row in own), 12)
            journeys.append(Journey(response["company_id"], response, person, p, _laid(held, laying)))
    return journeys


def idle_journeys_of(facts: Facts, laying: Laying, journeys: list[Journey]) -> list[Journey]:
    """The touches of the month that no response holds; `journeys` laid out with nothing left out."""
    label = people_of(facts)
    taken = {touch["touch_id"] for journey in journeys for touch in journey.touches}
    idle: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for touch in facts["touchpoints"]:
        if SINCE_MS <= touch["at_ms"] < UNTIL_MS and touch["touch_id"] not in taken:
            own = touch["touch_id"] if laying.level == "session" else ""
            idle[touch["company_id"], _person(touch, label), own].append(touch)
    return [Journey(company, None, person, 0.0, _laid(held, laying)) for (company, person, _), held in idle.items()]


def _person(row: Row, label: dict[str, str]) -> str:
    visitor: str = row["visitor_id"]
    return label.get(visitor, visitor)


def _holds(touch: Row, response: Row, person: str, label: dict[str, str]) -> bool:
    age_ms = response["at_ms"] - touch["at_ms"]
    return _person(touch, label) == person and 0 <= age_ms <= LOOKBACK_MS


def _laid(held: list[Row], laying: Laying) -> tuple[Row, ...]:
    ordered = sorted(held, key=lambda touch: (touch["at_ms"], touch["touch_id"]))
    if laying.level == "campaign":
        last = {_campaign(touch): touch for touch in ordered}
        ordered = [touch for touch in ordered if last[_campaign(touch)] is touch]
    kept: list[Row] = []
    before: dict[Any, Row] = {}
    for index, touch in enumerate(ordered):
        alike = (touch["channel"], *_campaign(touch))
        is_run = index > 0 and ordered[index - 1]["channel"] == touch["channel"]
        is_near = alike in before and touch["at_ms"] - before[alike]["at_ms"] <= (laying.within_ms or 0)
        before[alike] = touch
        if not ((laying.dedupe == "consecutive" and is_run) or (laying.within_ms is not None and is_near)):
            kept.append(touch)
    return tuple(kept)


def _campaign(touch: Row) -> tuple[str | None, ...]:
    return touch["source"], touch["medium"], touch["campaign"]


def steps_of(facts: Facts, journey: Journey) -> SimpleNamespace:
    """The columns that rules look at."""
    touches = journey.touches
    response = journey.response or {"at_ms": 0, "response_id": ""}
    made = [row for row in facts["conversions"] if row["response_id"] == response["response_id"]]

    def last(is_so: Any) -> Any:
        at = max((place for place, touch in enumerate(touches, 1) if is_so(touch)), default=0)
        return np.full(len(touches), at)

    def before(kind: str) -> Any:
        moments = [row["at_ms"] for row in made if row["kind"] == kind]
        return last(lambda touch: bool(moments) and touch["at_ms"] <= min(moments))

    count = Counter(touch["channel"] for touch in touches)
    return SimpleNamespace(
        position=np.arange(1, len(touches) + 1),
        length=np.full(len(touches), len(touches)),
        days_before=np.array([(response["at_ms"] - touch["at_ms"]) / DAY_MS for touch in touches]),
        last_sent=last(lambda touch: touch["channel"] != Channel.DIRECT),
        last_paid=last(lambda touch: touch["channel"] in PAID_CHANNELS),
        lead=before("lead"),
        opportunity=before("opportunity"),
        repeats=np.array([count[touch["channel"]] for touch in touches]),
    )


def shares_of(steps: SimpleNamespace) -> dict[str, Any]:
    """The share of each touch by every rule."""
    shares = {}
    for name, rule in RULES.items():
        weights = np.broadcast_to(np.asarray(rule.weigh(steps, NUMPY_OPS), dtype=float), steps.position.shape)
        shares[name] = weights / weights.sum() if weights.sum() > 0 else 1.0 / steps.length
    return shares
