"""The edge process by itself: web, worker and ledger were never there."""

from __future__ import annotations

import asyncio
import http.client
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ringtrace.wire.journal import CallReported, RefusalsCounted, VisitSeen
from tests.faults.edges import BROWSER, KEY, ORIGIN, Client, EdgeProcess, Promises, browse, call, journal, prepare
from tests.faults.edges import running_edge as running

pytestmark = pytest.mark.xdist_group("edge process")


HEADERS = {"origin": ORIGIN, "user-agent": BROWSER, "accept-language": "en-US"}


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[EdgeProcess]:
    prepare(tmp_path)
    with running(tmp_path) as edge:
        yield edge


def ask(edge: EdgeProcess, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=10)
    connection.request(method, path, body or None, HEADERS)
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, raw


def test_it_shows_numbers_and_takes_calls_with_everything_else_absent(edge: EdgeProcess, tmp_path: Path) -> None:
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("edge.")] == ["keys"]
    promises, chance = Promises(), random.Random(1)

    async def press() -> None:
        async with Client(edge.port) as client:
            for _ in range(10):
                await browse(client, promises, chance)
                await call(client, promises, chance)

    asyncio.run(press())
    events = journal(tmp_path)
    assert len([event for event in events if isinstance(event, VisitSeen) and event.leases]) == 10
    assert len({event.call_id for event in events if isinstance(event, CallReported)}) == 10
    assert promises.unexpected == []


def test_it_stops_cleanly_and_tells_the_last_refusals(edge: EdgeProcess, tmp_path: Path) -> None:
    assert ask(edge, "POST", "/v1/visit", b"nothing")[0] == 400
    assert edge.stop() == 0
    [counted] = journal(tmp_path)
    assert isinstance(counted, RefusalsCounted)
    assert counted.counts == {"unreadable": 1}


def test_it_answers_head_with_headers_alone(edge: EdgeProcess) -> None:
    status, headers, raw = ask(edge, "HEAD", "/ringtrace.js")
    assert (status, raw) == (200, b"")
    assert int(headers["content-length"]) == len(ask(edge, "GET", "/ringtrace.js")[2])


def test_it_grants_no_preflight(edge: EdgeProcess) -> None:
    status, headers, _ = ask(edge, "OPTIONS", "/v1/visit")
    assert (status, headers["x-ringtrace-reason"]) == (404, "no_such_door")
    assert "access-control-allow-methods" not in headers


def test_it_refuses_a_flood_in_one_body_and_goes_on(edge: EdgeProcess) -> None:
    status, headers, _ = ask(edge, "POST", "/v1/visit", b"x" * 40_000)
    assert (status, headers["x-ringtrace-reason"]) == (413, "too_large")
    assert ask(edge, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"POST /v1/visit HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/visit HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n{",
        b"POST /v1/visit HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /%00%ff HTTP/1.1\r\nhost: x\r\norigin: \xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
def test_it_survives_what_is_not_http(edge: EdgeProcess, raw: bytes) -> None:
    async def knock() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(raw)
        writer.write_eof()
        answered = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert b"Traceback" not in answered

    asyncio.run(knock())
    body = msgspec.json.encode({"v": 1, "site": KEY, "url": f"{ORIGIN}/"})
    assert ask(edge, "POST", "/v1/visit", body)[0] == 200
    assert edge.process.poll() is None


def test_it_says_what_is_wrong_when_the_store_is_of_a_newer_ringtrace(tmp_path: Path) -> None:
    prepare(tmp_path)
    command = "import sqlite3,sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version = 99')"
    subprocess.run([sys.executable, "-c", command, str(tmp_path / "edge.sqlite")], check=True)
    started = subprocess.Popen(
        [sys.executable, "-m", "ringtrace", "edge", "--data", str(tmp_path), "--port", "0"],
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,  # held open: an edge stops when its standard input closes
        text=True,
    )
    assert started.wait(30) == 1
    said = started.communicate()[1]
    assert "E301" in said
    assert "Traceback" not in said


def test_it_lets_no_second_edge_onto_its_directory(edge: EdgeProcess, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), running(tmp_path):
        pytest.fail("two edges would lease numbers twice")
    assert ask(edge, "GET", "/healthz")[0] == 200
