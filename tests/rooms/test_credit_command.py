"""`ringtrace credit`: any Parquet file of touches, from the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ringtrace.cli import main
from tests.rooms.test_attribute import many


@pytest.fixture
def touches(tmp_path: Path) -> Path:
    path = tmp_path / "touches.parquet"
    many().rename(columns={"journey": "visitor_id"}).to_parquet(path)
    return path


def ringtrace(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_it_writes_and_shows_the_credit_of_a_model(
    touches: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "credit.parquet"
    assert ringtrace("credit", touches, "--journey", "visitor_id", "--model", "markov", "--out", out) == 0
    found = pd.read_parquet(out)
    assert found["conversions"].sum() == pytest.approx(many().query("converted")["journey"].nunique())
    shown = capsys.readouterr().out
    assert "Paid Search" in shown
    assert found["data_version"][0] in shown


def test_it_shows_models_side_by_side(touches: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ringtrace("credit", touches, "--journey", "visitor_id", "--model", "linear,markov,shapley") == 0
    heading = next(line for line in capsys.readouterr().out.splitlines() if "linear" in line)
    assert "markov" in heading
    assert "shapley" in heading


def test_it_compares_models_and_says_why(touches: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared.csv"
    assert ringtrace("credit", touches, "--journey", "visitor_id", "--model", "all", "--compare", "--out", out) == 0
    assert pd.read_csv(out)["why"].str.contains(" is in ").any()


def test_it_says_what_would_be_lost_without_a_channel(touches: Path, tmp_path: Path) -> None:
    out = tmp_path / "without.parquet"
    assert ringtrace("credit", touches, "--journey", "visitor_id", "--without", "Email", "--out", out) == 0
    found = pd.read_parquet(out)
    assert (found["conversions_without"] < found["conversions_now"]).all()


def test_a_column_that_is_not_there_is_said_and_nothing_is_written(
    touches: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "credit.parquet"
    assert ringtrace("credit", touches, "--model", "linear", "--out", out) == 1
    assert "E100: The table has no column 'journey'" in capsys.readouterr().err
    assert not out.exists()


def test_an_unknown_model_is_answered_with_their_names(touches: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ringtrace("credit", touches, "--journey", "visitor_id", "--model", "best") == 1
    assert "first_touch, last_touch" in capsys.readouterr().err
