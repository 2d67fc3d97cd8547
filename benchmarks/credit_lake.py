"""The lake's `credits` of a large account: a dashboard's share by every model and dimension; one month made again.

A million responses in a year, four touches each, as the wide fact keeps them. Questions go through the reader that
reports use, in one process, warm; beside each a plain scan of the two columns that it reads.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, below, beside
from ringtrace.lake.derive import derive_month
from ringtrace.lake.draft import Draft
from ringtrace.lake.months import month_span_ms
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import MODEL_COLUMNS, columns
from ringtrace.lake.writer import LakeWriter

RESPONSES = min(1_000_000, int(os.environ.get("RINGTRACE_BENCH_MOST", "1000000")))
MOST_MS, MOST_MONTH_SECS = 100.0, 0.5
DIMENSIONS = ("channel", "source", "medium", "campaign", "ad_group", "keyword", "landing_page", "device", "region")
MONTHS_MADE = (
    ("of 35,000 visits and 3,500 calls", 35_000, 3_500),
    ("of 330,000 visits and 83,000 calls", 330_000, 83_000),
)
LOOKBACK_DAYS = 30
_COMPANY = "company_0123456789abcdef0123456789abcdef"
_MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))
_TURNS = 3
_MONTH_TURNS = 5
_MADE_FROM = "benchmark"

_SHARE = """
SELECT {dimension}, sum({{credit}}) AS share FROM {{credits}}
WHERE at_ms >= $since_ms AND at_ms < $until_ms AND kind = 'call' GROUP BY ALL ORDER BY share DESC NULLS LAST LIMIT 50
"""
_SCAN = "SELECT max({dimension}), sum({{credit}}) FROM {{credits}} WHERE at_ms >= $since_ms AND at_ms < $until_ms"

_CREDITS = """
WITH responses AS (
    SELECT range + {offset} AS n, (1 + hash(range, 1) % 7)::BIGINT AS length,
           ({since_ms} + hash(range, 2) % ({until_ms} - {since_ms}))::BIGINT AS at_ms
    FROM range({responses})
), touches AS (
    SELECT n, length, at_ms, unnest(range(1, length + 1)) AS position FROM responses
), drawn AS (
    SELECT *, (hash(n, position, 3) % 1_000)::BIGINT AS d, hash(n, position, 4) % 1_000_000 / 1e6 AS u FROM touches
)
SELECT '{company}' AS company_id, 'call_' || md5(n::VARCHAR) AS response_id,
       CASE WHEN n % 10 = 0 THEN 'form' ELSE 'call' END AS kind, at_ms,
       'touch_' || md5((n * 50 + position)::VARCHAR) AS touch_id,
       'visit_' || md5((n * 50 + position)::VARCHAR) AS visit_id,
       at_ms - (length - position) * 86_400_000 AS touch_ms,
       'channel_' || floor(12 * pow(d / 1_000.0, 2))::INT AS channel, 'source_' || d % 40 AS source,
       'medium_' || d % 8 AS medium, 'campaign_' || d % 200 AS campaign, 'group_' || d % 500 AS ad_group,
       'keyword_' || hash(n, position, 5) % 5_000 AS keyword, NULL AS content, '/page/' || d % 300 AS landing_page,
       NULL AS referrer_host, ['phone', 'tablet', 'desktop'][1 + d % 3] AS device, 'region_' || d % 50 AS region,
       position, length, 1.0 AS p, {models}, NULL AS reason, {traits}
FROM drawn ORDER BY at_ms, response_id, position
"""
_BY_MODEL = {
    "first_touch": "(position = 1)::DOUBLE",
    "last_touch": "(position = length)::DOUBLE",
    "linear": "1.0 / length",
}

_BASE = {
    "touchpoints": """
SELECT '{company}' AS company_id, visit AS touch_id, 'visit' AS kind, visit AS visit_id, visitor AS visitor_id, at_ms,
       'channel_' || drawn % 9 AS channel, 'source_' || drawn % 30 AS source, 'cpc' AS medium,
       'campaign_' || drawn % 100 AS campaign, NULL AS ad_group, 'keyword_' || drawn % 900 AS keyword, NULL AS content,
       '/' AS landing_page, NULL AS referrer_host, 'phone' AS device, 'US-CA' AS region
FROM {visits} ORDER BY at_ms, touch_id""",
    "calls": """
SELECT '{company}' AS company_id, call AS call_id, md5(visitor) AS person, 'number_1' AS number_id,
       '+13105550140' AS number, 'Main' AS pool, called_ms AS started_ms, 'answered' AS status, 5.0 AS ring_secs,
       90.0 AS talk_secs, md5(visitor) AS caller_hash, true AS is_first_call, NULL AS since_last_secs,
       NULL AS caller_region, NULL AS line_type, NULL AS agent, NULL AS flow_branch, NULL AS menu_keys,
       NULL AS disposition, []::VARCHAR[] AS tags, false AS is_spam, NULL AS transferred, 'pool' AS attributed_by,
       visit AS visit_id, 0.9 AS p_known
FROM {visits} WHERE n < {calls} ORDER BY started_ms, call_id""",
    "identities": """
SELECT '{company}' AS company_id, visitor AS visitor_id, 'call' AS key_kind, call AS key, 0.9 AS p, called_ms AS at_ms,
       visit AS visit_id
FROM {visits} WHERE n < {calls} ORDER BY at_ms, key""",
    "conversions": """
SELECT '{company}' AS company_id, call AS conversion_id, 'call' AS kind, call AS response_id, call AS call_id,
       called_ms AS at_ms, called_ms AS response_ms, NULL AS value_cents, 'qualified-1' AS definition,
       NULL AS person, NULL AS stage, false AS is_open
FROM {visits} WHERE n < {calls} ORDER BY response_ms, conversion_id""",
}
_OF_MONTH = """(
    SELECT range AS n, hash(range, 3) AS drawn, 'visit_' || md5('{month}' || range) AS visit,
           'visitor_' || md5((hash(range, 1) % ({visits} * 6 // 10))::VARCHAR) AS visitor,
           'call_' || md5('{month}' || range) AS call,
           ({since_ms} + hash(range, 2, '{month}') % ({until_ms} - {since_ms} - 600_000))::BIGINT AS at_ms,
           at_ms + 300_000 AS called_ms
    FROM range({visits})
)"""


def run(folder: Path) -> list[Figure]:
    return [*_dashboard(folder / "dashboard"), *_months(folder)]


def _dashboard(folder: Path) -> Iterator[Figure]:
    _publish_credits(folder)
    reader = LakeReader(folder, _COMPANY)
    since_ms, until_ms = month_span_ms(_MONTHS[0])[0], month_span_ms(_MONTHS[-1])[1]

    def ask(sql: str, model: str, dimension: str) -> float:
        began = time.perf_counter()
        reader.ask(
            sql.format(dimension=dimension),
            {"since_ms": since_ms, "until_ms": until_ms},
            facts=["credits"],
            model=model,
        )
        return 1_000 * (time.perf_counter() - began)

    pairs = [(model, dimension) for model in MODEL_COLUMNS for dimension in DIMENSIONS]
    shares, scans = [], []
    for _ in range(_TURNS):
        shares += [ask(_SHARE, *pair) for pair in pairs]
        scans += [ask(_SCAN, *pair) for pair in pairs]
    name = f"dashboard: {len(MODEL_COLUMNS)} models x {len(DIMENSIONS)} dimensions, {RESPONSES:,} responses"
    yield below(f"{name}, p50", shares, "ms", MOST_MS)
    yield below(f"{name}, p95", [_percentile(shares, 95)], "ms", MOST_MS)
    yield beside(f"{name}", shares, "ms", "plain scan", scans)


def _percentile(values: list[float], of: int) -> float:
    """The smallest value that so many percent do not exceed."""
    return sorted(values)[-(-len(values) * of // 100) - 1]


def _publish_credits(folder: Path) -> None:
    writer = LakeWriter(folder)
    draft = writer.draft()
    models = ", ".join(f'{_BY_MODEL.get(model, "u / length")} AS "{model}"' for model in MODEL_COLUMNS)
    wanted = list(columns("credits"))
    traits = ", ".join(f"NULL AS {name}" for name in wanted[wanted.index("reason") + 1 :])
    for month in _MONTHS:
        since_ms, until_ms = month_span_ms(month)
        query = _CREDITS.format(
            company=_COMPANY,
            models=models,
            traits=traits,
            responses=RESPONSES // len(_MONTHS),
            since_ms=since_ms,
            until_ms=until_ms,
            offset=int(month[-2:]) * RESPONSES,
        )
        draft.put_query("credits", _COMPANY, month, query, _MADE_FROM)
    writer.commit(draft, 0)


def _months(folder: Path) -> Iterator[Figure]:
    """The derived facts of a month, made of base facts that are there: paths, fits and credits."""
    for name, visits, calls in MONTHS_MADE:
        writer = LakeWriter(folder / f"month-{visits}")
        draft = writer.draft()
        for month in _MONTHS[:3]:
            _put_base(draft, month, visits, calls)
        writer.commit(draft, 0)
        taken = []
        for _ in range(_MONTH_TURNS + 1):
            draft = writer.draft(repair=True)
            began = time.perf_counter()
            assert derive_month(draft, _COMPANY, _MONTHS[2], LOOKBACK_DAYS)
            taken.append(time.perf_counter() - began)
        yield below(f"a month made again, {name}", taken[1:], "s", MOST_MONTH_SECS)


def _put_base(draft: Draft, month: str, visits: int, calls: int) -> None:
    since_ms, until_ms = month_span_ms(month)
    rows = _OF_MONTH.format(month=month, visits=visits, since_ms=since_ms, until_ms=until_ms)
    for fact, query in _BASE.items():
        draft.put_query(fact, _COMPANY, month, query.format(company=_COMPANY, visits=rows, calls=calls), _MADE_FROM)
