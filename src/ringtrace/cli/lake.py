"""`ringtrace lake publish|check|compact|erase|views`: the lake by hand."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ringtrace.cli.ledger import open_ledger
from ringtrace.cli.stores import LAKE_VARIABLE
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, DataDirBusy
from ringtrace.wire.lock import only_one

_MOST_SAID = 20
Told = Callable[[int, int], None]


def lake_of(data_dir: Path) -> Any:
    """The lake of a data directory (a LakeHome), or the one that the variable names. The lake's rooms are loaded here
    and not before: the edge is started by the same command, and needs none of them."""
    return import_module("ringtrace.lake.opening").open_lake(
        os.environ.get(LAKE_VARIABLE, ""), data_dir.absolute() / "lake"
    )


def _writer(data_dir: Path) -> Any:
    """A LakeWriter."""
    return import_module("ringtrace.lake.writer").LakeWriter(lake_of(data_dir))


def add_options(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="lake_command", required=True, metavar="COMMAND")
    publish = commands.add_parser("publish", help="publish everything that changed")
    publish.add_argument("--all", action="store_true", help="everything there is, every file written anew")
    publish.set_defaults(lake_run=_publish)
    check = commands.add_parser("check", help="is every file there, whole, and what the manifest says?")
    check.set_defaults(lake_run=_check)
    compact = commands.add_parser("compact", help="remove files that no manifest has named for ten minutes")
    compact.set_defaults(lake_run=_compact)
    erase = commands.add_parser("erase", help="forget a caller or a visitor, in the ledger and in the lake")
    who = erase.add_mutually_exclusive_group(required=True)
    who.add_argument("--caller", metavar="NUMBER", help="a phone number, such as +13105550123")
    who.add_argument("--visitor", metavar="ID", help="a visitor's id, as a visit's page shows it")
    erase.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    erase.set_defaults(lake_run=_erase)
    views = commands.add_parser(
        "views", help="write a DuckDB file for BI tools: tables, times as times, credit in rows"
    )
    views.add_argument("--out", type=Path, required=True, metavar="FILE", help="such as ringtrace.duckdb")
    views.add_argument("--company", metavar="NAME", help="its name or id alone; without it, every company")
    views.add_argument("--link", action="store_true", help="views over the lake's files in place of copied rows")
    views.set_defaults(lake_run=_views)
    for command in (publish, check, compact, erase, views):
        command.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data directory")


def run(options: argparse.Namespace) -> int:
    if not options.data.is_dir():
        raise BadInput(f"There is no data directory {options.data}.", hint="Name it by --data.")
    code: int = options.lake_run(options)
    return code


def _publish(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    publish = import_module("ringtrace.worker.publish")
    with closing(_writer(options.data)) as writer:
        publish.mark_behind(writer)
        if options.all:
            publish.mark_everything()
        return _publish_marked(options, writer, repair=options.all)


def _publish_marked(options: argparse.Namespace, writer: Any, *, repair: bool = False) -> int:
    """Publishes what is marked; while a worker runs that is left to it."""
    publish = import_module("ringtrace.worker.publish")
    try:
        with only_one(options.data / "worker.lock", "worker"), _progress("Months") as told:
            manifest = publish.publish_stale(writer, wall_clock(), repair=repair, told=told)
    except DataDirBusy:
        print(f"A worker runs on {options.data}. The months are marked, and it publishes them within moments.")
        return 0
    left = publish.count_stale()
    if manifest is None and not left:
        print(f"Nothing changed since data version {writer.published().data_version or 'none'}.")
    elif manifest is not None:
        print(f"Published data version {manifest.data_version}: {len(manifest.all_paths())} files.")
    if left:
        print(f"{left} months could not be published and stay marked; the log above says why.")
    return 1 if left else 0


def _check(options: argparse.Namespace) -> int:
    with _progress("Files") as told:
        checked = import_module("ringtrace.lake.check").check_lake(lake_of(options.data), told)
    print(f"Data version {checked.data_version or 'none'}: {checked.files} files, {checked.rows} rows.")
    if checked.orphans:
        size = _megabytes(checked.orphan_bytes)
        print(f"{checked.orphans} files ({size}) are named by nobody: `ringtrace lake compact` removes them.")
    _say(checked.troubles)
    return 1 if checked.troubles else 0


def _say(troubles: tuple[Any, ...]) -> None:
    for trouble in troubles[:_MOST_SAID]:
        print(f"{trouble.path}: {trouble.what}" if trouble.path else trouble.what)
    if len(troubles) > _MOST_SAID:
        print(f"… and {len(troubles) - _MOST_SAID} more.")
    for cure in dict.fromkeys(trouble.cure for trouble in troubles):
        print(f"What to do: {cure}")
    if not troubles:
        print("All is as the manifest says.")


def _compact(options: argparse.Namespace) -> int:
    try:
        with only_one(options.data / "worker.lock", "worker"), closing(_writer(options.data)) as writer:
            removed = writer.sweep(wall_clock())
    except DataDirBusy:
        print(f"A worker runs on {options.data}: it removes what nobody names by itself, every ten minutes.")
        return 0
    print(f"Removed {len(removed)} files, {_megabytes(sum(held.size for held in removed))}.")
    return 0


def _views(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    doors = import_module("ringtrace.lake.doors")
    if options.company:
        found = [import_module("ringtrace.web.companies").find_company(options.company)]
    else:
        rows = import_module("ringtrace.web.models").Company.objects
        found = list(rows.filter(removed_ms=None).order_by("made_at"))
    told = [
        doors.Told(company_id=one.pk, name=one.name, time_zone=one.time_zone, currency=one.currency) for one in found
    ]
    door = doors.write_door(lake_of(options.data), options.out, told, copied=not options.link)
    print(f"Wrote {options.out} of data version {door.data_version or 'none'}.")
    for fact, rows in door.rows.items():
        print(f"  {fact:12} {rows} rows")
    return 0


def _erase(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    erasure = import_module("ringtrace.web.erasure")
    company = import_module("ringtrace.web.companies").find_company(options.company)
    if options.caller:
        erased = erasure.do_forget_caller(company, options.caller, wall_clock())
    else:
        erased = erasure.do_forget_visitor(company, options.visitor, wall_clock())
    print(f"Forgotten in {erased.calls} calls and {erased.visits} visits of {company.name}.")
    with closing(_writer(options.data)) as writer:
        return _publish_marked(options, writer)


@contextmanager
def _progress(what: str) -> Iterator[Told]:
    """A bar that is told how many of how many are done; nothing of it is left in a pipe."""
    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, of_all: progress.update(bar, completed=done, total=of_all)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
