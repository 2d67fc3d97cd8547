"""Web addresses as people paste them, written as browsers and carriers send them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import idna

from ringtrace.core.errors import BadUrl

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MOST_HOST = 253
_PATH = re.compile(r"[A-Za-z0-9._~/%-]*")


def check_origin(url: str) -> str:
    """The origin of any address on a site, as a browser's Origin header has it (WHATWG URL). Raises BadUrl.

    Lower case, punycode for a host beyond ASCII, no default port: `https://BÜCHER.example:443/x` is
    `https://xn--bcher-kva.example`.
    """
    return _origin(_split(url, "https://www.example.com"))


def check_public_url(url: str) -> str:
    """Where carriers reach us: an origin, and the path before ours where a proxy adds one. Raises BadUrl."""
    usual = "https://calls.example.com"
    parts = _split(url, usual)
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise _bad(url, usual)
    return _origin(parts) + parts.path.rstrip("/")


def check_host(text: str) -> str:
    """The host of an address, or of a host written alone: `www.Example.com/x` is `www.example.com`. Raises BadUrl."""
    usual = "example.com"
    plain = text.strip()
    if "." not in plain:
        raise _bad(plain, usual)
    try:
        return _host(_split(plain if "://" in plain else f"https://{plain}", usual).hostname or "")
    except ValueError as error:
        raise _bad(plain, usual) from error


def _split(url: str, usual: str) -> SplitResult:
    """The parts of an address whose host and port are sound. `usual` is what the hint shows."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
            raise _bad(url, usual)
        _origin(parts)
    except ValueError as error:  # IDNA's and the address modules' errors are ValueErrors
        raise _bad(url, usual) from error
    return parts


def _origin(parts: SplitResult) -> str:
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname or '')}{port}"


def _host(host: str) -> str:
    """A host as browsers write it. Raises ValueError."""
    if ":" in host:
        return f"[{_ipv6(host)}]"
    labels = [_label(label) for label in idna.uts46_remap(host, std3_rules=False).split(".")]
    name = ".".join(labels)
    if len(name) > _MOST_HOST:
        raise ValueError("too long a host")
    return str(ipaddress.IPv4Address(name)) if _NUMBER.fullmatch(labels[-1]) else name


def _label(label: str) -> str:
    """ASCII as it is, anything else as punycode (IDNA 2008)."""
    plain = label if label.isascii() else idna.alabel(label).decode()
    if not _LABEL.fullmatch(plain):
        raise ValueError("a label no host has")
    return plain


def _ipv6(host: str) -> str:
    if "%" in host:
        raise ValueError("a zone means nothing to others")
    return ipaddress.IPv6Address(host).compressed


def _bad(url: str, usual: str) -> BadUrl:
    return BadUrl(f"{url[:200]!r} is not a web address.", hint=f"Write it like {usual}.")
