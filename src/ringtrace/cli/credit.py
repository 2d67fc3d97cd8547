"""`ringtrace credit TOUCHES.parquet --model markov --by channel --out credit.parquet`: credit from any touch table, or
from a company's own calls and forms in the lake."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ringtrace.cli.lake import lake_of
from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.core.errors import BadInput

_COLUMNS = {
    "journey": "the visitor's or journey's id (journey)",
    "at": "when the touch was (at)",
    "converted": "whether the journey converted (converted)",
    "value": "what the conversion brought (value, where there is one)",
    "p": "the probability that the conversion is this journey's (p, where there is one)",
    "converted_at": "when it converted (converted_at, where there is one)",
    "channel": "says which touches are direct or paid, where --by is another column (channel, where there is one)",
    "lead": "marks the touch before the lead was made (lead, where there is one)",
    "opportunity": "marks the touch before the opportunity was made (opportunity, where there is one)",
}
_DAYS = 90
_MOST_SHOWN = 40
_MOST_COLUMNS = 10
_SAID = ("definition", "data_version", "note", "params", "why", "baseline")
_PLAYER_AT = 4  # after model, params, definition and data version


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "touches",
        nargs="*",
        help="Parquet files, a row a touch; patterns such as '2026-*.parquet' too. Without: a company's lake",
    )
    own = parser.add_argument_group("from the lake of --data")
    own.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    own.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="first day, its time zone (90 days ago)")
    own.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="last day, its time zone (today)")
    own.add_argument("--level", choices=("visitor", "session", "campaign"), default="visitor", help="(visitor)")
    own.add_argument(
        "--dedupe", default="none", metavar="RULE", help="none, consecutive, or within:MINUTES of a campaign (none)"
    )
    parser.add_argument(
        "--model",
        default="last_non_direct",
        metavar="NAMES",
        help="one or more with commas between, or all; an unknown one prints their names (last_non_direct)",
    )
    parser.add_argument("--by", default="channel", metavar="COLUMN", help="whose values get the credit (channel)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the result goes: .parquet or .csv")
    parser.add_argument(
        "--per",
        choices=("total", "conversion"),
        default="total",
        help="a line for each value of --by, or for each touch of each conversion (total)",
    )
    parser.add_argument("--intervals", type=int, metavar="N", help="95 %% intervals from N resamplings of journeys")
    parser.add_argument("--top", type=int, metavar="N", help="pool all but the N most frequent values of --by")
    parser.add_argument("--compare", action="store_true", help="the models side by side: what moved, and why")
    parser.add_argument("--without", metavar="VALUE", help="what if this value of --by were gone (Markov)")
    parser.add_argument("--null-as", metavar="NAME", help="a name for touches without a value of --by")
    parser.add_argument(
        "--duplicates", choices=("drop", "keep", "error"), default="drop", help="the same touch twice (drop)"
    )
    parser.add_argument(
        "--least-conversions", type=int, metavar="N", help="fewer are too thin for models that learn (20, or 3 a value)"
    )
    parser.add_argument("--memory", type=int, default=2048, metavar="MB", help="beyond it rows go to a file (2048)")
    columns = parser.add_argument_group("columns of the table, by their names there")
    for role, text in _COLUMNS.items():
        columns.add_argument(f"--{role.replace('_', '-')}", metavar="COLUMN", help=text)


def run(options: argparse.Namespace) -> int:
    room: Any = import_module("ringtrace.attribution.report")  # the engine is not for those who start other commands
    with Progress(
        TextColumn("{task.description:<12}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    ) as progress:
        bars = {}

        def tell(word: str, part: float) -> None:
            if word not in bars:
                bars[word] = progress.add_task(word, total=1.0)
            progress.update(bars[word], completed=part)

        with TemporaryDirectory(prefix="ringtrace-credit-") as folder:
            named = {} if options.touches else _from_lake(options, Path(folder))
            report = room.make_report(_request(room, options, named), tell)
    _show(report.columns, report.notes)
    if options.out is not None:
        room.write(report.columns, options.out)
        print(f"Written to {options.out}.")
    return 0


def _from_lake(options: argparse.Namespace, folder: Path) -> dict[str, str]:
    """Writes the company's journeys there, for `options.touches` to name; returns how its columns are named."""
    open_ledger(options.data)
    company = import_module("ringtrace.web.companies").find_company(options.company)
    today_on = at_from_ms(wall_clock()).astimezone(company.zone).date()
    until_on = options.until or today_on
    scope = import_module("ringtrace.reports.questions").Scope(
        lake=lake_of(options.data),
        company_id=company.pk,
        time_zone=company.time_zone,
        since_on=options.since or until_on - timedelta(days=_DAYS - 1),
        until_on=until_on,
    )
    journeys = import_module("ringtrace.lake.journeys")
    path = folder / "touches.parquet"
    version = journeys.touch_table(
        scope.lake,
        company.pk,
        scope.since_ms,
        scope.until_ms,
        path,
        lookback_days=company.lookback_days,
        laying=import_module("ringtrace.lake.definitions.laying").Laying(options.level, options.dedupe),
    )
    options.touches = [str(path)]
    print(f"{company.name}, {scope.since_on} to {scope.until_on}, from data version {version} of the lake.")
    return dict(journeys.NAMED)


def _request(room: Any, options: argparse.Namespace, columns: Mapping[str, str]) -> Any:
    if options.compare and options.without:
        raise BadInput("--compare and --without are two questions.", hint="Ask one at a time.")
    names = tuple(name.strip() for name in options.model.split(","))
    named = {role: getattr(options, role) for role in _COLUMNS if getattr(options, role) is not None}
    return room.Request(
        touches=tuple(options.touches),
        models=names,
        per=options.per,
        compare=options.compare,
        without=options.without,
        options={
            "by": options.by,
            "top": options.top,
            "intervals": options.intervals,
            "least_conversions": options.least_conversions,
            "null_as": options.null_as,
            "duplicates": options.duplicates,
            "memory_bytes": options.memory << 20,
            **columns,
            **named,
        },
    )


def _show(columns: Mapping[str, Any], notes: tuple[str, ...]) -> None:
    """The result as a table; what is the same on every line stands below it."""
    rows = len(next(iter(columns.values())))
    console = Console()
    shown = _side_by_side(columns) if "model" in columns and len(set(columns["model"])) > 1 else columns
    shown = {name: column for name, column in shown.items() if name not in _SAID and not name.endswith("_made")}
    left_out = list(shown)[_MOST_COLUMNS:]
    shown = {name: column for name, column in shown.items() if name not in left_out}
    table = Table()
    for name, column in shown.items():
        table.add_column(name, justify="right" if len(column) and isinstance(column[0], float) else "left")
    lines = list(zip(*shown.values(), strict=True))
    for line in lines[:_MOST_SHOWN]:
        table.add_row(*map(_cell, line))
    console.print(table)
    if len(lines) > _MOST_SHOWN:
        console.print(f"… and {len(lines) - _MOST_SHOWN:,} lines more: name a file with --out to have them all.")
    if left_out:
        console.print(f"… and {', '.join(left_out)}: name a file with --out to have them all.", highlight=False)
    for why in columns.get("why", ()):
        console.print(f"- {why}", highlight=False)
    for name in ("definition", "data_version"):
        if rows and name in columns:
            console.print(f"{name}: {columns[name][0]}", highlight=False)
    for note in notes:
        console.print(note, highlight=False)


def _side_by_side(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Several models' conversions, a column each."""
    models = list(dict.fromkeys(columns["model"]))
    player = list(columns)[_PLAYER_AT]
    lines = len(columns["model"]) // len(models)
    by_model = {model: columns["conversions"][n * lines : (n + 1) * lines].tolist() for n, model in enumerate(models)}
    return {player: columns[player][:lines], **by_model}


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:,.3f}"
    return str(value)
