"""`ringtrace hook list`: the addresses at which other systems tell us things."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import at_from_ms


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list",))
    parser.add_argument("--company", metavar="NAME", help="company by name or id; without it, the only one")
    parser.add_argument("--web-url", default="", metavar="URL", help="the pages' public address, behind a proxy")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data, web_url=options.web_url)
    company = import_module("ringtrace.web.companies").find_company(options.company)
    hooks = import_module("ringtrace.web.hooks")
    for line in hooks.list_hooks(company):
        last = "no message yet" if line.last_ms is None else f"last {at_from_ms(line.last_ms):%Y-%m-%d %H:%M} UTC"
        print(f"{line.address}  {line.name}  {last}, {line.taken} taken, {line.refused} refused, {line.kept} kept")
    return 0
