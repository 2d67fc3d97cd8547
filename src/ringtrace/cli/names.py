"""`ringtrace names`: what systems call campaigns, sources and media, brought together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.errors import BadInput

_MOST_SHOWN = 40


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", metavar="NAME", help="its name or id; needed where there are several")
    commands = parser.add_subparsers(dest="doing", metavar="DO")
    align = commands.add_parser("align", help="say that one name means another")
    align.add_argument("field", choices=("campaign", "source", "medium"))
    align.add_argument("said", help="the name as a system has it")
    align.add_argument("means", help="the name that it is here")
    align.add_argument("--system", choices=("spend", "web"), help="where it is said so (wherever)")
    forget = commands.add_parser("forget", help="take a rule back")
    forget.add_argument("field", choices=("campaign", "source", "medium"))
    forget.add_argument("said")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    room: Any = import_module("ringtrace.web.naming")
    company = import_module("ringtrace.web.companies").find_company(options.company)
    if options.doing == "align":
        files = import_module("ringtrace.intake.files.naming")
        rule = files.NameRule(
            field=files.NameField(options.field), said=options.said, means=options.means, system=options.system
        )
        room.do_align(company, rule)
        print(f"{options.said} is {options.means} from now on, and was before.")
    elif options.doing == "forget":
        _forget(room, company, options)
    else:
        _show(Console(highlight=False), room, company)
    return 0


def _forget(room: Any, company: Any, options: argparse.Namespace) -> None:
    fold_name = import_module("ringtrace.intake.files.naming").fold_name
    rows = list(room.rules_of_company(company).filter(field=options.field, key=fold_name(options.said)))
    if not rows:
        raise BadInput(f"No rule is for the {options.field} {options.said!r}.", hint="`ringtrace names` lists them.")
    for row in rows:
        room.do_remove_name_rule(row)
    print(f"{options.said} is {options.said} again.")


def _show(console: Console, room: Any, company: Any) -> None:
    rules = room.rules_of_company(company)
    if rules:
        console.print(_table("Rules", ("field", "said", "means", "system"), [_rule(row) for row in rules]))
    spent, visited, near = room.unmatched_names(company)
    if spent:
        costs = [(name, f"{cents / 100:,.2f}") for name, cents in spent]
        console.print(_table("Campaigns with spend and no visit", ("campaign", f"spent, {company.currency}"), costs))
    if visited:
        counts = [(name, f"{count:,}") for name, count in visited]
        console.print(_table("Campaigns with visits and no spend", ("campaign", "visits"), counts))
    if near:
        pairs = [(one.said, one.means, f"{one.likeness:.0%}", one.why) for one in near]
        console.print(_table("These may be one", ("spend says", "visits say", "likeness", "why"), pairs))
        console.print('Bring two together: ringtrace names align campaign "spend says" "visits say"')
    if not spent and not visited:
        console.print("Every campaign that cost something has visits, and the other way round.")


def _rule(row: Any) -> tuple[str, ...]:
    return row.field, row.said, row.means, row.system


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    more = f", {_MOST_SHOWN} of {len(rows):,}" if len(rows) > _MOST_SHOWN else ""
    table = Table(*columns, title=f"{title}{more}", title_justify="left")
    for row in rows[:_MOST_SHOWN]:
        table.add_row(*map(escape, row))
    return table
