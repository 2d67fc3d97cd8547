"""The `ringtrace` command: the only place that wires rooms together."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ringtrace import __version__
from ringtrace.cli import (
    credit,
    demo,
    hook,
    imports,
    lake,
    mail,
    misses,
    names,
    outcome,
    people,
    processes,
    rates,
    reclassify,
    report,
    serve,
    sip,
    sql,
    sso,
    token,
)
from ringtrace.cli.logs import start_logging
from ringtrace.core.errors import RingtraceError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 could not, 2 asked wrongly."""
    options = build_parser().parse_args(arguments)
    os.umask(0o077)  # what we write is for its owner only
    start_logging(options.command)
    command: Command = options.run
    try:
        code = command(options)
    except RingtraceError as error:
        print(error, file=sys.stderr)
        code = 1
    raise SystemExit(code)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ringtrace", description="Which marketing made the phone ring?")
    parser.add_argument("--version", action="version", version=f"ringtrace {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "serve", "start Ringtrace: edge, web and worker", serve.run, _add_serve_options)
    _add(commands, "demo", "start Ringtrace with a simulated town", demo.run, demo.add_options)
    _add(commands, "link", "print another first-run link", processes.run_link, processes.add_web_options)
    _add(commands, "outcome", "mark what came of a call", outcome.run, outcome.add_options)
    _add(commands, "import", "take outcomes, contacts, spend or calls from a file", imports.run, imports.add_options)
    _add(commands, "misses", "list outcomes that matched no call, with why", misses.run, misses.add_options)
    _add(commands, "names", "bring together what systems call campaigns", names.run, names.add_options)
    _add(commands, "rates", "set what other currencies are worth", rates.run, rates.add_options)
    _add(
        commands,
        "reclassify",
        "read history again by the source rules of now",
        reclassify.run,
        reclassify.add_options,
    )
    _add(commands, "lake", "publish, check or tidy the lake; forget somebody in it", lake.run, lake.add_options)
    _add(commands, "sip", "print Kamailio's configuration for a SIP connection", sip.run, sip.add_options)
    _add(commands, "credit", "share conversions over the touches of any table", credit.run, credit.add_options)
    _add(commands, "report", "any metric by anything, as the metrics page shows it", report.run, report.add_options)
    _add(commands, "sql", "print a model as SQL, for a warehouse", sql.run, sql.add_options)
    _add(commands, "people", "list, invite or remove people", people.run, people.add_options)
    _add(commands, "sso", "give domains to accounts' providers", sso.run, sso.add_options)
    _add(commands, "token", "make, list or revoke keys of the API", token.run, token.add_options)
    _add(commands, "mail", "name the mail server, and try it", mail.run, mail.add_options)
    _add(commands, "hook", "list the addresses of webhooks", hook.run, hook.add_options)
    for name, run, add_options in processes.PROCESSES:
        _add(commands, name, None, run, add_options)
    return parser


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    serve.add_options(parser)
    serve.add_database_options(parser)


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str | None,
    run: Command,
    add_options: Callable[[argparse.ArgumentParser], None],
) -> None:
    """A command; `text` None: one of the processes that `serve` starts, not listed in the help."""
    command = commands.add_parser(name, help=text, description=text) if text else commands.add_parser(name)
    command.add_argument(
        "--data", type=Path, default=Path("ringtrace-data"), metavar="DIR", help="data directory (./ringtrace-data)"
    )
    add_options(command)
    command.set_defaults(run=run)
