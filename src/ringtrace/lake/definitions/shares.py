"""Shares: what each model gives each step of a journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.expr.types import FloatingValue, Table

from ringtrace.attribution.model import Rule
from ringtrace.lake.definitions.numbers import IBIS_OPS, number, without
from ringtrace.lake.definitions.steps import place, whole
from ringtrace.lake.definitions.tables import EFFECTS

_FALLBACK = "one_each"


def shares(
    steps: Table, rules: Mapping[str, Rule], keys: Sequence[str], order: Sequence[str], learned: Sequence[str] = ()
) -> Table:
    """The steps with one column a model: its share of the journey, which sum to one.

    Where a rule's weights are all zero, every touch has the same share. A data-driven model (`learned`) gives each
    distinct player its effect, the same part for each of its touches; where the effects are all zero, every distinct
    player the same; it is null where it was not fitted for the company.
    """
    weights = {name: _double(rule.weigh(steps, IBIS_OPS)) for name, rule in rules.items()}
    if learned:
        steps = _join_effects(steps, learned)
        weights |= {name: steps[name] / steps.repeats for name in learned}
        weights[_FALLBACK] = number(1.0) / steps.repeats
    weighed = steps.mutate(**weights)
    journey = whole(keys)
    summed = weighed.mutate(
        position=place(
            keys, order
        ),  # as it was; DuckDB then adds in the order of this window: one thread, one last digit
        **{_total(name): weighed[name].sum().over(journey) for name in weights},
    )
    shared = summed.mutate(
        **{name: _share(summed, name, number(1.0) / summed.length) for name in rules},
        **{name: _share(summed, name, summed[_FALLBACK] / summed[_total(_FALLBACK)]) for name in learned},
    )
    return without(shared, *map(_total, weights), _FALLBACK)


def _join_effects(steps: Table, models: Sequence[str]) -> Table:
    """Effects of fitted models, zero for a player they never saw; null for models that were not fitted."""
    of_player = EFFECTS.group_by(by_company="company_id", by_player="player").agg(
        **{name: EFFECTS.effect.max(where=EFFECTS.model == name) for name in models},
    )
    rows = with_fitted(steps, models)
    rows = rows.left_join(of_player, [rows.company_id == of_player.by_company, rows.player == of_player.by_player])
    effects = {name: fitted_only(rows, name, rows[name].coalesce(number(0.0))) for name in models}
    return without(rows.mutate(**effects), "by_company", "by_player", *map(_has, models))


def with_fitted(rows: Table, models: Sequence[str]) -> Table:
    """The rows with what `fitted_only` asks: which models were fitted for their company."""
    fitted = EFFECTS.group_by(fitted_company="company_id").agg(
        **{_has(name): (EFFECTS.model == name).any() for name in models},
    )
    return without(rows.left_join(fitted, rows.company_id == fitted.fitted_company), "fitted_company")


def fitted_only(rows: Table, model: str, value: FloatingValue) -> FloatingValue:
    """The value where the model was fitted for the company, else null."""
    return ibis.ifelse(rows[_has(model)], value, ibis.null("float64"))


def _has(model: str) -> str:
    return f"has_{model}"


def _total(model: str) -> str:
    return f"total_{model}"


def _share(summed: Table, name: str, otherwise: FloatingValue) -> FloatingValue:
    total = summed[_total(name)]
    return ibis.cases((total > 0, summed[name] / total), (total == 0, otherwise), else_=ibis.null("float64"))


def _double(weight: Any) -> FloatingValue:
    """Rules may weigh in whole numbers."""
    return weight.cast("float64")
