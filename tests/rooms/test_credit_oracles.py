"""Our models beside those of other packages, whose answers are recorded in `credit_oracles.json`; why they differ where
they do stands in docs/models.md. `benchmarks/peers/record.py` made the recordings."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from ringtrace.attribution.journeys import Journeys, from_paths
from ringtrace.attribution.markov import Markov
from ringtrace.attribution.model import Fitted, Learner
from ringtrace.attribution.registry import RULES
from ringtrace.attribution.shapley import exact_set_values, sets_of
from ringtrace.attribution.statistics import gather
from ringtrace.attribution.totals import rule_totals

RECORDED = json.loads((Path(__file__).parent / "credit_oracles.json").read_text())
CASES: dict[str, Any] = {case["name"]: case for case in RECORDED["cases"]}
SURE = 5.0  # standard errors of a mean of random walks

Case = dict[str, Any]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    recorded: Case = CASES[request.param]
    return recorded


def journeys(paths: list[tuple[str, int, int]]) -> Journeys:
    return from_paths(
        [path.split(" > ") for path, _, _ in paths],
        count=[converted + null for _, converted, null in paths],
        converted=[converted for _, converted, _ in paths],
    )


def fitted(learner: Learner, of: Journeys) -> Fitted:
    return learner.fit(gather(of, order=learner.order, coalitions=learner.coalitions))


def by_channel(players: tuple[str, ...], values: Any) -> dict[str, float]:
    return dict(zip(players, map(float, values), strict=True))


def by_rule(of: Journeys, name: str) -> dict[str, float]:
    return by_channel(of.players, rule_totals(of, [RULES[name]]).conversions[name])


def effects(of: Journeys, order: int) -> dict[str, float]:
    found = fitted(Markov(order, least_conversions=0), of)
    return by_channel(found.players, found.effects)


def with_all(players: tuple[str, ...], recorded: dict[str, float]) -> dict[str, float]:
    """A peer that leaves out a channel gives it nothing."""
    return dict.fromkeys(players, 0.0) | recorded


def exactly(recorded: dict[str, float]) -> Any:
    return pytest.approx(recorded, rel=1e-9, abs=1e-9)


PEER_RULES = [
    (peer, rule)
    for peer in ("ChannelAttribution", "marketing-attribution-models")
    for rule in CASES["Bryl 2016"][peer]["rules"]
]


@pytest.mark.parametrize(("peer", "rule"), PEER_RULES)
def test_rules_credit_as_the_peers_do(case: Case, peer: str, rule: str) -> None:
    of = journeys(case["paths"])
    assert by_rule(of, rule) == exactly(with_all(of.players, case[peer]["rules"][rule]))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_are_those_that_random_walks_come_near_to(case: Case, order: int) -> None:
    ours = effects(journeys(case["paths"]), order)
    walked = case["ChannelAttribution"]["removal_effects"][str(order)]
    assert ours.keys() == walked.keys()
    for channel, (mean, error) in walked.items():
        assert abs(ours[channel] - mean) <= SURE * error + 1e-9, (channel, ours[channel], mean, error)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_equal_a_refitted_chain_of_closed_form(case: Case, order: int) -> None:
    recorded = case["do-attribution"]["removal_effects"][str(order)]
    assert effects(journeys(case["paths"]), order) == exactly(recorded)


def test_removal_effects_do_not_mind_that_a_peer_drops_repeats(case: Case) -> None:
    recorded = case["marketing-attribution-models"]["removal_effects"]
    assert effects(journeys(case["paths"]), 1) == exactly(recorded)


def test_markov_totals_of_a_peer_are_ours_shared_again_by_touch(case: Case) -> None:
    """Its conversions are shared within each journey by the effects, once for every touch; a total is then not in the
    proportion of the removal effects any more."""
    weight = effects(journeys(case["paths"]), 1)
    shared: dict[str, float] = defaultdict(float)
    for path, converted, _ in case["paths"]:
        touches = path.split(" > ")
        whole = sum(weight[touch] for touch in touches)
        for touch in touches:
            shared[touch] += converted * weight[touch] / whole if whole else 0.0
    recorded = case["marketing-attribution-models"]["markov"]
    assert dict(shared) == exactly(with_all(tuple(shared), recorded))


def test_the_sum_game_is_what_going_through_all_coalitions_finds(case: Case) -> None:
    of = journeys(case["paths"])
    assert by_rule(of, "shapley_sum") == exactly(with_all(of.players, case["mta"]["shapley"]))


def test_the_exact_set_game_played_within_each_set_is_a_peers_shapley(case: Case) -> None:
    """It plays a game for each observed set, among its channels only, and scales the values to the set's conversions;
    ours is one game of all channels."""
    credited: dict[str, float] = defaultdict(float)
    for players in {frozenset(path.split(" > ")) for path, converted, _ in case["paths"] if converted}:
        for player, conversions in _game_of(players, case["paths"]).items():
            credited[player] += conversions
    recorded = case["marketing-attribution-models"]["shapley"]
    assert dict(credited) == exactly(with_all(tuple(credited), recorded))


def _game_of(players: frozenset[str], paths: list[tuple[str, int, int]]) -> dict[str, float]:
    inside = [one for one in paths if players.issuperset(one[0].split(" > "))]
    of = journeys(inside)
    assert players == set(of.players)
    won = sum(converted for path, converted, _ in inside if set(path.split(" > ")) == players)
    values = exact_set_values(sets_of(gather(of, coalitions=True)), len(of.players))[0]
    return by_channel(of.players, values / values.sum() * won)


def test_what_must_differ_does() -> None:
    """Were it otherwise, the recordings could not tell one definition from another."""
    case = CASES["visits that come back"]
    of = journeys(case["paths"])
    mam, do = case["marketing-attribution-models"], case["do-attribution"]
    markov = fitted(Markov(1, least_conversions=0), of)
    totals = by_channel(markov.players, markov.totals)
    assert totals != pytest.approx(mam["markov"], rel=0.02)
    assert by_rule(of, "shapley_sum") != pytest.approx(mam["shapley"], rel=0.02)
    assert by_rule(of, "shapley_sum") != pytest.approx(with_all(of.players, do["shapley"]), rel=0.02)
    assert effects(of, 1) != pytest.approx(do["removal_effects_by_default"], rel=0.02)
    assert effects(of, 2) != pytest.approx(effects(of, 1), rel=0.02)
    assert CASES["drawn, 5 channels"]["marketing-attribution-models"]["shapley_of_four"] != pytest.approx(
        CASES["drawn, 5 channels"]["marketing-attribution-models"]["shapley"], rel=0.02
    )
