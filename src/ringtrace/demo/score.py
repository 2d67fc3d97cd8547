"""How near each method came to the town's truth: matching beside two simpler rules, and every model of attribution.

`python -m ringtrace.demo.score DIR` prints the tables of the town in a data directory.
"""

from __future__ import annotations

import math
import sqlite3
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS
from ringtrace.core.clock import HOUR_MS
from ringtrace.core.matches import Match
from ringtrace.core.sources import Channel, Source
from ringtrace.demo.facts import TRUTH_FILE, TownFacts, load_facts
from ringtrace.demo.truth import ANYWAY, CallerKind, TrueCall, Truth, load_truth
from ringtrace.lake.reader import LakeReader

NO_VISIT = "no visit"
TOO_THIN = "month too thin for the model"
_NOT_MARKETING = (ANYWAY, NO_VISIT, TOO_THIN)
_EDGES = (0.0, 0.001, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.0)


class Bin(Struct, frozen=True, kw_only=True):
    """Verdicts said with a probability between `low` and `high`: how many, the mean said, the share that was right."""

    low: float
    high: float
    count: int
    said: float
    right: float


class MethodScore(Struct, frozen=True, kw_only=True):
    """`brier`: mean over calls of the squared error summed over visits and none, 0 to 2. `accuracy`: of the verdict."""

    method: str
    brier: float
    accuracy: float


class ModelScore(Struct, frozen=True, kw_only=True):
    """`credited`: first calls by label. `misplaced`: the share of them that lies on another label than the truth's.
    `overcredited`: calls credited to marketing over those it caused."""

    model: str
    credited: Mapping[str, float]
    misplaced: float
    overcredited: float


class TruthTable(Struct, frozen=True, kw_only=True):
    """`pooled`: tracked calls to pooled numbers, which `bins`, `methods` and `by_kind` are about. `caused`: first calls
    by what caused them."""

    seed: int
    days: int
    pooled: int
    bins: tuple[Bin, ...]
    methods: tuple[MethodScore, ...]
    by_kind: Mapping[str, tuple[int, float]]  # calls, accuracy
    caused: Mapping[str, float]
    models: tuple[ModelScore, ...]


class _Judged(Struct, frozen=True, kw_only=True):
    """A call to a pooled number: what is true, what was said, and what two simpler rules would have said."""

    kind: CallerKind
    true_visit: str | None
    match: Match
    last_holder: str | None
    within_an_hour: str | None

    @property
    def p_true(self) -> float:
        if self.true_visit is None:
            return self.match.p_none
        return math.fsum(one.p for one in self.match.weighed if one.visit_id == self.true_visit)

    @property
    def verdict(self) -> str | None:
        return self.match.best.visit_id if self.match.best else None


def score_town(data_dir: Path) -> TruthTable:
    """Reads a built town's ledger, lake and truth. Raises OSError where no whole town is."""
    truth, facts = load_truth(data_dir / TRUTH_FILE), load_facts(data_dir)
    judged = list(_judge(data_dir, truth, facts))
    caused = {NO_VISIT if "copied" in label else label: calls for label, calls in truth.caused(facts.call_ids).items()}
    return TruthTable(
        seed=truth.seed,
        days=round((truth.end_ms - truth.start_ms) / (24 * HOUR_MS)),
        pooled=len(judged),
        bins=tuple(_bins(judged)),
        methods=_methods(judged),
        by_kind=_by_kind(judged),
        caused=caused,
        models=tuple(_models(data_dir, truth, facts, caused)),
    )


def _judge(data_dir: Path, truth: Truth, facts: TownFacts) -> Iterator[_Judged]:
    by_id = {facts.call_ids[call.call_key]: call for call in truth.calls if call.tracked}
    with closing(sqlite3.connect(f"file:{data_dir / 'ledger.sqlite'}?mode=ro", uri=True)) as ledger:
        shown: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for e164, *lease in ledger.execute(
            "SELECT e164, from_ms, last_seen_ms, visit_id FROM web_leaserow ORDER BY from_ms"
        ):
            shown[e164].append((lease[0], lease[1], lease[2]))
        calls = ledger.execute(
            "SELECT c.call_id, c.started_ms, n.e164, m.verdict FROM web_callrow c"
            " JOIN web_trackingnumber n ON n.number_id = c.number_id JOIN web_matchrow m ON m.call_id = c.call_id"
            " ORDER BY c.started_ms"
        )
        for call_id, started_ms, e164, verdict in calls:
            call = by_id[call_id]
            last_holder, seen_ms = _last_shown(shown[e164], started_ms)
            yield _Judged(
                kind=call.kind,
                true_visit=facts.visit_ids[call.visit] if call.visit else None,
                match=msgspec.json.decode(verdict, type=Match),
                last_holder=last_holder,
                within_an_hour=last_holder if started_ms - seen_ms <= HOUR_MS else None,
            )


def _last_shown(shown: Sequence[tuple[int, int, str]], called_ms: int) -> tuple[str | None, int]:
    """The visit that was shown the number last before the call, and its last sign of life."""
    at = bisect_right(shown, called_ms, key=lambda lease: lease[0]) - 1
    return (shown[at][2], min(called_ms, shown[at][1])) if at >= 0 else (None, 0)


def _bins(judged: Iterable[_Judged]) -> Iterator[Bin]:
    pairs = [(one.match.p_none, one.true_visit is None) for one in judged]
    pairs += [(said.p, said.visit_id == one.true_visit) for one in judged for said in one.match.weighed]
    for low, high in pairwise(_EDGES):
        within = [pair for pair in pairs if low <= pair[0] < high or (high == 1.0 and pair[0] == 1.0)]
        if within:
            said = math.fsum(pair[0] for pair in within) / len(within)
            right = sum(pair[1] for pair in within) / len(within)
            yield Bin(low=low, high=high, count=len(within), said=said, right=right)


def _methods(judged: Sequence[_Judged]) -> tuple[MethodScore, ...]:
    squared = [
        1 - 2 * one.p_true + one.match.p_none**2 + math.fsum(said.p**2 for said in one.match.weighed) for one in judged
    ]
    return (
        MethodScore(
            method="competing intensities",
            brier=math.fsum(squared) / len(judged),
            accuracy=_share(one.verdict == one.true_visit for one in judged),
        ),
        _certain("last holder wins", [one.last_holder == one.true_visit for one in judged]),
        _certain("last holder, 60 minutes", [one.within_an_hour == one.true_visit for one in judged]),
    )


def _certain(method: str, right: Sequence[bool]) -> MethodScore:
    """A rule that is always sure: each wrong verdict costs 2."""
    return MethodScore(method=method, brier=2 * (1 - _share(right)), accuracy=_share(right))


def _by_kind(judged: Iterable[_Judged]) -> dict[str, tuple[int, float]]:
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for one in judged:
        right[one.kind].append(one.verdict == one.true_visit)
    return {kind: (len(verdicts), _share(verdicts)) for kind, verdicts in sorted(right.items())}


def _share(verdicts: Iterable[bool]) -> float:
    of = list(verdicts)
    return sum(of) / len(of)


def _models(data_dir: Path, truth: Truth, facts: TownFacts, caused: Mapping[str, float]) -> Iterator[ModelScore]:
    firsts = {facts.call_ids[call.call_key] for call in truth.calls if _counts(call)}
    lake = LakeReader(data_dir / "lake", facts.company_id)
    rows = lake.ask("SELECT * FROM {credits} WHERE kind = 'call'", {}, facts=["credits"])
    credited: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        if row["response_id"] not in firsts:
            continue
        for model in LAKE_MODELS:
            if row[model] is None:
                credited[model][TOO_THIN] += row["p"]
            elif row[model]:
                credited[model][_label(row)] += row[model]
    marketing = _marketing(caused)
    for model, by_label in credited.items():
        gaps = [abs(by_label.get(label, 0.0) - caused.get(label, 0.0)) for label in {*by_label, *caused}]
        yield ModelScore(
            model=model,
            credited=dict(by_label),
            misplaced=math.fsum(gaps) / 2 / len(firsts),
            overcredited=_marketing(by_label) / marketing,
        )


def _marketing(by_label: Mapping[str, float]) -> float:
    return math.fsum(calls for label, calls in by_label.items() if label not in _NOT_MARKETING)


def _counts(call: TrueCall) -> bool:
    """As `Truth.caused` counts: first calls of a matter, spam left out, that reached us."""
    return call.tracked and call.repeat_of is None and call.kind is not CallerKind.SPAM


def _label(row: Mapping[str, str | None]) -> str:
    if row["channel"] is None:
        return NO_VISIT
    source = Source(
        channel=Channel(row["channel"]), source=row["source"], medium=row["medium"], campaign=row["campaign"]
    )
    return source.label


def say_table(table: TruthTable) -> str:
    """The tables as Markdown."""
    return "\n\n".join(
        "\n".join(lines) for lines in (_say_methods(table), _say_bins(table), _say_kinds(table), _say_models(table))
    )


def _say_methods(table: TruthTable) -> Iterator[str]:
    yield f"Matching, {table.pooled} calls to pooled numbers in {table.days} days of the town of seed {table.seed}"
    yield ""
    yield from ("| method | Brier score | right verdicts |", "|---|---|---|")
    for one in table.methods:
        yield f"| {one.method} | {one.brier:.3f} | {one.accuracy:.1%} |"


def _say_bins(table: TruthTable) -> Iterator[str]:
    yield from ("| said | verdicts | mean said | were right |", "|---|---|---|---|")
    for one in table.bins:
        yield f"| {one.low:.1%} to {one.high:.1%} | {one.count} | {one.said:.1%} | {one.right:.1%} |"


def _say_kinds(table: TruthTable) -> Iterator[str]:
    yield from ("| the call came by | calls | right verdicts |", "|---|---|---|")
    for kind, (calls, accuracy) in table.by_kind.items():
        yield f"| {kind} | {calls} | {accuracy:.1%} |"


def _say_models(table: TruthTable) -> Iterator[str]:
    names = [one.model for one in table.models]
    yield "| first calls | caused | " + " | ".join(names) + " |"
    yield "|---|---|" + "---|" * len(names)
    labels = {*table.caused, *(label for one in table.models for label in one.credited)}
    for label in sorted(labels, key=lambda label: (label in _NOT_MARKETING, -table.caused.get(label, 0.0), label)):
        credited = " | ".join(f"{one.credited.get(label, 0.0):.1f}" for one in table.models)
        yield f"| {label} | {table.caused.get(label, 0.0):.1f} | {credited} |"
    yield "| **misplaced** | | " + " | ".join(f"{one.misplaced:.1%}" for one in table.models) + " |"
    yield (
        "| **credited to marketing / caused by it** | | "
        + " | ".join(f"{one.overcredited:.2f}" for one in table.models)
        + " |"
    )


if __name__ == "__main__":
    print(say_table(score_town(Path(sys.argv[1]))))
