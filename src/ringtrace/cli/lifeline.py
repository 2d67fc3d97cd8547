"""Ties a part to the supervisor that started it: when that dies, its end of the pipe closes and the part stops."""

from __future__ import annotations

import os
import signal
import threading

LIFELINE = "RINGTRACE_LIFELINE"  # set by the supervisor for the parts it starts


def hold_lifeline() -> None:
    """Watches standard input in the background; SIGTERM to this process when it closes. Only under a supervisor."""
    if LIFELINE not in os.environ:
        return
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
