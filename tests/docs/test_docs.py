"""What the pages of the documentation say is so."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from ringtrace.cli import build_parser
from ringtrace.core import errors
from ringtrace.lake.schemas import FACTS, columns

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), ROOT / "snippet/README.md"])


def _commands() -> dict[str, argparse.ArgumentParser]:
    for action in build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise LookupError("the command has no commands")


def test_it_documents_every_command() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    assert [name for name in _commands() if f"`{name}`" not in text and f"`ringtrace {name}" not in text] == []


@pytest.mark.parametrize("command", ["serve", "demo", "outcome", "sip", "credit", "import", "misses", "names"])
def test_it_documents_every_option(command: str) -> None:
    text = (ROOT / "docs/commands.md").read_text()
    options = [option for action in _commands()[command]._actions for option in action.option_strings]
    undocumented = [one for one in options if one not in text and one not in ("-h", "--help", "--connection")]
    assert undocumented == []


def test_it_documents_every_error_code() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    codes = {
        one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.RingtraceError)
    }
    assert {code for code in codes - {"E000"} if f"| {code} |" not in text} == set()


def test_it_documents_every_column_of_the_lake() -> None:
    text = (ROOT / "docs/lake.md").read_text()
    for fact in FACTS:
        line = next(line for line in text.splitlines() if line.startswith(f"| `{fact}` |"))
        listed = [name.strip() for name in line.split("|")[3].split(",")]
        assert ["company_id", *listed] == list(columns(fact))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_it_links_to_what_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_it_names_the_two_commands_that_the_makefile_has() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
    makefile = (ROOT / "Makefile").read_text()
    for command in re.findall(r"^make (\w+)", first_screen, flags=re.MULTILINE):
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE)
    assert "data-site=" in first_screen
