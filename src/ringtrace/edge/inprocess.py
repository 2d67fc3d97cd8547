"""Knocks at an edge's doors without a network, by the ASGI calls that granian makes. For the town and for tests."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from msgspec import Struct

from ringtrace.edge.app import Edge


class Answered(Struct, frozen=True, kw_only=True):
    """`headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def reason(self) -> str | None:
        """Why less was done than asked, where it was."""
        return self.headers.get("x-ringtrace-reason")


class InProcess:
    """One client. `headers` go with every request."""

    def __init__(self, edge: Edge, headers: Mapping[str, str] | None = None) -> None:
        self._edge = edge
        self._headers = dict(headers or {})

    async def post(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, address: str = "127.0.0.1"
    ) -> Answered:
        return await self.ask("POST", path, body, headers, address=address)

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        address: str = "127.0.0.1",
    ) -> Answered:
        """`target` is a path with or without a query."""
        path, _, query = target.partition("?")
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in {**self._headers, **(headers or {})}.items()
            ],
            "client": (address, 40_000),
        }
        await self._edge(scope, receive, send)
        answered = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answered(status=sent[0]["status"], headers=answered, body=sent[1]["body"])
