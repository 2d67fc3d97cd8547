"""`ringtrace sip config`: prints the configuration of a Kamailio that stands in front of this Ringtrace."""

from __future__ import annotations

import argparse
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.telephony.kamailio.config import KamailioSettings, PostWith, kamailio_config


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["config"])
    parser.add_argument("--connection", default="", metavar="ID", help="which SIP connection, if there are several")
    parser.add_argument("--listen", default="udp:127.0.0.1:5060", metavar="ADDRESS", help="such as udp:10.0.0.2:5060")
    parser.add_argument("--gateway", default=None, metavar="HOST", help="where calls to phone numbers go out")
    parser.add_argument("--fallback", default=None, metavar="SIP_URI", help="where calls go while the edge is down")
    parser.add_argument(
        "--post-with",
        choices=[way.value for way in PostWith],
        default=PostWith.CURL.value,
        help="what asks the edge: the curl program, or the module http_client of kamailio-utils-modules (faster)",
    )


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    actions = import_module("ringtrace.web.actions")
    connection = actions.find_connection("kamailio", options.connection)
    settings = KamailioSettings(
        listen=options.listen,
        edge_url=connection.public_url,
        connection_id=connection.pk,
        secret=actions.connection_secret(connection),
        gateway=options.gateway,
        fallback=options.fallback,
        post_with=PostWith(options.post_with),
    )
    print(kamailio_config(settings), end="")
    return 0
