"""The mail server through which Ringtrace sends: of the environment, or as `ringtrace mail set` was told."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from msgspec import Struct

from ringtrace.core.errors import BadInput

VARIABLE, FROM_VARIABLE = "RINGTRACE_SMTP_URL", "RINGTRACE_MAIL_FROM"
SECURITIES = ("starttls", "tls", "none")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SCHEMES = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}
_PURPOSE = "mail-server"
_HINT = "Write it like smtp://user:password@mail.example.com:587 (smtps:// for TLS from the first byte)."


class MailServer(Struct, frozen=True, kw_only=True):
    """`password` is in clear: never log it."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = ""


class _Kept(Struct, frozen=True, kw_only=True):
    """As it lies in the data directory: the password is sealed."""

    host: str
    port: int
    security: str
    sender: str
    user: str
    sealed: str


def mail_server() -> MailServer | None:
    """None where nobody named one: e-mail then waits. Raises BadInput for one that cannot be read."""
    said = os.environ.get(VARIABLE, "")
    if said:
        return _read_url(said, os.environ.get(FROM_VARIABLE, ""))
    path = _path()
    if not path.is_file():
        return None
    kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    password = settings.KEYS.unseal(kept.sealed, _PURPOSE) if kept.sealed else ""
    return MailServer(
        host=kept.host, port=kept.port, security=kept.security, sender=kept.sender, user=kept.user, password=password
    )


def do_set_mail_server(
    host: str, security: str, sender: str, *, port: int = 0, user: str = "", password: str = ""
) -> None:
    """Keeps a server in the data directory, for its owner only; the password sealed. Raises BadInput."""
    server = _checked(host, port, security, sender, user, password)
    kept = _Kept(
        host=server.host,
        port=server.port,
        security=server.security,
        sender=server.sender,
        user=user,
        sealed=settings.KEYS.seal(password, _PURPOSE) if password else "",
    )
    fresh = _path().with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.encode(kept))
    fresh.replace(_path())


def do_forget_mail_server() -> None:
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return Path(settings.DATA_DIR) / "mail.json"


def _read_url(url: str, sender: str) -> MailServer:
    try:
        parts = urlsplit(url)
        port = parts.port or 0
    except ValueError as error:
        raise BadInput(f"{VARIABLE} is not the address of a mail server.", hint=_HINT) from error
    if parts.scheme not in _SCHEMES:
        raise BadInput(f"{VARIABLE} is not the address of a mail server.", hint=_HINT)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return _checked(parts.hostname or "", port, _SCHEMES[parts.scheme], sender or user, user, password)


def _checked(host: str, port: int, security: str, sender: str, user: str, password: str) -> MailServer:
    if not host:
        raise BadInput("A mail server needs its host.", hint=_HINT)
    if security not in SECURITIES:
        raise BadInput(f"{security!r} is no way to speak with a mail server.", hint=f"One of {', '.join(SECURITIES)}.")
    if not 0 <= port <= 65_535:
        raise BadInput("A port is 1 to 65535.", hint="587 is usual, 465 for TLS from the first byte.")
    try:
        validate_email(sender)
    except ValidationError as error:
        raise BadInput(
            f"{sender!r} is no address to send from.", hint=f"Give one by --from, or in {FROM_VARIABLE}."
        ) from error
    return MailServer(
        host=host, port=port or _PORTS[security], security=security, sender=sender, user=user, password=password
    )
