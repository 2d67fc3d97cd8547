"""Names of one thing across systems, brought together: rules that a person made, and near matches to make more of.

Names are compared folded: NFKC, case aside, and spaces, dashes, underscores, `+` and `%20` the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

LEAST_LIKENESS = 0.5
_BETWEEN = re.compile(r"(?:%20|[\s_+\-\u2010-\u2015\u2212])+")
_COMMON = 150  # a part of more known names than this finds none of them
_CANDIDATES = 24
_MOST_STEPS = 8
_DIFFERENT_FIGURES = 0.6


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
    """`said` may mean `means`. `likeness`: 0 to 1; 1: the same but for case and marks. `why`: for the person."""

    said: str
    means: str
    likeness: float
    why: str


@lru_cache(maxsize=65_536)
def fold_name(text: str) -> str:
    """A name as it is compared: `Emergency+Plumbing` and `emergency_plumbing` are one."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


class Aligner:
    """Rules, ready to be asked. Of two rules for one name the later counts, and one of a system before one of all."""

    def __init__(self, rules: Iterable[NameRule]) -> None:
        self._means = {(rule.field, rule.system, fold_name(rule.said)): rule.means for rule in rules}

    def align(self, field: NameField, said: str, system: str | None = None) -> str:
        """What `said` means; itself where no rule says. What a rule makes of it is looked up again, until no rule says
        more; rules that go in a circle end before the first name comes again."""
        if not self._means:
            return said
        seen = {fold_name(said)}
        for _ in range(_MOST_STEPS):
            means = self._step(field, said, system)
            if means is None:
                break
            said = means
            if fold_name(means) in seen:
                break
            seen.add(fold_name(means))
        return said

    def _step(self, field: NameField, said: str, system: str | None) -> str | None:
        folded = fold_name(said)
        means = self._means.get((field, system, folded)) if system is not None else None
        means = self._means.get((field, None, folded)) if means is None else means
        return None if means is None or means == said else means


def suggest(unmatched: Sequence[str], known: Sequence[str], most: int = 3) -> list[Suggestion]:
    """Near matches among `known`, the best first for each unmatched name, at most `most` a name; the same every time.

    Likeness is Dice's coefficient of the words or of three-letter parts, whichever is higher, less where the figures
    differ: `Brand 1` is not `Brand 2`. Names are found by their rarer parts, so 5,000 by 5,000 take seconds."""
    names = [_Name(text) for text in dict.fromkeys(known) if fold_name(text)]
    index: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for part in name.parts:
            index[part].append(number)
    found: list[Suggestion] = []
    for text in dict.fromkeys(unmatched):
        if fold_name(text):
            found += _nearest(_Name(text), names, index, most)
    return found


class _Name:
    __slots__ = ("figures", "folded", "grams", "parts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold_name(text)
        self.words = frozenset(re.findall(r"\w+", self.folded)) or frozenset({self.folded})
        self.figures = frozenset(re.findall(r"\d+", self.folded))
        joined = "".join(re.findall(r"\w+", self.folded)) or self.folded
        padded = f"^{joined}$"
        self.grams = frozenset(padded[at : at + 3] for at in range(max(len(padded) - 2, 1)))
        self.parts = (*sorted(self.words), *sorted(f"\0{gram}" for gram in self.grams))


def _nearest(name: _Name, names: Sequence[_Name], index: dict[str, list[int]], most: int) -> list[Suggestion]:
    shared: Counter[int] = Counter()
    postings = sorted((index[part] for part in name.parts if part in index), key=len)
    for numbers in postings:
        if len(numbers) > _COMMON and shared:
            break
        shared.update(numbers[: 10 * _COMMON])
    ranked = sorted(shared, key=lambda number: (-shared[number], names[number].text))[:_CANDIDATES]
    likely = [(_likeness(name, names[number]), names[number]) for number in ranked if names[number].text != name.text]
    likely = [pair for pair in likely if pair[0] >= LEAST_LIKENESS]
    likely.sort(key=lambda pair: (-pair[0], pair[1].text))
    return [
        Suggestion(said=name.text, means=other.text, likeness=round(likeness, 3), why=_why(name, other))
        for likeness, other in likely[:most]
    ]


def _likeness(one: _Name, other: _Name) -> float:
    if one.folded == other.folded:
        return 1.0
    likeness = max(_dice(one.words, other.words), _dice(one.grams, other.grams))
    return min(likeness * (1.0 if one.figures == other.figures else _DIFFERENT_FIGURES), 0.99)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


def _why(one: _Name, other: _Name) -> str:
    if one.folded == other.folded:
        return "the same but for case and marks"
    if one.words == other.words:
        return "the same words in another order"
    shared = sorted(one.words & other.words, key=lambda word: (-len(word), word))
    if _dice(one.words, other.words) >= LEAST_LIKENESS:
        return f"both have {', '.join(shared[:3])}"
    return "spelled alike"
