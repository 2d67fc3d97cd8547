"""A condition as rows of a form, and as JSON: what the rows can show goes there and back without a change of meaning.

At the top all or any of the rows and groups; a group is all or any of its own rows. Rows and groups may be negated.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.qualification import (
    FIELDS,
    All,
    Any,
    Condition,
    FieldKind,
    Leaf,
    Not,
    Operator,
    as_data,
    in_words,
    read_condition,
)
from ringtrace.web.forms.reading import words_of

MODES: Final = (("all", "all of this holds"), ("any", "any of this holds"))
HOW: Final[Mapping[str, str]] = {
    "": "is, or has",
    Operator.AT_LEAST: "is at least",
    Operator.LESS_THAN: "is less than",
    Operator.FIRST_IN_DAYS: "first call in (days)",
}
_MOST_ROWS = 40
_MOST_GROUPS = 12
_BLANK_ROWS = 2
_YES: Final[Mapping[str, bool]] = {"": True, "yes": True, "true": True, "no": False, "false": False}


class Row(Struct, frozen=True, kw_only=True):
    """One row as it was typed. `name` stands before the names of its inputs: `top_0`, `g1_0`."""

    name: str
    of: str = ""
    how: str = ""
    value: str = ""
    negated: bool = False
    error: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.of and not self.value.strip()


class Group(Struct, frozen=True, kw_only=True):
    """Rows of which all or any must hold. The top one is never negated."""

    name: str
    mode: str = "all"
    negated: bool = False
    rows: tuple[Row, ...] = ()


class Rows(Struct, frozen=True, kw_only=True):
    top: Group
    groups: tuple[Group, ...] = ()


class Editor:
    """What a person edits: rows or JSON, whichever `by` says; and the condition that it makes, or what is wrong.

    `condition` None: `error` says what is wrong, or rows do.
    """

    def __init__(self, by: str, rows: Rows | None, text: str, *, needs_one: bool = False) -> None:
        self.by = by
        self._rows = rows
        self.text = text
        self.error = ""
        self.condition: Condition | None = None
        try:
            self.condition = self._read(needs_one=needs_one)
        except BadInput as error:
            self.error = words_of(error)

    @classmethod
    def of(cls, condition: Condition | None, by: str = "rows", *, needs_one: bool = False) -> Editor:
        """Shows a condition; None shows empty rows. One too deep for rows is shown as JSON."""
        rows = Rows(top=Group(name="top")) if condition is None else as_rows(condition)
        shown_by = "json" if rows is None else by
        return cls(shown_by, rows, "" if condition is None else as_text(condition), needs_one=needs_one)

    @classmethod
    def posted(cls, data: Mapping[str, str], *, needs_one: bool = False) -> Editor:
        if data.get("by") == "json":
            return cls("json", None, data.get("json", ""), needs_one=needs_one)
        return cls("rows", _posted_rows(data), "", needs_one=needs_one)

    def switched(self, by: str) -> Editor:
        """The same, to be edited the other way; as it is where that cannot be, and then it says why."""
        if self.condition is None:
            return self
        other = Editor.of(self.condition, by)
        if other.by != by:
            other.error = "This condition goes deeper than the rows can show. Edit it as JSON."
        return other

    @cached_property
    def shown(self) -> Rows:
        """The rows with what is wrong beside them, and empty ones to fill in."""
        rows = self._rows or Rows(top=Group(name="top"))
        groups = tuple(_with_blanks(group) for group in rows.groups)
        spare = Group(name=f"g{len(groups)}", mode="any")
        return Rows(top=_with_blanks(rows.top), groups=(*groups, _with_blanks(spare)))

    @property
    def words(self) -> str:
        return "" if self.condition is None else in_words(self.condition)

    def _read(self, *, needs_one: bool) -> Condition:
        if self.by == "json":
            condition = read_condition(self.text)
            self.text = as_text(condition)
        else:
            condition = self._read_rows()
        if needs_one and condition in (All(), Any()):
            raise BadInput("It is not said which calls.", hint="Fill in a row.")
        return condition

    def _read_rows(self) -> Condition:
        assert self._rows is not None  # noqa: S101  # by is rows
        checked = _checked(self._rows)
        self._rows = checked
        if any(row.error for group in (checked.top, *checked.groups) for row in group.rows):
            raise BadInput("Some rows cannot be read.", hint="What is wrong stands beside them.")
        return read_condition(as_data(_as_condition(checked)))


def as_text(condition: Condition) -> str:
    """JSON for people to edit."""
    return msgspec.json.format(msgspec.json.encode(as_data(condition)), indent=2).decode()


def as_rows(condition: Condition) -> Rows | None:
    """The rows that say it; None where they cannot."""
    mode, parts = _parts(condition)
    top: list[Row] = []
    groups: list[Group] = []
    for part in parts:
        row = _row(part, f"top_{len(top)}")
        if row is not None:
            top.append(row)
            continue
        group = _group(part, f"g{len(groups)}")
        if group is None:
            return None
        groups.append(group)
    if len(top) > _MOST_ROWS or len(groups) > _MOST_GROUPS:
        return None
    return Rows(top=Group(name="top", mode=mode, rows=tuple(top)), groups=tuple(groups))


def _parts(condition: Condition) -> tuple[str, Sequence[Condition]]:
    match condition:
        case All(parts):
            return "all", parts
        case Any(parts):
            return "any", parts
        case _:
            return "all", (condition,)


def _group(condition: Condition, name: str) -> Group | None:
    negated = isinstance(condition, Not)
    inner = condition.part if isinstance(condition, Not) else condition
    if not isinstance(inner, All | Any) or not 1 <= len(inner.parts) <= _MOST_ROWS:
        return None
    mode, parts = _parts(inner)
    rows = [row for nth, part in enumerate(parts) if (row := _row(part, f"{name}_{nth}")) is not None]
    return Group(name=name, mode=mode, negated=negated, rows=tuple(rows)) if len(rows) == len(parts) else None


def _row(condition: Condition, name: str) -> Row | None:
    match condition:
        case Not(Leaf() as leaf):
            row = _leaf_row(leaf, name)
            return None if row is None else msgspec.structs.replace(row, negated=True)
        case Leaf():
            return _leaf_row(condition, name)
        case _:
            return None


def _leaf_row(leaf: Leaf, name: str) -> Row | None:
    """None for texts with blanks around them, which a row would lose."""
    if isinstance(leaf.value, tuple) and any(text != text.strip() for text in leaf.value):
        return None
    how = leaf.operator.value if leaf.operator in HOW else ""
    return Row(name=name, of=leaf.field, how=how, value=_as_cell(leaf.value))


def _as_cell(value: tuple[str, ...] | bool | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_quoted, value)) if isinstance(value, tuple) else repr(value)


def _quoted(text: str) -> str:
    """As it can stand in a line of texts with commas between them."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _with_blanks(group: Group) -> Group:
    rows = list(group.rows)
    blanks = sum(row.is_blank for row in rows)
    rows += [Row(name=f"{group.name}_{len(rows) + nth}") for nth in range(_BLANK_ROWS - blanks)]
    return msgspec.structs.replace(group, rows=tuple(rows))


def _posted_rows(data: Mapping[str, str]) -> Rows:
    groups = (_posted_group(data, f"g{nth}") for nth in range(_MOST_GROUPS) if f"g{nth}_mode" in data)
    filled = [group for group in groups if group.rows]
    named = [_renamed(group, f"g{nth}") for nth, group in enumerate(filled)]
    return Rows(top=_posted_group(data, "top"), groups=tuple(named))


def _posted_group(data: Mapping[str, str], name: str) -> Group:
    """Without its blank rows; the others close up."""
    rows = [row for row in _typed_rows(data, name) if not row.is_blank]
    mode = "any" if data.get(f"{name}_mode") == "any" else "all"
    return _renamed(Group(name=name, mode=mode, negated=bool(data.get(f"{name}_not")), rows=tuple(rows)), name)


def _renamed(group: Group, name: str) -> Group:
    rows = (msgspec.structs.replace(row, name=f"{name}_{nth}") for nth, row in enumerate(group.rows))
    return msgspec.structs.replace(group, name=name, rows=tuple(rows))


def _typed_rows(data: Mapping[str, str], name: str) -> Iterator[Row]:
    for nth in range(_MOST_ROWS):
        row = f"{name}_{nth}"
        if f"{row}_of" in data:
            yield Row(
                name=row,
                of=data[f"{row}_of"],
                how=data.get(f"{row}_how", ""),
                value=data.get(f"{row}_value", ""),
                negated=bool(data.get(f"{row}_not")),
            )


def _checked(rows: Rows) -> Rows:
    def check(group: Group) -> Group:
        return msgspec.structs.replace(group, rows=tuple(map(_checked_row, group.rows)))

    return Rows(top=check(rows.top), groups=tuple(map(check, rows.groups)))


def _checked_row(row: Row) -> Row:
    try:
        _leaf(row)
    except BadInput as error:
        return msgspec.structs.replace(row, error=words_of(error))
    return row


def _leaf(row: Row) -> Condition:
    field = FIELDS.get(row.of)
    if field is None:
        raise BadInput("It is not said what is asked.", hint="Choose a field.")
    operator = Operator(row.how) if row.how in HOW and row.how else field.operators[0]
    if operator not in field.operators:
        raise BadInput(f"{field.title} cannot be asked like that.", hint="Choose another way to compare.")
    return read_condition({"field": field.name, operator.value: _value(row.value, field.kind)})


def _value(cell: str, kind: FieldKind) -> object:
    said = cell.strip()
    if kind is FieldKind.TRUTH:
        return _YES.get(said.lower(), said)
    if kind is FieldKind.NUMBER:
        return _number(said)
    try:
        texts = next(csv.reader([said], skipinitialspace=True), [])
    except csv.Error as error:
        raise BadInput("These texts cannot be read.", hint="Put commas between them, on one line.") from error
    return [text.strip() for text in texts if text.strip()]


def _number(said: str) -> object:
    try:
        number = float(said)
    except ValueError:
        return said
    return int(number) if number.is_integer() else number


def _as_condition(rows: Rows) -> Condition:
    parts = [*map(_part, rows.top.rows), *map(_group_condition, rows.groups)]
    if rows.top.mode == "any":
        return Any(tuple(parts))
    return parts[0] if len(parts) == 1 and not rows.groups else All(tuple(parts))


def _group_condition(group: Group) -> Condition:
    parts = tuple(map(_part, group.rows))
    condition = Any(parts) if group.mode == "any" else All(parts)
    return Not(condition) if group.negated else condition


def _part(row: Row) -> Condition:
    return Not(_leaf(row)) if row.negated else _leaf(row)
