"""How a provider is asked: at an address of the open internet that was looked at, for so much and so long and no more.

The name is resolved here, and the connection goes to the very address that passed, as for any page that owners name
(`web/fetching.py`). RINGTRACE_SSO_INNER allows the addresses of this network.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from requests import ConnectionError as NoConnection
from requests import PreparedRequest, Response, Session, Timeout
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from ringtrace.core.errors import BadInput
from ringtrace.web.fetching import is_public, resolve

LONGEST_SECS = 10.0
MOST_BYTES = 500_000
_PORTS = {"http": 80, "https": 443}


class Unasked(NoConnection):
    """A provider that is not asked, with words for its owner."""


class OneAddress(BaseAdapter):
    """Carries one request to the address that was looked at."""

    def send(self, request: PreparedRequest, *_how: Any, **_more: Any) -> Response:
        until = time.monotonic() + LONGEST_SECS
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        address = _address_of(host, port)
        try:
            with closing(_connected(address, port, host, until, is_safe=parts.scheme == "https")) as line:
                timer = threading.Timer(max(0.0, until - time.monotonic()), _hang_up, (line,))
                timer.start()
                try:
                    return _ask(line, request)
                finally:
                    timer.cancel()
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, NoConnection):
                raise
            raise (Timeout if time.monotonic() >= until else NoConnection)(type(error).__name__) from error

    def close(self) -> None:
        """Every request has a line of its own, which ends with it."""


def asking() -> Session:
    """No redirect is followed, no proxy and no password of the environment used."""
    session = Session()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept-Encoding"] = "identity"
    for scheme in _PORTS:
        session.mount(f"{scheme}://", OneAddress())
    return session


def _address_of(host: str, port: int) -> str:
    try:
        addresses = resolve(host, port)
    except BadInput as error:
        raise NoConnection("its name has no address") from error
    if not settings.SSO_INNER and not all(map(is_public, addresses)):
        raise Unasked("Its name leads to an address that is not on the open internet.")
    return addresses[0]


def _connected(address: str, port: int, host: str, until: float, *, is_safe: bool) -> socket.socket:
    raw = socket.create_connection((address, port), timeout=max(0.1, until - time.monotonic()))
    if not is_safe:
        return raw
    try:
        context = ssl.create_default_context()
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # beside those of the system
        return context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        raw.close()
        raise


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _ask(line: socket.socket, request: PreparedRequest) -> Response:
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    parts = urlsplit(request.url or "")
    connection = http.client.HTTPConnection(parts.hostname or "")
    connection.sock = line
    headers = {"Host": parts.netloc, **request.headers, "Connection": "close"}
    said = request.body if isinstance(request.body, bytes | str) else None
    connection.request(request.method or "GET", request.path_url, body=said, headers=headers)
    answer = connection.getresponse()
    body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Unasked(f"It answers with more than {MOST_BYTES // 1000} kB.")
    if answer.length:  # the line was ended before all had come
        raise http.client.IncompleteRead(body, answer.length)
    response = Response()
    response.status_code, response.reason = answer.status, answer.reason
    response.headers = CaseInsensitiveDict(answer.getheaders())
    response.url, response.request = request.url or "", request
    response.raw, response.encoding = io.BytesIO(body), "utf-8"
    return response
