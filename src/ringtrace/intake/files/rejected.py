"""The rows that were not taken, as a file to mend and send again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ringtrace.intake.port import Problem


class RejectedFile:
    """Writes Problems as CSV: the original columns, then `line`, `problem`, `hint`."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self.count = 0

    def add(self, problem: Problem) -> None:
        raise NotImplementedError
