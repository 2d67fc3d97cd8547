"""Requests and answers of the edge: as little as raw ASGI needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, MutableMapping
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.core.refusals import HINTS, Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_encode = msgspec.json.Encoder().encode

_STATUS = {
    Refusal.UNREADABLE: 400,
    Refusal.TOO_LARGE: 413,
    Refusal.NO_SUCH_DOOR: 404,
    Refusal.UNKNOWN_SITE: 404,
    Refusal.WRONG_ORIGIN: 403,
    Refusal.BOT: 403,
    Refusal.TOO_MANY: 429,
    Refusal.UNKNOWN_CONNECTION: 404,
    Refusal.UNSIGNED: 401,
    Refusal.FORGED: 403,
    Refusal.STALE: 403,
    Refusal.STORE_DOWN: 503,
    Refusal.OVERLOADED: 503,
}


class Request(Struct, frozen=True, kw_only=True):
    """`headers` have lower-case names. `address` is the peer's, used for limits and never kept."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    address: str


class Answer(Struct, frozen=True, kw_only=True):
    """`refusal` is set when less was done than asked; it becomes the reason header."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = b"application/json"
    refusal: Refusal | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


def json_answer(value: object, refusal: Refusal | None = None) -> Answer:
    return Answer(body=_encode(value), refusal=refusal)


def refuse(refusal: Refusal) -> Answer:
    """The one error shape of the edge: a code and what to do, never an exception's text."""
    body = _encode({"error": {"code": refusal, "hint": HINTS[refusal]}})
    return Answer(status=_STATUS.get(refusal, 200), body=body, refusal=refusal)


def address_of(request: Request, trusted_proxies: int) -> str:
    """Whose request this is: the peer's, or what the outermost of our own proxies saw, counted from the right.

    What stands further left in X-Forwarded-For is whatever the sender wrote, and is never believed.
    """
    if not trusted_proxies:
        return request.address
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else request.address


async def read_request(
    scope: Scope, receive: Receive, most_bytes: int, wanted: Container[bytes] | None = None
) -> Request | Refusal:
    """The whole request, with the `wanted` headers or all, or TOO_LARGE as soon as it is over `most_bytes`."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return Refusal.UNREADABLE
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most_bytes:
            return Refusal.TOO_LARGE
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if wanted is None or name in wanted
        },
        body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
        address=client[0] if client else "",
    )


async def send_answer(send: Send, answer: Answer, origin: str | None = None) -> None:
    headers = [(b"content-type", answer.content_type), (b"content-length", str(len(answer.body)).encode())]
    headers.extend(answer.headers)
    if answer.refusal is not None:
        headers.append((b"x-ringtrace-reason", answer.refusal.value.encode()))
    if origin is not None:
        headers.append((b"access-control-allow-origin", origin.encode("latin-1", "replace")))
        headers.append((b"access-control-expose-headers", b"x-ringtrace-reason"))
        headers.append((b"vary", b"origin"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
