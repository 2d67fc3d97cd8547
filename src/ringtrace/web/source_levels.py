"""Where responses came from, level by level: from channels down to landing pages, each line leading to the next.

The levels that were gone through stand in the address (`?channel=Email&source=news&medium=email`); `(unknown)` stands
for what is unknown or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import LEARNERS
from ringtrace.qualification.definitions import DEFAULT as DEFAULT_DEFINITION
from ringtrace.qualification.definitions import Definition
from ringtrace.reports.asked import Answer, Figure, Question
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import LONGEST_VALUE, UNKNOWN, Filter, Operation
from ringtrace.reports.questions import DEFAULT_MODEL, Scope

LEVELS: tuple[tuple[str, ...], ...] = (
    ("channel",),
    ("source", "medium"),
    ("campaign",),
    ("ad_group",),
    ("keyword",),
    ("landing_page",),
)
NAMES = tuple(name for level in LEVELS for name in level)
TITLES = ("Channel", "Source", "Campaign", "Ad group", "Keyword", "Landing page")
_REASONS = (("unknown", ("unknown", "no_touches")), ("thin", ("thin",)))


class SourceLine(Struct, frozen=True, kw_only=True):
    """One line of a level: `values` by its dimensions. `share`: of the calls of all lines. `is_thin`: calls of months
    in which the model could learn nothing, which it shares over no source."""

    values: Mapping[str, DimensionValue]
    figures: Mapping[str, Figure]
    share: float | None
    is_thin: bool = False

    @property
    def is_unknown(self) -> bool:
        return all(value is None for value in self.values.values())


class Level(Struct, frozen=True, kw_only=True):
    """A level's lines, in the question's order, what is unknown last; and the answer that they are of."""

    lines: tuple[SourceLine, ...]
    answer: Answer


def ask_level(
    scope: Scope,
    by: tuple[str, ...],
    *,
    metrics: tuple[str, ...],
    filters: tuple[Filter, ...] = (),
    model: str = DEFAULT_MODEL,
    definition: Definition = DEFAULT_DEFINITION,
    order: str = "",
) -> Level:
    """The lines of one level. Raises BadInput for what cannot be asked."""
    question = Question(metrics=metrics, by=by, filters=filters, model=model, definition=definition, order=order)
    answer = explore(scope, question)
    lines = list(_lines(answer))
    if answer.thin and "channel" in by and not filters:
        lines = [line for line in lines if not line.is_unknown] + list(_by_reason(scope, question, answer))
    return Level(lines=tuple(sorted(lines, key=lambda line: (line.is_unknown, line.is_thin))), answer=answer)


def _lines(answer: Answer) -> Iterator[SourceLine]:
    for line in answer.lines:
        values = dict(zip(answer.question.by, line.values, strict=True))
        yield SourceLine(values=values, figures=line.figures, share=_share(line.figures, answer))


def _share(figures: Mapping[str, Figure], answer: Answer) -> float | None:
    whole = answer.totals["calls"].value if "calls" in answer.totals else None
    calls = figures["calls"].value if whole else None
    return None if calls is None or not whole else calls / whole


def _by_reason(scope: Scope, question: Question, answer: Answer) -> Iterator[SourceLine]:
    """What no source has: of those whom nobody knows, and of months too thin for the model."""
    for reason, values in _REASONS if question.model in LEARNERS else ():
        only = Filter("reason", Operation.IS_IN, values)
        found = explore(scope, msgspec.structs.replace(question, by=(), filters=(only,), order="")).totals
        if any(figure.value for figure in found.values()):
            nothing = dict.fromkeys(question.by)
            share = _share(found, answer)
            yield SourceLine(values=nothing, figures=found, share=share, is_thin=reason == "thin")


class Path(Struct, frozen=True):
    """What was gone through, in order: pairs of a dimension's name and its value."""

    steps: tuple[tuple[str, DimensionValue], ...] = ()

    @property
    def filters(self) -> tuple[Filter, ...]:
        return tuple(Filter(name, Operation.IS_IN, (value,)) for name, value in self.steps)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(name, said(value)) for name, value in self.steps]

    @property
    def next_level(self) -> int:
        """The first level of which nothing was chosen, after the last of which something was."""
        names = {name for name, _ in self.steps}
        return max((nth + 1 for nth, level in enumerate(LEVELS) if names & set(level)), default=0)

    def down(self, line: SourceLine) -> Path:
        return Path((*self.steps, *line.values.items()))

    def upto(self, level: int) -> Path:
        """Without what was chosen after that level."""
        known = {name for names in LEVELS[: level + 1] for name in names}
        return Path(tuple(step for step in self.steps if step[0] in known))


def read_path(query: Mapping[str, str]) -> Path:
    """What the address says; what cannot be a value is left out."""
    return Path(tuple((name, _value(query[name])) for name in NAMES if _can_be(query.get(name, ""))))


def said(value: DimensionValue) -> str:
    return UNKNOWN if value is None else str(value)


def _can_be(text: str) -> bool:
    return 0 < len(text) <= LONGEST_VALUE and "\0" not in text


def _value(text: str) -> DimensionValue:
    return None if text == UNKNOWN else text


def is_nothing(lines: Sequence[SourceLine]) -> bool:
    """Whether a level tells nothing: all it knows is that it knows nothing."""
    return bool(lines) and all(line.is_unknown for line in lines)
