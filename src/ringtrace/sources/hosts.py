"""Hosts out of addresses, written one way: lower case, without user or final dot, in punycode beyond ASCII."""

from __future__ import annotations

import idna

from ringtrace.sources.texts import fit

LONGEST_HOST = 253
LONGEST_ORIGIN = 320  # a scheme, a host and a port; what is longer is none

_SCHEMES = ("http", "https", "android-app", "ios-app", "")  # others are no site: extensions, files, empty pages


def host_and_port(netloc: str) -> tuple[str | None, str]:
    """`User@Shop.Example:8080` is `("shop.example", "8080")`; None where there is no host."""
    netloc = fit(netloc).rpartition("@")[2]
    if netloc.startswith("["):
        host, _, rest = netloc.partition("]")
        return f"{host}]".lower()[:LONGEST_HOST], rest.removeprefix(":")
    host, _, port = netloc.partition(":")
    return ascii_host(host), port


def ascii_host(host: str) -> str | None:
    """As browsers send it. What is no name by IDNA's rules stays as it is, so that it is seen."""
    host = fit(host).strip().lower().rstrip(".")[:LONGEST_HOST]
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            return host.strip() or None
    return host or None


def origin_of(url: str) -> str:
    """All before the path of an absolute address; empty for anything else. At most 320 characters."""
    start = url.find("//")
    if start < 0:
        return ""
    end = url.find("/", start + 2)
    return (url if end < 0 else url[:end])[:LONGEST_ORIGIN]


def netloc_of(origin: str) -> str:
    """The host with its port in what `origin_of` cut out; empty where the scheme is no site's."""
    scheme, _, netloc = origin.partition("//")
    if scheme.rstrip(":").lower() not in _SCHEMES:
        return ""
    return netloc.partition("?")[0].partition("#")[0]


def host_in(text: str) -> str | None:
    """The host of whatever a person wrote in a list of hosts: a host, `*.host`, a whole address."""
    netloc = text.strip().partition("//")[2] or text.strip()
    return host_and_port(netloc.partition("/")[0].removeprefix("*."))[0]
