"""Real SIP for tests: a Kamailio with the configuration Ringtrace writes, and SIPp as caller and as plumber.

Everything listens on free ports of loopback, is waited for until it answers, and is stopped by its own process.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from ringtrace.telephony.kamailio.config import KamailioSettings, kamailio_config

SCENARIOS = Path(__file__).parent / "scenarios"
_PACKAGES = ("kamailio", "kamailio-extra-modules", "kamailio-json-modules", "sip-tester", "curl")
_HOST = "127.0.0.1"
_POLL_SECS = 0.01


def need_phone_parts() -> None:
    """Skips, saying why, where a program is missing; in CI that is a failure."""
    missing = [program for program in ("kamailio", "sipp", "curl") if shutil.which(program) is None]
    if not missing:
        return
    reason = f"real SIP needs {', '.join(missing)} (Debian: {' '.join(_PACKAGES)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def wait_until(what: str, is_so: Callable[[], bool], deadline_secs: float = 10) -> None:
    """Polls until `is_so()`; AssertionError with `what` when the deadline passes."""
    deadline = time.monotonic() + deadline_secs
    while not is_so():
        assert time.monotonic() < deadline, f"waited {deadline_secs} s in vain: {what}"
        threading.Event().wait(_POLL_SECS)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Kamailio:
    """A running proxy. `log()` is all it has said."""

    port: int
    process: subprocess.Popen[bytes]
    log_path: Path

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")


@contextmanager
def running_kamailio(tmp_path: Path, settings: KamailioSettings) -> Iterator[Kamailio]:
    """Starts Kamailio on a free port (the `listen` of `settings` is replaced) and waits until it answers OPTIONS."""
    port = free_port()
    config = kamailio_config(msgspec.structs.replace(settings, listen=f"udp:{_HOST}:{port}"))
    with kamailio_with(tmp_path, port, config) as kamailio:
        yield kamailio


@contextmanager
def kamailio_with(tmp_path: Path, port: int, config: str) -> Iterator[Kamailio]:
    """Starts Kamailio with a whole configuration that listens on `port`, and waits until it answers OPTIONS."""
    config_path = tmp_path / f"kamailio-{port}.cfg"
    config_path.touch(mode=0o600)
    config_path.write_text(config)
    log_path = tmp_path / f"kamailio-{port}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(_kamailio_command(config_path, tmp_path), stdout=log, stderr=log)
    kamailio = Kamailio(port=port, process=process, log_path=log_path)
    try:
        wait_until("Kamailio answers OPTIONS", lambda: _answers_options(kamailio))
        yield kamailio
    finally:
        stop(process)


def _kamailio_command(config_path: Path, run_dir: Path) -> list[str]:
    memory = ["-m", "64", "-M", "8"]
    return ["kamailio", "-DD", "-E", *memory, "-f", str(config_path), "-Y", str(run_dir), "-w", str(run_dir)]


def stop(process: subprocess.Popen[bytes]) -> None:
    """Asks our own child to end, and makes it after five seconds."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers_options(kamailio: Kamailio) -> bool:
    # Another Kamailio could hold the same UDP port without an error: the child must be ours and alive.
    assert kamailio.process.poll() is None, f"Kamailio ended:\n{kamailio.log()}"
    try:
        return ask(kamailio, "OPTIONS", f"sip:{_HOST}:{kamailio.port}", wait_secs=0.2).startswith(b"SIP/2.0 200")
    except (TimeoutError, ConnectionRefusedError):
        return False


def ask(
    kamailio: Kamailio,
    method: str,
    uri: str,
    *,
    to_tag: str = "",
    call_id: str = "",
    headers: tuple[str, ...] = (),
    times: int = 1,
    wait_secs: float = 3,
) -> bytes:
    """Sends one SIP request, `times` over, from a socket of its own; the first final answer. Raises TimeoutError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(wait_secs)
        probe.bind((_HOST, 0))
        local, unique = f"{_HOST}:{probe.getsockname()[1]}", time.monotonic_ns()
        lines = (
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {local};branch=z9hG4bK{unique}",
            *headers,
            f"From: <sip:probe@{local}>;tag={unique}",
            f"To: <{uri}>{f';tag={to_tag}' if to_tag else ''}",
            f"Call-ID: {call_id or unique}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:probe@{local}>",
            "Max-Forwards: 10",
            "Content-Length: 0",
        )
        for _ in range(times):
            probe.sendto("\r\n".join((*lines, "", "")).encode(), (_HOST, kamailio.port))
        while (answer := probe.recv(4096)).startswith(b"SIP/2.0 1"):
            pass
        return answer


@contextmanager
def answering_side(tmp_path: Path, scenario: str, *, calls: int = 1, port: int | None = None) -> Iterator[str]:
    """A SIPp that stands for the plumber's phone; yields the `sip:` URI it answers at.

    `scenario` is a file of `scenarios/`. On leaving, it must have taken `calls` calls to the end.
    """
    port = port or free_port()
    log_path = tmp_path / f"{scenario}-{port}.log"
    process = _start_sipp(scenario, port, log_path, calls, [])
    try:
        wait_until(f"{scenario} listens", lambda: _is_bound(port) or process.poll() is not None)
        assert process.poll() is None, f"{scenario} ended:\n{log_path.read_text(errors='replace')}"
        yield f"sip:plumber@{_HOST}:{port}"
        wait_until(f"{scenario} has taken {calls} calls", lambda: process.poll() is not None)
        assert process.returncode == 0, f"{scenario} failed:\n{_last_words(log_path)}"
    finally:
        if process.poll() is None:
            stop(process)


def place_call(
    tmp_path: Path,
    kamailio: Kamailio,
    called: str,
    caller: str,
    scenario: str,
    pause_ms: int = 300,
    calls: int = 1,
) -> None:
    """Dials `called` through `kamailio` with a SIPp scenario and waits for its end.

    `pause_ms`: how long the scenario talks, or waits before it gives up. `calls`: how many are dialled, 20 a second.
    AssertionError, with SIPp's own words, when a call did not go as the scenario says.
    """
    port = free_port()
    log_path = tmp_path / f"{scenario}-{port}.log"
    words = ["-s", called, "-key", "caller", caller, "-d", str(pause_ms)]
    process = _start_sipp(scenario, port, log_path, calls, [*words, "-r", "20", f"{_HOST}:{kamailio.port}"])
    try:
        code = process.wait(timeout=30)
    finally:
        if process.poll() is None:
            stop(process)
    assert code == 0, f"{scenario} failed with {code}:\n{_last_words(log_path)}\nKamailio:\n{kamailio.log()}"


def _start_sipp(scenario: str, port: int, log_path: Path, calls: int, words: list[str]) -> subprocess.Popen[bytes]:
    errors = ["-trace_err", "-error_file", str(log_path.with_suffix(".errors"))]
    where = ["-i", _HOST, "-p", str(port), "-mp", str(free_port())]
    limits = ["-m", str(calls), "-timeout", "30s", "-timeout_error", "-nostdin"]
    with log_path.open("wb") as log:
        return subprocess.Popen(
            ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), *where, *limits, *errors, *words],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=log_path.parent,
            env={**os.environ, "TERM": "dumb"},
        )


def _is_bound(port: int) -> bool:
    """Whether a UDP socket is bound to the port: asking over SIP would be a call to SIPp."""
    wanted = f":{port:04X}"
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(wanted) for line in lines)


def _last_words(log_path: Path) -> str:
    errors = log_path.with_suffix(".errors")
    said = errors.read_text(errors="replace") if errors.exists() else ""
    return f"{said}\n{log_path.read_text(errors='replace')[-3000:]}"
