"""The committed snippet is the build of its sources, and light enough. Needs neither Node nor a browser."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/ringtrace/edge/static/snippet.js"
SOURCES = ROOT / "snippet/src"
BUDGET_BYTES = 4_000


def test_it_is_the_build_of_the_sources_beside_it() -> None:
    sources = b"".join(file.read_bytes() for file in sorted(SOURCES.glob("*.ts")))
    said = re.search(r"sources sha256:([0-9a-f]{64})", BUILT.read_text())
    assert said, "the built file does not say what it was built from"
    assert said[1] == hashlib.sha256(sources).hexdigest(), "stale: run npm ci && npm run build in snippet/"


def test_it_stays_within_its_budget() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= BUDGET_BYTES


def test_it_names_its_licence() -> None:
    assert BUILT.read_text().startswith("/*! Ringtrace snippet, MIT License")


def test_its_lock_file_names_no_registry() -> None:
    assert "://" not in (ROOT / "snippet/package-lock.json").read_text()
