"""What a metric is."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ringtrace.reports.metrics.expressions import (
    OF_CREDITS,
    Atom,
    Count,
    Expression,
    Quantile,
    Ratio,
    Unknown,
    atoms_of,
    in_words,
)


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # of one; shown as a percentage
    CENTS = "cents"  # of the company's currency
    SECONDS = "seconds"
    RATIO = "ratio"


class Direction(StrEnum):
    MORE = "more is better"
    LESS = "less is better"
    NEITHER = "neither"


class Group(StrEnum):
    CALLS = "Calls"
    PEOPLE = "Callers"
    RESPONSES = "Responses of all kinds"
    QUALITY = "Qualified calls"
    OUTCOMES = "Outcomes"
    MONEY = "Money"
    SPEND = "Spend and visits"
    HANDLING = "How calls are handled"
    MATCHING = "Matching and credit"


class Need(Struct, frozen=True):
    """What must be known for a metric. `sentence` is shown where it is not; `is_of_each`: it must be known of each
    response that counts, so that none is left to divide by where it is not."""

    name: str
    sentence: str
    is_of_each: bool = False


class Interval(StrEnum):
    """How the 95 % interval is made."""

    WILSON = "wilson"  # a share of responses
    DELTA = "delta"  # a ratio of sums over responses
    ORDER = "order statistics"  # a quantile
    MATCHES = "matches"  # sums: only the matches are uncertain, and nothing is where responses are simply counted
    NONE = "none"


class Metric(Struct, frozen=True, kw_only=True):
    """One metric, defined once. `plain` says what it is in a sentence or two that an owner understands."""

    name: str
    title: str
    group: Group
    formula: Expression
    unit: Unit
    direction: Direction
    plain: str
    needs: tuple[Need, ...] = ()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return atoms_of(self.formula)

    def why_unknown(self, unknown: Unknown) -> str:
        """The sentence for a person."""
        of_each = [need.sentence for need in self.needs if need.is_of_each and unknown.is_of_nothing]
        return of_each[0] if of_each else unknown.why

    @property
    def formula_in_words(self) -> str:
        return in_words(self.formula)

    @property
    def is_additive(self) -> bool:
        """Whether the lines of a dimension sum to the total."""
        return not isinstance(self.formula, Ratio | Quantile)

    @property
    def interval(self) -> Interval:
        if isinstance(self.formula, Quantile):
            return Interval.ORDER
        if not any(isinstance(atom, OF_CREDITS) for atom in self.atoms):
            return Interval.NONE
        if not isinstance(self.formula, Ratio) or not _is_sampled(self.formula):
            return Interval.MATCHES
        return Interval.WILSON if _is_share(self.formula) else Interval.DELTA


def _is_sampled(ratio: Ratio) -> bool:
    """Both sides are of responses: it estimates how responses are, not how many there were."""
    return all(any(isinstance(atom, OF_CREDITS) for atom in atoms_of(side)) for side in (ratio.over, ratio.under))


def _is_share(ratio: Ratio) -> bool:
    match ratio:
        case Ratio(Count(part), Count(whole)):
            return set(whole) <= set(part)
        case _:
            return False
