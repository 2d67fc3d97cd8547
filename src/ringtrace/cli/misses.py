"""`ringtrace misses [--csv FILE]`: outcomes that matched no call and no contact, with the reason of each."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.intake.files.rejected import guard

_COLUMNS = ("at", "kind", "system", "external_id", "value", "why")
_MOST_SHOWN = 40


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all of them there")
    parser.add_argument("--again", action="store_true", help="try those of the last 90 days again first")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    outcomes: Any = import_module("ringtrace.web.outcomes")
    company = import_module("ringtrace.web.companies").find_company(options.company)
    console = Console(highlight=False)
    if options.again:
        found = outcomes.do_retry_misses(company, wall_clock())
        console.print(f"{found:,} found their call or contact.")
    count = outcomes.misses_of(company).count()
    console.print(f"{count:,} outcomes matched no call and no contact.")
    if options.csv is not None:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows([guard(cell) for cell in row] for row in _rows(outcomes, company))
        console.print(f"Written to {options.csv}.", soft_wrap=True)
    elif count:
        table = Table(*_COLUMNS)
        for row, _ in zip(_rows(outcomes, company), range(_MOST_SHOWN), strict=False):
            table.add_row(*row)
        console.print(table)
    return 0


def _rows(outcomes: Any, company: Any) -> Iterator[tuple[str, ...]]:
    """Newest first, times in the company's zone, values in its currency."""
    for row in outcomes.misses_of(company).iterator():
        at = f"{at_from_ms(row.at_ms).astimezone(company.zone):%Y-%m-%d %H:%M}"
        value = "" if row.value_cents is None else f"{row.value_cents / 100:.2f}"
        yield at, row.kind, row.system, row.external_id, value, outcomes.MISSES.get(row.miss, row.miss)
