"""Whether a page's Content-Security-Policy (W3C, level 3) lets the snippet load and ask the edge."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_CHAINS: Final = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}


def is_allowed(policy: str, kind: str, *, edge: str, page: str, nonce: str = "") -> bool:
    """`kind`: script-src or connect-src; `edge`, `page`: origins; `nonce`: what the script tag carries."""
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split()[:200] or [""]
        directives.setdefault(name.lower(), sources)  # of two of one name browsers take the first
    names = [name for name in _CHAINS[kind] if name in directives]
    if not names:
        return True
    sources = directives[names[0]]
    if kind == "script-src" and nonce and f"'nonce-{nonce}'" in sources:
        return True
    if kind == "script-src" and "'strict-dynamic'" in [source.lower() for source in sources]:
        return False  # hosts are then not looked at
    return any(_fits(source, edge, page) for source in sources)


def _fits(source: str, edge: str, page: str) -> bool:
    said, to = source.lower(), urlsplit(edge.lower())
    if said == "'self'":
        return edge.lower() == page.lower()
    if said.startswith("'"):
        return False
    if said == "*":
        return True
    if said.endswith(":") and "/" not in said:
        return _is_scheme(said[:-1], to.scheme)
    scheme, mark, rest = said.rpartition("://")
    if mark and not _is_scheme(scheme, to.scheme):
        return False
    if not mark and not _is_scheme(urlsplit(page).scheme, to.scheme):
        return False
    host, _, port = rest.partition("/")[0].partition(":")
    return _is_host(host, to.hostname or "") and _is_port(port, to.port or _usual(to.scheme), to.scheme)


def _is_scheme(said: str, scheme: str) -> bool:
    """What is said of http goes for https, too."""
    return said == scheme or (said == "http" and scheme == "https")


def _is_host(said: str, host: str) -> bool:
    return host.endswith(said[1:]) if said.startswith("*.") else said in ("*", host)


def _is_port(said: str, port: int, scheme: str) -> bool:
    if said == "*":
        return True
    return port == (int(said) if said.isdigit() else _usual(scheme))


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80
