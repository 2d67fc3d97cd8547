"""A model as SQL text for people, with a header that says what it reads, what it gives and whether it was ever run."""

from __future__ import annotations

from ringtrace.attribution.model import Rule
from ringtrace.attribution.registry import find_model
from ringtrace.core.errors import BadInput
from ringtrace.lake.definitions.compiled import compile_table
from ringtrace.lake.definitions.flat import flat_shares, flat_statistics

_RUN = ("duckdb",)  # our tests run these; the others are compiled from the same expressions


def sql_text(model_name: str, dialect: str, lookback_days: int | None) -> str:
    """The SQL with a header that says what it reads and gives. Raises BadInput."""
    if lookback_days is not None and lookback_days < 0:
        raise BadInput(f"{lookback_days} days are no lookback.", hint="Give 0 or more.")
    model = find_model(model_name)
    table = flat_shares(model, lookback_days) if isinstance(model, Rule) else flat_statistics(model, lookback_days)
    lines = [f"Ringtrace: {model.title} ({model.name} {model.params}). {model.meaning}"]
    lines += [] if dialect in _RUN else [f"Compiled for {dialect}, not run: try it on a part of your data first."]
    lines += [*_reads(lookback_days), *(_GIVES_SHARES if isinstance(model, Rule) else _gives_statistics(model_name))]
    header = "".join(f"-- {line}\n" for line in lines)
    return f"{header}{compile_table(table, dialect)}"


def _reads(lookback_days: int | None) -> tuple[str, ...]:
    within = "all" if lookback_days is None else f"those at most {lookback_days} days before the last"
    return (
        "Reads a table `touches`, one row a touch (make a view of yours by this name):",
        "  journey    text     the journey's id",
        "  at_ms      bigint   when, in ms since 1970 (UTC); touches of one moment go by the player's name",
        "  player     text     the channel, or whatever is to be credited; null counts as (none)",
        "  converted  boolean  true on any touch of a journey that converted",
        "  value      double   what the journey brought, the same on each of its touches; may be null",
        f"Of each journey counts: {within}.",
    )


_GIVES_SHARES = (
    "Gives one row a touch of each converting journey: its share (a journey's sum to 1), and its part of the value.",
)


def _gives_statistics(name: str) -> tuple[str, ...]:
    what = "transitions between states" if name.startswith("markov") else "sets of players"
    return (
        f"Gives the statistics that the model is fitted on ({what}), not its shares: SQL does not fit it.",
        f"`ringtrace credit TOUCHES.parquet --model {name}` does. Conversions are in millionths (ppm).",
    )
