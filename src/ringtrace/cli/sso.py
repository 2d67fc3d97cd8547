"""`ringtrace sso list|allow|forbid`: which account's provider may speak for a domain."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list", "allow", "forbid"))
    parser.add_argument("domain", nargs="?", default="", help="to allow or forbid: such as example.com")
    parser.add_argument("--account", metavar="NAME", help="account by name or id; without it, the only one")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    here = import_module("ringtrace.web.domains_by_name")
    match options.what:
        case "allow":
            print(here.allow(options.account, options.domain, wall_clock()))
        case "forbid":
            print(here.forbid(options.domain))
        case _:
            for line in here.lines():
                print(line)
    return 0
