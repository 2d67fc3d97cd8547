"""`ringtrace token make|list|revoke`: keys for programs that use the API."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import at_from_ms, wall_clock


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("make", "list", "revoke"))
    parser.add_argument("name", nargs="?", default="", help="the token's name; to revoke, its name or key")
    parser.add_argument("--company", metavar="NAME", help="company by name or id; without it, the only one")
    parser.add_argument("--user", default="", metavar="EMAIL", help="whom it acts as; without it, the company's owner")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    company = import_module("ringtrace.web.companies").find_company(options.company)
    tokens = import_module("ringtrace.web.tokens")
    match options.what:
        case "make":
            user = tokens.find_user(company, options.user)
            print(tokens.do_make_token(user, company, options.name, wall_clock()))
        case "revoke":
            row = tokens.find_row(company, options.name)
            tokens.do_revoke_token(row)
            print(f"Revoked {row.name}.")
        case _:
            for row in tokens.tokens_of(company):
                print(f"{row.pk[:12]}  {row.name}  acts as {row.user.email}  {_used(row.used_ms)}")
    return 0


def _used(used_ms: int | None) -> str:
    return "never used" if used_ms is None else f"used {at_from_ms(used_ms):%Y-%m-%d %H:%M} UTC"
