"""Rows of a file as outcomes.

What happened is read from the kind's column: by the mapping's own `kinds`, else by common words (`Closed Won` is a
sale, `Lost` an opportunity that is lost), else it is what is fixed for all rows (of a deal's stages: an opportunity).
When it happened: a sale, a refund and a loss by `at`, all else by `created_at` where that is mapped, because a CRM's
close date of an open deal lies ahead. A bare day is its last millisecond, so that the call of that day came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind, check_kind
from ringtrace.intake.files.mapping import ColumnMap, check_map, fold_column
from ringtrace.intake.files.reading import Table
from ringtrace.intake.files.rows import Cells, Styles, read_person, read_rows, styles_of
from ringtrace.intake.files.synonyms import KIND_WORDS, LOST
from ringtrace.intake.files.values import currency_in, read_amount_cents
from ringtrace.intake.port import OutcomeIn, Problem, What

_CLOSED = frozenset({OutcomeKind.SALE, OutcomeKind.REFUND, LOST})
_LONGEST_ID = 200


def read_outcomes(
    table: Table, mapping: ColumnMap, *, region: str | None, zone: str, start_row: int = 0
) -> Iterator[tuple[int, OutcomeIn | Problem]]:
    """(physical line, outcome or why not), one a row. `region` (ISO 3166) reads national phone numbers, `zone` (IANA)
    times without an offset. Raises BadInput before the first row where the mapping does not fit the file."""
    complaints = check_map(mapping, table.header)
    if mapping.what is not What.OUTCOMES or complaints:
        raise BadInput(" ".join(complaints) or "That mapping is not one of outcomes.", hint="Map the columns again.")
    styles = styles_of(table, mapping, zone, ("value",), ("at", "created_at", "called_at"))
    return read_rows(table, start_row, partial(_outcome, mapping, styles, kinds_of(mapping), region))


Kinds = Callable[[str], str | None]


class _Told(Struct, frozen=True):
    kind: str
    is_lost: bool


def kinds_of(mapping: ColumnMap) -> Kinds:
    """What a file's word for a kind means; None where nobody says. `""`: to be left out."""
    own = {fold_column(said): kind for said, kind in mapping.kinds.items()}
    default = mapping.fixed.get("kind")

    def kind_of(said: str) -> str | None:
        word = fold_column(said)
        return own.get(word, KIND_WORDS.get(word, default)) if word else default

    return kind_of


def _outcome(
    mapping: ColumnMap, styles: Styles, kind_of: Kinds, region: str | None, row: Mapping[str, str]
) -> OutcomeIn:
    cells = Cells(row, mapping, styles)
    told = _kind(cells, kind_of)
    person = read_person(cells, region, mapping.system)
    call_id, contact_id = cells.text("call_id", _LONGEST_ID), cells.text("contact_id", _LONGEST_ID)
    if person.is_nobody and not (call_id or contact_id):
        raise BadInput(
            "The row says nobody: no call, phone number, e-mail address or CRM id.", hint="Fill in one of them."
        )
    return OutcomeIn(
        kind=told.kind,
        at_ms=_at(cells, LOST if told.is_lost else told.kind),
        external_id=cells.text("external_id", _LONGEST_ID),
        value_cents=_value(cells, told.kind),
        currency=_currency(cells),
        call_id=call_id or None,
        contact_external_id=contact_id or None,
        called_ms=cells.moment("called_at", needs_time=True),
        person=person,
        stage=cells.text("stage", 100),
        is_lost=told.is_lost,
        note=cells.text("note"),
    )


def _kind(cells: Cells, kind_of: Kinds) -> _Told:
    said = cells.text("kind", 100)
    kind = kind_of(said)
    if kind is None:
        what = f"{said!r} is no kind of outcome that is known." if said else "The row says no kind of outcome."
        raise cells.refuse("kind", what, "Say what it means: lead, appointment, opportunity, sale, refund or lost.")
    if kind == "":
        raise cells.refuse("kind", f"Left out: the mapping says so of {said!r}.")
    is_lost = kind == LOST
    return _Told(OutcomeKind.OPPORTUNITY.value if is_lost else check_kind(kind), is_lost)


def _at(cells: Cells, kind: str) -> int:
    order = ("at", "created_at") if kind in _CLOSED else ("created_at", "at")
    for field in order:
        if (at := cells.moment(field, end_of_day=True)) is not None:
            return at
    raise cells.refuse("at", "The row does not say when it happened.", "Fill in a date, such as 2026-05-31.")


def _value(cells: Cells, kind: str) -> int | None:
    cents = cells.read("value", lambda said: read_amount_cents(said, cells.styles.numbers))
    if cents is None or cents >= 0:
        return cents
    if kind == OutcomeKind.REFUND:
        return -cents
    raise cells.refuse("value", f"A {kind} cannot be worth less than nothing.", "Make it a refund, with its own row.")


def _currency(cells: Cells) -> str | None:
    """The row's own column, else the sign in its value, else what is fixed."""
    code = cells.text("currency", 20).upper()
    said = currency_in(cells.text("value", 80))
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise cells.refuse("currency", f"{code!r} is not a currency.", "Write its code, such as EUR.")
    return said or code or None
