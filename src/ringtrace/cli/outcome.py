"""`ringtrace outcome CALL KIND [--value 420.00]`: marks what came of a call."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock
from ringtrace.core.money import read_cents
from ringtrace.core.outcomes import OutcomeKind, check_kind


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", help="the call's id, as its page shows it")
    parser.add_argument("kind", help=f"{', '.join(OutcomeKind)}, or your own, such as site_survey")
    parser.add_argument("--value", default="", metavar="AMOUNT", help="in the company's currency, such as 420.00")
    parser.add_argument("--note", default="")
    parser.add_argument("--external-id", default="", metavar="ID", help="the same id again replaces, never doubles")


def run(options: argparse.Namespace) -> int:
    value_cents = read_cents(options.value) if options.value else None
    open_ledger(options.data)
    call = import_module("ringtrace.web.actions").find_call(options.call)
    import_module("ringtrace.web.outcomes").do_mark_outcome(
        call,
        check_kind(options.kind),
        value_cents,
        wall_clock(),
        note=options.note,
        external_id=options.external_id,
    )
    print(f"Marked {options.kind} for {call.pk}.")
    return 0
