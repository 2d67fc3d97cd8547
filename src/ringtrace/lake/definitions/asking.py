"""What the definitions read, put together for an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ringtrace.core.clock import DAY_MS
from ringtrace.lake.definitions.inputs import ASKED, EFFECTS, input_columns
from ringtrace.lake.engines.port import Files, Rows, Tables

LOOKBACK_MS = 30 * DAY_MS


class Effect(Struct, frozen=True, kw_only=True):
    """What a data-driven model learned of one player for one company: its effect, >= 0."""

    company_id: str
    model: str
    player: str
    effect: float


def tables_of(
    paths: Mapping[str, Sequence[str]],
    since_ms: int,
    until_ms: int,
    *,
    lookback_ms: int = LOOKBACK_MS,
    effects: Sequence[Effect] = (),
) -> Tables:
    """The tables for the responses of `since_ms` <= t < `until_ms`.

    `paths` has the Parquet files of `touchpoints` (the span and `lookback_ms` before it), of `identities` (of the span
    and everything before: evidence of later is left out by itself), of `calls` and of `conversions` (of the span).
    """
    facts = {name: columns for name, columns in input_columns().items() if name not in ("asked", "effects")}
    learned = [(one.company_id, one.model, one.player, one.effect) for one in effects]
    return {
        **{name: Files(columns, paths.get(name, ())) for name, columns in facts.items()},
        "asked": Rows(ASKED, [(since_ms, until_ms, lookback_ms)]),
        "effects": Rows(EFFECTS, learned),
    }
