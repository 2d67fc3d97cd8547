"""`ringtrace lake` by hand, on a data directory with a small ledger."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ringtrace.lake.home import read_manifest
from ringtrace.wire.lock import only_one

_PREPARE = """
import sys, pathlib
from ringtrace.cli.ledger import open_ledger
open_ledger(pathlib.Path(sys.argv[1]), web_url="http://127.0.0.1:8000", edge_url="http://127.0.0.1:8100")
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import date
from ringtrace.web import actions
from ringtrace.web.spend import do_book_spend
company = actions.do_create_owner("alice@example.com", None, "Alice's Plumbing", "UTC", "USD")
do_book_spend(company, date(2026, 10, 1), "google", "cpc", "", 100)
do_book_spend(company, date(2026, 11, 1), "google", "cpc", "", 200)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("data")
    subprocess.run([sys.executable, "-c", _PREPARE, str(data_dir)], check=True)
    return data_dir


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "data"
    subprocess.run(["cp", "-r", str(made), str(copied)], check=True)
    return copied


def lake(data_dir: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ringtrace", "lake", *arguments, "--data", str(data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_it_publishes_and_checks(data_dir: Path) -> None:
    assert lake(data_dir, "check")[0] == 1
    code, said = lake(data_dir, "publish")
    version = read_manifest(data_dir / "lake").data_version
    assert (code, said) == (0, f"Published data version {version}: 2 files.\n")
    assert lake(data_dir, "publish") == (0, f"Nothing changed since data version {version}.\n")
    assert lake(data_dir, "check") == (0, f"Data version {version}: 2 files, 2 rows.\nAll is as the manifest says.\n")
    assert lake(data_dir, "compact") == (0, "Removed 0 files, 0.0 MB.\n")


def test_it_mends_what_was_damaged(data_dir: Path) -> None:
    lake(data_dir, "publish")
    version = read_manifest(data_dir / "lake").data_version
    one, other = sorted((data_dir / "lake").rglob("*.parquet"))
    one.unlink()
    other.write_bytes(b"moths")
    code, said = lake(data_dir, "check")
    assert code == 1
    assert "not there" in said
    assert "What to do: Publish it anew: ringtrace lake publish --all" in said
    assert lake(data_dir, "publish", "--all")[0] == 0
    assert lake(data_dir, "check")[0] == 0
    assert read_manifest(data_dir / "lake").data_version == version


def test_it_leaves_writing_to_a_worker_that_runs(data_dir: Path) -> None:
    with only_one(data_dir / "worker.lock", "worker"):
        for command in (["publish", "--all"], ["compact"]):
            code, said = lake(data_dir, *command)
            assert (code, "A worker runs" in said) == (0, True)
    assert not (data_dir / "lake/manifest.json").exists()
    assert lake(data_dir, "publish")[0] == 0
    assert len(read_manifest(data_dir / "lake").all_paths()) == 2


def test_it_says_whom_it_does_not_know(data_dir: Path) -> None:
    assert lake(data_dir, "erase", "--caller", "+13105550123")[0] == 1
    code, said = lake(data_dir, "erase", "--caller", "+13105550123", "--company", "Nobody's")
    assert (code, "E200" in said) == (1, True)


def test_it_makes_no_data_directory_by_mistake(tmp_path: Path) -> None:
    assert lake(tmp_path / "away", "check")[0] == 1
    assert not (tmp_path / "away").exists()
