"""`lake check` finds what is wrong, by breaking a good lake in every way it knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from ringtrace.lake.check import Checked, check_lake
from ringtrace.lake.draft import Facts, digest_of_file
from ringtrace.lake.home import read_manifest
from ringtrace.lake.manifest import FileEntry, Manifest, data_version_of, encode_manifest
from ringtrace.lake.months import month_span_ms
from ringtrace.lake.schemas import CallFact, CreditFact, columns
from ringtrace.lake.writer import LakeWriter

MONTH = "2026-10"
AT_MS = month_span_ms(MONTH)[0] + 5


def call(name: str, **changes: Any) -> CallFact:
    nothing: dict[str, Any] = dict.fromkeys(columns("calls"))
    said = {"company_id": "a", "call_id": name, "number_id": "n", "started_ms": AT_MS, "status": "answered"}
    return CallFact(**nothing | said | {"attributed_by": "nothing"} | changes)


def credit(name: str, **changes: Any) -> msgspec.Struct:
    nothing = dict.fromkeys(columns("credits"))
    said = {"company_id": "a", "response_id": name, "kind": "call", "at_ms": AT_MS, "p": 0.5, "linear": 0.5}
    row: msgspec.Struct = CreditFact(**nothing | said | changes)
    return row


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    facts: Facts = {"calls": [call("1"), call("2")], "credits": [credit("1"), credit("1"), credit("2", linear=1.0)]}
    LakeWriter(tmp_path).publish({("a", MONTH): facts}, AT_MS)
    return tmp_path


def said(checked: Checked) -> str:
    return " ".join(trouble.what for trouble in checked.troubles)


def file_of(lake: Path, fact: str) -> Path:
    (path,) = (lake / fact).rglob("*.parquet")
    return path


def name_instead(lake: Path, fact: str, sql: str, rows: int | None = None) -> None:
    """Rewrites a fact's file by `sql` over the old one, and names it as a writer would."""
    old = file_of(lake, fact)
    fresh = lake / "fresh.parquet"
    query = sql.format(old=f"'{old}'")
    duckdb.execute(f"COPY ({query}) TO '{fresh}' (FORMAT parquet)")
    path = f"{fact}/a/{MONTH}-{digest_of_file(fresh)}.parquet"
    old.unlink()
    fresh.rename(lake / path)
    manifest = read_manifest(lake)
    counted = duckdb.read_parquet(str(lake / path)).shape[0]
    entry = FileEntry(path=path, rows=rows or counted, made_from="x")
    files = {**manifest.files, fact: {"a": {MONTH: entry}}}
    named = Manifest(version=9, files=files, data_version=data_version_of(files))
    (lake / "manifest.json").write_bytes(encode_manifest(named))


def test_it_finds_nothing_wrong_with_what_was_published(lake: Path) -> None:
    checked = check_lake(lake)
    assert checked.troubles == ()
    assert (checked.files, checked.rows, checked.orphans) == (2, 5, 0)
    assert checked.data_version == read_manifest(lake).data_version


def test_it_counts_files_that_nobody_names(lake: Path) -> None:
    LakeWriter(lake).publish({("a", MONTH): {"calls": [call("3")]}}, AT_MS)
    checked = check_lake(lake)
    assert (checked.troubles, checked.orphans) == ((), 2)
    assert checked.orphan_bytes > 0


def rewritten(fact: str, sql: str, rows: int | None = None) -> Callable[[Path], None]:
    return lambda lake: name_instead(lake, fact, sql, rows)


def wrote(text: str) -> Callable[[Path], object]:
    return lambda lake: (lake / "manifest.json").write_text(text)


A_MONTH_LATER = "SELECT * REPLACE (started_ms + 31 * 86400000::BIGINT AS started_ms) FROM {old}"


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (lambda lake: file_of(lake, "calls").unlink(), "not there"),
        (lambda lake: file_of(lake, "calls").write_bytes(b"PAR1 not quite PAR1"), "not what its name says"),
        (rewritten("calls", "SELECT * EXCLUDE p_known FROM {old}"), "columns"),
        (rewritten("calls", "SELECT * REPLACE (1 AS p_known) FROM {old}"), "columns"),
        (rewritten("calls", "FROM {old}", rows=7), "2 rows, and the manifest says 7"),
        (rewritten("calls", "SELECT * REPLACE ('b' AS company_id) FROM {old}"), "another company"),
        (rewritten("calls", A_MONTH_LATER), "2 rows are of another month"),
        (rewritten("credits", "SELECT * REPLACE (linear * 1.001 AS linear) FROM {old}"), "by linear"),
        (rewritten("credits", "SELECT * REPLACE (p AS markov) FROM {old} LIMIT 1"), "by markov"),
        (wrote('{"schema": 1}'), "schema 1"),
        (wrote('{"schema": 9}'), "schema 9"),
        (wrote('{"schema": 2, '), "cannot be read"),
        (lambda lake: (lake / "manifest.json").unlink(), "Nothing was published"),
    ],
)
def test_it_says_what_is_wrong_and_what_to_do(lake: Path, breaks: Callable[[Path], object], says: str) -> None:
    breaks(lake)
    checked = check_lake(lake)
    assert says in said(checked)
    assert all("ringtrace" in trouble.cure.lower() or "Ringtrace" in trouble.cure for trouble in checked.troubles)


def test_it_finds_a_manifest_that_somebody_edited(lake: Path) -> None:
    raw = (lake / "manifest.json").read_text()
    (lake / "manifest.json").write_text(raw.replace(read_manifest(lake).data_version, "0" * 16))
    assert "data version" in said(check_lake(lake))
