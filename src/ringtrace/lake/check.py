"""Looks whether the lake is what its manifest says: every file that is named, and those that nobody names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from msgspec import Struct

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.lake.draft import digest_of_file, sql_text
from ringtrace.lake.home import LakeHome, as_home
from ringtrace.lake.manifest import Manifest, Place, data_version_of, decode_manifest
from ringtrace.lake.months import month_span_ms
from ringtrace.lake.schemas import FACTS, MODEL_COLUMNS, TIMED_BY, columns

AGAIN = "Publish it anew: ringtrace lake publish --all"
_SUMS_TO_ONE = 1e-8  # probabilities are counted in 1e-12ths, and rests below a thousand of them are left out

Told = Callable[[int, int], None]  # files done, files in all


class Trouble(Struct, frozen=True, kw_only=True):
    """Something that is not as it should be, and what to do. `path` "": it is about the whole lake."""

    path: str
    what: str
    cure: str


class Checked(Struct, frozen=True, kw_only=True):
    """`files` and `rows` are those that are named. `orphans` lie there, named by nobody: no trouble, only space."""

    data_version: str
    files: int
    rows: int
    troubles: tuple[Trouble, ...]
    orphans: int
    orphan_bytes: int


def check_lake(lake: LakeHome | Path, told: Told = lambda _done, _all: None) -> Checked:
    """Reads every byte of every named file once. Raises StoreUnavailable where the lake cannot be reached."""
    home = as_home(lake)
    manifest, troubles = _read(home)
    places = list(manifest.places())
    engine = duckdb.connect(":memory:", config={"threads": 2})
    for done, place in enumerate(places):
        troubles += list(_check_file(home, engine, place))
        told(done + 1, len(places))
    engine.close()
    named = manifest.all_paths()
    orphans = [held for held in home.held() if held.path not in named]
    return Checked(
        data_version=manifest.data_version,
        files=len(places),
        rows=sum(place.entry.rows for place in places),
        troubles=tuple(troubles),
        orphans=len(orphans),
        orphan_bytes=sum(held.size for held in orphans),
    )


def _read(home: LakeHome) -> tuple[Manifest, list[Trouble]]:
    raw = home.read_raw()
    if raw is None:
        return Manifest(), [Trouble(path="", what="Nothing was published.", cure="Run ringtrace lake publish.")]
    try:
        manifest = decode_manifest(raw.data)
    except (StoreBehind, StoreUnavailable) as error:
        return Manifest(), [Trouble(path="", what=str(error.args[0]), cure=error.hint)]
    except ValueError:
        return Manifest(), [Trouble(path="", what="The manifest cannot be read.", cure=f"Remove it. {AGAIN}")]
    if manifest.data_version != data_version_of(manifest.files):
        what = "The manifest's data version is not that of the files it names."
        return manifest, [Trouble(path="", what=what, cure=AGAIN)]
    return manifest, []


def _check_file(home: LakeHome, engine: duckdb.DuckDBPyConnection, place: Place) -> Iterator[Trouble]:
    path = place.entry.path
    if place.fact not in FACTS:
        yield _trouble(path, f"There is no fact {place.fact}.")
        return
    try:
        (full,) = home.local([path])
        if digest_of_file(Path(full)) not in path:
            yield _trouble(path, "Its content is not what its name says: it was changed or damaged.")
            return
    except FileNotFoundError:
        yield _trouble(path, "It is not there.")
        return
    except StoreUnavailable as error:
        yield _trouble(path, str(error.args[0]))
        return
    try:
        yield from _check_rows(engine, place, full)
    except duckdb.Error:
        yield _trouble(path, "It cannot be read as Parquet.")


def _check_rows(engine: duckdb.DuckDBPyConnection, place: Place, full: str) -> Iterator[Trouble]:
    path, table = place.entry.path, f"read_parquet('{sql_text(full)}')"
    found = {row[0]: row[1] for row in engine.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}  # noqa: S608
    if found != columns(place.fact):
        yield _trouble(path, "Its columns are not those of the schema.")
        return
    rows, strange = _one(engine, f"SELECT count(*), count(*) FILTER (company_id <> ?) FROM {table}", place.company_id)  # noqa: S608
    if rows != place.entry.rows:
        yield _trouble(path, f"It has {rows} rows, and the manifest says {place.entry.rows}.")
    if strange:
        yield _trouble(path, f"{strange} rows are another company's.")
    outside = _outside(engine, place, table)
    if outside:
        yield _trouble(path, f"{outside} rows are of another month.")
    if place.fact == "credits":
        yield from _check_sums(engine, path, table)


def _outside(engine: duckdb.DuckDBPyConnection, place: Place, table: str) -> int:
    if place.fact == "spend":
        asked = f"SELECT count(*) FILTER (strftime(on_date, '%Y-%m') <> ?), 0 FROM {table}"  # noqa: S608
        return _one(engine, asked, place.month)[0]
    if place.fact not in TIMED_BY:
        return 0
    timed_by, (since_ms, until_ms) = TIMED_BY[place.fact], month_span_ms(place.month)
    asked = f"SELECT count(*) FILTER ({timed_by} < ? OR {timed_by} >= ?), 0 FROM {table}"  # noqa: S608
    return _one(engine, asked, since_ms, until_ms)[0]


def _check_sums(engine: duckdb.DuckDBPyConnection, path: str, table: str) -> Iterator[Trouble]:
    """Every response's credit sums to one in every column that has any, and no share is below zero."""
    for model in MODEL_COLUMNS:
        each = f'SELECT sum("{model}") AS share, min("{model}") AS least FROM {table} GROUP BY kind, response_id'  # noqa: S608
        wrong = f"abs(share - 1) > {_SUMS_TO_ONE} OR least < 0"
        bad, _ = _one(engine, f"SELECT count(*) FILTER ({wrong}), 0 FROM ({each})")  # noqa: S608
        if bad:
            yield _trouble(path, f"The shares of {bad} responses do not sum to one by {model}.")


def _one(engine: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple[int, int]:
    row = engine.execute(sql, list(values)).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _trouble(path: str, what: str) -> Trouble:
    return Trouble(path=path, what=what, cure=AGAIN)
