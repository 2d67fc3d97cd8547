"""`ringtrace serve` when its parts are killed, when it is told to stop, and when there are two of it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from ringtrace.testing.serving import Serving, free_ports, start_serving

pytestmark = pytest.mark.xdist_group("serve")

Starter = Callable[..., Serving]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One for all tests that leave it running."""
    with start_serving(tmp_path_factory.mktemp("serve") / "data") as started:
        yield started


def processes_of(data_dir: Path) -> dict[int, str]:
    """Every running `ringtrace` command on this data directory: pid and command name."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue  # it ended meanwhile
        if str(data_dir) in words and "ringtrace" in words:
            found[int(folder.name)] = words[words.index("ringtrace") + 1]
    return found


def children_of(pid: int, data_dir: Path, name: str) -> list[int]:
    """The supervisor's own child of this name (a part may have started more)."""
    return [
        child
        for child, command in processes_of(data_dir).items()
        if command == name and f"\nPPid:\t{pid}\n" in Path(f"/proc/{child}/status").read_text()
    ]


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(is_so: Callable[[], bool], most_secs: float = 30) -> None:
    """Looks again and again until it is so; nothing tells a stranger when a process has begun to answer."""
    deadline = time.monotonic() + most_secs
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def said(serving: Serving) -> str:
    return "".join(serving.said)


@pytest.mark.parametrize("name", ["edge", "web", "worker"])
def test_it_starts_a_killed_part_again_and_says_so(running: Serving, name: str) -> None:
    [victim] = children_of(running.process.pid, running.data_dir, name)
    os.kill(victim, signal.SIGKILL)
    assert running.wait_for(f"{name} ended with code -9; starting it again")
    until(lambda: children_of(running.process.pid, running.data_dir, name) not in ([], [victim]))
    until(lambda: answers(f"{running.edge_url}/healthz") and answers(f"{running.web_url}/login/"))


def test_it_stops_everything_when_told(serving: Starter) -> None:
    running = serving()
    assert {"serve", "edge", "web", "worker"} <= set(processes_of(running.data_dir).values())
    assert running.stop() == 0
    assert processes_of(running.data_dir) == {}
    assert "Traceback" not in said(running)


def test_it_leaves_no_part_behind_when_it_is_killed_itself(serving: Starter) -> None:
    running = serving()
    parts = [os.pidfd_open(pid) for pid, name in processes_of(running.data_dir).items() if name != "serve"]
    running.process.kill()
    running.process.wait()
    for part in parts:
        wait_for_end(part)
        os.close(part)
    assert processes_of(running.data_dir) == {}


def wait_for_end(pidfd: int) -> None:
    """A descriptor of a process becomes readable when it ends."""
    ready, _, _ = select.select([pidfd], [], [], 30)
    assert ready, "a part went on without its supervisor"


def test_it_says_so_when_another_runs_on_the_directory(running: Serving) -> None:
    ports = free_ports(2)
    command = [sys.executable, "-m", "ringtrace", "serve", "--data", str(running.data_dir)]
    command += ["--web-port", str(ports[0]), "--edge-port", str(ports[1])]
    second = subprocess.run(command, capture_output=True, text=True)
    assert second.returncode == 1
    assert re.search(r"E302: Another Ringtrace runs on .* Stop it, or choose another directory", second.stderr)
    assert "Traceback" not in second.stderr
    assert answers(f"{running.edge_url}/healthz")
