"""Files that come in: how one will be read, and what a look at it shows. `import_runs` takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.intake.call_logs.port import LogChoices
from ringtrace.intake.call_logs.registry import detect as detect_log
from ringtrace.intake.call_logs.registry import read_calls
from ringtrace.intake.files.contacts import read_contacts
from ringtrace.intake.files.mapping import ColumnMap, check_map, guess_map
from ringtrace.intake.files.outcomes import read_outcomes
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.files.spend.port import SpendChoices, SpendFile, Vendor
from ringtrace.intake.files.spend.registry import describe, read_spend
from ringtrace.intake.files.spend.registry import detect as detect_spend
from ringtrace.intake.port import Problem, ValueIn, What
from ringtrace.web.models import ColumnMapping, Company

_SAMPLES = 200

Row = tuple[int, ValueIn | Problem]


class Choices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person says of a file. `system`: whose export it is, "" to find out; `columns`: our field -> the file's
    column, beside what is guessed, "" for none; `fixed`: our field -> one value for all rows; `kinds`: the file's word
    -> a kind. `rates`: {"EUR": 1.08}. `spread`: figures of several days are spread evenly over them."""

    system: str = ""
    columns: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    kinds: Mapping[str, str] = {}
    zone: str = ""
    currency: str = ""
    rates: Mapping[str, float] = {}
    spread: bool = False
    day_first: bool = False
    duration_is_talk: bool = False
    called_e164: str = ""
    spend: SpendChoices = SpendChoices()


class Plan(Struct, frozen=True, kw_only=True):
    """How a file will be read. `complaints`: what stands in the way, each with what to do; empty: it can be taken."""

    what: What
    system: str
    table: Any
    mapping: ColumnMap | None
    spend: SpendFile | None
    choices: Choices
    complaints: tuple[str, ...]
    notes: tuple[str, ...]


def plan_import(
    company: Company,
    file: Path | BinaryIO,
    what: What | None = None,
    choices: Choices | None = None,
    *,
    table: Table | None = None,
) -> Plan:
    """Opens a file and decides how to read it: by what was chosen, what the company chose for this header before, and
    what the header suggests. `table`: it was opened before. Raises UnreadableBody, BadInput."""
    chosen = choices or Choices()
    table = table or open_table(file)
    found = what or _what(table)
    if found is What.SPEND:
        return _plan_spend(company, table, chosen)
    if found is What.CALLS:
        return _plan_calls(table, chosen)
    mapping = _mapping(company, table, found, chosen)
    complaints = tuple(check_map(mapping, table.header))
    system = chosen.system or mapping.system or "file"
    return Plan(
        what=found,
        system=system,
        table=table,
        mapping=mapping,
        spend=None,
        choices=chosen,
        complaints=complaints,
        notes=table.notes,
    )


def _what(table: Table) -> What:
    if detect_spend(table) is not None:
        return What.SPEND
    if detect_log(table.header) is not None:
        return What.CALLS
    raise BadInput("What is in this file?", hint="Say one of outcomes, contacts, spend or calls.")


def _mapping(company: Company, table: Table, what: What, choices: Choices) -> ColumnMap:
    saved = ColumnMapping.objects.filter(company=company, what=what, header=header_digest(table.header)).first()
    if saved is not None:
        mapping = msgspec.convert(saved.mapping, ColumnMap)
    else:
        mapping = guess_map(what, table.header, table.samples(_SAMPLES))
    fixed = {**mapping.fixed, **choices.fixed, **({"currency": choices.currency} if choices.currency else {})}
    return msgspec.structs.replace(
        mapping,
        columns=_read_from({**mapping.columns, **choices.columns}),
        fixed=fixed,
        kinds={**mapping.kinds, **choices.kinds},
        zone=choices.zone or mapping.zone,
        system=choices.system or mapping.system,
        numbers=choices.spend.numbers or mapping.numbers,
        dates=choices.spend.dates or mapping.dates,
    )


def _read_from(columns: Mapping[str, str]) -> dict[str, str]:
    """Without those that are said to be in no column."""
    return {field: column for field, column in columns.items() if column}


def _plan_spend(company: Company, table: Table, choices: Choices) -> Plan:
    vendor = Vendor(choices.system) if choices.system in list(Vendor) else detect_spend(table) or Vendor.GENERIC
    saved = ColumnMapping.objects.filter(company=company, what=What.SPEND, header=header_digest(table.header)).first()
    before = msgspec.convert(saved.mapping, ColumnMap) if saved else ColumnMap(what=What.SPEND)
    mapping = msgspec.structs.replace(
        before,
        columns=_read_from({**before.columns, **choices.columns}),
        fixed={**before.fixed, **choices.fixed},
    )
    told = choices.spend
    if choices.currency:
        told = msgspec.structs.replace(told, currency=choices.currency)
    file = describe(table, vendor, mapping=mapping, choices=told)
    complaints = list(file.complaints)
    if file.period and file.period[0] != file.period[1] and not choices.spread:
        days = (file.period[1] - file.period[0]).days + 1
        complaints.append(f"Its figures are for {days} days together: export it by day, or spread them evenly.")
    return Plan(
        what=What.SPEND,
        system=vendor.value,
        table=table,
        mapping=mapping,
        spend=file,
        choices=choices,
        complaints=tuple(complaints),
        notes=table.notes,
    )


def _plan_calls(table: Table, choices: Choices) -> Plan:
    system = choices.system or detect_log(table.header) or "generic"
    return Plan(
        what=What.CALLS,
        system=system,
        table=table,
        mapping=None,
        spend=None,
        choices=choices,
        complaints=(),
        notes=table.notes,
    )


def rows_of(company: Company, plan: Plan, start_row: int = 0) -> Iterator[Row]:
    """(physical line, value or why not) from row number `start_row`. Raises BadInput where the plan has complaints."""
    if plan.complaints:
        raise BadInput(" ".join(plan.complaints), hint="Answer these, then import again.")
    region, zone = company.region, plan.choices.zone or company.time_zone
    if plan.spend is not None:
        return read_spend(plan.table, plan.spend, start_row=start_row)
    if plan.mapping is not None:
        read = read_outcomes if plan.what is What.OUTCOMES else read_contacts
        rows: Iterator[Any] = read(plan.table, plan.mapping, region=region, zone=zone, start_row=start_row)
        return rows
    return _call_rows(company, plan, zone)


def _call_rows(company: Company, plan: Plan, zone: str) -> Iterator[Row]:
    choices = LogChoices(
        zone=zone,
        region=company.region,
        currency=plan.choices.currency or None,
        day_first=plan.choices.day_first,
        called_e164=plan.choices.called_e164 or None,
        duration_is_talk=plan.choices.duration_is_talk,
        columns=plan.choices.columns,
        system=plan.choices.fixed.get("system", "import"),
    )
    problems: list[tuple[int, Problem]] = []

    def good() -> Iterator[tuple[int, Mapping[str, str]]]:
        for line, row in plan.table.rows():
            if isinstance(row, Problem):
                problems.append((line, row))
            else:
                yield line, row

    yield from read_calls(good(), plan.system, choices)
    yield from problems


def preview(company: Company, plan: Plan, most: int = 20) -> list[Row]:
    """The first rows as they would be taken, or why not."""
    return list(islice(rows_of(company, plan), most))


def header_digest(header: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()


def keep_mapping(company: Company, plan: Plan) -> None:
    """A file with this header is mapped once."""
    if plan.mapping is not None:
        ColumnMapping.objects.update_or_create(
            company=company,
            what=plan.what,
            header=header_digest(plan.table.header),
            defaults={"mapping": msgspec.to_builtins(plan.mapping)},
        )
