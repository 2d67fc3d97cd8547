"""A condition in plain English, and what a new version of it changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

from ringtrace.qualification.conditions import All, Any, Condition, Leaf, Not
from ringtrace.qualification.fields import Operator

_STATUS: Final = {"voicemail": "went to voicemail", "in_progress": "in progress"}
_KIND: Final = {"call": "a call", "form": "a form", "chat": "a chat", "store_visit": "a store visit"} | {
    "other": "another contact"
}
# (field, operator): how it is said, and how its `not` is. {} is the value.
_PHRASES: Final[Mapping[tuple[str, Operator], tuple[str, str]]] = {
    ("kind", Operator.IS): ("{}", "not {}"),
    ("status", Operator.IS): ("{}", "not {}"),
    ("talk_secs", Operator.AT_LEAST): ("talked at least {}", "did not talk at least {}"),
    ("talk_secs", Operator.LESS_THAN): ("talked less than {}", "did not talk less than {}"),
    ("ring_secs", Operator.AT_LEAST): ("rang at least {}", "did not ring at least {}"),
    ("ring_secs", Operator.LESS_THAN): ("rang less than {}", "did not ring less than {}"),
    ("since_last_secs", Operator.AT_LEAST): (
        "the caller's last call was at least {} earlier",
        "the caller had no last call at least {} earlier",
    ),
    ("since_last_secs", Operator.LESS_THAN): (
        "the caller's last call was less than {} earlier",
        "the caller had no last call less than {} earlier",
    ),
    ("since_last_secs", Operator.FIRST_IN_DAYS): ("the caller's first call in {}", "not the caller's first call in {}"),
    ("number", Operator.IS): ("to the number {}", "not to the number {}"),
    ("pool", Operator.IS): ("to a number of the pool {}", "not to a number of the pool {}"),
    ("flow_branch", Operator.IS): ("sent to {} by the flow", "not sent to {} by the flow"),
    ("menu_keys", Operator.IS): ("pressed {}", "did not press {}"),
    ("agent", Operator.IS): ("taken by {}", "not taken by {}"),
    ("caller_region", Operator.IS): ("from a number of {}", "not from a number of {}"),
    ("line_type", Operator.IS): ("from a line of the type {}", "not from a line of the type {}"),
    ("disposition", Operator.IS): ("marked {}", "not marked {}"),
    ("tags", Operator.HAS): ("tagged {}", "not tagged {}"),
    ("outcomes", Operator.HAS): ("became {}", "did not become {}"),
}
_TRUTHS: Final[Mapping[tuple[str, bool], tuple[str, str]]] = {
    ("is_first_call", True): ("by a first-time caller", "not by a first-time caller"),
    ("is_first_call", False): ("by a repeat caller", "not by a repeat caller"),
    ("is_spam", True): ("spam", "not spam"),
    ("is_spam", False): ("not spam", "spam"),
    ("transferred", True): ("transferred", "not transferred"),
    ("transferred", False): ("kept by whoever answered", "not kept by whoever answered"),
}
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def in_words(condition: Condition) -> str:
    """`answered, talked at least 30 seconds, and not spam`. No capital at the start, no full stop."""
    match condition:
        case All(()):
            return "everything"
        case Any(()):
            return "nothing"
        case All(parts):
            return _list([_inner(part, parts) for part in parts], "and")
        case Any(parts):
            return _list([_inner(part, parts) for part in parts], "or")
        case Not(Leaf() as leaf):
            return _leaf(leaf)[1]
        case Not(part):
            return f"not ({in_words(part)})"
        case Leaf():
            return _leaf(condition)[0]


def _inner(part: Condition, parts: Sequence[Condition]) -> str:
    """A part in a list of several; in brackets where its own commas or `or` could be taken for the list's."""
    return f"({in_words(part)})" if len(parts) > 1 and _is_several(part) else in_words(part)


def _is_several(condition: Condition) -> bool:
    match condition:
        case All(parts) | Any(parts):
            return len(parts) > 1 or any(map(_is_several, parts))
        case Not(Leaf() as leaf):
            return _is_several(leaf)
        case Leaf(value=tuple(texts)):
            return len(texts) > 1
        case _:
            return False


def _leaf(leaf: Leaf) -> tuple[str, str]:
    """How it is said, and how its `not` is."""
    if isinstance(leaf.value, bool):
        return _TRUTHS[leaf.field, leaf.value]
    yes, no = _PHRASES[leaf.field, leaf.operator]
    said = _said(leaf)
    return yes.replace("{}", said), no.replace("{}", said)


def _said(leaf: Leaf) -> str:
    match leaf.value:
        case tuple(texts):
            return _list([_text(leaf.field, text) for text in texts], "or")
        case number if leaf.operator is Operator.FIRST_IN_DAYS:
            return _counted(number, "day")
        case number:
            return _duration(number)


def _text(field: str, text: str) -> str:
    words: Mapping[str, Callable[[str], str]] = {
        "status": lambda status: _STATUS.get(status, status),
        "kind": lambda kind: _KIND.get(kind, kind),
        "outcomes": _outcome,
        "number": str,
        "menu_keys": str,
    }
    return words[field](text) if field in words else f"“{text}”"


def _outcome(kind: str) -> str:
    words = kind.replace("_", " ")
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _duration(secs: float) -> str:
    """90 seconds, 2 minutes, 1 day: the largest unit that it is a whole number of."""
    for size, unit in _UNITS:
        if secs and secs % size == 0:
            return _counted(int(secs // size), unit)
    return _counted(secs, "second")


def _counted(number: float, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _list(words: Sequence[str], last: str) -> str:
    if len(words) <= 2:
        return f" {last} ".join(words)
    return f"{', '.join(words[:-1])}, {last} {words[-1]}"


def differences(old: Condition, new: Condition) -> list[str]:
    """What `new` changes, a sentence each; empty if they differ in the order or repetition of parts alone."""
    if _meaning(old) == _meaning(new):
        return []
    if isinstance(old, Any) and isinstance(new, Any):
        return _changes(old.parts, new.parts, "Also lets count", "No longer lets count", "Lets count")
    if any(isinstance(side, Any) for side in (old, new)):
        return [f"Asks for: {in_words(new)}, instead of {in_words(old)}."]
    return _changes(_asked(old), _asked(new), "Also asks for", "No longer asks for", "Asks for")


def _asked(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, All) else (condition,)


def _changes(old: Sequence[Condition], new: Sequence[Condition], more: str, less: str, changed: str) -> list[str]:
    gone = _without(old, new)
    come = _without(new, old)
    told = []
    for part in come:
        before = next((was for was in gone if _question(was) == _question(part)), None)
        if before is None:
            told.append(f"{more}: {in_words(part)}.")
        else:
            gone.remove(before)
            told.append(f"{changed}: {in_words(part)}, instead of {in_words(before)}.")
    return told + [f"{less}: {in_words(part)}." for part in gone]


def _without(some: Sequence[Condition], others: Sequence[Condition]) -> list[Condition]:
    """Those of `some`, each once, that are not among `others`."""
    known = {_meaning(other) for other in others}
    left: dict[Hashable, Condition] = {}
    for part in some:
        if _meaning(part) not in known:
            left.setdefault(_meaning(part), part)
    return list(left.values())


def _question(condition: Condition) -> Hashable:
    """What a part asks about, without the value: two such are one part that changed."""
    match condition:
        case Leaf(field, operator):
            return field, operator
        case Not(part):
            return "not", _question(part)
        case group:
            return type(group)


def _meaning(condition: Condition) -> Hashable:
    """Equal for conditions that differ in the order or repetition of parts alone."""
    match condition:
        case All(parts) | Any(parts):
            return type(condition), frozenset(map(_meaning, parts))
        case Not(part):
            return Not, _meaning(part)
        case Leaf(field, operator, value):
            return field, operator, value
