"""`ringtrace import` killed in its middle, again and again: given the same file it ends as if it had never been."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROWS, KILLS = 24_000, 3
_PREPARE = """
import sys, pathlib
from ringtrace.cli.ledger import open_ledger
open_ledger(pathlib.Path(sys.argv[1]), web_url="http://127.0.0.1:8000", edge_url="http://127.0.0.1:8100")
from django.core.management import call_command
call_command("migrate", verbosity=0)
from ringtrace.web import actions
actions.do_create_owner("alice@example.com", None, "Alice's Plumbing", "UTC", "USD")
"""
_FILES = {
    "outcomes": "id,phone,email,outcome,date,amount\n"
    + "".join(
        f"o{n},{'nonsense' if n % 100 == 7 else f'+1310555{n % 9000:04}'},p{n % 500}@example.com,sale,2026-09-11,{n}\n"
        for n in range(ROWS)
    ),
    "spend": "Day,Source,Medium,Campaign,Keyword,Cost\n"
    + "".join(
        f"2026-09-{n % 28 + 1:02},google,cpc,C{n % 7},k{n % 400},{'-1' if n % 100 == 7 else n % 50}.25\n"
        for n in range(ROWS)
    ),
}
_ASKED = {
    "outcomes": "SELECT external_id, kind, value_cents, miss, how, caller_hash FROM web_outcomerow ORDER BY 1",
    "spend": "SELECT on_date, campaign, keyword, cost_cents FROM web_spendrow ORDER BY 1, 2, 3",
    "run": "SELECT state, place, taken, unchanged, rejected, missed, rejected_bytes FROM web_importrun",
    "who": "SELECT kind, key FROM web_customerkey ORDER BY 1, 2",
    "customers": "SELECT count(*) FROM web_customer",
}


def ask(data_dir: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(data_dir / "ledger.sqlite", timeout=20)) as ledger:
        return ledger.execute(sql).fetchall()


def state(data_dir: Path) -> dict[str, list[Any]]:
    return {name: ask(data_dir, sql) for name, sql in _ASKED.items()}


def command(data_dir: Path, what: str) -> list[str]:
    file = data_dir / f"{what}.csv"
    return [sys.executable, "-m", "ringtrace", "import", str(file), "--what", what, "--yes", "--data", str(data_dir)]


def taken_until(data_dir: Path, what: str, place: int) -> None:
    """Kills the import without notice once it has come this far."""
    process = subprocess.Popen(command(data_dir, what), stdout=subprocess.DEVNULL)
    patience = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < patience:
        if max([place_ for (place_,) in ask(data_dir, "SELECT place FROM web_importrun")], default=0) >= place:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    subprocess.run([sys.executable, "-c", _PREPARE, str(path)], check=True)
    return path


@pytest.mark.parametrize("what", list(_FILES))
def test_it_ends_as_if_it_had_never_been_killed(data_dir: Path, tmp_path: Path, what: str) -> None:
    (data_dir / f"{what}.csv").write_text(_FILES[what])
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(data_dir, undisturbed)
    subprocess.run(command(undisturbed, what), check=True, stdout=subprocess.DEVNULL)
    for kill in range(KILLS):
        taken_until(data_dir, what, (kill + 1) * 5_000)
        ((run_state, place),) = ask(data_dir, "SELECT state, place FROM web_importrun")
        assert run_state == "running"
        assert 0 < place < ROWS
    said = subprocess.run(command(data_dir, what), check=True, capture_output=True, text=True).stdout
    assert "It went on after row" in said
    assert state(data_dir) == state(undisturbed)
    rejected = f"{what}.csv.rejected.csv"
    assert (data_dir / rejected).read_bytes() == (undisturbed / rejected).read_bytes()
