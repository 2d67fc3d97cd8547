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
    parser.add_argument("--scope", action="append", metavar="SCOPE", help="what it may do; without one, everything")
    parser.add_argument("--days", type=int, metavar="N", help="how long it lasts; without it, until it is revoked")
    parser.add_argument("--user", default="", metavar="EMAIL", help="whom it acts as; without it, the company's owner")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    company = import_module("ringtrace.web.companies").find_company(options.company)
    tokens = import_module("ringtrace.web.tokens")
    match options.what:
        case "make":
            user = tokens.find_user(company, options.user)
            scopes, days = options.scope, options.days
            print(tokens.do_make_token(user, company, options.name, wall_clock(), scopes=scopes, days=days))
        case "revoke":
            row = tokens.find_row(company, options.name)
            tokens.do_revoke_token(row)
            print(f"Revoked {row.name}.")
        case _:
            for row in tokens.tokens_of(company):
                said = (row.name, f"acts as {row.user.email}", _scopes(row.scopes), _used(row.used_ms))
                print("  ".join((row.pk[:12], *said, _ends(row.expires_ms))).rstrip())
    return 0


def _scopes(scopes: list[str] | None) -> str:
    return "everything" if scopes is None else " ".join(scopes)


def _ends(expires_ms: int | None) -> str:
    return "" if expires_ms is None else f"until {at_from_ms(expires_ms):%Y-%m-%d %H:%M} UTC"


def _used(used_ms: int | None) -> str:
    return "never used" if used_ms is None else f"used {at_from_ms(used_ms):%Y-%m-%d %H:%M} UTC"
