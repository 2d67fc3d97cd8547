"""The lake: what is published is read, whole or not at all, and old readers are not disturbed."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from ringtrace.core.errors import BadInput, LakeMoved, StoreBehind, StoreUnavailable
from ringtrace.lake.draft import Draft, Facts
from ringtrace.lake.home import read_manifest
from ringtrace.lake.manifest import Manifest
from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.lake.schemas import FACTS, SCHEMA, CallFact, SpendFact, columns
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
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1, tags=("A", "b"))]}}, NOW_MS)
    (row,) = LakeReader(tmp_path, "a").ask("SELECT * FROM {calls}", {}, facts=("calls",))
    assert row == msgspec.structs.asdict(call(1, tags=("A", "b"))) | {"tags": ["A", "b"]}


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


def test_it_names_each_state_of_the_data_by_what_is_in_it(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path)
    first = writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    second = writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    third = writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    assert first.data_version == third.data_version != second.data_version
    assert [one.version for one in (first, second, third)] == [1, 2, 3]
    assert LakeReader(tmp_path, "a").data_version == third.data_version


def test_it_writes_nothing_where_nothing_changed(tmp_path: Path) -> None:
    months: dict[tuple[str, str], Facts] = {("a", OCTOBER): {"calls": [call(1)]}, ("a", NOVEMBER): {"calls": [call(2)]}}
    LakeWriter(tmp_path).publish(months, NOW_MS)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*") if path.is_file()}
    LakeWriter(tmp_path).publish(months, NOW_MS + 1)
    LakeWriter(tmp_path).publish({("a", NOVEMBER): months["a", NOVEMBER]}, NOW_MS + 2)
    after = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*") if path.is_file()}
    assert before == after


def test_a_file_has_the_digest_of_its_bytes_in_its_name(tmp_path: Path) -> None:
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1), call(2)]}}, NOW_MS)
    (path,) = tmp_path.rglob("*.parquet")
    assert path.name == f"{OCTOBER}-{hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()}.parquet"
    entry = read_manifest(tmp_path).entry("calls", "a", OCTOBER)
    assert entry is not None
    assert (entry.path, entry.rows) == (str(path.relative_to(tmp_path)), 2)


def test_the_same_rows_make_the_same_lake_anywhere(tmp_path: Path) -> None:
    months: dict[tuple[str, str], Facts] = {("a", OCTOBER): {"calls": [call(n) for n in range(3_000)]}}
    one = LakeWriter(tmp_path / "one").publish(months, NOW_MS)
    other = LakeWriter(tmp_path / "other").publish(months, NOW_MS + 5)
    assert one == other


@pytest.mark.parametrize("broken", ["_copy", "commit"])
def test_it_keeps_the_old_state_when_publishing_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    writer = LakeWriter(tmp_path)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Draft, broken, fail)
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
    writer.sweep(NOW_MS)
    assert reader.ask("SELECT call_id FROM {calls}", {}, facts=("calls",)) == [{"call_id": "call_1"}]


def test_it_sweeps_what_no_manifest_names_once_nobody_can_be_reading_it(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path, unread_after_secs=600)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    for path in tmp_path.rglob("*.parquet"):
        os.utime(path, (0, 0))  # written long ago, replaced only now
    reader = LakeReader(tmp_path, "a")
    writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
    assert writer.sweep(NOW_MS + 599_999) == []
    assert reader.ask("SELECT call_id FROM {calls}", {}, facts=("calls",)) == [{"call_id": "call_1"}]
    assert len(LakeWriter(tmp_path).sweep(NOW_MS + 600_000)) == 1  # another process knows it, too
    assert ids(tmp_path) == ["call_2"]
    with pytest.raises(LakeMoved):
        reader.ask("SELECT call_id FROM {calls}", {}, facts=("calls",))


def test_it_sweeps_what_a_killed_writer_was_at(tmp_path: Path) -> None:
    for name in ("tmpabc.part", "tmpabc.ndjson"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (NOW_MS // 1000, NOW_MS // 1000))
    writer = LakeWriter(tmp_path)
    writer.sweep(NOW_MS + 1_000)
    assert len(list(tmp_path.iterdir())) == 2
    writer.sweep(NOW_MS + 601_000)
    assert list(tmp_path.iterdir()) == []


def test_a_question_is_asked_again_where_its_state_was_taken_away(tmp_path: Path) -> None:
    writer = LakeWriter(tmp_path)
    writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    seen: list[list[str]] = []

    def twice(lake: LakeReader) -> list[str]:
        found = []
        for _ in range(2):
            found += [row["call_id"] for row in lake.ask("SELECT call_id FROM {calls}", {}, facts=("calls",))]
            if not seen:
                writer.publish({("a", OCTOBER): {"calls": [call(2)]}}, NOW_MS)
                writer.sweep(NOW_MS, at_once={"a"})
                seen.append(found)
        return found

    assert read_steadily(tmp_path, "a", twice) == ["call_2", "call_2"]
    assert seen == [["call_1"]]


def test_a_file_that_somebody_took_away_is_said(tmp_path: Path) -> None:
    LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)
    next(tmp_path.rglob("*.parquet")).unlink()
    with pytest.raises(StoreUnavailable, match="cannot be read") as caught:
        ids(tmp_path)
    assert not isinstance(caught.value, LakeMoved)


@pytest.mark.parametrize("model", ["p", 'linear" OR 1=1 --', "markov_4", "*"])
def test_it_takes_no_model_that_it_has_no_column_of(tmp_path: Path, model: str) -> None:
    with pytest.raises(BadInput):
        LakeReader(tmp_path, "a").ask("SELECT {credit} FROM {credits}", {}, facts=("credits",), model=model)


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
    with pytest.raises(StoreBehind):
        LakeWriter(tmp_path).publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS)


def test_it_reads_no_lake_of_an_older_schema_and_begins_it_anew(tmp_path: Path) -> None:
    """Its rows have other columns: half of them would be wrong in silence."""
    old = {"version": 41, "schema": 1, "files": {"calls": {"a": {OCTOBER: "calls/a/2026-10-p_1.parquet"}}}}
    (tmp_path / "manifest.json").write_bytes(msgspec.json.encode(old))
    with pytest.raises(StoreUnavailable, match="published anew"):
        LakeReader(tmp_path, "a")
    writer = LakeWriter(tmp_path)
    assert writer.months_of_older_schema() == {("a", OCTOBER)}
    assert writer.publish({("a", OCTOBER): {"calls": [call(1)]}}, NOW_MS).version == 42
    assert writer.months_of_older_schema() == set()
    assert ids(tmp_path) == ["call_1"]


def test_it_holds_no_plain_caller_in_any_fact() -> None:
    names = {name for fact in FACTS for name in columns(fact)}
    assert not {name for name in names if "caller" in name} - {"caller_hash", "caller_region"}


def test_other_columns_are_another_schema() -> None:
    """Who changes the columns of a fact, by another model too, gives the schema a new number: then every lake is
    published anew. The digest here says what number 3 has."""
    said = msgspec.json.encode({fact: list(columns(fact).items()) for fact in FACTS})
    assert (SCHEMA, hashlib.blake2b(said, digest_size=8).hexdigest()) == (3, "bb8254349a68dcdb")
