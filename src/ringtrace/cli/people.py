"""`ringtrace people list|invite|remove`: who belongs to an account, or to one company of it."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list", "invite", "remove"))
    parser.add_argument("email", nargs="?", default="", help="to invite or remove: whose address")
    parser.add_argument("--role", default="viewer", help="owner, admin, analyst, agent or viewer; without it, viewer")
    parser.add_argument("--company", metavar="NAME", help="this company alone, by name or id; without it, the account")
    parser.add_argument("--account", metavar="NAME", help="account by name or id; without it, the only one")
    parser.add_argument("--web-url", default="http://127.0.0.1:8000", metavar="URL", help="where the link shall lead")
    parser.add_argument("--agent-name", default="", metavar="NAME", help="what calls say of who answered")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data, web_url=options.web_url)
    here = import_module("ringtrace.web.people_by_name")
    account, company = here.find_place(options.account, options.company)
    match options.what:
        case "invite":
            print(here.invite(account, company, options.email, options.role, options.agent_name, wall_clock()))
        case "remove":
            print(f"Removed {here.remove(account, company, options.email, wall_clock())}.")
        case _:
            for line in here.lines_of(account, company, wall_clock()):
                print(line)
    return 0
