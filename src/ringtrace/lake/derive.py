"""Makes a month's derived facts out of base facts: paths, what data-driven models learn from them, and credits.

A month's derived facts depend on that month's responses, on the touches of the lookback before it, on what was known
of people by its end, and on nothing else: so they are made again only where one of those files changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import duckdb
import msgspec
from msgspec import Struct

from ringtrace.attribution.journeys import PPM, from_paths
from ringtrace.attribution.registry import LAKE_LEARNERS, LEARNERS, MODELS
from ringtrace.attribution.statistics import MOST_PLAYERS, Statistics, gather
from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.definitions.inputs import ASKED, EFFECTS
from ringtrace.lake.definitions.shipped import shipped_sql
from ringtrace.lake.draft import Draft, digest
from ringtrace.lake.months import month_after, month_of, month_span_ms, months_between
from ringtrace.lake.schemas import DERIVED_FACTS, MODEL_COLUMNS, SCHEMA, FitFact

EVIDENCE_MONTHS = 12  # what was learned of people longer ago joins nobody any more
_ARROW = " > "


@cache
def definitions_version() -> str:
    """Names how journeys and credit are made: the same for the same SQL, models and parameters."""
    models = [f"{name} {MODELS[name].params}" for name in MODEL_COLUMNS]
    said = [str(SCHEMA), shipped_sql("paths"), shipped_sql("credits"), str(EVIDENCE_MONTHS), *models]
    return digest(*(text.encode() for text in said))[:12]


def derive(draft: Draft, company_id: str, changed: Collection[str], lookback_days: int) -> list[str]:
    """Makes the derived facts of every month that the `changed` ones may touch, where it is due; returns those months.

    Raises BadInput or duckdb.Error for what cannot be made.
    """
    if not changed:
        return []
    reach = month_after(max(changed), EVIDENCE_MONTHS)
    asked = {*changed, *(month for month in draft.months_of(company_id) if min(changed) <= month <= reach)}
    return [month for month in sorted(asked) if derive_month(draft, company_id, month, lookback_days)]


def derive_month(draft: Draft, company_id: str, month: str, lookback_days: int) -> bool:
    """Makes one month's derived facts, unless they were made from just these files; returns whether it did."""
    reads = _reads(month, lookback_days)
    named = [name for fact, months in reads.items() for name in draft.names(fact, company_id, months)]
    made_from = digest(
        *(text.encode() for text in (definitions_version(), company_id, month, str(lookback_days), *named))
    )
    if not any(draft.entry(fact, company_id, month) for fact in ("touchpoints", "calls", "conversions")):
        dropped = [draft.drop(fact, company_id, month) for fact in DERIVED_FACTS]
        return any(dropped)
    if _is_made(draft, company_id, month, made_from):
        return False
    _lay_tables(draft, company_id, month, reads, lookback_days)
    draft.put_query("paths", company_id, month, shipped_sql("paths"), made_from)
    fits = fit_month(company_id, _paths_of(draft, company_id, month))
    draft.put_rows("fits", company_id, month, fits)
    _lay_effects(draft.engine, fits)
    draft.put_query("credits", company_id, month, shipped_sql("credits"), made_from)
    return True


def _is_made(draft: Draft, company_id: str, month: str, made_from: str) -> bool:
    """Whether all three were made from just this. Responses always have credits, and touches without any have paths;
    the other facts may be empty."""
    has_responses = draft.entry("calls", company_id, month) or draft.entry("conversions", company_id, month)
    made = [fact for fact in DERIVED_FACTS if draft.entry(fact, company_id, month)]
    needed = "credits" if has_responses else "paths"
    return needed in made and all(draft.is_made(fact, company_id, month, made_from) for fact in made if fact != "fits")


def _reads(month: str, lookback_days: int) -> dict[str, list[str]]:
    """Which months of which facts a month's derived facts are made of."""
    since_ms, _ = month_span_ms(month)
    return {
        "touchpoints": months_between(month_of(since_ms - lookback_days * DAY_MS), month),
        "identities": months_between(month_after(month, -EVIDENCE_MONTHS), month),
        "calls": [month],
        "conversions": [month],
    }


def _lay_tables(draft: Draft, company_id: str, month: str, reads: dict[str, list[str]], lookback_days: int) -> None:
    """The tables that the definitions name, over exactly the files that this draft has."""
    for fact, months in reads.items():
        table = draft.table(fact, company_id, months)
        draft.engine.execute(f"CREATE OR REPLACE TEMP TABLE {fact} AS SELECT * FROM {table}")  # noqa: S608
    since_ms, until_ms = month_span_ms(month)
    asked = ", ".join(f"?::{kind} AS {name}" for name, kind in ASKED.items())
    draft.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE asked AS SELECT {asked}",
        [since_ms, until_ms, lookback_days * DAY_MS],
    )
    _lay_effects(draft.engine, [])


class _Path(Struct, frozen=True):
    path: str
    journeys: int
    converted_ppm: int
    value_cents: int


def _paths_of(draft: Draft, company_id: str, month: str) -> list[_Path]:
    paths = draft.table("paths", company_id, [month])
    rows = draft.engine.execute(
        f"SELECT path, journeys, converted_ppm, coalesce(value_cents, 0) FROM {paths} ORDER BY path"  # noqa: S608
    )
    return [_Path(*row) for row in rows.fetchall()]


def fit_month(company_id: str, paths: Sequence[_Path]) -> list[FitFact]:
    """What each data-driven model of the lake learns from these paths; one row with the reason where it cannot."""
    if not paths:
        return []
    statistics = _statistics(paths)
    return [fact for name in LAKE_LEARNERS for fact in _fit(company_id, name, statistics)]


def _statistics(paths: Sequence[_Path]) -> Statistics:
    journeys = from_paths(
        [path.path.split(_ARROW) for path in paths],
        count=[path.journeys for path in paths],
        converted=[path.converted_ppm / PPM for path in paths],
        value=[float(path.value_cents) for path in paths],
    )
    return gather(journeys, order=2, coalitions=len(journeys.players) <= MOST_PLAYERS)


def _fit(company_id: str, name: str, statistics: Statistics) -> list[FitFact]:
    learner = LEARNERS[name]
    fact = FitFact(
        company_id=company_id, model=name, params=learner.params, player=None, effect=None, reason="no player was seen"
    )
    try:
        fitted = learner.fit(statistics)
    except BadInput as error:  # too thin, or too many players
        return [msgspec.structs.replace(fact, reason=str(error.args[0]))]
    learned = zip(fitted.players, fitted.effects.tolist(), strict=True)
    return [msgspec.structs.replace(fact, player=player, effect=effect, reason=None) for player, effect in learned] or [
        fact
    ]


def _lay_effects(engine: duckdb.DuckDBPyConnection, fits: Sequence[FitFact]) -> None:
    kinds = ", ".join(f"{name} {kind}" for name, kind in EFFECTS.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE effects ({kinds})")
    learned = [fit for fit in fits if fit.player is not None]
    columns = [[getattr(fit, name) for fit in learned] for name in EFFECTS]
    if learned:
        engine.execute(f"INSERT INTO effects SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)
