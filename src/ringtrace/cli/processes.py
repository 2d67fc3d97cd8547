"""The processes behind `ringtrace serve`: each a command of its own, so that each can be run and watched alone."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from contextlib import nullcontext
from importlib import import_module

from granian.constants import Interfaces
from granian.server import Server

from ringtrace.cli import demo_site, towns
from ringtrace.cli.lake import lake_of
from ringtrace.cli.ledger import open_ledger
from ringtrace.cli.lifeline import hold_lifeline
from ringtrace.cli.stores import add_store_option, choose_store, store_in
from ringtrace.core.clock import wall_clock
from ringtrace.edge.serve import EdgeSettings, serve
from ringtrace.wire.lock import only_one


def add_web_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--web-url", default="http://127.0.0.1:8000", metavar="URL")
    parser.add_argument("--edge-url", default="http://127.0.0.1:8100", metavar="URL")
    parser.add_argument("--demo-url", default="", metavar="URL")


def _add_listen_options(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)


def _add_edge_options(parser: argparse.ArgumentParser) -> None:
    _add_listen_options(parser, 8100)
    add_store_option(parser)
    parser.add_argument("--visits-per-minute", type=int, default=600, help="bound for one address on one site")
    parser.add_argument(
        "--new-per-ten-minutes", type=int, default=120, help="new visits of one address that get numbers of their own"
    )
    parser.add_argument(
        "--region-header", default="", metavar="NAME", help="a header in which a proxy of ours says the region"
    )
    parser.add_argument("--trusted-proxies", type=int, default=0, help="proxies in front, for the address of a visitor")


def _add_web_server_options(parser: argparse.ArgumentParser) -> None:
    add_web_options(parser)
    _add_listen_options(parser, 8000)
    parser.add_argument("--trusted-proxies", type=int, default=0, help="proxies in front, for the address of a person")


def run_edge(options: argparse.Namespace) -> int:
    hold_lifeline()
    settings = EdgeSettings(
        data_dir=options.data,
        edge_store=choose_store(options),
        host=options.host,
        port=options.port,
        visits_per_minute=options.visits_per_minute,
        new_per_ten_minutes=options.new_per_ten_minutes,
        trusted_proxies=options.trusted_proxies,
        region_header=options.region_header,
    )
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # On the embedded store a second edge would lease numbers twice. PostgreSQL's tables may have many.
    with nullcontext() if settings.edge_store else only_one(options.data / "edge.lock", "edge"):
        serve(settings, wall_clock)
    return 0


def run_web(options: argparse.Namespace) -> int:
    hold_lifeline()
    os.environ["RINGTRACE_TRUSTED_PROXIES"] = str(options.trusted_proxies)
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url, demo_url=options.demo_url)
    server = Server(
        "ringtrace.web.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        blocking_threads=64,  # most of them for streams, which wait (`web/pop_stream.py`)
        respawn_failed_workers=True,
        log_enabled=False,
    )
    server.serve()
    return 0


def run_worker(options: argparse.Namespace) -> int:
    hold_lifeline()
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url)
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    loop = import_module("ringtrace.worker.loop")
    start_mail = import_module("ringtrace.worker.mail").start_mail
    with only_one(options.data / "worker.lock", "worker"):
        mail = start_mail(wall_clock, stop)
        loop.run(store_in(options.data), lake_of(options.data), wall_clock, stop)
        mail.join(timeout=_LONGEST_MAIL_SECS)  # what is being sent then is sent again later
    return 0


def run_prepare(options: argparse.Namespace) -> int:
    """Migrates the ledger and publishes the directory; prints a one-time token as JSON if there is no owner yet."""
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url)
    first_run = import_module("ringtrace.web.first_run")
    print(json.dumps({"once": first_run.prepare(wall_clock())}))
    return 0


def run_link(options: argparse.Namespace) -> int:
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url)
    first_run = import_module("ringtrace.web.first_run")
    print(f"{options.web_url}/welcome/?once={first_run.another_link(wall_clock())}")
    return 0


_LONGEST_MAIL_SECS = 25.0

PROCESSES = (
    ("edge", run_edge, _add_edge_options),
    ("web", run_web, _add_web_server_options),
    ("worker", run_worker, add_web_options),
    ("prepare", run_prepare, add_web_options),
    ("build-town", towns.run_build, towns.add_options),
    ("demo-site", demo_site.run, demo_site.add_options),
)
