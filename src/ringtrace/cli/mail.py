"""`ringtrace mail set|show|forget|test`: the mail server through which reports and invitations go."""

from __future__ import annotations

import argparse
import getpass
import sys
from importlib import import_module

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("set", "show", "forget", "test"))
    parser.add_argument("to", nargs="?", default="", metavar="EMAIL", help="whom `test` writes to")
    parser.add_argument("--host", default="", help="of the mail server")
    parser.add_argument("--port", type=int, default=0, help="587, or 465 with --security tls")
    parser.add_argument("--security", choices=("starttls", "tls", "none"), default="starttls", help="(starttls)")
    parser.add_argument("--user", default="", help="name to sign in with; its password is asked, or read from stdin")
    parser.add_argument("--from", dest="sender", default="", metavar="EMAIL", help="whom e-mail comes from")


def run(options: argparse.Namespace) -> int:
    open_ledger(options.data)
    servers = import_module("ringtrace.web.mail_server")
    match options.what:
        case "set":
            servers.do_set_mail_server(
                options.host,
                options.security,
                options.sender,
                port=options.port,
                user=options.user,
                password=_password() if options.user else "",
            )
            print("Kept. `ringtrace mail test EMAIL` tries it.")
        case "forget":
            servers.do_forget_mail_server()
            print("Forgotten. E-mail waits until a server is named.")
        case "test":
            return _test(options.to, servers.mail_server())
        case _:
            server = servers.mail_server()
            print("No mail server is named." if server is None else _shown(server))
    return 0


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _shown(server: object) -> str:
    told = {name: getattr(server, name) for name in ("host", "port", "security", "user", "sender")}
    return "\n".join(f"{name:9} {text or 'none'}" for name, text in told.items())


def _test(to: str, server: object) -> int:
    if server is None:
        raise BadInput("No mail server is named.", hint="`ringtrace mail set` names one.")
    if not to:
        raise BadInput("Whom shall it write to?", hint="`ringtrace mail test ann@example.com`.")
    mail = import_module("ringtrace.web.mail")
    models = import_module("ringtrace.web.models")
    row = mail.do_queue_mail("test", to, "A test of Ringtrace", "If you read this, e-mail works.", wall_clock())
    import_module("ringtrace.worker.mail").send_now(row, server, wall_clock)
    row = models.MailRow.objects.get(pk=row.pk)
    if row.sent_ms is None:
        print(f"It was not sent: {row.last_error}.")
        row.delete()
        return 1
    print(f"Sent to {to}.")
    return 0
