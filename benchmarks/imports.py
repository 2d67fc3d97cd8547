"""A million outcomes from a file into a fresh ledger of 200,000 calls, beside the same rows put into SQLite by Python's
own csv and sqlite3; and the same import killed at about half and given again.

Both commit every 4,000 rows, each commit on the disk. The reference reads no phone, matches no call and keeps no index
but the one that makes it idempotent. `RINGTRACE_BENCH_ROWS` makes it smaller.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure, alone, below, beside

ROWS = int(os.environ.get("RINGTRACE_BENCH_ROWS", "1000000"))
CALLS, CALLERS = 200_000, 120_000
BATCH = 4_000
LEAST_ROWS_PER_SEC = 8_000
MOST_MEGABYTES = 300

_PREPARE = """
import pathlib, sys
from ringtrace.cli.ledger import open_ledger
open_ledger(pathlib.Path(sys.argv[1]), web_url="http://127.0.0.1:8000", edge_url="http://127.0.0.1:8100")
from django.core.management import call_command
call_command("migrate", verbosity=0)
from ringtrace.web import actions
from ringtrace.web.customers import phone_hash
from ringtrace.web.models import CallRow
calls, callers = int(sys.argv[2]), int(sys.argv[3])
company = actions.do_create_owner("alice@example.com", None, "Alice's Plumbing", "UTC", "USD")
hashes = [phone_hash(company.pk, f"+1310{2_000_000 + n}") for n in range(callers)]
CallRow.objects.bulk_create(
    (
        CallRow(
            call_id=f"c{n}", company=company, status="answered", started_ms=1_757_000_000_000 + n * 12_000,
            caller_hash=hashes[n % callers],
        )
        for n in range(calls)
    ),
    batch_size=2_000,
)
"""
_REFERENCE = """
import csv, itertools, sqlite3, sys
ledger = sqlite3.connect(sys.argv[2], isolation_level=None)
ledger.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
    "CREATE TABLE outcomes (id TEXT PRIMARY KEY, phone TEXT, kind TEXT, at TEXT, cents INTEGER)")
with open(sys.argv[1], newline="") as file:
    rows = csv.reader(file)
    next(rows)
    while some := list(itertools.islice(rows, int(sys.argv[3]))):
        ledger.execute("BEGIN IMMEDIATE")
        ledger.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)",
            [(a, b, c, d, round(float(e) * 100)) for a, b, c, d, e in some])
        ledger.execute("COMMIT")
"""


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="ringtrace-imports-") as folder:
        fresh, file = Path(folder) / "fresh", Path(folder) / "outcomes.csv"
        subprocess.run([sys.executable, "-c", _PREPARE, str(fresh), str(CALLS), str(CALLERS)], check=True)
        _write(file)
        whole_dir, killed_dir = Path(folder) / "whole", Path(folder) / "killed"
        shutil.copytree(fresh, whole_dir)
        whole_secs, megabytes = _import(whole_dir, file)
        script = [sys.executable, "-c", _REFERENCE, str(file), str(Path(folder) / "plain.sqlite"), str(BATCH)]
        plain_secs = _timed(script)
        shutil.copytree(fresh, killed_dir)
        before_secs = _kill_at(killed_dir, file, ROWS // 2)
        after_secs, _ = _import(killed_dir, file)
        same = _state(whole_dir) == _state(killed_dir)
    rate = ROWS / whole_secs
    return [
        beside("rows of outcomes", [rate], "rows/s", "csv and sqlite3 alone", [ROWS / plain_secs]),
        Figure(
            name="the same, as promised",
            measured=round(rate),
            unit="rows/s",
            target=f">= {LEAST_ROWS_PER_SEC:,}",
            met=rate >= LEAST_ROWS_PER_SEC,
        ),
        below("peak memory", [megabytes], "MB", MOST_MEGABYTES),
        alone("lost by a kill -9 at half", [before_secs + after_secs - whole_secs], "s"),
        Figure(name="ends as if it had not been killed", measured=float(same), unit="(1: yes)", target="= 1", met=same),
    ]


def _write(path: Path) -> None:
    """Of a hundred rows, ninety-five are of callers, four of nobody who called, and one cannot be read."""
    draw = random.Random(5)
    with path.open("w") as file:
        file.write("id,phone,outcome,date,amount\n")
        for n in range(ROWS):
            kind = n % 100
            phone = "nonsense" if kind == 0 else f"+1424{2_000_000 + n}" if kind < 5 else _phone(draw)
            day, hour = draw.randrange(5, 28), n % 24
            file.write(f"o{n},{phone},sale,2025-09-{day:02} {hour:02}:{n % 60:02}:00,{n % 900}.50\n")


def _phone(draw: random.Random) -> str:
    return f"+1310{2_000_000 + draw.randrange(CALLERS)}"


def _command(data_dir: Path, file: Path) -> list[str]:
    rejected = data_dir / "rejected.csv"
    asked = ["import", str(file), "--what", "outcomes", "--yes", "--data", str(data_dir), "--rejected", str(rejected)]
    return [sys.executable, "-m", "ringtrace", *asked]


def _import(data_dir: Path, file: Path) -> tuple[float, float]:
    """How long it took, in s, and the most memory that it had, in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(_command(data_dir, file), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return time.perf_counter() - started, used.ru_maxrss / 1024


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def _kill_at(data_dir: Path, file: Path, place: int) -> float:
    started = time.perf_counter()
    process = subprocess.Popen(_command(data_dir, file), stdout=subprocess.DEVNULL)
    while process.poll() is None and _place(data_dir) < place:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return time.perf_counter() - started


def _place(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "ledger.sqlite", timeout=20)) as ledger:
        (place,) = ledger.execute("SELECT coalesce(max(place), 0) FROM web_importrun").fetchone()
    return int(place)


def _state(data_dir: Path) -> str:
    """A digest of all that was taken, of the run, and of the rejected rows."""
    digest = hashlib.sha256((data_dir / "rejected.csv").read_bytes())
    with closing(sqlite3.connect(data_dir / "ledger.sqlite")) as ledger:
        for line in _lines(ledger):
            digest.update(line.encode())
    return digest.hexdigest()


def _lines(ledger: sqlite3.Connection) -> Iterator[str]:
    said = "external_id, kind, value_cents, at_ms, call_id, how, miss, caller_hash"
    yield from map(str, ledger.execute(f"SELECT {said} FROM web_outcomerow ORDER BY external_id"))  # noqa: S608
    of_run = "state, place, taken, rejected, missed, rejected_bytes"
    yield from map(str, ledger.execute(f"SELECT {of_run} FROM web_importrun"))  # noqa: S608
