"""Which column of a file is which field of ours: guessed from the header, shown, and kept for the next file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import check_kind
from ringtrace.intake.files.moments import DateStyle, guess_date_style, zone_of
from ringtrace.intake.files.synonyms import LOST, SYNONYMS
from ringtrace.intake.files.values import NumberStyle, guess_number_style
from ringtrace.intake.port import ContactKind, What

_FIXABLE = {
    What.OUTCOMES: frozenset({"kind", "currency"}),
    What.CONTACTS: frozenset({"kind", "name", "url", "source", "medium", "campaign"}),
    What.SPEND: frozenset({"currency", "source", "medium", "campaign", "ad_group", "keyword"}),
    What.CALLS: frozenset[str](),
}
_MONEY = ("value", "cost")
_TIMES = ("at", "created_at", "called_at", "day", "until_day")
_WHO = ("call_id", "contact_id", "phone", "email", "crm_id")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_IN_HEADER = re.compile(r"\(([A-Z]{3})\)\s*\Z")


class ColumnMap(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a file's columns are read.

    `columns`: our field -> the file's column (`fields_of` lists them). `fixed`: our field -> a value for every row that
    has none of its own; a fixed `kind` is also what an unknown stage means. `kinds`: what the file says (`Closed Won`;
    case and marks do not matter) -> a kind (`sale`), `lost`, or `""`: such rows are told as left out. `system` goes
    before CRM ids (`hubspot:51`). Styles None: the column's marks decide, and what stays ambiguous is refused. `zone`
    None: the company's.
    """

    what: What
    columns: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    kinds: Mapping[str, str] = {}
    numbers: NumberStyle | None = None
    dates: DateStyle | None = None
    zone: str | None = None
    system: str = ""


def fields_of(what: What) -> tuple[str, ...]:
    """The fields that columns can be mapped to. Call logs have readers and fields of their own: none here."""
    return tuple(SYNONYMS[what])


def fold_column(text: str) -> str:
    """A header as it is compared: `Deal - Value ` and `deal value` are one, accents aside."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain).split()) or plain.strip()


def guess_map(what: What, header: Sequence[str], samples: Sequence[Mapping[str, str]] = ()) -> ColumnMap:
    """The mapping that the header's names suggest, each column used once (a stage may be the kind as well).

    `samples`: some rows, for the styles of numbers and dates."""
    columns = _columns(what, header)
    fixed: dict[str, str] = {}
    if "currency" not in columns and (code := _currency_in_header(columns)):
        fixed["currency"] = code
    if what is What.OUTCOMES and "stage" in fold_column(columns.get("kind", "")):
        fixed["kind"] = "opportunity"
    return ColumnMap(
        what=what,
        columns=columns,
        fixed=fixed,
        numbers=_numbers(columns, samples),
        dates=_dates(columns, samples),
        system=_system(header),
    )


def check_map(mapping: ColumnMap, header: Sequence[str]) -> list[str]:
    """What is wrong with a mapping for this header, one sentence each; empty: nothing."""
    known = fields_of(mapping.what)
    found = [f"There is no field {field!r}; the fields are {', '.join(known)}." for field in _without(mapping, known)]
    found += [
        f"The file has no column {column!r}, which {field} is to be read from."
        for field, column in mapping.columns.items()
        if column not in header
    ]
    found += [
        f"{field} cannot be the same for all rows; name a column for it."
        for field in mapping.fixed
        if field in known and field not in _FIXABLE[mapping.what]
    ]
    return found + _missing(mapping) + _bad_values(mapping)


def map_to_json(mapping: ColumnMap) -> bytes:
    return msgspec.json.encode(mapping)


def map_from_json(data: bytes | str) -> ColumnMap:
    """Raises BadInput for what is no mapping."""
    try:
        return msgspec.json.decode(data, type=ColumnMap)
    except msgspec.DecodeError as error:
        raise BadInput("The saved mapping cannot be read.", hint="Map the columns again.") from error


def _columns(what: What, header: Sequence[str]) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for column in header:
        for name in (fold_column(column), fold_column(re.sub(r"\(.*?\)", "", column))):
            by_name.setdefault(name, column)
    found: dict[str, str] = {}
    for field, names in SYNONYMS[what].items():
        taken = {column for other, column in found.items() if {other, field} != {"kind", "stage"}}
        free = [by_name[name] for name in names if name in by_name and by_name[name] not in taken]
        if free:
            found[field] = free[0]
    return found


def _currency_in_header(columns: Mapping[str, str]) -> str | None:
    said = (_IN_HEADER.search(columns.get(field, "")) for field in _MONEY)
    return next((match[1] for match in said if match), None)


def _numbers(columns: Mapping[str, str], samples: Sequence[Mapping[str, str]]) -> NumberStyle | None:
    style = guess_number_style(_cells(_MONEY, columns, samples))
    return None if style is NumberStyle.AMBIGUOUS else style


def _dates(columns: Mapping[str, str], samples: Sequence[Mapping[str, str]]) -> DateStyle | None:
    style = guess_date_style(_cells(_TIMES, columns, samples))
    return None if style is DateStyle.AMBIGUOUS else style


def _cells(fields: Iterable[str], columns: Mapping[str, str], samples: Sequence[Mapping[str, str]]) -> Iterable[str]:
    wanted = [columns[field] for field in fields if field in columns]
    return (row.get(column, "") for row in samples for column in wanted)


def _system(header: Sequence[str]) -> str:
    """Whose export this looks like, "" where it could be anybody's."""
    names = {fold_column(column) for column in header}
    if any(name.startswith(("deal ", "person ")) for name in names) and any(" - " in column for column in header):
        return "pipedrive"
    if "record id" in names:
        return "hubspot"
    if "opportunity id" in names or {"opportunity name", "close date", "stage"} <= names:
        return "salesforce"
    return "servicetitan" if "jobs total revenue" in names else ""


def _without(mapping: ColumnMap, known: Sequence[str]) -> list[str]:
    return sorted({*mapping.columns, *mapping.fixed} - set(known))


def _missing(mapping: ColumnMap) -> list[str]:
    has = {*mapping.columns, *mapping.fixed}
    columns = set(mapping.columns)
    if mapping.what is What.OUTCOMES:
        wanted = [
            ("kind" in has, "Say which column tells the kind (lead, sale …), or one kind for all rows."),
            (bool(columns & {"at", "created_at"}), "Say which column tells when it happened (at)."),
            (bool(columns.intersection(_WHO)), f"Name at least one column of {', '.join(_WHO)}: they find the call."),
            ("crm_id" not in columns or bool(mapping.system), "Say which system the CRM ids are of, such as hubspot."),
        ]
    elif mapping.what is What.CONTACTS:
        wanted = [
            ("kind" in has, f"Say which column tells the kind ({', '.join(ContactKind)}), or one kind for all rows."),
            ("at" in columns, "Say which column tells when it happened (at)."),
            ("external_id" in columns, "Name a column with an id (external_id): without one a row would count twice."),
            ("crm_id" not in columns or bool(mapping.system), "Say which system the CRM ids are of, such as hubspot."),
        ]
    elif mapping.what is What.SPEND:
        wanted = [(bool(columns & {"cost", "cost_micros"}), "Say which column tells the cost.")]
    else:
        wanted = []
    return [text for holds, text in wanted if not holds]


def _bad_values(mapping: ColumnMap) -> list[str]:
    kinds = [*mapping.kinds.values(), *([mapping.fixed["kind"]] if "kind" in mapping.fixed else [])]
    wrong = [kind for kind in dict.fromkeys(kinds) if not _is_kind(mapping.what, kind)]
    found = [f"{kind[:60]!r} is not a kind." for kind in wrong]
    if (code := mapping.fixed.get("currency")) is not None and not _CURRENCY.match(code):
        found.append(f"{code[:20]!r} is not a currency; write its code, such as EUR.")
    if mapping.zone is not None:
        try:
            zone_of(mapping.zone)
        except BadInput as error:
            found.append(f"{error.args[0]} {error.hint}")
    return found


def _is_kind(what: What, kind: str) -> bool:
    if what is What.CONTACTS:
        return kind == "" or kind in tuple(ContactKind)
    if kind in ("", LOST):
        return True
    try:
        check_kind(kind)
    except BadInput:
        return False
    return True
