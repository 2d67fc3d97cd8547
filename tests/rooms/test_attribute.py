"""`attribute` from any table: kinds, columns, what is wrong with the input, and the same bytes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.attribution import LAKE_MODELS, MODELS, attribute, compare, what_if
from ringtrace.attribution.attribute import solve
from ringtrace.attribution.journeys import from_paths
from ringtrace.attribution.registry import RULES
from ringtrace.attribution.totals import rule_totals
from ringtrace.core.errors import BadInput

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-03-01")


def touch_rows(*journeys: tuple[str, str, bool, float | None]) -> pd.DataFrame:
    """(id, `search>email`, converted, value) as a table of touches, a day between them."""
    rows = [
        (journey, START + DAY * n, channel, converted, value)
        for journey, path, converted, value in journeys
        for n, channel in enumerate(path.split(">"))
    ]
    return pd.DataFrame(rows, columns=["journey", "at", "channel", "converted", "value"])


def many(seed: int = 1, journeys: int = 3_000, channels: int = 6) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    lengths = chance.geometric(0.35, journeys)
    ids = np.repeat([f"visitor_{n:06d}" for n in range(journeys)], lengths)
    at = START.value // 1000 + chance.permutation(len(ids)) * 60_000_001
    names = np.array(["Direct", "Paid Search", "Email", *(f"channel {n}" for n in range(30))])[:channels]
    converted = chance.random(journeys) < 0.1
    value = np.where(converted, chance.integers(1, 900, journeys), np.nan)
    table = pd.DataFrame(
        {
            "journey": ids,
            "at": pd.to_datetime(at, unit="us"),
            "channel": chance.choice(names, len(ids)),
            "converted": np.repeat(converted, lengths),
            "value": np.repeat(value, lengths),
        }
    )
    return table.sort_values("at", ignore_index=True)


TABLE = touch_rows(("a", "search>email>direct", True, 90.0), ("b", "search", False, None), ("c", "email", True, 30.0))


def of(table: Any, player: str = "channel") -> dict[str, float]:
    return dict(zip(table[player], table["conversions"], strict=True))


def test_it_credits_a_table_and_says_what_it_was_made_of() -> None:
    found = attribute(TABLE, "linear")
    assert of(found) == pytest.approx({"direct": 1 / 3, "email": 4 / 3, "search": 1 / 3})
    assert found["share"].sum() == pytest.approx(1)
    assert found["value"].tolist() == pytest.approx([30, 60, 30])
    assert set(found["model"]) == {"linear"}
    assert set(found["params"]) == {"{}"}
    assert found["definition"].nunique() == found["data_version"].nunique() == 1


def in_kinds(tmp_path: Path) -> dict[str, Any]:
    TABLE.to_parquet(tmp_path / "touches.parquet")
    arrow = pa.Table.from_pandas(TABLE)
    return {
        "paths": tmp_path / "touches.parquet",
        "arrow": arrow,
        "pandas": TABLE,
        "polars": pl.from_pandas(TABLE),
        "lazy": pl.from_pandas(TABLE).lazy(),
        "ibis": ibis.memtable(arrow),
        "numpy": {
            "journey": np.array(["a", "a", "a", "b", "c"], dtype=object),
            "at": TABLE["at"].to_numpy().astype("datetime64[us]"),
            "channel": TABLE["channel"].to_numpy().astype(object),
            "converted": TABLE["converted"].to_numpy(),
            "value": TABLE["value"].to_numpy(),
        },
    }


@pytest.mark.parametrize(
    ("kind", "back"),
    [
        ("paths", Path),
        ("arrow", pa.Table),
        ("pandas", pd.DataFrame),
        ("polars", pl.DataFrame),
        ("lazy", pl.DataFrame),
        ("ibis", ibis.Table),
        ("numpy", dict),
    ],
)
def test_every_kind_of_table_gives_the_same_credit_in_its_own_kind(kind: str, back: type, tmp_path: Path) -> None:
    out = tmp_path / "credit.parquet"
    found = attribute(in_kinds(tmp_path)[kind], "linear", out=out)
    assert isinstance(found, back)
    written = pq.read_table(out).to_pandas()
    expected = attribute(TABLE, "linear")
    pd.testing.assert_frame_equal(written, expected, check_dtype=False)


def test_paths_need_to_know_where_the_result_goes(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="out="):
        attribute(in_kinds(tmp_path)["paths"], "linear")


def test_csv_is_written_by_its_name_and_other_names_are_refused(tmp_path: Path) -> None:
    attribute(TABLE, "linear", out=tmp_path / "credit.csv")
    assert (tmp_path / "credit.csv").read_text().startswith("model,params,definition,data_version,channel,conversions")
    with pytest.raises(BadInput, match=r"neither \.parquet nor \.csv"):
        attribute(TABLE, "linear", out=tmp_path / "credit.xlsx")


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    table = many()
    for name in ("one", "two"):
        attribute(table, LAKE_MODELS, intervals=20, out=tmp_path / f"{name}.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_shuffled_rows_give_the_same_bytes(tmp_path: Path) -> None:
    table = many()
    attribute(table, LAKE_MODELS, out=tmp_path / "sorted.parquet")
    shuffled = table.sample(frac=1, random_state=3, ignore_index=True)
    attribute(shuffled, LAKE_MODELS, out=tmp_path / "shuffled.parquet")
    assert (tmp_path / "sorted.parquet").read_bytes() == (tmp_path / "shuffled.parquet").read_bytes()


def test_other_data_have_another_version() -> None:
    table = many(journeys=50)
    version = attribute(table)["data_version"][0]
    changed = table.assign(channel=["Email", *table["channel"][1:]])
    assert attribute(changed)["data_version"][0] != version
    assert attribute(table.assign(value=table["value"] + 1))["data_version"][0] != version


def plainly(table: pd.DataFrame) -> Any:
    """The same journeys by pandas."""
    ordered = table.sort_values("at", kind="stable").groupby("journey")
    first = ordered.first()
    return from_paths(
        ordered["channel"].agg(list).tolist(),
        converted=first["converted"].astype(float).tolist(),
        value=first["value"].fillna(0).tolist(),
        direct=frozenset({"Direct"}),
        paid=frozenset({"Paid Search"}),
    )


@pytest.mark.parametrize("rows", [1, 40, 3_000])
def test_the_pass_finds_what_pandas_finds(rows: int) -> None:
    table = many(journeys=rows)
    expected = rule_totals(plainly(table), [RULES[name] for name in RULES if name != "time_decay"])
    found = attribute(table, list(expected.conversions))
    for name, conversions in expected.conversions.items():
        of_model = found[found["model"] == name]
        assert of_model["conversions"].tolist() == pytest.approx(conversions.tolist(), abs=1e-9)
        assert of_model["value"].tolist() == pytest.approx(expected.value[name].tolist(), abs=1e-6)


def test_rows_beyond_the_budget_go_to_a_file_and_change_nothing() -> None:
    table = many(journeys=20_000)
    held, spilt = solve(table, LAKE_MODELS), solve(table, LAKE_MODELS, memory_bytes=100_000)
    assert spilt.read.partitions.spills
    assert not held.read.partitions.spills
    for model in held.models:
        assert held.credited(model)[0].tobytes() == spilt.credited(model)[0].tobytes()
    assert held.read.data_version == spilt.read.data_version


@pytest.mark.parametrize("model", MODELS)
def test_the_shares_of_every_conversion_sum_to_one(model: str) -> None:
    found = attribute(many(), model, per="conversion")
    sums = found.groupby("journey")[model].agg(["sum", "min"])
    assert sums["sum"].to_numpy() == pytest.approx(np.ones(len(sums)))
    assert sums["min"].min() >= 0
    assert len(sums) == many().query("converted")["journey"].nunique()


@pytest.mark.parametrize("model", RULES)
def test_the_conversions_shared_one_by_one_add_up_to_the_totals(model: str) -> None:
    table = many()
    one_by_one = attribute(table, model, per="conversion").groupby("channel")[model].sum()
    assert of(attribute(table, model)) == pytest.approx(one_by_one.to_dict())


def test_a_probability_weighs_a_journey_and_its_value() -> None:
    table = TABLE.assign(p=[0.5, 0.5, 0.5, 1.0, 0.25])
    found = attribute(table, "linear")
    assert of(found) == pytest.approx({"direct": 0.5 / 3, "email": 0.5 / 3 + 0.25, "search": 0.5 / 3})
    assert found["value"].sum() == pytest.approx(45 + 7.5)
    assert attribute(table, "linear", p=None)["conversions"].sum() == pytest.approx(2)


def test_columns_may_have_other_names_and_the_player_be_any_of_them() -> None:
    table = TABLE.rename(columns={"journey": "who", "at": "when", "converted": "won"}).assign(campaign="spring")
    found = attribute(table, "linear", by="campaign", journey="who", at="when", converted="won")
    assert of(found, "campaign") == pytest.approx({"spring": 2})


def test_direct_and_paid_are_told_by_the_channel_where_the_player_is_something_else() -> None:
    table = touch_rows(("a", "Paid Search>Direct", True, None)).assign(campaign=["spring", "none"])
    assert of(attribute(table, "last_non_direct", by="campaign"), "campaign") == {"none": 0, "spring": 1}
    assert of(attribute(table, "last_non_direct", by="campaign", channel=None), "campaign") == {"none": 1, "spring": 0}


def test_rare_players_are_pooled() -> None:
    table = many(channels=30)
    found = attribute(table, "linear", top=3)
    assert len(found) == 4
    assert "(other)" in set(found["channel"])
    assert found["conversions"].sum() == pytest.approx(attribute(table, "linear")["conversions"].sum())


def test_hundreds_of_players_are_coded_too() -> None:
    names = [f"keyword {n:04d}" for n in range(700)]
    table = touch_rows(*((f"j{n}", f"{name}>{names[n - 1]}", True, None) for n, name in enumerate(names)))
    found = attribute(table, "linear")
    assert of(found) == pytest.approx(dict.fromkeys(names, 1.0))


def test_ties_in_time_go_by_the_players_name_in_whatever_order_they_come() -> None:
    table = touch_rows(("a", "search>email", True, None)).assign(at=START)
    for rows in (table, table.iloc[::-1]):
        found = attribute(rows, ["first_touch", "last_touch"])
        assert of(found[found["model"] == "first_touch"]) == {"email": 1, "search": 0}
        assert of(found[found["model"] == "last_touch"]) == {"email": 0, "search": 1}


def test_ties_among_hundreds_of_players_give_the_same_bytes_each_time() -> None:
    chance = np.random.default_rng(2)
    rows = 60_000
    table = pd.DataFrame(
        {
            "journey": np.arange(rows) // 3,
            "at": START,
            "channel": chance.choice([f"keyword {n}" for n in range(400)], rows),
            "converted": True,
        }
    )
    found = attribute(table, "last_touch")["conversions"].tolist()
    assert attribute(table, "last_touch")["conversions"].tolist() == found
    assert attribute(table.iloc[::-1], "last_touch")["conversions"].tolist() == found


def test_milestones_are_read_from_their_columns() -> None:
    table = touch_rows(("a", "search>email>organic>direct", True, None)).assign(lead=[False, True, False, False])
    assert of(attribute(table, "w_shaped"))["email"] == pytest.approx(0.3)


# Intervals, comparison, what if


def test_intervals_hold_the_figure_narrow_with_more_data_and_tell_progress() -> None:
    told: list[tuple[str, float]] = []
    small = attribute(many(journeys=2_000), ["linear", "markov", "shapley"], intervals=60)
    large = attribute(
        many(journeys=20_000), ["linear", "markov", "shapley"], intervals=60, progress=lambda *said: told.append(said)
    )
    for table in (small, large):
        assert (table["low"] <= table["conversions"]).all()
        assert (table["high"] >= table["conversions"]).all()
    width = [((table["high"] - table["low"]) / table["conversions"]).mean() for table in (small, large)]
    assert width[1] == pytest.approx(width[0] / np.sqrt(10), rel=0.35)
    assert [part for word, part in told if word == "resampling"] == pytest.approx([n / 60 for n in range(1, 61)])


def test_the_interval_of_a_count_is_poissons() -> None:
    """400 one-touch conversions of one channel: the resampled count is Poisson(400), 95 % within 1.96 x 20."""
    table = touch_rows(*((f"j{n}", "search", True, None) for n in range(400)), ("x", "email", True, None))
    found = attribute(table, "last_touch", intervals=400).set_index("channel").loc["search"]
    assert found["low"] == pytest.approx(400 - 39.2, abs=9)
    assert found["high"] == pytest.approx(400 + 39.2, abs=9)


def test_too_few_replicates_are_refused() -> None:
    with pytest.raises(BadInput, match="20 or more"):
        attribute(TABLE, "linear", intervals=5)


def test_models_are_compared_with_what_moved_and_why() -> None:
    found = compare(many(), ["last_non_direct", "first_touch", "markov"]).set_index("channel")
    assert {"last_non_direct", "first_touch", "markov", "least", "most", "moved", "why"} <= set(found.columns)
    row = found.loc["Direct"]
    assert row["moved"] == pytest.approx(
        max((row[m] - row["last_non_direct"] for m in ("first_touch", "markov")), key=abs)
    )
    assert "Direct is in" in row["why"]
    assert found[["last_non_direct", "first_touch", "markov"]].sum().to_numpy() == pytest.approx(
        many().query("converted")["journey"].nunique()
    )
    with pytest.raises(BadInput, match="baseline"):
        compare(many(), ["linear"], baseline="markov")


def test_what_if_a_channel_were_gone() -> None:
    table = touch_rows(
        *((f"a{n}", "search>email", n < 3, None) for n in range(4)),
        *((f"c{n}", "search>organic", n < 1, None) for n in range(2)),
    )
    found = what_if(table, "email", least_conversions=0).set_index("channel")
    assert found["conversions_now"].iloc[0] == pytest.approx(4)
    assert found["lost"].iloc[0] == pytest.approx(0.75)
    assert found["conversions_without"].iloc[0] == pytest.approx(1)
    assert found["without"].to_dict() == pytest.approx({"email": 0, "organic": 0.5, "search": 0.5})
    with pytest.raises(BadInput, match="There is no channel 'radio'"):
        what_if(table, "radio", least_conversions=0)


@settings(max_examples=25)
@given(
    st.integers(0, 10_000), st.sampled_from(["last_touch", "linear", "markov", "markov_2", "shapley", "shapley_exact"])
)
def test_shuffling_rows_changes_nothing(seed: int, model: str) -> None:
    table = many(seed, journeys=30)
    found = attribute(table, model, least_conversions=0) if table["converted"].any() else None
    if found is None:
        return
    shuffled = attribute(table.sample(frac=1, random_state=seed, ignore_index=True), model, least_conversions=0)
    assert found["conversions"].tolist() == shuffled["conversions"].tolist()
    assert found["share"].sum() == pytest.approx(1)
    assert found["share"].between(0, 1 + 1e-12).all()


def test_a_csv_reads_back(tmp_path: Path) -> None:
    attribute(many(journeys=200), "linear", per="conversion", out=tmp_path / "credit.csv")
    assert pd.read_csv(tmp_path / "credit.csv")["linear"].sum() == pytest.approx(
        many(journeys=200).query("converted")["journey"].nunique()
    )
