"""One row of a call log, asked by the names a system gives its columns; and what people write in cells, as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ringtrace.core.errors import BadInput
from ringtrace.core.money import read_cents
from ringtrace.core.phones import read_phone, try_phone
from ringtrace.intake.call_logs.moments import read_moment
from ringtrace.intake.call_logs.port import LogChoices

_EMPTY = frozenset({"", "-", "--", "n/a", "na", "none", "null", "nil", "not set", "(not set)", "not available"})
_TRUE = frozenset({"true", "yes", "y", "1", "t"})
_FALSE = frozenset({"false", "no", "n", "0", "f"})
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{2})(?:\.\d+)?")
_WORDS = re.compile(r"(?:(\d+)\s*h[a-z]*)?\s*(?:(\d+)\s*m[a-z]*)?\s*(?:(\d+)\s*s[a-z]*)?")
_PLAIN = re.compile(r"\d{1,7}(?:\.\d{1,6})?")
_MONEY = re.compile(r"[^0-9.,()\-]+")


@lru_cache(maxsize=4_096)
def plain_name(column: str) -> str:
    """Small letters and digits alone: `First-Time Caller`, `first_time_caller` and `firstTimeCaller` are one."""
    return "".join(letter for letter in column.lower() if letter.isalnum())


def plain_names(header: Iterable[str]) -> frozenset[str]:
    return frozenset(plain_name(column) for column in header)


class Cells:
    """A row. `at` is the column that was looked at last, as the file calls it: a problem names it."""

    def __init__(self, row: Mapping[str, str], choices: LogChoices) -> None:
        self.row, self.choices, self.at = row, choices, ""
        self._columns: dict[str, str] = {}
        for column in row:
            self._columns.setdefault(plain_name(column), column)

    def text(self, *names: str) -> str:
        """The first of these columns that says something; "" where none does."""
        for name in names:
            column = self._columns.get(name)
            if column is not None:
                self.at = column
                said = (self.row[column] or "").strip()
                if said.lower() not in _EMPTY:
                    return said
        return ""

    def has(self, *names: str) -> bool:
        return any(name in self._columns for name in names)

    def needed(self, *names: str) -> str:
        said = self.text(*names)
        if not said:
            self.at = next((self._columns[name] for name in names if name in self._columns), "")
            raise BadInput(f"The row has no {self.at or names[0]}.", hint="Export the log with this column.")
        return said

    def moment_ms(self, *names: str) -> int:
        return read_moment(self.needed(*names), self.choices.zone, day_first=self.choices.day_first)

    def called(self, *names: str) -> str:
        """The tracking number, which a call cannot be without."""
        if not self.text(*names) and self.choices.called_e164 is not None:
            return self.choices.called_e164
        return read_phone(self.needed(*names), self.choices.region)

    def phone(self, *names: str) -> str | None:
        """None for a withheld caller, and for what is no number."""
        return try_phone(self.text(*names), self.choices.region)

    def email(self, *names: str) -> str | None:
        said = self.text(*names).lower()
        return said if "@" in said and len(said) <= 254 else None

    def secs(self, *names: str) -> float | None:
        text = self.text(*names)
        return read_secs(text) if text else None

    def cents(self, *names: str) -> int | None:
        text = self.text(*names)
        return read_value(text) if text else None

    def truth(self, *names: str) -> bool | None:
        return read_truth(self.text(*names))

    def tags(self, *names: str) -> tuple[str, ...]:
        """A JSON list was joined by ` | ` when it was flattened; files separate by commas or semicolons."""
        parts = re.split(r"\s*[,;|]\s*", self.text(*names))
        return tuple(sorted({part.strip().lower()[:60] for part in parts if part.strip()}))


def read_truth(text: str) -> bool | None:
    plain = text.strip().lower()
    return True if plain in _TRUE else False if plain in _FALSE else None


def read_secs(text: str) -> float:
    """Seconds of `125`, `2:05`, `0:02:05`, `2m 5s`. Raises BadInput."""
    plain = text.strip().lower()
    if _PLAIN.fullmatch(plain):
        return float(plain)
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        return float(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    words = _WORDS.fullmatch(plain)
    if words is not None and any(words.groups()):
        return float(int(words[1] or 0) * 3600 + int(words[2] or 0) * 60 + int(words[3] or 0))
    raise BadInput(f"{text[:40]!r} is no duration.", hint="Write seconds, or minutes and seconds such as 2:05.")


def read_value(text: str) -> int | None:
    """Cents of an amount with its sign or code (`$1,250.00`); None of nothing at all (0). Raises BadInput."""
    cents = read_cents(_MONEY.sub("", text))
    return cents or None
