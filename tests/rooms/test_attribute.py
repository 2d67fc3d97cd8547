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
from ringtrace.attribution.time_decay import time_decay
from ringtrace.attribution.totals import rule_totals
from ringtrace.core.errors import BadInput, TooThin

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


# What is wrong with the input


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"columns": {"channel": "chanel"}}, "no column 'channel'.*Did you mean 'chanel'"),
        ({"columns": {"at": "moment"}}, "no column 'at' for `at`.*It has: journey, moment"),
        ({"columns": {"converted": "won"}}, "no column 'converted'"),
    ],
)
def test_an_unknown_column_is_named_with_what_is_there(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        attribute(TABLE.rename(**changed))


def test_an_option_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="no option chanel"):
        attribute(TABLE, chanel="x")
    with pytest.raises(BadInput, match="nothing to share by"):
        attribute(TABLE, per="row")
    with pytest.raises(BadInput, match="no table of touches"):
        attribute(42)


def test_a_row_without_a_channel_is_named_with_the_cure() -> None:
    table = TABLE.assign(channel=["search", "email", None, "search", "email"])
    with pytest.raises(BadInput, match=r"Row 3 has no 'channel'.*null_as="):
        attribute(table)
    assert of(attribute(table, "last_touch", null_as="(none)")) == {"(none)": 1, "email": 1, "search": 0}


@pytest.mark.parametrize(("column", "what"), [("journey", "journey"), ("at", "time")])
def test_a_row_without_journey_or_time_is_named(column: str, what: str) -> None:
    table = TABLE.copy()
    table.loc[3, column] = None
    with pytest.raises(BadInput, match=f"Row 4 has no {what}"):
        attribute(table)


def test_times_with_and_without_zone_are_not_mixed() -> None:
    texts = ["2026-03-01T10:00:00+01:00", "2026-03-02 10:00:00", "2026-03-03T10:00:00Z", "2026-03-01", "2026-03-01"]
    with pytest.raises(BadInput, match=r"with a zone \(first in row 1\).*without one \(first in row 2\)"):
        attribute(TABLE.assign(at=texts))


def test_offsets_are_moments_and_not_clock_faces() -> None:
    table = touch_rows(("a", "search>email", True, None))
    moments = ["2026-03-01T10:00:00+01:00", "2026-03-01T08:30:00-01:00"]
    assert of(attribute(table.assign(at=moments), "last_touch"))["email"] == 1
    later = ["2026-03-01T10:00:00-01:00", "2026-03-01T10:30:00+01:00"]
    assert of(attribute(table.assign(at=later), "last_touch"))["search"] == 1


def test_times_that_are_none_are_refused() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        attribute(TABLE.assign(at=["yesterday"] * 5))


def test_whole_numbers_are_times_only_where_the_column_says_of_which_unit() -> None:
    seconds = TABLE["at"].astype("datetime64[s]").astype("int64")
    with pytest.raises(BadInput, match="nothing says of which unit"):
        attribute(TABLE.assign(at=seconds))
    named = TABLE.assign(at_secs=seconds).drop(columns="at")
    assert of(attribute(named, "linear", at="at_secs")) == pytest.approx(of(attribute(TABLE, "linear")))


def test_the_same_touch_twice_counts_once_and_is_said() -> None:
    table = pd.concat([TABLE, TABLE.iloc[:2]]).sort_values("at", ignore_index=True)
    found = attribute(table, "linear")
    assert of(found) == pytest.approx(of(attribute(TABLE, "linear")))
    assert "2 rows stood there twice" in found["note"][0]
    assert of(attribute(table, "linear", duplicates="keep"))["search"] == pytest.approx(2 / 5)
    with pytest.raises(BadInput, match="stand there twice"):
        attribute(table, "linear", duplicates="error")
    with pytest.raises(BadInput, match="no rule"):
        attribute(table, duplicates="maybe")


def test_the_same_touch_twice_counts_once_wherever_it_stands() -> None:
    table = touch_rows(("a", "x>y>x", True, None)).assign(at=START, lead=[False, False, True])
    found = attribute(table, "linear")
    assert of(found) == {"x": 0.5, "y": 0.5}
    assert "1 rows stood there twice" in found["note"][0]
    assert of(attribute(table, "w_shaped")) == pytest.approx({"x": 0.6 / 0.9, "y": 0.3 / 0.9})


def test_conversions_before_all_their_touches_are_said() -> None:
    found = attribute(TABLE.assign(converted_at=START - DAY), "last_touch")
    assert found["conversions"].sum() == 0
    assert "2 conversions came before all touches" in found["note"][0]


@pytest.mark.parametrize("value", [1e13, float("inf")])
def test_values_beyond_all_money_are_refused(value: float) -> None:
    with pytest.raises(BadInput, match="no amount of money"):
        attribute(TABLE.assign(value=[value] * 3 + [None, 1.0]))


def test_values_that_sum_beyond_what_can_be_counted_are_refused() -> None:
    table = touch_rows(*((f"j{n}", "search", True, 9e11) for n in range(8)))
    with pytest.raises(BadInput, match="larger unit"):
        attribute(table)


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(BadInput, match="one name"):
        attribute(TABLE, [time_decay(7), time_decay(60)])
    found = attribute(TABLE, [time_decay(7), time_decay(60, name="slow_decay"), "linear", "linear"])
    assert found["model"].nunique() == 3


@pytest.mark.parametrize("by", ["model", "conversions", "value"])
def test_a_player_column_that_is_called_as_a_column_of_the_result_is_refused(by: str) -> None:
    with pytest.raises(BadInput, match=f"called '{by}' too"):
        attribute(TABLE.assign(**{by: "x"}), by=by)


def test_pooling_takes_nobody_without_a_name_and_has_one_other() -> None:
    table = touch_rows(("a", "x>x>(other)", True, None), ("b", "y", True, None))
    assert of(attribute(table, "last_touch", top=1)) == {"x": 0, "(other)": 2}
    with pytest.raises(BadInput, match="Row 4 has no 'channel'"):
        attribute(table.assign(channel=["x", "x", "(other)", None]), top=1)
    with pytest.raises(BadInput, match="leaves nobody"):
        attribute(table, top=0)


def test_files_of_differing_columns_are_read_by_name(tmp_path: Path) -> None:
    TABLE.iloc[:4].drop(columns="value").to_parquet(tmp_path / "one.parquet")
    TABLE.iloc[4:].to_parquet(tmp_path / "two.parquet")
    out = attribute([tmp_path / "one.parquet", tmp_path / "two.parquet"], "linear", out=tmp_path / "credit.parquet")
    assert pq.read_table(out).to_pandas()["value"].sum() == pytest.approx(30)


def test_a_value_that_is_no_number_deep_in_a_stream_is_said() -> None:
    table = many(journeys=200_000).assign(value="1")
    table.loc[len(table) - 1, "value"] = "oops"
    with pytest.raises(BadInput, match="cannot be read"):
        attribute(table)


def test_touches_after_the_conversion_count_for_nothing_and_are_said() -> None:
    at = [START + DAY * 1.5] * 3 + [None] + [START + DAY]
    found = attribute(TABLE.assign(converted_at=at), "last_touch")
    assert of(found) == {"direct": 0, "email": 2, "search": 0}
    assert "1 touches came after their conversion" in found["note"][0]


def test_decay_is_measured_from_the_conversion_where_its_time_is_known() -> None:
    table = touch_rows(("a", "search>email", True, None)).assign(converted_at=START + DAY * 30)
    found = of(attribute(table, "time_decay"))
    assert found["email"] / found["search"] == pytest.approx(2 ** (1 / 7))


def test_rows_of_a_journey_that_disagree_about_its_value_are_named() -> None:
    table = TABLE.assign(value=[90.0, 91.0, None, None, 30.0])
    with pytest.raises(BadInput, match="journey 'a' disagree about 'value'"):
        attribute(table)


def test_a_value_without_a_conversion_is_said() -> None:
    found = attribute(TABLE.assign(value=[90.0, 90.0, 90.0, 7.0, 30.0]), "linear")
    assert found["value"].sum() == pytest.approx(120)
    assert "1 rows have a value in a journey that did not convert" in found["note"][0]


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_a_probability_that_is_none_is_refused(p: float) -> None:
    with pytest.raises(BadInput, match="no probability"):
        attribute(TABLE.assign(p=p))


@pytest.mark.parametrize("odd", [2, 0.5, -1])
def test_conversions_that_are_counted_otherwise_than_by_one_are_refused(odd: float) -> None:
    with pytest.raises(BadInput, match=r"first in row 2: it can only be 0 or 1"):
        attribute(TABLE.assign(converted=[1, odd, 0, 0, 1]))


def test_conversions_may_be_told_by_numbers_with_gaps() -> None:
    assert of(attribute(TABLE.assign(converted=[1.0, None, 0, 0, 1]), "last_touch")) == {
        "direct": 1,
        "email": 1,
        "search": 0,
    }


def test_without_conversions_a_share_is_unknown_and_models_that_learn_say_so() -> None:
    table = TABLE.assign(converted=False, value=None)
    found = attribute(table, "linear")
    assert found["conversions"].tolist() == [0, 0, 0]
    assert found["share"].isna().all()
    assert "No journey converted" in found["note"][0]
    with pytest.raises(TooThin, match="No journey converted"):
        attribute(table, "markov")


def test_thin_data_are_taken_where_that_is_asked() -> None:
    with pytest.raises(TooThin, match="least_conversions=0"):
        attribute(TABLE, "markov")
    assert attribute(TABLE, "markov", least_conversions=0)["conversions"].sum() == pytest.approx(2)


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(BadInput, match="no rows"):
        attribute(TABLE.iloc[:0])


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(BadInput, match="cannot be opened"):
        attribute("nowhere/touches.parquet", out="credit.parquet")


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
