"""`demo-site`: the process that serves the plumber's pages and their telephone."""

from __future__ import annotations

import argparse
from importlib import import_module

import uvloop

from ringtrace.cli.ledger import open_ledger
from ringtrace.cli.lifeline import hold_lifeline
from ringtrace.core.clock import wall_clock
from ringtrace.demo.site import DemoLine, DemoSite
from ringtrace.edge.listening import listen, told_to_stop
from ringtrace.telephony.kamailio.simulator import SIMULATOR


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--web-url", default="http://127.0.0.1:8000")
    parser.add_argument("--edge-url", default="http://127.0.0.1:8100")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8200)


def run(options: argparse.Namespace) -> int:
    hold_lifeline()
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url)
    actions = import_module("ringtrace.web.actions")
    connection = actions.find_connection("kamailio")
    line = DemoLine(
        simulator=SIMULATOR,
        edge_url=connection.public_url,
        web_url=options.web_url,
        site_key=actions.first_site(connection.company).key,
        connection_id=connection.pk,
        secret=actions.connection_secret(connection),
    )
    uvloop.run(_serve(DemoSite(line, wall_clock), options.host, options.port))
    return 0


async def _serve(site: DemoSite, host: str, port: int) -> None:
    await listen(site, host, port, told_to_stop())
    await site.close()
