"""Shares: what each model gives each step of a journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.expr.types import FloatingValue, Table

from ringtrace.attribution.model import Rule
from ringtrace.lake.definitions.numbers import IBIS_OPS, number, without
from ringtrace.lake.definitions.steps import whole
from ringtrace.lake.definitions.tables import EFFECTS


def rule_shares(steps: Table, rules: Mapping[str, Rule], keys: Sequence[str], order: Sequence[str]) -> Table:
    """The steps with one column a rule: its share of the journey, which sum to one."""
    weights = {name: _double(rule.weigh(steps, IBIS_OPS)) for name, rule in rules.items()}
    weighed = steps.mutate(**weights)
    return weighed.mutate(**{name: _share(weighed, name, keys, order, _equal(weighed)) for name in rules})


def learned_shares(steps: Table, models: Sequence[str], keys: Sequence[str], order: Sequence[str]) -> Table:
    """The steps with one column a data-driven model, null where it was not fitted for the company.

    A player's effect is its part of the journey's conversion, the same for each of its touches; where the effects of a
    journey are all zero, every distinct player has the same part.
    """
    if not models:
        return steps
    with_effects = _join_effects(steps, models)
    one_each = number(1.0) / with_effects.repeats
    parts = {name: with_effects[name] / with_effects.repeats for name in models}
    weighed = with_effects.mutate(**parts, one_each=one_each)
    weighed = weighed.mutate(fallback=weighed.one_each / weighed.one_each.sum().over(whole(keys, order)))
    shared = weighed.mutate(**{name: _share(weighed, name, keys, order, weighed.fallback) for name in models})
    return without(shared, "one_each", "fallback")


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


def _share(weighed: Table, name: str, keys: Sequence[str], order: Sequence[str], otherwise: Any) -> FloatingValue:
    total = weighed[name].sum().over(whole(keys, order))
    return ibis.cases((total.isnull(), ibis.null("float64")), (total > 0, weighed[name] / total), else_=otherwise)


def _equal(steps: Table) -> FloatingValue:
    return number(1.0) / steps.length


def _double(weight: Any) -> FloatingValue:
    """Rules may weigh in whole numbers; `+ 0` would be bare, a cast of a double is left out by Ibis."""
    return weight.cast("float64")
