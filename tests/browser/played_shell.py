"""The web shell as `ringtrace serve` runs it, on a data directory of its own, and what happens to its ledger.

The ledger changes from outside, as the worker changes it: by `ledger_plays`, in a process of its own. A thread that
drives a browser may not use the ORM.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TREE = Path(__file__).parents[2]
_START_SECS = 30.0
_PLAY = "import django; django.setup(); from tests.doors.ledger_plays import main; main()"


@dataclass(frozen=True)
class Shell:
    """A running shell. `link` signs Alice in, once."""

    url: str
    link: str
    environment: dict[str, str]

    def ring(self) -> str:
        """A call arrives; returns its id."""
        return _play(self.environment, "ring")

    def play(self, *what: str) -> str:
        """One of `ledger_plays`; what it prints."""
        return _play(self.environment, *what)

    def finish(self, call_id: str) -> None:
        """The call was answered, and is over."""
        _play(self.environment, "finish", call_id)


@contextmanager
def running_shell(data_dir: Path) -> Iterator[Shell]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "RINGTRACE_DATA": str(data_dir),
        "RINGTRACE_WEB_URL": url,
        "DJANGO_SETTINGS_MODULE": "ringtrace.web.settings",
        "PYTHONPATH": str(_TREE),
    }
    token = _play(environment, "make")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "ringtrace.web.wsgi:application"]
    command += ["--port", str(port)]
    with (data_dir / "web.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_up(f"{url}/login/", process)
        yield Shell(url=url, link=f"{url}/welcome/?once={token}", environment=environment)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _play(environment: dict[str, str], *what: str) -> str:
    command = [sys.executable, "-c", _PLAY, *what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECS
    while time.monotonic() < until:
        assert process.poll() is None, "the shell stopped while it started"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):  # a busy machine
            process.poll()
    raise AssertionError("the shell did not start")
