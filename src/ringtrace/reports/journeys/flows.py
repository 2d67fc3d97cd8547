"""How paths flow together: the nodes and links of a Sankey diagram, counted back from the conversion.

The step stands in each node's name, so that nothing flows back and a channel may come twice on the way.
"""

# ruff: noqa: S608 - the SQL is written here

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ringtrace.reports.journeys.laid_out import Packing

STEPS = 4
MOST_CHANNELS = 6
"""Channels of a step that have a node of their own; the others are one."""
SMALL = 0.005
"""Of all that flows: a channel with less at a step is among the others."""
THIN_STEP = 0.03
"""Of all that flows: a step with less is no longer told apart from what came earlier."""
OTHER, EARLIER, NOBODY = "Other", "Earlier visits", "No known visit"


class Node(Struct, frozen=True, kw_only=True):
    """`step`: 0 the conversion, 1 the last touch, 2 the one before. `channel` None: not of one channel."""

    name: str
    title: str
    step: int
    channel: str | None
    value: float


class Link(Struct, frozen=True, kw_only=True):
    source: str
    target: str
    value: float


class Flow(Struct, frozen=True, kw_only=True):
    """Acyclic; empty where nothing is known or unknown."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def flows_sql(packing: Packing, value: str) -> str:
    """what 'flow', back (how many touches before the last the target is), source (0: none), target, `value` as n."""
    steps = [
        f"SELECT {back} AS back, {_source(packing, back)} AS source, {packing.at_sql(back)} AS target, {value} AS worth"
        " FROM paths"
        for back in range(STEPS)
    ]
    return (
        "SELECT 'flow' AS what, back::INTEGER AS back, source, target, sum(worth) AS n "
        f"FROM ({' UNION ALL '.join(steps)}) WHERE target > 0 GROUP BY back, source, target"
    )


def _source(packing: Packing, back: int) -> str:
    return packing.at_sql(back + 1)


def flows_of(rows: Sequence[Mapping[str, Any]], packing: Packing, *, end: str, unknown: float) -> Flow:
    """The diagram. `end`: what one conversion is called; `unknown`: those without a known visit."""
    amounts: dict[tuple[int, str], float] = {}
    for row in rows:
        key = (row["back"] + 1, packing.channels[row["target"] - 1])
        amounts[key] = amounts.get(key, 0.0) + max(0.0, row["n"] or 0.0)
    whole = unknown + _of_step(amounts, 1)
    large, steps = _large(amounts, SMALL * whole), _steps(amounts, THIN_STEP * whole)
    links: dict[tuple[str, str], float] = {}
    nodes: dict[str, Node] = {}

    def node(step: int, title: str, channel: str | None) -> str:
        name = f"{step} {title}"
        nodes.setdefault(name, Node(name=name, title=title, step=step, channel=channel, value=0.0))
        return name

    def of_channel(step: int, channel: str) -> str:
        known = (step, channel) in large
        return node(step, channel if known else OTHER, channel if known else None)

    last = node(0, end[:1].upper() + end[1:], None)
    for row in rows:
        step, worth = row["back"] + 1, row["n"] or 0.0
        if worth <= 0 or step > steps:
            continue
        target = of_channel(step, packing.channels[row["target"] - 1])
        if step == 1:
            links[target, last] = links.get((target, last), 0.0) + worth
        if row["source"]:
            is_earlier = step == steps
            channel = packing.channels[row["source"] - 1]
            source = node(step + 1, EARLIER, None) if is_earlier else of_channel(step + 1, channel)
            links[source, target] = links.get((source, target), 0.0) + worth
    if unknown > 0:
        links[node(1, NOBODY, None), last] = unknown
    return _flow(nodes, links)


def _of_step(amounts: Mapping[tuple[int, str], float], step: int) -> float:
    return sum(worth for (of, _), worth in amounts.items() if of == step)


def _steps(amounts: Mapping[tuple[int, str], float], least: float) -> int:
    """How many steps are told apart, counted back: those on which something comes."""
    steps = 1
    while steps < STEPS and _of_step(amounts, steps + 1) >= max(least, 1e-12):
        steps += 1
    return steps


def _large(amounts: Mapping[tuple[int, str], float], least: float) -> set[tuple[int, str]]:
    """The channels of each step that have a node of their own: nothing is among "Other" all alone."""
    found: set[tuple[int, str]] = set()
    for step in range(1, STEPS + 1):
        of_step = sorted((key for key in amounts if key[0] == step), key=lambda key: (-amounts[key], key))
        large = [key for key in of_step if amounts[key] >= least][:MOST_CHANNELS]
        found.update(of_step if len(of_step) - len(large) == 1 else large)
    return found


def _flow(nodes: Mapping[str, Node], links: Mapping[tuple[str, str], float]) -> Flow:
    came: dict[str, float] = {}
    went: dict[str, float] = {}
    for (source, target), worth in links.items():
        went[source] = went.get(source, 0.0) + worth
        came[target] = came.get(target, 0.0) + worth
    told = [
        Node(
            name=one.name,
            title=one.title,
            step=one.step,
            channel=one.channel,
            value=went.get(one.name, came.get(one.name, 0.0)),
        )
        for one in nodes.values()
        if one.name in came or one.name in went
    ]
    told.sort(key=lambda one: (-one.step, one.title in (OTHER, NOBODY), -one.value, one.title))
    ordered = sorted(links, key=lambda pair: (-int(pair[0].split(" ", 1)[0]), -links[pair], pair))
    return Flow(nodes=tuple(told), links=tuple(Link(source=a, target=b, value=links[a, b]) for a, b in ordered))
