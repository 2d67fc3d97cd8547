"""What is wrong with a table of touches is said, with the row or column and the cure, or has a stated rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from ringtrace.attribution import attribute
from ringtrace.attribution.time_decay import time_decay
from ringtrace.core.errors import BadInput, TooThin
from tests.rooms.test_attribute import DAY, START, TABLE, many, of, touch_rows


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
