"""Writes the tables of docs/metrics.md from the registries: `python -m ringtrace.reports.write_docs [FILE]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from ringtrace.core.errors import BadInput
from ringtrace.reports.dimensions import DIMENSIONS, Dimension, DimensionKind
from ringtrace.reports.metrics import METRICS, Group, Interval, Metric

PAGE = Path("docs/metrics.md")
_MARKED = re.compile(r"(<!-- (\w+) from the registry -->\n).*?(<!-- end -->)", re.DOTALL)
_INTERVALS: Mapping[Interval, str] = {
    Interval.WILSON: "Wilson",
    Interval.DELTA: "delta method",
    Interval.ORDER: "order statistics",
    Interval.MATCHES: "matches",
    Interval.NONE: "none",
}
_METRIC_HEAD = "| name | what it is | formula | unit | better | interval |\n|---|---|---|---|---|---|\n"
_KINDS: Mapping[DimensionKind, str] = {
    DimensionKind.TOUCH: "touch: by credit",
    DimensionKind.RESPONSE: "response: whole",
    DimensionKind.TIME: "time: whole",
}


def written(text: str) -> str:
    """The page with its marked parts as the registries have them. Raises BadInput where a mark is missing."""
    parts = {"metrics": _metrics(), "dimensions": _dimensions()}
    if {found[2] for found in _MARKED.finditer(text)} != set(parts):
        raise BadInput("The page lacks a mark.", hint="It has one part from the registry for metrics and dimensions.")
    return _MARKED.sub(lambda found: f"{found[1]}{parts[found[2]]}{found[3]}", text)


def _metrics() -> str:
    return "".join(_group(group) for group in Group) + "\n"


def _group(group: Group) -> str:
    rows = "".join(_metric_row(metric) for metric in METRICS.values() if metric.group is group)
    return f"\n### {group}\n\n{_METRIC_HEAD}{rows}"


def _metric_row(metric: Metric) -> str:
    needs = f" Needs {', '.join(need.name for need in metric.needs)}." if metric.needs else ""
    said = f"**{metric.title}.** {metric.plain}{needs}"
    better = metric.direction.split(" ", maxsplit=1)[0]
    cells = (f"`{metric.name}`", said, metric.formula_in_words, metric.unit, better, _INTERVALS[metric.interval])
    return f"| {' | '.join(cells)} |\n"


def _dimensions() -> str:
    rows = "".join(_dimension_row(one) for one in DIMENSIONS.values())
    return f"\n| name | what it is | of | visits | spend |\n|---|---|---|---|---|\n{rows}\n"


def _dimension_row(one: Dimension) -> str:
    known = ("yes" if known else "" for known in (one.known_of_visits, one.known_of_spend))
    return f"| {' | '.join((f'`{one.name}`', f'**{one.title}.** {one.plain}', _KINDS[one.kind], *known))} |\n"


def main(arguments: list[str]) -> int:
    page = Path(arguments[0]) if arguments else PAGE
    page.write_text(written(page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
