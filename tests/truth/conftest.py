"""A town that was lived through the real edge and worker, once for all tests here."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ringtrace.demo.facts import FACTS_FILE, TRUTH_FILE, TownFacts, load_facts
from ringtrace.demo.score import TruthTable, score_town
from ringtrace.demo.town import Town, simulate
from ringtrace.demo.town_actions import Dial
from ringtrace.demo.truth import Truth, load_truth

SEED, DAYS, END_MS = 11, 40, 1_790_000_000_000
SITE_URL = "http://127.0.0.1:8200"
RING_SECS = 20


@dataclass(frozen=True)
class BuiltTown:
    """What was built, and what is true of it. `plan` is the life that was to be lived."""

    data_dir: Path
    plan: Town
    truth: Truth
    facts: TownFacts

    @cached_property
    def dials(self) -> Mapping[str, Dial]:
        return {action.call_key: action for action in self.plan.actions if isinstance(action, Dial)}

    @cached_property
    def table(self) -> TruthTable:
        return score_town(self.data_dir)

    @cached_property
    def calls(self) -> Mapping[str, dict[str, Any]]:
        """The ledger's calls by the town's own keys."""
        key_of = {call_id: key for key, call_id in self.facts.call_ids.items()}
        rows = self.ask("SELECT * FROM web_callrow")
        return {key_of[row["call_id"]]: row for row in rows}

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the ledger, which is only read."""
        with closing(sqlite3.connect(f"file:{self.data_dir / 'ledger.sqlite'}?mode=ro", uri=True)) as ledger:
            ledger.row_factory = sqlite3.Row
            return [dict(row) for row in ledger.execute(sql)]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltTown:
    """Several processes of one run share it: the first that comes builds, the others wait."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    data_dir = root / "town"
    with (root / "town.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (data_dir / FACTS_FILE).exists():
            _build(data_dir)
    return BuiltTown(
        data_dir=data_dir,
        plan=simulate(SEED, END_MS, DAYS, origin=SITE_URL, ring_timeout_secs=RING_SECS),
        truth=load_truth(data_dir / TRUTH_FILE),
        facts=load_facts(data_dir),
    )


def _build(data_dir: Path) -> None:
    command = [sys.executable, "-m", "ringtrace", "build-town", "--data", str(data_dir), "--site-url", SITE_URL]
    command += ["--days", str(DAYS), "--seed", str(SEED), "--end-ms", str(END_MS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
