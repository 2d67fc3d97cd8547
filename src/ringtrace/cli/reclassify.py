"""`ringtrace reclassify --company NAME [--since 2026-01-31]`: reads history again by the source rules of now."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from importlib import import_module

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import ms_from_at, wall_clock


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", required=True, metavar="NAME", help="its name or id")
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DATE", help="visits from this day on (UTC), such as 2026-01-31"
    )


def run(options: argparse.Namespace) -> int:
    """Goes on where a walk that was stopped has come to; a running worker may walk along."""
    open_ledger(options.data)
    rules = import_module("ringtrace.web.source_rules")
    step = import_module("ringtrace.worker.reclassify").reclassify_step
    company = import_module("ringtrace.web.companies").find_company(options.company)
    since_ms = None if options.since is None else ms_from_at(datetime.combine(options.since, datetime.min.time(), UTC))
    walk = rules.do_ask_reclassification(company, wall_clock(), since_ms)
    with Progress(
        TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    ) as progress:
        bar = progress.add_task(f"Visits of {company.name}", total=None)
        while step(wall_clock(), company_id=company.pk):
            walk.refresh_from_db()
            progress.update(bar, completed=walk.done, total=walk.total)
    walk.refresh_from_db()
    print(f"{walk.done} visits read again, {walk.changed} of them say something else now.")
    return 0
