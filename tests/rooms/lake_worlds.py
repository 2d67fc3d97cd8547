"""A small lake made from a seed: people on several devices, calls with several candidates, printed numbers, forms."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import Channel
from ringtrace.lake.definitions.asking import LOOKBACK_MS, Effect, tables_of
from ringtrace.lake.engines.port import Tables
from ringtrace.lake.schemas import columns

Facts = dict[str, list[dict[str, Any]]]

SINCE_MS = 1_700_000_000_000
UNTIL_MS = SINCE_MS + 30 * DAY_MS
COMPANIES = ("acme", "bolt")
CHANNELS = (Channel.DIRECT, Channel.PAID_SEARCH, Channel.ORGANIC_SEARCH, Channel.EMAIL, Channel.DISPLAY)
EFFECTS = tuple(
    Effect(company_id=company, model=model, player=player, effect=effect)
    for company, model, player, effect in (
        ("acme", "markov", "Direct", 0.25),
        ("acme", "markov", "Email", 0.0),
        ("acme", "markov", "Paid Search", 0.7),
        ("acme", "shapley", "Email", 0.0),
        ("bolt", "markov_2", "Display", 0.3),
    )
)
_HOUR_MS = 3_600_000


def made(seed: int, *, visitors: int = 30, calls: int = 24) -> Facts:
    """All facts of two companies, from 40 days before the month to some days after it; some touches share a moment."""
    draw = random.Random(seed)
    facts: Facts = {"touchpoints": [], "identities": [], "conversions": [], "calls": []}
    for company in COMPANIES:
        people = [f"{company}-v{number}" for number in range(visitors)]
        for number in range(visitors * 5):
            facts["touchpoints"].append(_touch(draw, company, f"{company}-t{number:04d}", draw.choice(people)))
        for number in range(calls):
            _call(draw, facts, company, f"{company}-k{number:03d}", people)
        for number in range(calls // 4):
            _form(draw, facts, company, f"{company}-f{number:03d}", draw.choice(people))
    return facts


def written(facts: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path, pieces: int = 2) -> dict[str, list[str]]:
    """The Parquet files of each fact."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, list[str]] = {fact: [] for fact in facts}
    for fact, rows in facts.items():
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns(fact).items())
        for piece in range(pieces):
            staged, path = folder / f"{fact}-{piece}.ndjson", folder / f"{fact}-{piece}.parquet"
            staged.write_bytes(msgspec.json.Encoder().encode_lines(rows[piece::pieces]))
            if staged.stat().st_size:
                read = f"read_json('{staged}', format = 'newline_delimited', columns = {{{types}}})"
                select = f"SELECT {', '.join(columns(fact))} FROM {read}"  # noqa: S608 - our own names
                duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
                paths[fact].append(str(path))
    return paths


def asked(facts: Facts, folder: Path, effects: Sequence[Effect] = EFFECTS, lookback_ms: int = LOOKBACK_MS) -> Tables:
    """The tables of a month of these facts."""
    return tables_of(written(facts, folder), SINCE_MS, UNTIL_MS, lookback_ms=lookback_ms, effects=effects)


def _touch(draw: random.Random, company: str, touch_id: str, visitor_id: str) -> dict[str, Any]:
    channel = draw.choice(CHANNELS)
    return {
        "company_id": company,
        "touch_id": touch_id,
        "kind": "visit",
        "visit_id": touch_id,
        "visitor_id": visitor_id,
        "at_ms": SINCE_MS + draw.randrange(-40 * 24, 33 * 24) * _HOUR_MS,
        "channel": channel,
        "source": draw.choice(("google", "bing", None)),
        "medium": None if channel == Channel.DIRECT else "cpc",
        "campaign": draw.choice(("spring", None)),
        "keyword": draw.choice(("plumber", None)),
        "landing_page": "/",
        "device": draw.choice(("phone", "desktop")),
    }


def _call(draw: random.Random, facts: Facts, company: str, call_id: str, people: Sequence[str]) -> None:
    at_ms = SINCE_MS + draw.randrange(-2 * DAY_MS, 32 * DAY_MS)
    facts["calls"].append(
        {
            "company_id": company,
            "call_id": call_id,
            "number_id": "n1",
            "started_ms": at_ms,
            "status": "answered",
            "attributed_by": "match",
        }
    )
    if draw.random() < 0.2:
        visitor_id = f"call:{call_id}"
        touch = _touch(draw, company, f"number-{call_id}", visitor_id)
        facts["touchpoints"].append(touch | {"kind": "number", "visit_id": None, "at_ms": at_ms, "channel": "Offline"})
        facts["identities"].append(_identity(company, visitor_id, "call", call_id, 1.0, at_ms, None))
    else:
        _candidates(draw, facts, company, call_id, at_ms, people)
    for kind in ("call", "lead", "opportunity", "sale"):
        if draw.random() < 0.6:
            made_ms = at_ms - (draw.randrange(20) * DAY_MS if kind in ("lead", "opportunity") else 0)
            value_cents = draw.randrange(1_000_000) if kind == "sale" else None
            facts["conversions"].append(
                _conversion(company, f"{kind}-{call_id}", kind, call_id, made_ms, at_ms, value_cents)
            )


def _candidates(
    draw: random.Random, facts: Facts, company: str, call_id: str, at_ms: int, people: Sequence[str]
) -> None:
    left = 1.0
    visits = {touch["visitor_id"]: touch["visit_id"] for touch in facts["touchpoints"]}
    for visitor_id in draw.sample(people, draw.choice((0, 1, 1, 2, 3))):
        p = draw.choice((left, left * draw.random()))
        left -= p
        visit_id = visits.get(visitor_id)
        facts["identities"].append(_identity(company, visitor_id, "call", call_id, p, at_ms, visit_id))
        if draw.random() < 0.7:
            phone = f"{company}-phone{draw.randrange(8)}"
            facts["identities"].append(_identity(company, visitor_id, "phone", phone, p, at_ms, None))


def _form(draw: random.Random, facts: Facts, company: str, form_id: str, visitor_id: str) -> None:
    at_ms = SINCE_MS + draw.randrange(30 * DAY_MS)
    facts["conversions"].append(_conversion(company, form_id, "form", form_id, at_ms, at_ms, None))
    email = f"{company}-email{draw.randrange(3)}"
    for key_kind, key in (("form", form_id), ("email", email)):
        facts["identities"].append(_identity(company, visitor_id, key_kind, key, 1.0, at_ms, None))


def _identity(
    company: str, visitor_id: str, key_kind: str, key: str, p: float, at_ms: int, visit_id: str | None
) -> dict[str, Any]:
    return {
        "company_id": company,
        "visitor_id": visitor_id,
        "key_kind": key_kind,
        "key": key,
        "p": p,
        "at_ms": at_ms,
        "visit_id": visit_id,
    }


def _conversion(
    company: str, conversion_id: str, kind: str, response_id: str, at_ms: int, response_ms: int, value_cents: int | None
) -> dict[str, Any]:
    return {
        "company_id": company,
        "conversion_id": conversion_id,
        "kind": kind,
        "response_id": response_id,
        "at_ms": at_ms,
        "response_ms": response_ms,
        "value_cents": value_cents,
    }
