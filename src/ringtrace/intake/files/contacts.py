"""Rows of a file as contacts: forms, chats and visits to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Source
from ringtrace.intake.files.mapping import ColumnMap, check_map, fold_column
from ringtrace.intake.files.reading import Table
from ringtrace.intake.files.rows import Cells, Styles, read_person, read_rows, styles_of
from ringtrace.intake.files.synonyms import CONTACT_WORDS
from ringtrace.intake.port import ContactIn, ContactKind, Problem, What
from ringtrace.sources import channel_of

_LONGEST_ID = 200


def read_contacts(
    table: Table, mapping: ColumnMap, *, region: str | None, zone: str, start_row: int = 0
) -> Iterator[tuple[int, ContactIn | Problem]]:
    """(physical line, contact or why not), one a row. `region` (ISO 3166) reads national phone numbers, `zone` (IANA)
    times without an offset. A row needs an id: a contact counts by itself, and would count twice. Raises BadInput
    before the first row where the mapping does not fit the file."""
    complaints = check_map(mapping, table.header)
    if mapping.what is not What.CONTACTS or complaints:
        raise BadInput(" ".join(complaints) or "That mapping is not one of contacts.", hint="Map the columns again.")
    styles = styles_of(table, mapping, zone, (), ("at",))
    return read_rows(table, start_row, partial(_contact, mapping, styles, _kinds_of(mapping), region))


def _kinds_of(mapping: ColumnMap) -> Callable[[str], str | None]:
    own = {fold_column(said): kind for said, kind in mapping.kinds.items()}
    default = mapping.fixed.get("kind")

    def kind_of(said: str) -> str | None:
        word = fold_column(said)
        return own.get(word, CONTACT_WORDS.get(word, default)) if word else default

    return kind_of


def _contact(
    mapping: ColumnMap,
    styles: Styles,
    kind_of: Callable[[str], str | None],
    region: str | None,
    row: Mapping[str, str],
) -> ContactIn:
    cells = Cells(row, mapping, styles)
    at = cells.moment("at")
    if at is None:
        raise cells.refuse("at", "The row does not say when it happened.", "Fill in a date, such as 2026-05-31.")
    external_id = cells.text("external_id", _LONGEST_ID)
    if not external_id:
        raise cells.refuse("external_id", "The row has no id, and could be counted twice.", "Give each row an id.")
    return ContactIn(
        kind=_kind(cells, kind_of),
        at_ms=at,
        external_id=external_id,
        name=cells.text("name", _LONGEST_ID),
        url=cells.text("url"),
        person=read_person(cells, region, mapping.system),
        visit_id=cells.text("visit_id", _LONGEST_ID) or None,
        source=_source(cells),
    )


def _kind(cells: Cells, kind_of: Callable[[str], str | None]) -> ContactKind:
    said = cells.text("kind", 100)
    kind = kind_of(said)
    if kind == "":
        raise cells.refuse("kind", f"Left out: the mapping says so of {said!r}.")
    if kind is None or kind not in tuple(ContactKind):
        what = f"{said!r} is no kind of contact that is known." if said else "The row says no kind of contact."
        raise cells.refuse("kind", what, f"Say what it means: {', '.join(ContactKind)}.")
    return ContactKind(kind)


def _source(cells: Cells) -> Source | None:
    """What the sender says brought it; None where it says nothing."""
    source, medium = cells.text("source", 200).lower(), cells.text("medium", 200).lower()
    campaign, group, keyword = (cells.text(field, 500) for field in ("campaign", "ad_group", "keyword"))
    if not (source or medium or campaign or group or keyword):
        return None
    return Source(
        channel=channel_of(source or None, medium or None, campaign or None),
        source=source or None,
        medium=medium or None,
        campaign=campaign or None,
        ad_group=group or None,
        keyword=keyword or None,
    )
