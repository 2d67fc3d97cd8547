"""The lake's definitions as Ibis compiles them, beside the same written by hand, on DuckDB.

Ten million touchpoints of a year, a million calls, one to two candidates a call, journeys of up to a lookback of 30
days. Both sides read the same Parquet files, write the same Parquet file, and are compared row by row before they are
timed; rounds take turns. What is promised: Ibis costs at most 1.3 times the hand-written text.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.figures import Figure, alone, beside
from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS
from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.definitions.asking import Effect, tables_of
from ringtrace.lake.definitions.compiled import DEFINITIONS, compile_table
from ringtrace.lake.definitions.laying import DEFAULT
from ringtrace.lake.definitions.shipped import shipped_sql
from ringtrace.lake.engines.duckdb import TYPES, DuckDBEngine
from ringtrace.lake.engines.port import Tables, empty_sql
from ringtrace.lake.schemas import columns

TOUCHES = 10_000_000
ROUNDS = 3
MOST = 1.3
MEMORY = "6GB"
SINCE_MS = 1_735_689_600_000  # 2025-01-01
UNTIL_MS = SINCE_MS + 365 * DAY_MS
CHANNELS = ("Direct", "Paid Search", "Organic Search", "Email", "Display", "Paid Social", "Referral", "Affiliates")

_BY_HAND = Path(__file__).parent / "by_hand"
HAND_WRITTEN = {
    name: (_BY_HAND / "held.sql").read_text() + (_BY_HAND / f"{name}.sql").read_text() for name in ("credits", "paths")
}
_MADE = {
    "touchpoints": """
        SELECT 'c' AS company_id, 't' || n AS touch_id, 'visit' AS kind, 't' || n AS visit_id,
               'v' || md5((n // 5)::VARCHAR) AS visitor_id,
               $since + (hash(n // 5) % (31536000000))::BIGINT + (hash(n) % 1728000000)::BIGINT AS at_ms,
               $channels[1 + (hash(n, 1) % 8)::INT] AS channel, 's' || hash(n, 2) % 20 AS source,
               'm' || hash(n, 3) % 4 AS medium, 'campaign ' || hash(n, 4) % 200 AS campaign, NULL AS ad_group,
               'keyword ' || hash(n, 5) % 5000 AS keyword, NULL AS content,
               '/page/' || hash(n, 6) % 500 AS landing_page,
               NULL AS referrer_host, 'phone' AS device, 'US-CA' AS region
        FROM range($touches) t(n)""",
    "calls": """
        SELECT 'c' AS company_id, 'k' || n AS call_id, 'n' AS number_id, NULL AS status, NULL AS attributed_by,
               $since + (hash(n * 2) % (31536000000))::BIGINT + 1728000000 AS started_ms
        FROM range($touches // 10) t(n)""",
    "identities": """
        SELECT 'c' AS company_id, 'v' || md5((n * 2 + side)::VARCHAR) AS visitor_id,
               'call' AS key_kind, 'k' || n AS key,
               CASE WHEN side = 0 THEN 0.85 ELSE 0.1 END AS p,
               $since + (hash(n * 2) % (31536000000))::BIGINT + 1728000000 AS at_ms, NULL AS visit_id
        FROM range($touches // 10) t(n), range(2) s(side) WHERE side = 0 OR n % 4 = 0
        UNION ALL
        SELECT 'c', 'v' || md5((n * 2)::VARCHAR), 'phone', 'h' || n // 3, 0.85, $since, NULL
        FROM range($touches // 10) t(n)""",
    "conversions": """
        SELECT 'c' AS company_id, kind || n AS conversion_id, kind, 'k' || n AS response_id, 'k' || n AS call_id,
               at_ms, at_ms AS response_ms, CASE WHEN kind = 'sale' THEN 1000 + n % 90000 END AS value_cents,
               NULL AS definition
        FROM (SELECT n, $since + (hash(n * 2) % (31536000000))::BIGINT + 1728000000 AS at_ms
              FROM range($touches // 10) t(n)), unnest(['call', 'lead', 'sale']) k(kind)
        WHERE hash(n, kind) % 3 > 0""",
}


def run() -> list[Figure]:
    figures = [_compiling()]
    with TemporaryDirectory(prefix="ringtrace-bench-") as name:
        folder = Path(name)
        tables = _tables(folder)
        engine = DuckDBEngine(memory=MEMORY, spill_dir=folder)
        for definition in HAND_WRITTEN:
            _check_same(engine, tables, folder, definition)
            figures += _timed(engine, tables, folder, definition)
        engine.close()
    return figures


def _tables(folder: Path) -> Tables:
    paths = {}
    values = {"since": SINCE_MS, "touches": TOUCHES, "channels": list(CHANNELS)}
    for fact, select in _MADE.items():
        path = folder / f"{fact}.parquet"
        typed = f"{empty_sql(columns(fact), TYPES)} UNION ALL BY NAME ({select})"
        with duckdb.connect(":memory:") as engine:
            used = {name: value for name, value in values.items() if f"${name}" in select}
            engine.execute(f"COPY ({typed}) TO '{path}' (FORMAT parquet)", used)
        paths[fact] = [str(path)]
    effects = [
        Effect(company_id="c", model=model, player=player, effect=0.1 + place / 10)
        for model in LAKE_LEARNERS
        for place, player in enumerate(CHANNELS)
    ]
    return tables_of(paths, SINCE_MS, UNTIL_MS, effects=effects)


def _write(engine: DuckDBEngine, tables: Tables, sql: str, definition: str, path: Path) -> Callable[[], None]:
    return lambda: engine.write(sql, tables, path, columns(definition))


def _sides(engine: DuckDBEngine, tables: Tables, folder: Path, definition: str) -> dict[str, Callable[[], None]]:
    texts = {"ibis": shipped_sql(definition), "hand": HAND_WRITTEN[definition]}
    return {side: _write(engine, tables, sql, definition, folder / f"{side}.parquet") for side, sql in texts.items()}


def _check_same(engine: DuckDBEngine, tables: Tables, folder: Path, definition: str) -> None:
    for write in _sides(engine, tables, folder, definition).values():
        write()
    rounded = ", ".join(
        f'round("{name}", 9) AS "{name}"' if kind == "DOUBLE" else f'"{name}"'
        for name, kind in columns(definition).items()
    )
    one, other = (f"SELECT {rounded} FROM read_parquet('{folder}/{side}.parquet')" for side in ("ibis", "hand"))  # noqa: S608
    counted = f"SELECT (SELECT count(*) FROM ({one})) AS ours, (SELECT count(*) FROM ({other})) AS theirs"  # noqa: S608
    rows = engine.ask(counted, {})[0]
    [differing] = engine.ask(f"SELECT count(*) AS n FROM (({one}) EXCEPT ALL ({other}))", {})  # noqa: S608
    if not rows["ours"] or rows["ours"] != rows["theirs"] or differing["n"]:
        raise BadInput(
            f"{definition}: of {rows} rows {differing['n']} differ.", hint="Make both sides say the same first."
        )


def _timed(engine: DuckDBEngine, tables: Tables, folder: Path, definition: str) -> list[Figure]:
    secs: dict[str, list[float]] = {"ibis": [], "hand": []}
    cpu: dict[str, list[float]] = {"ibis": [], "hand": []}
    for _ in range(ROUNDS):
        for side, write in _sides(engine, tables, folder, definition).items():
            started, began = time.perf_counter(), time.process_time()
            write()
            secs[side].append(time.perf_counter() - started)
            cpu[side].append(time.process_time() - began)
    return [
        beside(f"{definition}, 10 M touchpoints", secs["ibis"], "s", "by hand", secs["hand"], at_most=MOST),
        beside(f"{definition}, processor", cpu["ibis"], "s", "by hand", cpu["hand"], at_most=MOST),
    ]


def _compiling() -> Figure:
    secs = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        compile_table(DEFINITIONS["credits"](DEFAULT), "duckdb")
        secs.append(time.perf_counter() - started)
    return alone(f"compiling credits by {len(LAKE_MODELS)} models, once a release", secs, "s")
