"""The rooms and what they may see."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.name for path in (ROOT / "src/ringtrace").iterdir() if (path / "__init__.py").exists())


def test_it_keeps_the_import_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_loads_the_edge_without_django_or_an_engine() -> None:
    code = (
        "import sys, ringtrace.edge.serve;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'django', 'httpx', 'duckdb', 'ibis', 'numpy', 'pandas', 'rich'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_it_names_every_room_in_the_map() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)/` \|", text, flags=re.MULTILINE))
    assert listed == set(ROOMS)


def test_it_has_no_function_over_sixty_lines_and_no_file_over_five_hundred() -> None:
    for path in (ROOT / "src/ringtrace").rglob("*.py"):
        if path.parent.name == "migrations":
            continue  # written by Django
        lines = path.read_text().splitlines()
        assert len(lines) <= 500, path
        starts = [n for n, line in enumerate(lines) if re.match(r"\s*(async )?def ", line)]
        for start in starts:
            indent = len(lines[start]) - len(lines[start].lstrip())
            ends = (
                n
                for n in range(start + 1, len(lines))
                if lines[n].strip()
                and len(lines[n]) - len(lines[n].lstrip()) <= indent
                and lines[n].strip()[0] not in ")]"
            )
            assert next(ends, len(lines)) - start <= 62, f"{path}:{start + 1}"
