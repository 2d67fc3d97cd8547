"""The committed snippet is the build of its sources, and light enough. Needs neither Node nor a browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/ringtrace/edge/static"
BUILT = STATIC / "snippet.js"
FACTS = json.loads((STATIC / "snippet.json").read_bytes())
SOURCES = ROOT / "snippet/src"
BUDGET_BYTES = 4_000


def test_it_is_the_build_of_the_sources_beside_it() -> None:
    sources = b"".join(file.read_bytes() for file in sorted(SOURCES.glob("*.ts")))
    found = hashlib.sha256(sources).hexdigest()
    assert FACTS["sources_sha256"] == found, "stale: run npm ci && npm run build in snippet/"


def test_it_stays_within_its_budget() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= BUDGET_BYTES


def test_it_says_what_browsers_check_it_by() -> None:
    digest = base64.b64encode(hashlib.sha384(BUILT.read_bytes()).digest()).decode()
    assert FACTS["integrity"] == f"sha384-{digest}"
    assert FACTS["bytes"] == BUILT.stat().st_size
    assert FACTS["gzip_bytes"] <= BUDGET_BYTES


def test_it_names_its_version_and_licence() -> None:
    version = json.loads((ROOT / "snippet/package.json").read_bytes())["version"]
    assert FACTS["version"] == version
    notice = f"/*! Ringtrace {version}, MIT License, (c) 2026 The Ringtrace authors */"
    assert notice in BUILT.read_text().splitlines()[:2]


def test_it_runs_nothing_made_of_text_and_styles_nothing() -> None:
    script = BUILT.read_text()
    for word in ("eval(", "Function(", "innerHTML", "insertAdjacentHTML", "document.write", ".style", "<script"):
        assert word not in script


def test_its_lock_file_names_no_registry() -> None:
    assert "://" not in (ROOT / "snippet/package-lock.json").read_text()
