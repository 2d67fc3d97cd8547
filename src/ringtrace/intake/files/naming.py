"""Names of one thing across systems, brought together."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class NameField(StrEnum):
    SOURCE = "source"
    MEDIUM = "medium"
    CAMPAIGN = "campaign"


class NameRule(Struct, frozen=True, kw_only=True):
    """Where a system (any, if None) says `said`, it means `means`."""

    field: NameField
    said: str
    means: str
    system: str | None = None


class Suggestion(Struct, frozen=True, kw_only=True):
    said: str
    means: str
    likeness: float
    why: str


def fold_name(text: str) -> str:
    """A name as it is compared: `Emergency+Plumbing` and `emergency_plumbing` are one."""
    raise NotImplementedError


class Aligner:
    """Rules, ready to be asked."""

    def __init__(self, rules: Sequence[NameRule]) -> None:
        raise NotImplementedError

    def align(self, field: NameField, said: str, system: str | None = None) -> str:
        """What `said` means; itself where no rule says."""
        raise NotImplementedError


def suggest(unmatched: Sequence[str], known: Sequence[str], most: int = 3) -> list[Suggestion]:
    """Near matches, the best first for each unmatched name. Deterministic."""
    raise NotImplementedError
