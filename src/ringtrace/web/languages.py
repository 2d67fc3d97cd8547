"""Which languages the pages speak: English, and each that has a compiled catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf.locale import LANG_INFO

_ENGLISH = ("en", "English")
_CATALOGUE = "LC_MESSAGES/django.mo"


def languages_in(folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Codes as browsers write them (`pt-br`) with their own names; English first."""
    codes = {_code(path.parents[1].name) for folder in folders for path in folder.glob(f"*/{_CATALOGUE}")}
    return [_ENGLISH, *((code, _name(code)) for code in sorted(codes - {"en"}))]


def _code(folder: str) -> str:
    """`pt_BR` is `pt-br`."""
    return folder.replace("_", "-").lower()


def _name(code: str) -> str:
    info = LANG_INFO.get(code) or LANG_INFO.get(code.partition("-")[0]) or {}
    return str(info.get("name_local", code))
