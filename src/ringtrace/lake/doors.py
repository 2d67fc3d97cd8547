"""A DuckDB file for other tools: the lake of some companies as plain tables or views, with times as times and each
model's credit in rows of its own. Written beside the old one and put in its place at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from msgspec import Struct

from ringtrace.core.errors import BadInput, StoreUnavailable
from ringtrace.lake.draft import table_of
from ringtrace.lake.home import LakeHome, read_manifest
from ringtrace.lake.schemas import FACTS, MODEL_COLUMNS, columns

_MOMENTS = frozenset({"at_ms", "started_ms", "touch_ms", "response_ms"})
CREDIT_COLUMNS = (
    *("company_id", "response_id", "kind", "at_ms", "touch_id", "channel", "source", "medium", "campaign", "ad_group"),
    *("keyword", "landing_page", "device", "region", "position", "length", "p"),
)
"""What a row of the view `credit` has before `model` and `credit`."""


class Told(Struct, frozen=True, kw_only=True):
    """A company whose rows the file has, for people: in the table `companies`."""

    company_id: str
    name: str
    time_zone: str
    currency: str


class Door(Struct, frozen=True, kw_only=True):
    """What was written. `rows` by table."""

    data_version: str
    rows: Mapping[str, int]


def write_door(home: LakeHome, out: Path, companies: Sequence[Told], *, copied: bool) -> Door:
    """Writes `out`. `copied`: the rows themselves, good for as long as one likes; else views over the lake's files,
    which stay for ten minutes after a newer publishing. Raises BadInput, StoreUnavailable."""
    if not companies:
        raise BadInput("There is no company to write.", hint="Name one by --company, or make one first.")
    manifest = read_manifest(home)
    fresh = out.with_name(f".{out.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(fresh)) as file:
            _companies(file, companies)
            rows = {fact: _fact(file, home, fact, companies, copied=copied) for fact in FACTS}
            _credit(file)
            _version(file, manifest.data_version)
        fresh.replace(out)
    except (duckdb.Error, OSError) as error:
        fresh.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"{out} cannot be written, or a file of the lake cannot be read.",
            hint="Check space and owner of its folder, and run `ringtrace lake check`.",
        ) from error
    return Door(data_version=manifest.data_version, rows=rows)


def _companies(file: duckdb.DuckDBPyConnection, companies: Sequence[Told]) -> None:
    file.execute("CREATE TABLE companies (company_id VARCHAR, name VARCHAR, time_zone VARCHAR, currency VARCHAR)")
    told = [(each.company_id, each.name, each.time_zone, each.currency) for each in companies]
    file.executemany("INSERT INTO companies VALUES (?, ?, ?, ?)", told)


def _fact(
    file: duckdb.DuckDBPyConnection, home: LakeHome, fact: str, companies: Sequence[Told], *, copied: bool
) -> int:
    manifest = read_manifest(home)
    paths = [path for each in companies for path in manifest.relatives(fact, each.company_id, None)]
    kind = "TABLE" if copied else "VIEW"
    selected = ", ".join(_column(name) for name in columns(fact))
    file.execute(f"CREATE {kind} {fact} AS SELECT {selected} FROM {table_of(fact, home.local(paths))}")  # noqa: S608
    counted = file.execute(f"SELECT count(*) FROM {fact}").fetchone()  # noqa: S608
    return int(counted[0]) if counted else 0


def _column(name: str) -> str:
    """A moment stands as a time (UTC) too: `started_at` beside `started_ms`, `at` beside `at_ms`."""
    if name not in _MOMENTS:
        return f'"{name}"'
    title = "at" if name == "at_ms" else f"{name.removesuffix('_ms')}_at"
    return f'"{name}", make_timestamp("{name}" * 1000) AS "{title}"'


def _credit(file: duckdb.DuckDBPyConnection) -> None:
    """`credit`: a row a response, touch and model, as tools for charts like it. Null credit has no row."""
    kept = ", ".join(CREDIT_COLUMNS)
    models = ", ".join(f'"{model}"' for model in MODEL_COLUMNS)
    moment = "make_timestamp(at_ms * 1000) AS at"
    unpivoted = f"UNPIVOT (SELECT {kept}, {models} FROM credits) ON {models} INTO NAME model VALUE credit"  # noqa: S608
    file.execute(f"CREATE VIEW credit AS SELECT *, {moment} FROM ({unpivoted})")  # noqa: S608


def _version(file: duckdb.DuckDBPyConnection, data_version: str) -> None:
    file.execute("CREATE TABLE made (data_version VARCHAR)")
    file.execute("INSERT INTO made VALUES (?)", [data_version])
