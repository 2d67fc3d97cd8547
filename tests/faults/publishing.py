"""A publisher to be killed: publishes state after state without end, each with one mark in every row of every fact.

`python -m tests.faults.publishing LAKE FIRST` says the mark of each state once it is published.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from ringtrace.lake.derive import definitions_version, derive
from ringtrace.lake.months import month_span_ms
from ringtrace.lake.schemas import CallFact, ConversionFact, IdentityFact, TouchpointFact, columns
from ringtrace.lake.writer import LakeWriter

MONTHS = ("2026-10", "2026-11")
CALLS = 150  # a month
COMPANY = "company"


def rows_of(month: str, mark: int) -> dict[str, list[Struct]]:
    """Calls, each of a visit of its own a minute before it, and each worth `mark` cents."""
    since_ms, _ = month_span_ms(month)
    made: dict[str, list[Struct]] = {
        fact: [] for fact in ("touchpoints", "calls", "identities", "conversions", "spend")
    }
    for number in range(CALLS):
        at_ms = since_ms + number * 3_600_000 + 60_000
        for fact, row in _of_call(f"{month}-{number}", at_ms, mark):
            made[fact].append(row)
    return made


def _of_call(name: str, at_ms: int, mark: int) -> Iterator[tuple[str, Struct]]:
    of = {"company_id": COMPANY, "at_ms": at_ms}
    touched = of | {"at_ms": at_ms - 60_000, "touch_id": f"v{name}", "visit_id": f"v{name}", "kind": "visit"}
    said = {"visitor_id": f"of {name}", "channel": "Email", "campaign": str(mark)}
    yield "touchpoints", TouchpointFact(**_filled("touchpoints", touched | said))
    called = {"company_id": COMPANY, "call_id": name, "number_id": "n", "started_ms": at_ms, "status": "answered"}
    yield "calls", CallFact(**_filled("calls", called | {"attributed_by": "visit", "talk_secs": float(mark)}))
    who = {"visitor_id": f"of {name}", "key_kind": "call", "key": name, "p": 1.0, "visit_id": str(mark)}
    yield "identities", IdentityFact(**_filled("identities", of | who))
    sold = {"conversion_id": f"sale {name}", "kind": "sale", "response_id": name, "call_id": name, "response_ms": at_ms}
    yield "conversions", ConversionFact(**_filled("conversions", of | sold | {"value_cents": mark}))


def _filled(fact: str, said: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(columns(fact)) | said


def main() -> None:
    writer = LakeWriter(Path(sys.argv[1]))
    mark = int(sys.argv[2])
    while True:
        draft = writer.draft(definitions=definitions_version())
        for month in MONTHS:
            for fact, rows in rows_of(month, mark).items():
                draft.put_rows(fact, COMPANY, month, rows)
        derive(draft, COMPANY, MONTHS, 30)
        writer.commit(draft, 1)
        if mark % 2:
            writer.sweep(1, at_once={COMPANY})  # as after an erasure: readers lose the files under their hands
        print(mark, flush=True)
        mark += 1


if __name__ == "__main__":
    main()
