"""Writes the tables of docs/api.md from what is declared: `python -m ringtrace.web.api.write_docs [FILE]`."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from ringtrace.core.errors import BadInput

PAGE = Path("docs/api.md")
_MARKED = re.compile(r"(<!-- operations -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = "| operation | what it does | parameters | scope | for |\n|---|---|---|---|---|\n"
_EVERYWHERE = frozenset({"fields", "cursor", "limit", "Idempotency-Key"})
_FOR = {
    "see": "whoever sees reports",
    "see_calls": "everybody",
    "work": "owner, admin, analyst, agent",
    "change": "owner, admin",
    "own": "owner",
    "belong": "everybody",
}


def written(text: str) -> str:
    """The page with its tables as the operations are. Raises BadInput where the mark is missing."""
    if not _MARKED.search(text):
        raise BadInput("The page lacks its mark.", hint="<!-- operations --> ... <!-- end -->")
    return _MARKED.sub(lambda found: f"{found[1]}{_tables()}{found[2]}", text)


def _tables() -> str:
    door = import_module("ringtrace.web.api.door")
    schema = door.api.get_openapi_schema(path_prefix="")
    tables: dict[str, list[str]] = {}
    for address, methods in schema["paths"].items():
        for method, said in methods.items():
            tables.setdefault(said["tags"][0], []).append(_row(method.upper(), address, said))
    return "".join(f"\n### {tag.capitalize()}\n\n{_HEAD}{''.join(rows)}" for tag, rows in tables.items()) + "\n"


def _row(method: str, address: str, said: dict[str, Any]) -> str:
    operations = import_module("ringtrace.web.api.operations")
    needs = operations.OPERATIONS[said["operationId"]].needs
    names = [each["name"] for each in said["parameters"] if each["in"] == "query"]
    question = import_module("ringtrace.web.api.params").QUESTION
    asks = set(question) <= set(names)
    own = ", ".join(f"`{name}`" for name in names if name not in _EVERYWHERE and not (asks and name in question))
    own = ", ".join(filter(None, ("[a question](#reports-1)" if asks else "", own)))
    paged = " · a page" if "cursor" in names else ""
    cells = (
        f"`{method} {address}`",
        f"{said['summary']}{paged}",
        own,
        f"`{needs.scope}`",
        _FOR[needs.right.value],
    )
    return f"| {' | '.join(cells)} |\n"


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ringtrace.web.settings")
    django.setup()
    page = Path(arguments[0]) if arguments else PAGE
    page.write_text(written(page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
