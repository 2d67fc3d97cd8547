"""Writes the whole configuration of a Kamailio that asks Ringtrace where calls go and tells it what became of them."""

from __future__ import annotations

import re
from enum import StrEnum
from importlib.resources import files

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.telephony.kamailio.signature import signing_keys

_TEMPLATE = "kamailio.cfg.in"
# What a value may have in it: nothing that ends a string, a definition or a shell word.
_SAFE = re.compile(r"[A-Za-z0-9_.:/@+=,;?&~\[\]-]+\Z")


class PostWith(StrEnum):
    """What posts to the edge. `CURL` needs the `curl` program; `HTTP_CLIENT` the package kamailio-utils-modules."""

    CURL = "curl"
    HTTP_CLIENT = "http_client"


class KamailioSettings(Struct, frozen=True, kw_only=True):
    """`listen`: as Kamailio writes it, such as `udp:203.0.113.5:5060`. `edge_url`: the edge as Kamailio reaches it.

    `gateway`: host[:port] that phone numbers are relayed to; without it only `sip:` destinations ring.
    `fallback`: where calls go while the edge cannot be asked (a phone number or a `sip:` URI); without it they get 503.
    `trusted_networks`: where calls may come from (CIDR). `children`: SIP workers a socket; each waits for the edge's
    answer, so calls a second are at most children / the edge's answering time.
    """

    listen: str
    edge_url: str
    connection_id: str
    secret: str
    gateway: str | None = None
    fallback: str | None = None
    trusted_networks: tuple[str, ...] = ("127.0.0.1/32",)
    children: int = 8
    http_timeout_secs: int = 2
    ring_timeout_ms: int = 30_000
    report_tries: int = 400
    tcp: bool = False
    post_with: PostWith = PostWith.CURL

    def __repr__(self) -> str:
        return f"KamailioSettings(listen={self.listen!r}, connection_id={self.connection_id!r}, …)"


def kamailio_config(settings: KamailioSettings) -> str:
    """The text of a complete kamailio.cfg. It holds keys made of the secret: write it with mode 0600.

    Raises BadInput for a value that Kamailio or the shell could read as more than a value.
    """
    template = files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return "\n".join(["#!KAMAILIO", *_definitions(settings), "", template])


def _definitions(settings: KamailioSettings) -> list[str]:
    keys = signing_keys(settings.secret)
    texts = {
        "RT_LISTEN": settings.listen,
        "RT_TRUSTED": ",".join(settings.trusted_networks),
        "RT_EDGE": f"{settings.edge_url.rstrip('/')}/carriers/{settings.connection_id}",
        "RT_INNER_KEY": keys.inner,
        "RT_OUTER_KEY": keys.outer,
        "RT_GATEWAY": settings.gateway,
        "RT_FALLBACK": settings.fallback,
    }
    numbers = {
        "RT_CHILDREN": settings.children,
        "RT_HTTP_SECS": settings.http_timeout_secs,
        "RT_RING_MS": settings.ring_timeout_ms,
        "RT_REPORT_TRIES": settings.report_tries,
    }
    flags = {"RT_TCP": settings.tcp, "RT_HTTP_CLIENT": settings.post_with == PostWith.HTTP_CLIENT}
    return [
        *(f'#!substdef "!{name}!{_safe(name, text)}!g"' for name, text in texts.items() if text is not None),
        *(f'#!substdef "!{name}!{number}!g"' for name, number in numbers.items()),
        *(f"#!define {name}" for name, is_set in flags.items() if is_set),
    ]


def _safe(name: str, value: str) -> str:
    if not _SAFE.match(value):
        raise BadInput(
            f"{name.removeprefix('RT_').lower()} cannot be {value!r}.",
            hint="It has a character that a Kamailio configuration could misread.",
        )
    return value
