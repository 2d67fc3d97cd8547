"""The DuckDB file for other tools: what the lake has, with times as times, for the companies it was asked for alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pytest

from ringtrace.core.errors import BadInput
from ringtrace.lake.doors import Told, write_door
from ringtrace.lake.home import LocalLake
from ringtrace.lake.writer import LakeWriter
from tests.rooms.metric_lakes import COMPANY, day_facts

TOLD = Told(company_id=COMPANY, name="Alice’s", time_zone="America/Los_Angeles", currency="USD")


@pytest.fixture
def home(tmp_path: Path) -> LocalLake:
    facts = day_facts()
    other = {fact: [msgspec.structs.replace(row, company_id="other") for row in rows] for fact, rows in facts.items()}
    LakeWriter(tmp_path / "lake").publish({(COMPANY, "2026-10"): facts, ("other", "2026-10"): other}, 1)
    return LocalLake(tmp_path / "lake")


@pytest.mark.parametrize("copied", [True, False])
def test_it_writes_every_fact_of_the_companies_asked_for(home: LocalLake, tmp_path: Path, copied: bool) -> None:
    out = tmp_path / "door.duckdb"
    door = write_door(home, out, [TOLD], copied=copied)
    with duckdb.connect(str(out), read_only=True) as file:
        for fact in ("touchpoints", "conversions", "spend", "credits"):
            assert file.table(fact).select("company_id").distinct().fetchall() == [(COMPANY,)], fact
            assert len(file.table(fact).fetchall()) == door.rows[fact]
        assert file.sql("SELECT count(*) FROM calls").fetchall() == [(0,)]
        assert set(file.sql('SELECT epoch_ms("at") = at_ms FROM touchpoints').fetchall()) == {(True,)}
        assert file.sql("SELECT name, currency FROM companies").fetchall() == [("Alice’s", "USD")]
        assert file.sql("SELECT data_version FROM made").fetchall() == [(door.data_version,)]


def test_it_has_each_models_credit_in_rows_of_its_own(home: LocalLake, tmp_path: Path) -> None:
    out = tmp_path / "door.duckdb"
    write_door(home, out, [TOLD], copied=True)
    with duckdb.connect(str(out), read_only=True) as file:
        rows = file.sql(
            "SELECT model, sum(credit) FROM credit WHERE kind = 'call' GROUP BY model ORDER BY 1"
        ).fetchall()
        wide = file.sql("SELECT sum(linear), sum(last_touch) FROM credits WHERE kind = 'call'").fetchall()
    told = dict(rows)
    assert (told["linear"], told["last_touch"]) == (pytest.approx(wide[0][0]), pytest.approx(wide[0][1]))


def test_it_keeps_the_old_file_where_the_new_one_cannot_be_made(home: LocalLake, tmp_path: Path) -> None:
    out = tmp_path / "door.duckdb"
    write_door(home, out, [TOLD], copied=True)
    before = out.read_bytes()
    with pytest.raises(BadInput, match="no company"):
        write_door(home, out, [], copied=True)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*.new")] == []
