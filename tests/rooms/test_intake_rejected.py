"""Rejected rows, written so that a person can mend them and send them again."""

from __future__ import annotations

import csv
import io

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ringtrace.intake.files.reading import open_table
from ringtrace.intake.files.rejected import RejectedFile, guard, unguard
from ringtrace.intake.port import Problem


def written(header: list[str], *problems: Problem) -> bytes:
    text = io.StringIO(newline="")
    rejected = RejectedFile(text, header)
    for problem in problems:
        rejected.add(problem)
    assert rejected.count == len(problems)
    return text.getvalue().encode("utf-8-sig")


def test_it_writes_the_row_in_front_and_what_is_wrong_behind() -> None:
    problem = Problem(
        line=7, message="It is no date.", hint="Write 2026-05-31.", column="At", raw={"At": "x", "Id": "1"}
    )
    rows = list(csv.reader(io.StringIO(written(["Id", "At"], problem).decode("utf-8-sig"))))
    assert rows == [["Id", "At", "line", "problem", "hint"], ["1", "x", "7", "At: It is no date.", "Write 2026-05-31."]]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\tx", "\r=1", "'=1"])
def test_no_cell_of_it_is_run_by_a_spreadsheet(cell: str) -> None:
    assert guard(cell) == f"'{cell}"
    assert unguard(guard(cell)) == cell


@pytest.mark.parametrize("cell", ["-5", "+13105550123", "-1,234.50", "--", "plain", "", "+1 (310) 555-0123"])
def test_numbers_stay_as_they_are(cell: str) -> None:
    assert guard(cell) == cell


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=20), min_size=2, max_size=2)
)
def test_our_own_file_reads_back_as_it_was(cells: list[str]) -> None:
    header = ["a", "b"]
    problem = Problem(line=2, message="Wrong.", raw=dict(zip(header, cells, strict=True)))
    table = open_table(io.BytesIO(written(header, problem)))
    ((_, row),) = table.rows()
    assert not isinstance(row, Problem)
    assert [row["a"], row["b"]] == cells


def test_a_mended_file_that_is_rejected_again_has_our_columns_once() -> None:
    first = written(["a", "b"], Problem(line=2, message="Wrong.", raw={"a": "=1", "b": "2"}))
    table = open_table(io.BytesIO(first))
    ((_, row),) = table.rows()
    assert not isinstance(row, Problem)
    again = written(list(table.header), Problem(line=2, message="Still wrong.", raw=row))
    rows = list(csv.reader(io.StringIO(again.decode("utf-8-sig"))))
    assert rows == [["a", "b", "line", "problem", "hint"], ["'=1", "2", "2", "Still wrong.", ""]]
