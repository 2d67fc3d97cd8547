"""`demo-site`: the process that serves the plumber's pages and their telephone."""

from __future__ import annotations

import argparse
import asyncio
import signal
from importlib import import_module

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from ringtrace.cli.ledger import open_ledger
from ringtrace.cli.lifeline import hold_lifeline
from ringtrace.core.clock import wall_clock
from ringtrace.demo.site import DemoLine, DemoSite
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
    server = Server(site, address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    serving = asyncio.create_task(server.serve())
    await asyncio.wait({serving, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    await serving
    await site.close()
