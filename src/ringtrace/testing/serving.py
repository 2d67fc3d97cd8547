"""`ringtrace serve` as a user starts it: on free ports, up when it says so, stopped by its own process."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_UP_SECS = 120
_STOP_SECS = 30
_ROWS = range(12_000, 32_000)
_MOST_EDGES = 2
_LINK = re.compile(r"http://\S+\?once=\S+")


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def free_row(count: int) -> int:
    """The first of so many ports in a row that nothing listens on: below those that the system hands out by itself,
    or another's connection might take the second meanwhile."""
    while True:
        first = _ROWS.start + secrets.randbelow(len(_ROWS) - count)
        with ExitStack() as probes:
            try:
                for port in range(first, first + count):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first


class Serving:
    """A running Ringtrace. `link`: the one-time link it printed. `said`: everything it printed, as it came."""

    def __init__(self, data_dir: Path, arguments: tuple[str, ...], command: str) -> None:
        self.data_dir = data_dir
        self.web_port, self.site_port = free_ports(2)
        self.edge_port = free_row(_MOST_EDGES)
        self.web_url = f"http://127.0.0.1:{self.web_port}"
        self.edge_url = f"http://127.0.0.1:{self.edge_port}"
        self.site_url = f"http://127.0.0.1:{self.site_port}"
        ports = ["--web-port", str(self.web_port), "--edge-port", str(self.edge_port)]
        if command == "demo":
            ports += ["--site-port", str(self.site_port)]
        self.said: list[str] = []
        self._printed = threading.Condition()
        self._is_up = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ringtrace", command, "--data", str(data_dir), *ports, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def link(self) -> str:
        """Raises LookupError if none was printed."""
        found = _LINK.search("".join(self.said))
        if found is None:
            raise LookupError("no link was printed")
        return found.group(0)

    def wait_until_up(self) -> None:
        """Raises RuntimeError, with what it printed, if it ends or takes too long."""
        self._is_up.wait(_UP_SECS)
        if self.process.poll() is not None or not self._is_up.is_set():
            raise RuntimeError("Ringtrace did not come up:\n" + "".join(self.said))

    def wait_for(self, text: str, secs: float = 30) -> bool:
        """Waits until it has printed `text`."""
        with self._printed:
            return self._printed.wait_for(lambda: text in "".join(self.said), secs)

    def run(self, command: str, *arguments: str) -> str:
        """Another `ringtrace` command on the same data directory; its output. Raises CalledProcessError."""
        whole = [sys.executable, "-m", "ringtrace", command, "--data", str(self.data_dir), *arguments]
        return subprocess.run(whole, capture_output=True, text=True, check=True).stdout

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(_STOP_SECS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._listener.join(_STOP_SECS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            with self._printed:
                self.said.append(line)
                self._printed.notify_all()
            if "edge " in line and "http://" in line:
                self._is_up.set()
        self._is_up.set()


@contextmanager
def start_serving(data_dir: Path, *arguments: str, command: str = "serve") -> Iterator[Serving]:
    """A Ringtrace that is up; stopped when the block ends."""
    serving = Serving(data_dir, arguments, command)
    try:
        serving.wait_until_up()
        yield serving
    finally:
        serving.stop()
