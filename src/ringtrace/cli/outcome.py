"""`ringtrace outcome CALL KIND [--value 420.00]`: marks what came of a call."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", help="the call's id, as its page shows it")
    parser.add_argument("kind", choices=[kind.value for kind in OutcomeKind])
    parser.add_argument("--value", default="", metavar="AMOUNT", help="in the company's currency, such as 420.00")
    parser.add_argument("--note", default="")
    parser.add_argument("--external-id", default="", metavar="ID", help="the same id again replaces, never doubles")


def run(options: argparse.Namespace) -> int:
    value_cents = read_cents(options.value) if options.value else None
    open_ledger(options.data)
    actions = import_module("ringtrace.web.actions")
    call = actions.find_call(options.call)
    actions.do_mark_outcome(
        call,
        OutcomeKind(options.kind),
        value_cents,
        wall_clock(),
        note=options.note,
        external_id=options.external_id,
    )
    print(f"Marked {options.kind} for {call.pk}.")
    return 0


def read_cents(text: str) -> int:
    """`420`, `420.5` or `420.50` as cents; raises BadInput."""
    try:
        cents = Decimal(text.replace(",", "")) * 100
    except InvalidOperation as error:
        raise BadInput(f"{text!r} is not an amount.", hint="Write it like 420.00.") from error
    if not cents.is_finite() or cents != cents.to_integral_value() or cents < 0:
        raise BadInput(f"{text!r} is not an amount in whole cents.", hint="Write it like 420.00.")
    return int(cents)
