"""The least that could answer: a bare ASGI application that reads JSON and sends it back, on the edge's own server.

`python -m benchmarks.echo_server PORT`
"""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from ringtrace.edge.http import Receive, Scope, Send

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    body = _encode(_decode(message["body"]))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(port: int) -> None:
    """With the settings of `ringtrace.edge.serve`, until SIGTERM."""
    server = Server(echo, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False, backlog=1024)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
