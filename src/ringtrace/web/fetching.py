"""Fetches one public page, and nothing else: no address of this network, no cookie, no more than it may take.

The name is resolved here, every address of it is looked at, and the connection goes to the very address that passed:
a name that resolves differently a moment later gains nothing. Redirects are followed by hand, each looked at anew.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import closing, suppress
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

import ringtrace
from ringtrace.core.errors import BadInput

MOST_BYTES = 2_000_000
LONGEST_SECS = 5.0
_MOST_REDIRECTS = 3
_LONGEST_URL = 2_000
_PIECE = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_USUAL_PORTS = frozenset({80, 443})
_AGENT = f"Ringtrace/{ringtrace.__version__} (installation check)"
_GZIP_OR_ZLIB = 47


class Fetched(Struct, frozen=True, kw_only=True):
    """`url`: where it was found in the end. Names of `headers` are in lower case, values of one name joined by commas.
    `is_cut`: there was more than `MOST_BYTES`."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    is_cut: bool = False


def fetch(url: str, *, own_origin: str = "", allowed_ports: frozenset[int] = frozenset()) -> Fetched:
    """GET. `own_origin`: the one origin (scheme://host:port) that may lie on this machine, that of the demo's page.
    `allowed_ports`: beside 80 and 443. Raises BadInput that says what went wrong."""
    until = time.monotonic() + LONGEST_SECS
    for _ in range(_MOST_REDIRECTS + 1):
        answer = _get_once(url, own_origin, allowed_ports, until)
        target = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not target:
            return answer
        url = urljoin(url, target)
    raise BadInput(f"The page was redirected more than {_MOST_REDIRECTS} times.", hint="Give the address it ends at.")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises BadInput."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"There is no address for {host[:100]!r}.", hint="Check the spelling, and the DNS.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an address lies in the open internet, and not in this network, on this machine or nowhere."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1] or _nat64(ip)
        if inner is not None:
            return _is_open(inner)
    return _is_open(ip)


def _is_open(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind one of RFC 6052's well-known prefix."""
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return None


def _get_once(url: str, own_origin: str, allowed_ports: frozenset[int], until: float) -> Fetched:
    parts, port = _checked(url, allowed_ports)
    address = _address_of(parts, port, own_origin)
    left = until - time.monotonic()
    if left <= 0:
        raise _too_slow()
    try:
        with closing(_connected(address, port, parts, left)) as line:
            timer = threading.Timer(max(0.0, until - time.monotonic()), _hang_up, (line,))
            timer.start()
            try:
                if isinstance(line, ssl.SSLSocket):
                    line.do_handshake()
                answer = _ask(line, parts, port)
            finally:
                timer.cancel()
    except ssl.SSLCertVerificationError as error:
        raise BadInput(
            f"The certificate of {parts.hostname} is not valid.", hint="Browsers refuse the page too: renew it."
        ) from error
    except (OSError, http.client.HTTPException, zlib.error) as error:
        if time.monotonic() >= until or isinstance(error, TimeoutError):
            raise _too_slow() from error
        raise BadInput(f"{parts.hostname} did not answer.", hint="Open the page in a browser: is it there?") from error
    if time.monotonic() >= until:  # a line that was ended looks like a page that is short
        raise _too_slow()
    return answer


def _connected(address: str, port: int, parts: SplitResult, left: float) -> socket.socket:
    """A line to this very address; for https not yet shaken hands over."""
    raw = socket.create_connection((address, port), timeout=left)
    if parts.scheme != "https":
        return raw
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(raw, server_hostname=parts.hostname, do_handshake_on_connect=False)
    except BaseException:
        raw.close()
        raise


def _hang_up(line: socket.socket) -> None:
    """Ends a line that took too long, whatever is under way on it."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _too_slow() -> BadInput:
    return BadInput(
        f"The page took longer than {LONGEST_SECS:.0f} seconds.", hint="Try again; a page that slow loses visitors."
    )


def _checked(url: str, allowed_ports: frozenset[int]) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadInput("That is not a web address.", hint="Write it like https://www.example.com/page.") from error
    if len(url) > _LONGEST_URL or parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise BadInput("That is not a web address.", hint="Write it like https://www.example.com/page.")
    if port not in _USUAL_PORTS | allowed_ports:
        raise BadInput(f"Port {port} is none of the site’s own.", hint="Add the address to the site first.")
    return parts, port


def _address_of(parts: SplitResult, port: int, own_origin: str) -> str:
    """An address that may be asked. Raises BadInput if any address of the name may not."""
    host = parts.hostname or ""
    addresses = resolve(host, port)
    if own_origin and f"{parts.scheme}://{host}:{port}" == _with_port(own_origin):
        return addresses[0]
    refused = [address for address in addresses if not is_public(address)]
    if refused or not addresses:
        raise BadInput(
            f"{host[:100]} leads to {refused[0] if refused else 'no address'}, which is not on the open internet.",
            hint="This server looks at public pages only. Open the page in a browser instead.",
        )
    return addresses[0]


def _with_port(origin: str) -> str:
    parts = urlsplit(origin)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _ask(line: socket.socket, parts: SplitResult, port: int) -> Fetched:
    connection = http.client.HTTPConnection(parts.hostname or "", port)
    connection.sock = line
    netloc = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    headers = {
        "Host": netloc,
        "User-Agent": _AGENT,
        "Accept": "text/html,application/xhtml+xml",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    path = parts.path or "/"
    connection.request("GET", _ascii(f"{path}?{parts.query}" if parts.query else path), headers=headers)
    response = connection.getresponse()
    told: dict[str, str] = {}
    for name, value in response.getheaders():
        told[name.lower()] = f"{told[name.lower()]}, {value}" if name.lower() in told else value
    body, is_cut = _read(response, told.get("content-encoding", ""))
    text = body.decode(_charset(told.get("content-type", "")), "replace")
    return Fetched(
        url=parts._replace(fragment="").geturl(), status=response.status, headers=told, text=text, is_cut=is_cut
    )


def _ascii(target: str) -> str:
    return "".join(char if "!" <= char <= "~" else "".join(f"%{byte:02X}" for byte in char.encode()) for char in target)


def _read(response: http.client.HTTPResponse, encoding: str) -> tuple[bytes, bool]:
    """The body, unpacked, up to the most; what is packed to be huge is cut at the same length."""
    unpack = zlib.decompressobj(_GZIP_OR_ZLIB) if encoding.lower() in ("gzip", "x-gzip", "deflate") else None
    if encoding and unpack is None and encoding.lower() != "identity":
        raise BadInput(
            f"The page is packed as {encoding[:20]!r}, unasked.", hint="Let the server send it plain or gzip."
        )
    body = bytearray()
    taken = 0
    while len(body) <= MOST_BYTES and taken <= MOST_BYTES:
        piece = response.read(_PIECE)
        if not piece:
            return bytes(body), False
        taken += len(piece)
        body += unpack.decompress(piece, MOST_BYTES + 1 - len(body)) if unpack else piece
    return bytes(body[:MOST_BYTES]), True


def _charset(content_type: str) -> str:
    _, _, said = content_type.lower().partition("charset=")
    name = said.split(";")[0].strip(" \"'") or "utf-8"
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name
