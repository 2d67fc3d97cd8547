"""Serves an ASGI app with granian's embedded server, in the running event loop."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server


def told_to_stop() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop


async def listen(app: Any, host: str, port: int, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, or sets it when the server ends by itself. Raises what ended the server."""
    server = Server(app, address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False, backlog=1024)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.stop()  # type: ignore[no-untyped-call]
    await serving
    await stopping
