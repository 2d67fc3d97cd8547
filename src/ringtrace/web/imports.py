"""Files that come in: how one will be read, what a look at it shows, and taking it: in batches, resumed where it
stopped, with every row that could not be taken written to a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import msgspec
from django.db import transaction
from msgspec import Struct

from ringtrace.core.clock import Clock
from ringtrace.core.errors import BadInput
from ringtrace.intake.call_logs.port import LogChoices
from ringtrace.intake.call_logs.registry import detect as detect_log
from ringtrace.intake.call_logs.registry import read_calls
from ringtrace.intake.files.contacts import read_contacts
from ringtrace.intake.files.mapping import ColumnMap, check_map, guess_map
from ringtrace.intake.files.outcomes import read_outcomes
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.files.rejected import RejectedFile
from ringtrace.intake.files.spend.port import SpendChoices, SpendFile, ToldTotal, Vendor
from ringtrace.intake.files.spend.registry import describe, read_spend, totals_of
from ringtrace.intake.files.spend.registry import detect as detect_spend
from ringtrace.intake.port import Problem, SpendIn, ValueIn, What
from ringtrace.web.models import ColumnMapping, Company, ImportRun, RunState, User
from ringtrace.web.taking import Taken, take

BATCH = 2_000
_SAMPLES = 200
_BLOCK = 1 << 20

Row = tuple[int, ValueIn | Problem]
Progress = Callable[[ImportRun, int, int], None]  # the run, bytes read, bytes in all


class Choices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person says of a file. `system`: whose export it is, "" to find out; `columns`: our field -> the file's
    column, beside what is guessed; `fixed`: our field -> one value for all rows; `kinds`: the file's word -> a kind.
    `rates`: {"EUR": 1.08}. `spread`: figures of several days are spread evenly over them."""

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


def plan_import(company: Company, path: Path, what: What | None = None, choices: Choices | None = None) -> Plan:
    """Opens a file and decides how to read it: by what was chosen, what the company chose for this header before, and
    what the header suggests. Raises UnreadableBody, BadInput."""
    chosen = choices or Choices()
    table = open_table(path)
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
        columns={**mapping.columns, **choices.columns},
        fixed=fixed,
        kinds={**mapping.kinds, **choices.kinds},
        zone=choices.zone or mapping.zone,
        system=choices.system or mapping.system,
        numbers=choices.spend.numbers or mapping.numbers,
        dates=choices.spend.dates or mapping.dates,
    )


def _plan_spend(company: Company, table: Table, choices: Choices) -> Plan:
    vendor = Vendor(choices.system) if choices.system in list(Vendor) else detect_spend(table) or Vendor.GENERIC
    saved = ColumnMapping.objects.filter(company=company, what=What.SPEND, header=header_digest(table.header)).first()
    before = msgspec.convert(saved.mapping, ColumnMap) if saved else ColumnMap(what=What.SPEND)
    mapping = msgspec.structs.replace(
        before,
        columns={**before.columns, **choices.columns},
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


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


class Imported(Struct, frozen=True, kw_only=True):
    """What became of a file. `misses`: outcomes that matched nothing, by why; `totals`: what a spend file itself says
    its total is, beside `read_micros`, the sum of what was read; `rejected_path` None: nothing was rejected."""

    run_id: str
    what: str
    taken: int
    unchanged: int
    rejected: int
    missed: int
    misses: Mapping[str, int]
    first_problems: tuple[Problem, ...]
    rejected_path: Path | None
    totals: tuple[ToldTotal, ...]
    read_micros: int
    resumed_at: int
    dry: bool


def do_import(
    company: Company,
    path: Path,
    plan: Plan,
    clock: Clock,
    *,
    rejected_path: Path,
    dry: bool = False,
    by: User | None = None,
    told: Progress = lambda _run, _read, _all: None,
    batch: int = BATCH,
) -> Imported:
    """Takes a file, `batch` rows a transaction: what was taken and how far it has come are written together, so that a
    run that was killed goes on where it stopped when the same file is given again. `dry`: nothing is kept.

    Rows that cannot be taken go to `rejected_path`, with the reason; the file can be mended and given again.
    """
    run = _run(company, path, plan, clock(), by, dry=dry)
    resumed_at = run.place
    walk = _Walk(company, plan, run, rejected_path, dry=dry)
    rows = (
        islice(rows_of(company, plan), resumed_at, None)
        if plan.what is What.CALLS
        else rows_of(company, plan, start_row=resumed_at)
    )
    try:
        while some := list(islice(rows, batch)):
            walk.take(some, clock())
            told(run, plan.table.bytes_read, plan.table.total_bytes)
        walk.finish(clock())
    finally:
        walk.close()
    if not dry:
        _keep_mapping(company, plan)
    return walk.imported(resumed_at)


def _run(company: Company, path: Path, plan: Plan, now_ms: int, by: User | None, *, dry: bool) -> ImportRun:
    digest = file_digest(path)
    if not dry:
        before = ImportRun.objects.filter(company=company, what=plan.what, digest=digest).order_by("-began_ms").first()
        if before is not None and before.state != RunState.DONE and before.choices == _said(plan):
            before.state = RunState.RUNNING
            return before
    run = ImportRun(
        company=company,
        what=plan.what,
        system=plan.system,
        file_name=path.name[:255],
        digest=digest,
        mapping={} if plan.mapping is None else msgspec.to_builtins(plan.mapping),
        choices=_said(plan),
        began_ms=now_ms,
        changed_ms=now_ms,
        by=by,
    )
    if not dry:
        run.save(force_insert=True)
    return run


def _said(plan: Plan) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(plan.choices)
    return said


def _keep_mapping(company: Company, plan: Plan) -> None:
    """A file with this header is mapped once."""
    if plan.mapping is not None:
        ColumnMapping.objects.update_or_create(
            company=company,
            what=plan.what,
            header=header_digest(plan.table.header),
            defaults={"mapping": msgspec.to_builtins(plan.mapping)},
        )


_MOST_PROBLEMS = 20


class _Walk:
    """One go through a file."""

    def __init__(self, company: Company, plan: Plan, run: ImportRun, rejected_path: Path, *, dry: bool) -> None:
        self._company, self._plan, self._run, self._dry = company, plan, run, dry
        self._path = rejected_path
        self._problems: list[Problem] = []
        self._misses: dict[str, int] = {}
        self._micros = 0
        self._totals: tuple[ToldTotal, ...] = ()
        self._file: TextIO | None = None
        self._rejected: RejectedFile | None = None
        if run.rejected and not dry and rejected_path.exists():
            self._open(resumed=True)

    def take(self, rows: Sequence[Row], now_ms: int) -> None:
        """One batch: all of it or nothing. A value that cannot be taken is rejected alone."""
        values = [(line, value) for line, value in rows if not isinstance(value, Problem)]
        problems = [value for _, value in rows if isinstance(value, Problem)]
        with transaction.atomic():
            taken, refused = take(self._company, values, self._run, self._plan.choices, now_ms)
            problems = sorted([*problems, *refused], key=lambda problem: problem.line)
            self._count(rows, taken, problems, now_ms)
            if self._dry:
                transaction.set_rollback(True)
            else:
                self._reject(problems)
                self._run.rejected_bytes = self._file.tell() if self._file else 0
                self._run.save()

    def _count(self, rows: Sequence[Row], taken: Taken, problems: Sequence[Problem], now_ms: int) -> None:
        run = self._run
        run.place += len(rows)
        run.taken += taken.taken
        run.unchanged += taken.unchanged
        run.missed += taken.missed
        run.rejected += len(problems)
        run.changed_ms = now_ms
        for why, count in taken.misses.items():
            self._misses[why] = self._misses.get(why, 0) + count
        self._micros += sum(value.cost_micros for _, value in rows if isinstance(value, SpendIn))
        self._problems += problems[: _MOST_PROBLEMS - len(self._problems)]

    def _reject(self, problems: Sequence[Problem]) -> None:
        if problems and self._rejected is None:
            self._open(resumed=False)
        for problem in problems:
            if self._rejected is not None:
                self._rejected.add(problem)
        if self._file is not None:
            self._file.flush()

    def _open(self, *, resumed: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("r+" if resumed else "w", newline="", encoding="utf-8")
        if resumed:
            file.truncate(self._run.rejected_bytes)
            file.seek(self._run.rejected_bytes)
        self._file = file
        self._rejected = RejectedFile(file, self._plan.table.header, with_header=not resumed)

    def finish(self, now_ms: int) -> None:
        if self._plan.spend is not None:
            self._totals = totals_of(self._plan.table, self._plan.spend)
        self._run.state, self._run.changed_ms = RunState.DONE, now_ms
        if not self._dry:
            self._run.save()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def imported(self, resumed_at: int) -> Imported:
        run = self._run
        return Imported(
            run_id=run.pk,
            what=run.what,
            taken=run.taken,
            unchanged=run.unchanged,
            rejected=run.rejected,
            missed=run.missed,
            misses=self._misses,
            first_problems=tuple(self._problems),
            rejected_path=self._path if self._file is not None else None,
            totals=self._totals,
            read_micros=self._micros,
            resumed_at=resumed_at,
            dry=self._dry,
        )
