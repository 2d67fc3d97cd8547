"""`ringtrace report --metrics calls,answer_rate --by channel --where device=mobile`: what the metrics pages show."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ringtrace.cli.lake import lake_of
from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.core.errors import BadInput

_MOST_SHOWN = 200


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="print every metric and dimension, and stop")
    parser.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    parser.add_argument("--since", metavar="DATE", default="", help="first day, its time zone")
    parser.add_argument("--until", metavar="DATE", default="", help="last day, its time zone (today)")
    parser.add_argument("--days", metavar="N", default="", help="the last N days instead (28)")
    parser.add_argument("--metrics", metavar="NAMES", default="", help="with commas between; see --list")
    parser.add_argument("--by", metavar="NAMES", default="", help="at most three dimensions, with commas between")
    parser.add_argument(
        "--where",
        metavar="FILTER",
        action="append",
        default=[],
        help="channel=Email,Direct is one of these, device!=mobile none of these, keyword~repair contains; repeatable",
    )
    parser.add_argument("--model", metavar="NAME", default="", help="model of credit (last_non_direct)")
    parser.add_argument("--definition", metavar="NAME", default="", help="what qualifies (the one in force)")
    parser.add_argument("--compare", metavar="SPAN", default="", help="before, year, or 2026-09-01..2026-09-30")
    parser.add_argument("--intervals", action="store_true", help="95 %% intervals of what is an estimate")
    parser.add_argument("--order", metavar="NAME", default="", help="a metric or dimension, - before it: largest first")
    parser.add_argument("--limit", metavar="N", default="", help="so many lines at most; totals are of all")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="(table)")
    parser.add_argument("--why", action="store_true", help="why each total is what it is: definition, formula, SQL")
    parser.epilog = "The same question in the address of /metrics/ shows the same figures."


def run(options: argparse.Namespace) -> int:
    if options.list:
        _list()
        return 0
    if not options.data.is_dir():
        raise BadInput(f"There is no data directory {options.data}.", hint="Name it by --data.")
    open_ledger(options.data)
    company = import_module("ringtrace.web.companies").find_company(options.company)
    asked = _asked(options, company)
    if options.why:
        _tell_why(asked, company)
        return 0
    answer = import_module("ringtrace.reports.explore").explore(asked.scope, asked.question)
    if options.format == "csv":
        csv = import_module("ringtrace.web.csv")
        print(csv.answer_csv(answer, time_zone=company.time_zone, currency=company.currency), end="")
    elif options.format == "json":
        print(as_json(answer))
    else:
        _show(asked, answer, company)
    return 0


def pairs_of(options: argparse.Namespace) -> list[tuple[str, str]]:
    """The question as the address of a page has it."""
    named = ("since", "until", "days", "metrics", "by", "model", "definition", "compare", "order", "limit")
    said = [(name, getattr(options, name)) for name in named]
    said += [("filter", filter_text(text)) for text in options.where]
    said += [("intervals", "1")] if options.intervals else []
    return [(name, text) for name, text in said if text]


def filter_text(text: str) -> str:
    """`channel!=Email` as an address has it: `-channel:Email`. What is written so already stays."""
    name, mark, values = text.partition("=")
    if not mark or not name.strip("!").isidentifier():
        return text
    return f"-{name[:-1]}:{values}" if name.endswith("!") else f"{name}:{values}"


def _asked(options: argparse.Namespace, company: Any) -> Any:
    """Raises BadInput for anything that cannot be asked: a command does not guess."""
    today_on = at_from_ms(wall_clock()).astimezone(company.zone).date()
    asked = import_module("ringtrace.web.questions").question_of(company, pairs_of(options), today_on)
    if asked.problems:
        raise BadInput(asked.problems[0], hint=" ".join(asked.problems[1:]))
    scope = msgspec.structs.replace(asked.scope, lake=lake_of(options.data))
    return msgspec.structs.replace(asked, scope=scope)


def as_json(answer: Any) -> str:
    """Lines, totals and what they were made of; money in cents, unknown as null with its reason."""
    said = {
        "span": msgspec.to_builtins(answer.span),
        "compared": msgspec.to_builtins(answer.compared),
        "by": answer.question.by,
        "filters": [one.text for one in answer.question.filters],
        "lines": [
            {"values": msgspec.to_builtins(line.values), "figures": _figures(line.figures)} for line in answer.lines
        ],
        "line_count": answer.line_count,
        "totals": _figures(answer.totals),
        "made": msgspec.to_builtins(answer.made),
        "thin": msgspec.to_builtins(answer.thin),
    }
    return json.dumps(said, indent=2, ensure_ascii=False, default=str)


def _figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: msgspec.to_builtins(figure) for name, figure in figures.items()}


def _list() -> None:
    console = Console()
    metrics = Table("metric", "what it is", "unit", "formula", title="Metrics", title_justify="left")
    for one in import_module("ringtrace.reports.metrics.registry").METRICS.values():
        metrics.add_row(one.name, one.plain, one.unit.value, one.formula_in_words)
    dimensions = Table("dimension", "what it is", "of", title="Dimensions", title_justify="left")
    for one in import_module("ringtrace.reports.dimensions").DIMENSIONS.values():
        dimensions.add_row(one.name, one.plain, one.kind.value)
    console.print(metrics)
    console.print(dimensions)


def _show(asked: Any, answer: Any, company: Any) -> None:
    console = Console()
    showing = import_module("ringtrace.web.shown").Showing(asked, answer, company.currency)
    table = Table(show_footer=True)
    by = len(answer.question.by)
    heads, totals = showing.heads, showing.totals
    if not by:
        table.add_column("", footer="All")
    for nth, head in enumerate(heads):
        footer = ("Total" if nth == 0 else "") if nth < by else _cell(totals[nth - by])
        table.add_column(head.title, footer=footer, justify="left" if nth < by else "right")
    for row in showing.rows[:_MOST_SHOWN]:
        table.add_row(*(value.label for value in row.values), *map(_cell, row.cells))
    console.print(f"{company.name}, {asked.span.since_on} to {asked.span.until_on} ({company.time_zone})", markup=False)
    for one in answer.question.filters:
        console.print(one.words, markup=False, highlight=False)
    console.print(table)
    left_out = answer.line_count - min(len(answer.lines), _MOST_SHOWN) if by else 0
    if left_out:
        console.print(f"… and {left_out:,} lines more: --format csv has them all.", highlight=False)
    for unknown in dict.fromkeys(cell.why for cell in (*totals, *_cells(showing)) if cell.why):
        console.print(f"— {unknown}", markup=False, highlight=False)
    for one in answer.thin:
        console.print(f"{one.month}: {one.reason}", markup=False, highlight=False)
    console.print(_made(answer.made), markup=False, highlight=False)


def _cells(showing: Any) -> list[Any]:
    return [cell for row in showing.rows[:_MOST_SHOWN] for cell in row.cells]


def _cell(cell: Any) -> str:
    """`64.5 %`, and below it what there is of `(52.4 % – 75.0 %)` and `+2.1 pts`."""
    interval = f"({cell.interval})" if cell.interval else ""
    return "\n".join(part for part in (cell.text, interval, cell.change) if part)


def _made(made: Any) -> str:
    said = f"Made from data version {made.data_version or 'none yet'}, model {made.model} {made.params or ''}"
    return f"{said.strip()}, definition {made.definition}."


def _tell_why(asked: Any, company: Any) -> None:
    """Each total: what it is, its parts with their sums, and the SQL that asked for it."""
    ask = import_module("ringtrace.reports.why").why
    write = import_module("ringtrace.web.shown").write_figure
    find = import_module("ringtrace.reports.metrics.registry").find_metric
    for name in asked.question.metrics:
        found = ask(asked.scope, asked.question, (), name)
        print(f"{found.title}: {write(find(name), found.figure.value, company.currency)}")
        print(f"  {found.figure.why or found.plain}")
        print(f"  formula     {found.formula}")
        for part in found.parts:
            value = "unknown: " + part.why if part.value is None else f"{part.value:,.6g} in {part.rows:,} rows"
            print(f"    {part.words}: {value}")
        print(f"  filters     {'; '.join(found.filters) or 'none'}")
        print(f"  a good call {found.definition}")
        print(f"  {_made(found.made)}")
        print(f"  values      {dict(found.made.values)}")
        print("\n".join(f"    {line}" for line in found.made.sql.strip().splitlines()), end="\n\n")
