"""The lake in a bucket, on a server that speaks S3 on loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ringtrace.core.errors import BadInput, LakeMoved, PartMissing, StoreUnavailable
from ringtrace.lake import objects
from ringtrace.lake.check import check_lake
from ringtrace.lake.draft import Facts
from ringtrace.lake.home import LakeHome, LocalLake, read_manifest
from ringtrace.lake.months import month_of
from ringtrace.lake.objects import ObjectLake
from ringtrace.lake.opening import open_lake
from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.lake.writer import LakeWriter
from tests.rooms.test_lake import NOW_MS, call

moto_server = pytest.importorskip("moto.server")
MONTH = month_of(NOW_MS)

boto3 = pytest.importorskip("boto3")
pytest.importorskip("obstore")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def url(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A bucket of its own, and the variables by which anything finds it."""
    bucket = tmp_path.name.replace("_", "-").lower()[-60:].strip("-")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/some/prefix"


def a_lake(url: str, tmp_path: Path, machine: str) -> ObjectLake:
    """The lake as one machine has it, with a cache of its own."""
    return ObjectLake(url, tmp_path / machine)


def publish(lake: LakeHome, *calls: int) -> None:
    facts: Facts = {"calls": [call(number) for number in calls]}
    with closing(LakeWriter(lake)) as writer:
        writer.publish({("a", MONTH): facts}, NOW_MS)


def ids(lake: LakeHome) -> list[str]:
    rows = LakeReader(lake, "a").ask("SELECT call_id FROM {calls} ORDER BY call_id", {}, facts=("calls",))
    return [row["call_id"] for row in rows]


def test_what_one_machine_publishes_another_reads(url: str, tmp_path: Path) -> None:
    here, there = a_lake(url, tmp_path, "here"), a_lake(url, tmp_path, "there")
    assert ids(there) == []
    publish(here, 1)
    assert ids(there) == ["call_1"]
    publish(here, 2, 3)
    assert ids(there) == ["call_2", "call_3"] == ids(here)
    assert check_lake(there).troubles == ()
    publish(LocalLake(tmp_path / "local"), 2, 3)
    assert read_manifest(there).data_version == read_manifest(tmp_path / "local").data_version


def test_a_file_is_fetched_once(url: str, tmp_path: Path) -> None:
    publish(a_lake(url, tmp_path, "here"), 1)
    there = a_lake(url, tmp_path, "there")
    assert ids(there) == ["call_1"]
    (cached,) = (tmp_path / "there").rglob("*.parquet")
    before = cached.stat().st_ino
    assert ids(there) == ["call_1"] == ids(a_lake(url, tmp_path, "there"))
    assert cached.stat().st_ino == before
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["calls"]  # no half of a file is left


def test_of_two_writers_the_second_is_refused(url: str, tmp_path: Path) -> None:
    here, there = LakeWriter(a_lake(url, tmp_path, "here")), LakeWriter(a_lake(url, tmp_path, "there"))
    first, second = here.draft(), there.draft()
    first.put_rows("calls", "a", MONTH, [call(1)])
    second.put_rows("calls", "a", MONTH, [call(2)])
    here.commit(first, NOW_MS)
    with pytest.raises(LakeMoved, match="Another writer"):
        there.commit(second, NOW_MS)
    assert ids(there.home) == ["call_1"]
    third = there.draft()
    third.put_rows("calls", "a", MONTH, [call(3)])
    there.commit(third, NOW_MS)
    fourth = here.draft()
    here.published()  # looking at what is there now makes no older draft right
    fourth.put_rows("calls", "a", MONTH, [call(4)])
    publish(there.home, 5)
    with pytest.raises(LakeMoved):
        here.commit(fourth, NOW_MS)
    assert ids(here.home) == ["call_5"]


def test_a_reader_whose_file_was_taken_away_asks_again(url: str, tmp_path: Path) -> None:
    here, there = a_lake(url, tmp_path, "here"), a_lake(url, tmp_path, "there")
    publish(here, 1)
    reader = LakeReader(there, "a")
    publish(here, 2)
    with closing(LakeWriter(here)) as writer:
        assert len(writer.sweep(NOW_MS, at_once={"a"})) == 1
    with pytest.raises(LakeMoved):
        reader.ask("SELECT * FROM {calls}", {}, facts=("calls",))
    found = read_steadily(there, "a", lambda lake: lake.ask("SELECT call_id FROM {calls}", {}, facts=("calls",)))
    assert found == [{"call_id": "call_2"}]
    assert not list((tmp_path / "here").rglob("*.fetched"))


def test_it_sweeps_the_bucket(url: str, tmp_path: Path) -> None:
    here = a_lake(url, tmp_path, "here")
    publish(here, 1)
    publish(here, 2)
    assert len(list(here.held())) == 2
    with closing(LakeWriter(here)) as writer:
        assert writer.sweep(NOW_MS) == []
        (removed,) = writer.sweep(max(held.since_ms for held in here.held()) + 600_000)
    assert [held.path for held in here.held()] == sorted(read_manifest(here).all_paths())
    assert not (tmp_path / "here" / removed.path).exists()


def test_it_forgets_copies_that_nobody_names(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = a_lake(url, tmp_path, "here"), a_lake(url, tmp_path, "there")
    publish(here, 1)
    assert ids(there) == ["call_1"]
    monkeypatch.setattr(objects, "_PRUNE_EVERY_SECS", 0)
    monkeypatch.setattr(objects, "_KEPT_SECS", -1)
    publish(here, 2)
    assert ids(there) == ["call_2"]
    assert len(list((tmp_path / "there").rglob("*.parquet"))) == 1


def test_it_mends_a_file_that_is_gone_from_the_bucket(url: str, tmp_path: Path) -> None:
    here = a_lake(url, tmp_path, "here")
    publish(here, 1)
    here.remove(sorted(read_manifest(here).all_paths()))
    assert "not there" in check_lake(a_lake(url, tmp_path, "there")).troubles[0].what
    publish(here, 1)
    assert check_lake(a_lake(url, tmp_path, "elsewhere")).troubles == ()


def test_it_says_that_the_storage_is_away(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(objects, "_RETRIES", 0)
    away = a_lake(url, tmp_path, "here")
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        read_manifest(away)


def test_a_bucket_that_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    nowhere = a_lake("s3://no-such-bucket/lake", tmp_path, "here")
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        read_manifest(nowhere)
    draft = LakeWriter(LocalLake(tmp_path / "here")).draft()
    draft.put_rows("calls", "a", MONTH, [call(1)])
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        nowhere.keep(draft.names("calls", "a", [MONTH])[0])


@pytest.mark.parametrize("url", ["s3:/bucket", "http://bucket/lake", "bucket", "file://host/lake", "file:///", "s3://"])
def test_it_refuses_what_names_no_lake(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="RINGTRACE_LAKE"):
        open_lake(url, tmp_path)


def test_a_folder_may_be_named(tmp_path: Path) -> None:
    assert open_lake("", tmp_path).name == str(tmp_path)
    assert open_lake(f"file://{tmp_path}/the%20lake", tmp_path / "x").folder == tmp_path / "the lake"


def test_it_says_which_package_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(objects, "import_module", gone)
    with pytest.raises(PartMissing, match="obstore") as caught:
        ObjectLake("s3://bucket/lake", tmp_path)
    assert "ringtrace[objects]" in caught.value.hint


def test_what_came_damaged_is_not_kept(url: str, tmp_path: Path) -> None:
    here, there = a_lake(url, tmp_path, "here"), a_lake(url, tmp_path, "there")
    publish(here, 1)
    (path,) = read_manifest(here).all_paths()
    (tmp_path / "here" / path).write_bytes(b"half of it")
    here.keep(path)
    with pytest.raises(StoreUnavailable, match="damaged"):
        there.local([path])
    assert [each.name for each in (tmp_path / "there").iterdir()] == ["calls"]
    assert "damaged" in check_lake(there).troubles[0].what
