"""Who a referrer says sent the visit: nobody where it is the site itself, or a page that only hands visitors back."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from ringtrace.sources.home import Home
from ringtrace.sources.hosts import host_and_port, host_in, netloc_of
from ringtrace.sources.places import MEDIUM_OF, Kind, bare_host, names_in, place_of


class Sender(Struct, frozen=True, cache_hash=True):
    """Where a visit came from by its referrer. `asks`: as a place has it."""

    host: str
    name: str
    medium: str
    kind: Kind
    asks: str | None = None


_IGNORED = frozenset(name for _, name in names_in("ignored.txt"))


@lru_cache(maxsize=4_096)
def sender_of(origin: str, landing_netloc: str, home: Home) -> Sender | None:
    """The sender behind a referrer's origin, as `origin_of` cuts it out; None if it is nobody.

    A site nobody has listed is its own host, by the landing URL. Cached: all arguments are short.
    """
    host, port = host_and_port(netloc_of(origin))
    if not host or _is_own(host, port, landing_netloc, home) or is_ignored(host) or _is_among(host, _left_out(home)):
        return None
    place = place_of(host)
    if place is None:
        return Sender(host, bare_host(host), MEDIUM_OF[Kind.OTHER], Kind.OTHER)
    return Sender(host, place.name, MEDIUM_OF[place.kind], place.kind, place.asks)


def is_ignored(host: str) -> bool:
    """Whether a host is one of the payment, bank or sign-in pages that only hand visitors back."""
    bare = bare_host(host)
    label, _, rest = bare.partition(".")
    if bare in _IGNORED or ("." in rest and f"{label}." in _IGNORED):
        return True
    while rest:
        if rest in _IGNORED or f".{rest}" in _IGNORED:
            return True
        rest = rest.partition(".")[2]
    return False


def _is_own(host: str, port: str, landing_netloc: str, home: Home) -> bool:
    landed, _ = host_and_port(landing_netloc)
    own = _own_hosts(home) | {bare_host(landed or "")}
    return _is_among(host, own) or f"{host}:{port}" in own


def _is_among(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host, or a domain it belongs to, is among bare hosts."""
    rest = host
    while rest:
        if rest in hosts:
            return True
        rest = rest.partition(".")[2]
    return False


@lru_cache(maxsize=1_024)
def _own_hosts(home: Home) -> frozenset[str]:
    found = (host_and_port(host.strip()) for host in home.hosts)
    return frozenset(f"{bare_host(host)}:{port}" if port else bare_host(host) for host, port in found if host)


@lru_cache(maxsize=1_024)
def _left_out(home: Home) -> frozenset[str]:
    return frozenset(bare_host(host) for text in home.ignored if (host := host_in(text)))
