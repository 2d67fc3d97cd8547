"""`ringtrace serve` with its edge store in PostgreSQL: several edges, and one worker that drains for all."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ringtrace.testing.postgres import PostgresServer, shared_server
from ringtrace.testing.serving import Serving
from tests.rooms.stores import need_postgres

_SOON_SECS = 30
pytestmark = pytest.mark.xdist_group("edge process")


@pytest.fixture
def server() -> PostgresServer:
    need_postgres()
    return shared_server()


@pytest.fixture
def url(server: PostgresServer) -> str:
    """With a password in it: the server trusts everyone, and must not be told of it anywhere else."""
    return server.fresh_database().replace("ringtrace@", "ringtrace:s3cret@")


def reason_of(port: int) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/v1/visit", b"nothing")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.getheader("x-ringtrace-reason")


def arguments_of_all() -> str:
    """What everyone on the machine can read of every process."""
    return "\n".join(
        path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists()
    )


def wait_until(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SOON_SECS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {_SOON_SECS} s: {what}"
        threading.Event().wait(0.05)


def test_it_serves_with_two_edges_and_tells_nobody_the_password(
    serving: Callable[..., Serving], url: str, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGTRACE_EDGE_STORE", url)
    running = serving("--edges", "2")
    assert [reason_of(running.edge_port + nth) for nth in range(2)] == ["unreadable", "unreadable"]
    assert "s3cret" not in arguments_of_all()
    assert server.execute("SELECT count(*) FROM ringtrace_edge.directory", url) == [(1,)]
    assert not (running.data_dir / "edge.sqlite").exists()
    assert running.stop() == 0  # each edge tells the refusals that it counted
    assert "s3cret" not in "".join(running.said)
    assert server.execute("SELECT sum(events) FROM ringtrace_edge.journal", url) == [(2,)]


def test_it_drains_what_the_edges_wrote(
    serving: Callable[..., Serving], url: str, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGTRACE_EDGE_STORE", url)
    running = serving("--edges", "2")
    for nth in range(2):
        reason_of(running.edge_port + nth)
    journal = "SELECT coalesce(sum(events), 0) FROM ringtrace_edge.journal"
    place = "SELECT value FROM ringtrace_edge.marks WHERE name = 'place'"
    wait_until("places given", lambda: server.execute(place, url)[0][0] >= 2)
    wait_until("what is drained dropped", lambda: server.execute(journal, url) == [(0,)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--edges", "2"), "a second would lease numbers twice"),
        (("--edges", "0"), "--edges takes 1 or more"),
        (("--edge-store", "/some/where"), "the address of a PostgreSQL database"),
        (("--edge-store", "mysql://me:s3cret@db/x"), "the address of a PostgreSQL database"),
        (("--edge-store", "postgresql://me:s3@cret@db/x"), "cannot be read"),
        (("--edge-store", "postgresql://me@db/x", "--edges", "9", "--edge-port", "7995"), "the pages are on 8000"),
    ],
)
def test_it_says_what_cannot_be_served(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ringtrace", "serve", "--data", str(tmp_path / "data"), *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "cret" not in done.stderr
