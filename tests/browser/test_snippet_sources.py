"""The snippet's own tests and its build, by Node. Users need no Node; whoever changes the snippet does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SNIPPET = Path(__file__).parents[2] / "snippet"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the snippet's folder with its tools installed, as the lock file says."""
    if shutil.which("npm") is None:
        reason = "the snippet's own tests need Node 20 and npm"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    copy = tmp_path_factory.mktemp("snippet") / "snippet"
    shutil.copytree(SNIPPET, copy, ignore=shutil.ignore_patterns("node_modules"))
    built = copy.parent / "src/ringtrace/edge/static"
    shutil.copytree(SNIPPET.parent / "src/ringtrace/edge/static", built)
    _npm(copy, "ci")
    return copy


def _npm(folder: Path, *words: str) -> None:
    done = subprocess.run(["npm", *words], cwd=folder, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_types_hold_and_its_own_tests_pass(workshop: Path) -> None:
    _npm(workshop, "test")


def test_it_builds_to_the_committed_files_to_the_byte(workshop: Path) -> None:
    _npm(workshop, "run", "build")
    for name in ("snippet.js", "snippet.json"):
        built = workshop.parent / "src/ringtrace/edge/static" / name
        assert built.read_bytes() == (SNIPPET.parent / "src/ringtrace/edge/static" / name).read_bytes(), name
