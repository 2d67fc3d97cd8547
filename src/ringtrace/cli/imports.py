"""`ringtrace import FILE`: outcomes, contacts, spend or calls from a file, with a look before and a summary after."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm

from ringtrace.cli.imports_shown import show_done, show_plan, show_preview
from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput

WHATS = ("outcomes", "contacts", "spend", "calls")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, however it is encoded and separated")
    parser.add_argument("--what", choices=WHATS, help="what is in it (found out of spend and calls)")
    parser.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    parser.add_argument("--system", default="", metavar="NAME", help="whose export it is, such as hubspot or callrail")
    read = parser.add_argument_group("how it is read, where the file does not say")
    read.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="read a field from a column")
    read.add_argument("--fixed", action="append", default=[], metavar="FIELD=VALUE", help="one value for all rows")
    read.add_argument("--kind", action="append", default=[], metavar="WORD=KIND", help='such as "Closed Won=sale"')
    read.add_argument("--zone", default="", help="time zone of its times, such as Europe/Berlin (the company's)")
    read.add_argument("--currency", default="", metavar="CODE", help="of its amounts (the company's)")
    read.add_argument("--rate", action="append", default=[], metavar="CODE=RATE", help="what one unit is worth")
    read.add_argument("--numbers", choices=("point", "comma"), help="its decimal mark")
    read.add_argument("--day-first", action="store_true", help="3/4/2026 is 3 April")
    read.add_argument("--spread", action="store_true", help="spread figures of several days evenly over them")
    read.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="first day of spend that names no day")
    read.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="last day of it")
    read.add_argument("--duration-is-talk", action="store_true", help="take a call log's one duration as talk time")
    read.add_argument("--called", default="", metavar="NUMBER", help="the number called, where a call log does not say")
    parser.add_argument("--preview", action="store_true", help="show how the first rows are read; take nothing")
    parser.add_argument("--dry-run", action="store_true", help="go through all of it; keep nothing")
    parser.add_argument("--rejected", type=Path, metavar="PATH", help="where rows go that cannot be taken (beside it)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """0: taken, if not every row; 1: nothing was taken."""
    if not options.file.is_file():
        raise BadInput(f"There is no file {options.file}.", hint="Check its name.")
    open_ledger(options.data)
    room: Any = import_module("ringtrace.web.imports")
    company = import_module("ringtrace.web.companies").find_company(options.company)
    what = import_module("ringtrace.intake.port").What(options.what) if options.what else None
    plan = room.plan_import(company, options.file, what, _choices(room, options))
    console = Console(highlight=False)
    show_plan(console, company, plan)
    if plan.complaints:
        return 1
    if options.preview:
        show_preview(console, company, room.preview(company, plan))
        return 0
    if not _is_wanted(options):
        return 1
    rejected = options.rejected or options.file.with_name(f"{options.file.name}.rejected.csv")
    with _progress() as told:
        done = import_module("ringtrace.web.import_runs").do_import(
            company, options.file, plan, wall_clock, rejected_path=rejected, dry=options.dry_run, told=told
        )
    show_done(console, plan, done, import_module("ringtrace.web.outcomes").MISSES)
    return 0


def _is_wanted(options: argparse.Namespace) -> bool:
    if options.yes or options.dry_run or not sys.stdin.isatty():
        return True
    return Confirm.ask("Take it?", default=True)


def _choices(room: Any, options: argparse.Namespace) -> Any:
    spend = import_module("ringtrace.intake.files.spend.port").SpendChoices
    numbers = import_module("ringtrace.intake.files.values").NumberStyle
    dates = import_module("ringtrace.intake.files.moments").DateStyle
    marks = {"point": numbers.POINT, "comma": numbers.COMMA, None: None}
    if (options.since is None) != (options.until is None):
        raise BadInput("A period has two ends.", hint="Give --since and --until.")
    rates = {code: _rate(code, text) for code, text in pairs(options.rate, "--rate").items()}
    return room.Choices(
        system=options.system,
        columns=pairs(options.map, "--map"),
        fixed=pairs(options.fixed, "--fixed"),
        kinds=pairs(options.kind, "--kind"),
        zone=options.zone,
        currency=options.currency.upper(),
        rates=import_module("ringtrace.web.rates").check_rates(rates),
        spread=options.spread,
        day_first=options.day_first,
        duration_is_talk=options.duration_is_talk,
        called_e164=options.called,
        spend=spend(
            numbers=marks[options.numbers],
            dates=dates.DAY_FIRST if options.day_first else None,
            since_on=options.since,
            until_on=options.until,
        ),
    )


def pairs(said: Sequence[str], option: str) -> dict[str, str]:
    """["a=b"] as {"a": "b"}; what stands after the last `=` is the value. Raises BadInput."""
    found = {}
    for text in said:
        name, equals, value = text.rpartition("=") if option == "--kind" else text.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"{option} {text[:60]!r} is not understood.", hint="Write it as NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def _rate(code: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(f"{text[:20]!r} is no rate of {code[:10]}.", hint="Write it like --rate EUR=1.08.") from error


@contextmanager
def _progress() -> Iterator[Callable[[Any, int, int], None]]:
    """A bar by bytes, with how many rows were taken and rejected."""
    said = TextColumn("{task.fields[taken]:,} taken, {task.fields[rejected]:,} rejected")
    with Progress(BarColumn(), DownloadColumn(), said, TimeRemainingColumn(), transient=True) as progress:
        bar = progress.add_task("", total=None, taken=0, rejected=0)

        def told(taking: Any, read: int, whole: int) -> None:
            progress.update(
                bar, completed=read, total=whole, taken=taking.taken + taking.unchanged, rejected=taking.rejected
            )

        yield told
