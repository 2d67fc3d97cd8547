"""Reads a condition that somebody sent, whole or not at all; says where it is wrong, such as `all[1].not.field`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

import msgspec

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import check_kind
from ringtrace.qualification.conditions import All, Any, Condition, Leaf, Not
from ringtrace.qualification.fields import FIELDS, Field, FieldKind, Operator
from ringtrace.qualification.tags import check_tag, is_printed

DEEPEST: Final = 8
MOST_LEAVES: Final = 100
MOST_PARTS: Final = 200  # leaves and groups together
MOST_TEXTS: Final = 100  # of one leaf
LONGEST_TEXT: Final = 200
MOST_LETTERS: Final = 50_000  # of all texts together
LONGEST_JSON: Final = 1_000_000  # bytes
MOST_SECS: Final = 1_000_000_000
MOST_DAYS: Final = 3_650
_HUGE: Final = 10**18
_GROUPS: Final = ("all", "any", "not")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}\Z")
_SHAPE: Final = 'Such as {"field": "talk_secs", "at_least": 30}, or {"all": [...]}, {"any": [...]}, {"not": ...}.'


def read_condition(said: object) -> Condition:
    """A condition from JSON (bytes or text) or from what JSON decodes to. Raises BadInput that names the place.

    Canonical: texts are sorted and distinct, 30.0 is 30, one text stands for a list of one.
    """
    return _Reader().read(_decode(said) if isinstance(said, bytes | str) else said, "", 1)


def _decode(said: bytes | str) -> object:
    if len(said) > LONGEST_JSON:
        raise BadInput("This condition is too long.", hint=f"At most {LONGEST_JSON} bytes of JSON.")
    try:
        return msgspec.json.decode(said)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadInput("This condition is not JSON.", hint=_SHAPE) from error


def _refuse(path: str, message: str, hint: str) -> NoReturn:
    raise BadInput(f"{path or 'The condition'}: {message}", hint=hint)


def _shown(value: object) -> str:
    match value:
        case str():
            return repr(value[:40])
        case bool() | float() | None:
            return repr(value)
        case int():
            return repr(value) if abs(value) < _HUGE else "a huge number"
        case Mapping():
            return "an object"
        case _:
            return "a list"


class _Reader:
    """Counts what it has read, so that no condition is too large to evaluate."""

    def __init__(self) -> None:
        self._leaves = 0
        self._parts = 0
        self._letters = 0

    def read(self, said: object, path: str, depth: int) -> Condition:
        if not isinstance(said, Mapping):
            _refuse(path, "a condition is an object.", _SHAPE)
        self._count(path, depth)
        dot = f"{path}." if path else ""
        groups = [key for key in _GROUPS if key in said]
        if not groups:
            return self._leaf(said, path, dot)
        if len(said) > 1:
            _refuse(path, f"{groups[0]!r} stands alone.", "Put the rest in a condition of its own.")
        if groups == ["not"]:
            return Not(self.read(said["not"], f"{dot}not", depth + 1))
        parts = self._many(said[groups[0]], f"{dot}{groups[0]}", depth)
        return All(parts) if groups == ["all"] else Any(parts)

    def _count(self, path: str, depth: int) -> None:
        self._parts += 1
        if depth > DEEPEST:
            _refuse(path, "nested too deeply.", f"At most {DEEPEST} levels.")
        if self._parts > MOST_PARTS:
            _refuse(path, "there are too many parts.", f"At most {MOST_PARTS} conditions and groups.")

    def _many(self, said: object, path: str, depth: int) -> tuple[Condition, ...]:
        if not isinstance(said, list | tuple):
            _refuse(path, "must be a list of conditions.", _SHAPE)
        return tuple(self.read(part, f"{path}[{at}]", depth + 1) for at, part in enumerate(said))

    def _leaf(self, said: Mapping[object, object], path: str, dot: str) -> Leaf:
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            _refuse(path, "there are too many conditions.", f"At most {MOST_LEAVES}; one takes many texts in its list.")
        field = _field(said, path, dot)
        keys = [key for key in said if key != "field"]
        usable = ", ".join(field.operators)
        if len(keys) != 1:
            _refuse(path, "a condition asks one thing of its field.", f"{field.name} takes one of {usable}.")
        if keys[0] not in field.operators:
            _refuse(path, f"{field.name} does not take {_shown(keys[0])}.", f"It takes {usable}.")
        operator = Operator(str(keys[0]))
        value = _value(field, operator, said[keys[0]], f"{dot}{operator}")
        self._count_letters(value, path)
        return Leaf(field.name, operator, value)

    def _count_letters(self, value: object, path: str) -> None:
        self._letters += sum(map(len, value)) if isinstance(value, tuple) else 0
        if self._letters > MOST_LETTERS:
            _refuse(path, "its texts are too long together.", f"At most {MOST_LETTERS} characters in all.")


def _field(said: Mapping[object, object], path: str, dot: str) -> Field:
    if "field" not in said:
        _refuse(path, "it names no field.", _SHAPE)
    name = said["field"]
    if not isinstance(name, str) or name not in FIELDS:
        _refuse(f"{dot}field", f"{_shown(name)} is not a field.", f"Use one of {', '.join(FIELDS)}.")
    return FIELDS[name]


def _value(field: Field, operator: Operator, said: object, path: str) -> tuple[str, ...] | bool | int | float:
    if operator is Operator.FIRST_IN_DAYS:
        return _days(said, path)
    if field.kind is FieldKind.NUMBER:
        return _secs(said, path)
    if field.kind is FieldKind.TRUTH:
        return said if isinstance(said, bool) else _refuse(path, f"{_shown(said)} is not true or false.", "No quotes.")
    return _texts(field, said, path)


def _days(said: object, path: str) -> int:
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said <= MOST_DAYS:
        _refuse(path, f"{_shown(said)} is not a number of days.", f"A whole number from 1 to {MOST_DAYS}.")
    return said


def _secs(said: object, path: str) -> int | float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= MOST_SECS:
        _refuse(path, f"{_shown(said)} is not a number of seconds.", f"A number from 0 to {MOST_SECS}, without quotes.")
    return int(said) if said == int(said) else said


def _texts(field: Field, said: object, path: str) -> tuple[str, ...]:
    many: Sequence[object] = said if isinstance(said, list | tuple) else (said,)
    if not 1 <= len(many) <= MOST_TEXTS:
        _refuse(path, f"it lists {len(many)} texts.", f"1 to {MOST_TEXTS} are allowed.")
    where = isinstance(said, list | tuple)
    return tuple(sorted({_text(field, one, f"{path}[{at}]" if where else path) for at, one in enumerate(many)}))


def _text(field: Field, said: object, path: str) -> str:
    if not isinstance(said, str):
        _refuse(path, f"{_shown(said)} is not a text.", "Put it in quotes.")
    if not said.strip() or len(said) > LONGEST_TEXT or not is_printed(said):
        _refuse(path, f"{_shown(said)} cannot be asked for.", f"1 to {LONGEST_TEXT} characters that can be printed.")
    if field.choices and said not in field.choices:
        _refuse(path, f"{_shown(said)} is no {field.title.lower()}.", f"Use one of {', '.join(field.choices)}.")
    try:
        return _CHECKS[field.name](said) if field.name in _CHECKS else said
    except BadInput as error:
        raise BadInput(f"{path}: {error.args[0]}", hint=error.hint) from error


def _check_number(said: str) -> str:
    if not _E164.match(said):
        raise BadInput(f"{_shown(said)} is not a phone number in full.", hint="Such as +13105550100.")
    return said


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "tags": check_tag,
    "outcomes": check_kind,
    "number": _check_number,
}
