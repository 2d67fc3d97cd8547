"""Twenty questions of a dashboard on a million calls and ten million touchpoints of two years, beside the same by hand.

Both sides ask the same Parquet files in one process, warm, by turns; each answer of ours is compared with the hand's
before it is timed. Ours is all that a page asks: the manifest, the question, its SQL, the figures with their reasons.
A second figure is the cold start: a fresh process up to its first answer.
"""

# ruff: noqa: S608 - the SQL is written here

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.figures import Figure, alone, below, beside
from ringtrace.lake.months import month_span_ms, months_between
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import MODEL_COLUMNS
from ringtrace.lake.writer import LakeWriter
from ringtrace.qualification import DEFAULT, predicate
from ringtrace.reports.asked import Question
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.questions import Scope

CALLS, TOUCHPOINTS = 1_000_000, 10_000_000
MOST_RATIO, MOST_MS = 1.3, 150.0
TURNS = 7
COLD_TURNS = 5
COMPANY = "company_0123456789abcdef0123456789abcdef"
ZONE = "America/Los_Angeles"
UNTIL_ON = date(2026, 10, 31)
_MONTHS = months_between("2024-11", "2026-10")
_CACHE = Path(__file__).parents[1] / ".cache/bench/dashboard-1"
_MADE_FROM = "benchmark"

_BY_MODEL = {
    "first_touch": "(position = 1)::DOUBLE",
    "last_touch": "(position = length)::DOUBLE",
    "last_non_direct": "(position = length)::DOUBLE",
}
_CREDITS = """
WITH responses AS (
    SELECT range + {offset} AS n, (1 + hash(range, 1) % 7)::BIGINT AS length,
           ({since_ms} + hash(range, 2) % ({until_ms} - {since_ms}))::BIGINT AS at_ms,
           (hash(range, 6) >> 2)::BIGINT AS h, (hash(range, 7) >> 2)::BIGINT AS g
    FROM range({responses})
), drawn AS (
    SELECT *, (hash(n, position, 3) % 1_000)::BIGINT AS d, hash(n, position, 4) % 1_000_000 / 1e6 AS u
    FROM (SELECT *, unnest(range(1, length + 1)) AS position FROM responses)
)
SELECT '{company}' AS company_id, 'call_' || md5(n::VARCHAR) AS response_id, 'call' AS kind, at_ms,
       'touch_' || md5((n * 50 + position)::VARCHAR) AS touch_id, 'visit_' || md5((n * 50 + position)::VARCHAR)
       AS visit_id, at_ms - (length - position) * 86_400_000 AS touch_ms,
       'channel_' || floor(12 * pow(d / 1_000.0, 2))::INT AS channel, 'source_' || d % 40 AS source,
       'medium_' || d % 8 AS medium, 'campaign_' || d % 200 AS campaign, 'group_' || d % 500 AS ad_group,
       'keyword_' || hash(n, position, 5) % 5_000 AS keyword, NULL AS content, '/page/' || d % 300 AS landing_page,
       NULL AS referrer_host, ['phone', 'tablet', 'desktop'][1 + d % 3] AS device, 'region_' || d % 50 AS region,
       position, length, 1.0 AS p, {models}, NULL AS reason, position = 1 AS head,
       md5((h % 600_000)::VARCHAR) AS person, 'num_' || h % 40 AS number_id, '+1310555' || 1000 + h % 40 AS number,
       'pool_' || h % 5 AS pool, ['answered', 'answered', 'answered', 'missed', 'abandoned'][1 + h % 5] AS status,
       CASE WHEN h % 5 < 3 THEN 2.0 + g % 30 END AS ring_secs, CASE WHEN h % 5 < 3 THEN 5.0 + g % 600 END AS talk_secs,
       h % 3 > 0 AS is_first_call, CASE WHEN h % 3 = 0 THEN (g % 8_000_000)::BIGINT END AS since_last_secs,
       'US-' || g % 50 AS caller_region, NULL AS line_type, 'agent_' || g % 12 AS agent, NULL AS flow_branch,
       NULL AS menu_keys, ['Booked', 'Quoted', NULL][1 + g % 3] AS disposition,
       CASE WHEN g % 4 = 0 THEN ['hot'] WHEN g % 4 = 1 THEN ['hot', 'new'] ELSE [] END AS tags, g % 50 = 0 AS is_spam,
       false AS transferred, 'visit' AS attributed_by, 0.9 AS p_known,
       CASE WHEN g % 20 = 0 THEN ['lead', 'sale'] WHEN g % 5 = 0 THEN ['lead'] ELSE [] END AS outcomes,
       (g % 5 = 0)::BIGINT AS leads, 0 AS appointments, 0 AS shows, 0 AS no_shows, 0 AS opportunities,
       (g % 20 = 0)::BIGINT AS sales, 0 AS refunds, CASE WHEN g % 20 = 0 THEN (10_000 + h % 90_000)::BIGINT END
       AS sale_cents, NULL AS refund_cents, NULL AS pipeline_cents
FROM drawn ORDER BY at_ms, response_id, position
"""
_TOUCHPOINTS = """
SELECT '{company}' AS company_id, 'visit_' || md5('{month}' || range) AS touch_id, 'visit' AS kind,
       touch_id AS visit_id, 'visitor_' || md5((hash(range, 1) % 4_000_000)::VARCHAR) AS visitor_id,
       ({since_ms} + hash(range, 2) % ({until_ms} - {since_ms}))::BIGINT AS at_ms,
       'channel_' || floor(12 * pow(hash(range, 3) % 1_000 / 1_000.0, 2))::INT AS channel,
       'source_' || hash(range, 3) % 40 AS source, 'medium_' || hash(range, 3) % 8 AS medium,
       'campaign_' || hash(range, 3) % 200 AS campaign, 'group_' || hash(range, 3) % 500 AS ad_group,
       'keyword_' || hash(range, 5) % 5_000 AS keyword, NULL AS content, '/page/' || hash(range, 3) % 300
       AS landing_page, NULL AS referrer_host, ['phone', 'tablet', 'desktop'][1 + (hash(range, 3) % 3)::BIGINT]
       AS device, 'region_' || hash(range, 3) % 50 AS region
FROM range({visits}) ORDER BY at_ms, touch_id
"""
_SPEND = """
SELECT '{company}' AS company_id, on_date::DATE AS on_date, 'channel_' || c % 12 AS channel, 'source_' || c % 40
       AS source, 'medium_' || c % 8 AS medium, 'campaign_' || c AS campaign, NULL AS ad_group, NULL AS keyword,
       (500 + hash(c, on_date) % 5_000)::BIGINT AS cost_cents, 20 AS clicks, 400 AS impressions
FROM range(DATE '{month}-01', DATE '{month}-01' + INTERVAL 1 MONTH, INTERVAL 1 DAY) t(on_date), range(200) r(c)
ORDER BY on_date, c
"""


class Asked:
    """A question of ours and the same by hand; `key`: which metric of ours the hand's last column must equal."""

    def __init__(self, name: str, days: int, question: Question, by_hand: str, key: str) -> None:
        self.name, self.days, self.question, self.by_hand, self.key = name, days, question, by_hand, key

    @property
    def scope(self) -> Scope:
        since_on = UNTIL_ON - timedelta(days=self.days - 1)
        return Scope(lake=_CACHE, company_id=COMPANY, time_zone=ZONE, since_on=since_on, until_on=UNTIL_ON)


def _q(*metrics: str, by: Sequence[str] = (), **more: Any) -> Question:
    return Question(metrics=metrics, by=tuple(by), **more)


_W = "last_non_direct"
_SPAN = "at_ms >= $since_ms AND at_ms < $until_ms"
_ANSWERED = "status = 'answered'"
_DAY = "($offset + at_ms) // 86400000"


def _by(column: str, more: str = "", table: str = "credits", where: str = "", weight: str = _W) -> str:
    extra = f"{more}, " if more else ""
    return (
        f"SELECT {column} AS d, {extra}sum({weight}) AS n FROM {{{table}}} WHERE {_SPAN}{where}"
        " GROUP BY 1 ORDER BY n DESC"
    )


def _heads(column: str, more: str = "count(*)") -> str:
    return f"SELECT {column} AS d, {more} AS n FROM {{credits}} WHERE {_SPAN} AND head GROUP BY 1 ORDER BY n DESC"


_QUALIFIED = predicate(DEFAULT.condition)
_ASKED = (
    Asked(
        "key figures, 28 days",
        28,
        _q("calls", "answer_rate", "missed_rate", "qualified_calls", "leads", "sales", "revenue"),
        f"SELECT 0 AS d, count(*) FILTER (WHERE {_ANSWERED}), count(*) FILTER (WHERE status = 'missed'),"
        f" count(*) FILTER (WHERE {_QUALIFIED}), sum(leads), sum(sales), sum(sale_cents), sum(refund_cents), count(*)"
        f" AS n FROM {{credits}} WHERE {_SPAN} AND head",
        "calls",
    ),
    Asked("calls by channel, 28 days", 28, _q("calls", by=["channel"]), _by("channel"), "calls"),
    Asked("calls by source and campaign", 28, _q("calls", by=["source"]), _by("source"), "calls"),
    Asked(
        "revenue by channel, 90 days",
        90,
        _q("calls", "revenue", "sales", by=["channel"]),
        _by("channel", f"sum({_W} * sale_cents), sum({_W} * refund_cents), sum({_W} * sales)"),
        "calls",
    ),
    Asked(
        "keywords, the first 50, 90 days",
        90,
        _q("calls", by=["keyword"], limit=50),
        _by("keyword") + " LIMIT 50",
        "calls",
    ),
    Asked(
        "landing pages, the first 50, 90 days",
        90,
        _q("calls", by=["landing_page"], limit=50),
        _by("landing_page") + " LIMIT 50",
        "calls",
    ),
    Asked("devices, a year", 365, _q("calls", by=["device"]), _by("device"), "calls"),
    Asked("regions, 28 days", 28, _q("calls", by=["region"]), _by("region"), "calls"),
    Asked("numbers, 90 days", 90, _q("calls", by=["number"]), _heads("number"), "calls"),
    Asked(
        "agents' answer rate, 90 days",
        90,
        _q("answer_rate", "calls", by=["agent"]),
        _heads("agent", f"count(*) FILTER (WHERE {_ANSWERED}), count(*)"),
        "calls",
    ),
    Asked("by day, 90 days", 90, _q("calls", by=["day"]), _heads(_DAY), "calls"),
    Asked(
        "by hour of the day, 28 days",
        28,
        _q("calls", by=["hour"]),
        _heads("($offset + at_ms) // 3600000 % 24"),
        "calls",
    ),
    Asked(
        "time to answer, 28 days",
        28,
        _q("time_to_answer_p90", "calls"),
        f"SELECT 0 AS d, quantile_cont(ring_secs, 0.9) FILTER (WHERE {_ANSWERED}), count(*) AS n FROM {{credits}}"
        f" WHERE {_SPAN} AND head",
        "calls",
    ),
    Asked(
        "new and repeat, a year",
        365,
        _q("calls", by=["new_repeat"]),
        _heads("CASE WHEN is_first_call THEN 'new' WHEN NOT is_first_call THEN 'repeat' END"),
        "calls",
    ),
    Asked(
        "visits by channel, 90 days",
        90,
        _q("visits", by=["channel"]),
        _by("channel", table="touchpoints", weight="1", where=" AND kind = 'visit'"),
        "visits",
    ),
    Asked(
        "cost per qualified call by campaign, the first 50, 28 days",
        28,
        _q("cost_per_qualified_call", "qualified_calls", by=["campaign"], order="-qualified_calls", limit=50),
        f"""WITH c AS (SELECT campaign AS d, sum({_W}) FILTER (WHERE {_QUALIFIED}) AS n FROM {{credits}} WHERE {_SPAN}
        GROUP BY 1), s AS (SELECT campaign AS d, sum(cost_cents) AS cost FROM {{spend}} WHERE on_date BETWEEN $since_on
        AND $until_on GROUP BY 1) SELECT d, cost, cost / n, n FROM c FULL JOIN s USING (d) ORDER BY n DESC LIMIT 50""",
        "qualified_calls",
    ),
    Asked(
        "return on spend by channel, a year",
        365,
        _q("roas", "calls", by=["channel"]),
        f"""WITH c AS (SELECT channel AS d, sum({_W} * sale_cents) AS v, sum({_W} * refund_cents) AS r, sum({_W}) AS n
        FROM {{credits}} WHERE {_SPAN} GROUP BY 1), s AS (SELECT channel AS d, sum(cost_cents) AS cost FROM {{spend}}
        WHERE on_date BETWEEN $since_on AND $until_on GROUP BY 1)
        SELECT d, (v - coalesce(r, 0)) / cost, n FROM c FULL JOIN s USING (d) ORDER BY n DESC""",
        "calls",
    ),
    Asked(
        "one channel by campaign, Markov, the first 50, 90 days",
        90,
        _q(
            "calls",
            by=["campaign"],
            limit=50,
            model="markov",
            filters=(Filter("channel", Operation.IS_IN, ("channel_0",)),),
        ),
        _by("campaign", where=" AND channel = 'channel_0'", weight="markov") + " LIMIT 50",
        "calls",
    ),
    Asked(
        "campaigns on phones that contain a word, 90 days",
        90,
        _q(
            "calls",
            by=["campaign"],
            filters=(
                Filter("device", Operation.IS_IN, ("phone",)),
                Filter("keyword", Operation.CONTAINS, ("keyword_12",)),
            ),
        ),
        _by("campaign", where=" AND device = 'phone' AND contains(lower(keyword), 'keyword_12')"),
        "calls",
    ),
    Asked(
        "tags, 28 days",
        28,
        _q("calls", by=["tag"]),
        "SELECT t AS d, count(*) AS n FROM (SELECT unnest(CASE WHEN len(tags) > 0 THEN tags ELSE [NULL] END) AS t"
        f" FROM {{credits}} WHERE {_SPAN} AND head) GROUP BY 1 ORDER BY n DESC",
        "calls",
    ),
)


def run() -> list[Figure]:
    if not (_CACHE / "manifest.json").exists():
        _publish(_CACHE)
    for asked in _ASKED:
        _compare(asked)
    ours: list[float] = []
    hands: list[float] = []
    figures = []
    for asked in _ASKED:
        pairs = [
            (_timed(partial(explore, asked.scope, asked.question)), _timed(partial(_by_hand, asked)))
            for _ in range(TURNS)
        ]
        mine, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        figures.append(beside(asked.name, mine, "ms", "by hand", theirs, at_most=MOST_RATIO))
        ours += mine
        hands += theirs
    return [
        beside(
            f"all {len(_ASKED)} questions, p50",
            [_percentile(ours, 50)],
            "ms",
            "by hand",
            [_percentile(hands, 50)],
            at_most=MOST_RATIO,
        ),
        beside(
            f"all {len(_ASKED)} questions, p95",
            [_percentile(ours, 95)],
            "ms",
            "by hand",
            [_percentile(hands, 95)],
            at_most=MOST_RATIO,
        ),
        below("p95", [_percentile(ours, 95)], "ms", MOST_MS),
        *figures,
        *_cold(),
    ]


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1_000 * (time.perf_counter() - began)


def _percentile(values: Sequence[float], of: int) -> float:
    return sorted(values)[-(-len(values) * of // 100) - 1]


_engine = duckdb.connect(":memory:", config={"threads": 2})


def _by_hand(asked: Asked) -> list[tuple[Any, ...]]:
    """What somebody at DuckDB's prompt would write, over the files of the months in question."""
    scope = asked.scope
    values = {
        "since_ms": scope.since_ms,
        "until_ms": scope.until_ms,
        "since_on": scope.since_on,
        "until_on": scope.until_on,
        "offset": -7 * 3_600_000,
    }
    tables = {fact: _files(fact, scope.months()) for fact in ("credits", "touchpoints", "spend")}
    sql = asked.by_hand.format(**tables)
    return _engine.execute(sql, {name: value for name, value in values.items() if f"${name}" in sql}).fetchall()


def _files(fact: str, months: frozenset[str]) -> str:
    paths = sorted(str(path) for path in (_CACHE / fact / COMPANY).glob("*.parquet") if path.name[:7] in months)
    return f"read_parquet({paths})"


def _compare(asked: Asked) -> None:
    """The sum over all lines of the key metric is the same, and the largest line too (of days and hours the clock
    change makes single lines differ: the hand's SQL has one offset)."""
    answer = explore(asked.scope, asked.question)
    mine = sorted((line.figures[asked.key].value or 0 for line in answer.lines), reverse=True)
    hand = sorted((row[-1] or 0 for row in _by_hand(asked)), reverse=True)
    total = sum(mine) if asked.question.by else answer.totals[asked.key].value
    assert abs((total or 0) - sum(hand)) <= 1e-6 * max(1.0, sum(hand)), (asked.name, total, sum(hand))
    if asked.question.by and asked.question.by[0] not in ("day", "hour"):
        assert abs(mine[0] - hand[0]) <= 1e-6 * hand[0], asked.name


_FRESH = """
import sys
from datetime import date
from pathlib import Path
from ringtrace.reports.asked import Question
from ringtrace.reports.explore import explore
from ringtrace.reports.questions import Scope
scope = Scope(lake=Path(sys.argv[1]), company_id=sys.argv[2], time_zone=sys.argv[3],
              since_on=date(2026, 10, 4), until_on=date(2026, 10, 31))
print(explore(scope, Question(metrics=("calls", "answer_rate"), by=("channel",))).line_count)
"""
_FRESH_BY_HAND = """
import sys, duckdb
sql = "SELECT channel, sum(last_non_direct) FROM read_parquet(['%s']) GROUP BY 1" % sys.argv[1]
print(len(duckdb.connect(':memory:', config={'threads': 2}).execute(sql).fetchall()))
"""


def _cold() -> Iterator[Figure]:
    """A fresh process: Python, what is imported, and the first answer."""
    newest = max((_CACHE / "credits" / COMPANY).glob("*.parquet"))
    ours = ["-c", _FRESH, str(_CACHE), COMPANY, ZONE]
    hand = ["-c", _FRESH_BY_HAND, str(newest)]
    pairs = [(_timed(lambda: _fresh(ours)), _timed(lambda: _fresh(hand))) for _ in range(COLD_TURNS)]
    yield beside(
        "cold start to the first answer", [one for one, _ in pairs], "ms", "duckdb alone", [other for _, other in pairs]
    )
    yield alone("cold start to the first answer, beyond DuckDB's", [one - other for one, other in pairs], "ms")


def _fresh(arguments: Sequence[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def _publish(folder: Path) -> None:
    writer = LakeWriter(folder)
    draft = writer.draft()
    models = ", ".join(f'{_BY_MODEL.get(model, "1.0 / length")} AS "{model}"' for model in MODEL_COLUMNS)
    queries: Mapping[str, str] = {"credits": _CREDITS, "touchpoints": _TOUCHPOINTS, "spend": _SPEND}
    for nth, month in enumerate(_MONTHS):
        since_ms, until_ms = month_span_ms(month)
        for fact, query in queries.items():
            text = query.format(
                company=COMPANY,
                month=month,
                models=models,
                responses=CALLS // len(_MONTHS),
                visits=TOUCHPOINTS // len(_MONTHS),
                since_ms=since_ms,
                until_ms=until_ms,
                offset=nth * CALLS,
            )
            draft.put_query(fact, COMPANY, month, text, _MADE_FROM)
    writer.commit(draft, 0)
    assert LakeReader(folder, COMPANY).files("credits")
