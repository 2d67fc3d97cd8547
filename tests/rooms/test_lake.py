"""The lake: what is published is read, whole or not at all, and old readers are not disturbed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.lake import writer as writer_module
from ringtrace.lake.manifest import Manifest, read_manifest
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import FACTS, CallFact, SpendFact, columns
from ringtrace.lake.writer import LakeWriter

NOW_MS = 1_760_000_000_000
OCTOBER, NOVEMBER = "2026-10", "2026-11"


def call(number: int, company: str = "a", **changes: object) -> CallFact:
    fact = CallFact(
        company_id=company,
        call_id=f"call_{number}",
        number_id="num",
        started_ms=NOW_MS + number,
        status="answered",
        ring_secs=4.5,
        talk_secs=None,
        caller_hash="5f" * 16,
        is_first_call=True,
        attributed_by="visit",
        visit_id=None,
        p_known=0.25,
    )
    return msgspec.structs.replace(fact, **changes)


def ids(lake_dir: Path, company: str = "a") -> list[str]:
    rows = LakeReader(lake_dir, company).ask("SELECT call_id FROM {calls} ORDER BY call_id", {}, facts=("calls",))
    return [row["call_id"] for row in rows]


def test_it_reads_back_what_was_published_type_by_type(tmp_path: Path) -> None:
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    (row,) = LakeReader(tmp_path, "a").ask("SELECT * FROM {calls}", {}, facts=("calls",))
    assert row == msgspec.structs.asdict(call(1))


def test_it_keeps_dates_as_dates(tmp_path: Path) -> None:
    spent = SpendFact(
        company_id="a", on_date=date(2026, 10, 3), source="google", medium="cpc", campaign=None, cost_cents=1234
    )
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"spend": [spent]}}, NOW_MS)
    (row,) = LakeReader(tmp_path, "a").ask("SELECT * FROM {spend}", {}, facts=("spend",))
    assert row == msgspec.structs.asdict(spent)


def test_it_replaces_a_month_and_leaves_the_others(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}, ("a", NOVEMBER): {"calls": [call(2)]}}, NOW_MS)
    writer.publish({("a", OCTOBER): {"calls": [call(3), call(4)]}}, NOW_MS)
    assert ids(tmp_path) == ["call_2", "call_3", "call_4"]


def test_it_shows_a_company_only_its_own(tmp_path: Path) -> None:
    LakeWriter(tmp_path).publish(
        {("a", OCTOBER): {"calls": [call(1)]}, ("b", OCTOBER): {"calls": [call(2, company="b")]}}, NOW_MS
    )
    assert (ids(tmp_path, "a"), ids(tmp_path, "b"), ids(tmp_path, "c")) == (["call_1"], ["call_2"], [])


def test_it_reads_only_the_months_it_is_asked_for(tmp_path: Path) -> None:
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1)]}, ("a", NOVEMBER): {"calls": [call(2)]}}, NOW_MS)
    rows = LakeReader(tmp_path, "a").ask(
        "SELECT call_id FROM {calls}", {}, months=frozenset({NOVEMBER}), facts=("calls",)
    )
    assert rows == [{"call_id": "call_2"}]


def test_it_answers_with_typed_columns_where_nothing_was_published(tmp_path: Path) -> None:
    (row,) = LakeReader(tmp_path, "a").ask("SELECT sum(talk_secs) AS secs FROM {calls}", {}, facts=("calls",))
    assert row == {"secs": None}


def test_it_names_each_state_of_the_data(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path)
    first = writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS).data_version
    second = writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS).data_version
    assert first != second
    assert LakeReader(tmp_path, "a").data_version == second


@pytest.mark.parametrize("broken", ["_copy", "write_manifest"])
def test_it_keeps_the_old_state_when_publishing_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    writer = LakeWriter(tmp_path)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(LakeWriter if broken == "_copy" else writer_module, broken, fail)
        with pytest.raises(OSError, match="disk full"):
            writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    assert ids(tmp_path) == ["call_1"]
    writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    assert ids(tmp_path) == ["call_2"]


def test_it_does_not_disturb_a_reader_that_began_before(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    reader = LakeReader(tmp_path, "a")
    writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    writer.sweep()
    assert reader.ask("SELECT call_id FROM {calls}", {}, facts=("calls",)) == [{"call_id": "call_1"}]


def test_it_sweeps_what_no_manifest_names_once_nobody_can_be_reading_it(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path, unread_after_secs=3_600)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    for path in tmp_path.rglob("*.parquet"):
        os.utime(path, (0, 0))  # written long ago, replaced only now
    reader = LakeReader(tmp_path, "a")
    writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    assert writer.sweep() == 0
    assert reader.ask("SELECT call_id FROM {calls}", {}, facts=("calls",)) == [{"call_id": "call_1"}]
    writer.unread_after_secs = 0
    assert writer.sweep() == 1
    assert ids(tmp_path) == ["call_2"]


def test_it_says_that_the_disk_did_not_take_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LakeWriter(tmp_path)

    class Full:
        def execute(self, *_: object) -> None:
            raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(writer, "_engine", Full())
    with pytest.raises(StoreUnavailable, match="did not take calls"):
        writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    assert ids(tmp_path) == []


def test_it_refuses_a_lake_of_a_newer_schema(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(Manifest(schema=99)))
    with pytest.raises(StoreBehind):
        read_manifest(tmp_path)


def test_it_holds_no_plain_caller_in_any_fact() -> None:
    names = {name for fact in FACTS for name in columns(fact)}
    assert not {name for name in names if "caller" in name} - {"caller_hash"}
