"""`ringtrace rates [set EUR=1.08 …]`: what other currencies are worth in a company's own."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.imports import pairs
from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput

_COMPANY = "its name or id; needed where there are several"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", metavar="NAME", help=_COMPANY)
    commands = parser.add_subparsers(dest="doing", metavar="DO")
    given = commands.add_parser("set", help="set rates, and value by them what outcomes told")
    given.add_argument("rates", nargs="+", metavar="CODE=RATE", help="what one unit is worth, such as EUR=1.08")
    given.add_argument("--company", metavar="NAME", default=argparse.SUPPRESS, help=_COMPANY)


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    room = import_module("ringtrace.web.rates")
    company = import_module("ringtrace.web.companies").find_company(options.company)
    if options.doing == "set":
        said = {code: _rate(code, text) for code, text in pairs(options.rates, "A rate").items()}
        changed = room.do_set_rates(company, said, wall_clock())
        print(f"Set. {changed:,} outcomes have another value now.")
    for code, rate in sorted(company.rates.items()):
        print(f"1 {code} = {rate:g} {company.currency}")
    if not company.rates:
        print("No rates are set: ringtrace rates set EUR=1.08")
    return 0


def _rate(code: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(f"{text[:20]!r} is no rate of {code[:10]}.", hint="Write it like EUR=1.08.") from error
