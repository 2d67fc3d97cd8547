"""Taking a file: in batches, resumed where it stopped, with every row that could not be taken written to a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import msgspec
from django.db import transaction
from msgspec import Struct

from ringtrace.core.clock import Clock
from ringtrace.core.errors import BadInput
from ringtrace.intake.files.rejected import RejectedFile
from ringtrace.intake.files.spend.port import ToldTotal
from ringtrace.intake.files.spend.registry import totals_of
from ringtrace.intake.port import Problem, SpendIn, What
from ringtrace.web.bulk import many_writes
from ringtrace.web.imports import Plan, Row, keep_mapping, rows_of
from ringtrace.web.models import Company, ImportRun, RunState, User
from ringtrace.web.taking import Taken, take

BATCH = 4_000
_BLOCK = 1 << 20
_MOST_PROBLEMS = 20

Progress = Callable[[ImportRun, int, int], None]  # the run, bytes read, bytes in all


def _nothing(_run: ImportRun, _read: int, _all: int) -> None:
    """Nobody is told."""


class Imported(Struct, frozen=True, kw_only=True):
    """What became of a file. `misses`: outcomes that matched nothing, by why, and `replaced`: figures of spend that
    newer ones took the place of; both since `resumed_at`. `totals`: what a spend file itself says its total is, beside
    `read_micros`, the sum of what was read; `rejected_path` None: nothing was rejected."""

    run_id: str
    what: str
    taken: int
    unchanged: int
    rejected: int
    missed: int
    replaced: int
    misses: Mapping[str, int]
    first_problems: tuple[Problem, ...]
    rejected_path: Path | None
    totals: tuple[ToldTotal, ...]
    read_micros: int
    resumed_at: int
    dry: bool


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


def do_import(
    company: Company,
    path: Path,
    plan: Plan,
    clock: Clock,
    *,
    rejected_path: Path,
    dry: bool = False,
    by: User | None = None,
    told: Progress = _nothing,
    batch: int = BATCH,
) -> Imported:
    """Takes a file, `batch` rows a transaction: what was taken and how far it has come are written together, so that a
    run that was killed goes on where it stopped when the same file is given again. `dry`: nothing is kept.

    Rows that cannot be taken go to `rejected_path`, with the reason; the file can be mended and given again. Raises
    BadInput where the plan has complaints, and where somebody else is taking the same file.
    """
    run = begin_run(company, path, plan, clock(), by, dry=dry)
    with many_writes(), Taking(company, plan, run, rejected_path, dry=dry, batch=batch) as taking:
        while taking.step(clock()):
            told(run, plan.table.bytes_read, plan.table.total_bytes)
        return taking.imported()


def begin_run(
    company: Company,
    path: Path,
    plan: Plan,
    now_ms: int,
    by: User | None,
    *,
    dry: bool = False,
    digest: str = "",
    file_name: str = "",
) -> ImportRun:
    """A new run, or the one of the same file, read the same way, that stopped before its end. `digest` "": it is read
    once more for it; `file_name` "": the name it lies under."""
    if plan.complaints:
        raise BadInput(" ".join(plan.complaints), hint="Answer these, then import again.")
    run = ImportRun(
        company=company,
        what=plan.what,
        system=plan.system,
        file_name=(file_name or path.name)[:255],
        digest=digest or file_digest(path),
        mapping={} if plan.mapping is None else msgspec.to_builtins(plan.mapping),
        choices=msgspec.to_builtins(plan.choices),
        began_ms=now_ms,
        changed_ms=now_ms,
        by=by,
    )
    if dry:
        return run
    before = ImportRun.objects.filter(company=company, what=plan.what, digest=run.digest).order_by("-began_ms").first()
    if before is not None and before.state != RunState.DONE and _read_alike(before, run):
        return before
    run.save(force_insert=True)
    return run


def _read_alike(one: ImportRun, other: ImportRun) -> bool:
    return (one.choices, one.mapping) == (other.choices, other.mapping)


class Taking:
    """One go through a file. Closed by `with`."""

    def __init__(
        self,
        company: Company,
        plan: Plan,
        run: ImportRun,
        rejected_path: Path,
        *,
        dry: bool = False,
        batch: int = BATCH,
    ) -> None:
        self._company, self._plan, self._run, self._dry = company, plan, run, dry
        self._path = rejected_path
        self._problems: list[Problem] = []
        self._misses: dict[str, int] = {}
        self._micros = self._replaced = 0
        self._totals: tuple[ToldTotal, ...] = ()
        self._file: TextIO | None = None
        self._rejected: RejectedFile | None = None
        self._resumed_at = run.place
        self._batch = max(1, batch // _days(plan))
        self._rows = self._from(run.place)
        plan.table.kept = {}

    def __enter__(self) -> Taking:
        return self

    def __exit__(self, *_: object) -> None:
        self._plan.table.kept = None
        if self._file is not None:
            self._file.close()

    def _from(self, place: int) -> Iterator[Row]:
        """The rows from a place on. Call logs put several rows together, and spend is summed: both are read again."""
        if self._plan.what not in (What.CALLS, What.SPEND):
            return rows_of(self._company, self._plan, start_row=place)
        rows = rows_of(self._company, self._plan)
        self._micros = sum(_micros(islice(rows, place)))
        return rows

    def warm(self) -> None:
        """Reads on to the first row to be taken, which is much where the run goes on; asks no database."""
        first = list(islice(self._rows, 1))
        self._rows = chain(first, self._rows)

    def step(self, now_ms: int) -> bool:
        """Takes a batch, all of it or nothing; a value that cannot be taken is rejected alone. False: that was the
        end. Raises BadInput where somebody else takes the same file."""
        rows = list(islice(self._rows, self._batch))
        if not rows:
            self._finish(now_ms)
            return False
        kept = self._plan.table.kept or {}
        values = [(line, value) for line, value in rows if not isinstance(value, Problem)]
        problems = [value for _, value in rows if isinstance(value, Problem)]
        with transaction.atomic():
            self._claim()
            taken, refused = take(self._company, values, self._run, self._plan.choices, now_ms, kept)
            problems = sorted([*problems, *refused], key=lambda problem: problem.line)
            self._count(rows, taken, problems, now_ms)
            if self._dry:
                transaction.set_rollback(True)
            else:
                self._reject(problems)
                self._run.save()
        for line, _ in rows:
            kept.pop(line, None)
        return True

    def _claim(self) -> None:
        """Two that take one file would book its spend twice: the second finds that the run has moved on."""
        if self._dry:
            return
        here = ImportRun.objects.filter(pk=self._run.pk, place=self._run.place).exclude(state=RunState.DONE)
        if not here.update(state=RunState.RUNNING):
            raise BadInput("Somebody else is taking this file.", hint="Wait until that is done.")
        self._run.state = RunState.RUNNING

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
        self._replaced += taken.replaced
        self._micros += sum(_micros(rows))
        self._problems += problems[: _MOST_PROBLEMS - len(self._problems)]

    def _reject(self, problems: Sequence[Problem]) -> None:
        """Written before the transaction that counts it ends: what is too much after a kill is cut off again."""
        if not problems:
            return
        file, rejected = self._open()
        for problem in problems:
            rejected.add(problem)
        file.flush()
        os.fsync(file.fileno())
        self._run.rejected_bytes = file.tell()

    def _open(self) -> tuple[TextIO, RejectedFile]:
        if self._file is None or self._rejected is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            at = self._run.rejected_bytes
            goes_on = 0 < at <= (self._path.stat().st_size if self._path.exists() else 0)
            self._file = self._path.open("r+" if goes_on else "w", newline="", encoding="utf-8")
            if goes_on:
                self._file.truncate(at)
                self._file.seek(at)
            self._rejected = RejectedFile(self._file, self._plan.table.header, with_header=not goes_on)
        return self._file, self._rejected

    def _finish(self, now_ms: int) -> None:
        if self._plan.spend is not None:
            self._totals = totals_of(self._plan.table, self._plan.spend)
        if self._dry:
            return
        if self._run.rejected_bytes:  # what was written after the last batch that counts
            self._open()
        with transaction.atomic():
            self._claim()
            self._run.state, self._run.changed_ms = RunState.DONE, now_ms
            self._run.save()
            keep_mapping(self._company, self._plan)

    def imported(self) -> Imported:
        run = self._run
        return Imported(
            run_id=run.pk,
            what=run.what,
            taken=run.taken,
            unchanged=run.unchanged,
            rejected=run.rejected,
            missed=run.missed,
            replaced=self._replaced,
            misses=self._misses,
            first_problems=tuple(self._problems),
            rejected_path=self._path if run.rejected_bytes else None,
            totals=self._totals,
            read_micros=self._micros,
            resumed_at=self._resumed_at,
            dry=self._dry,
        )


def _days(plan: Plan) -> int:
    """Over how many days each row is spread."""
    if plan.spend is None or plan.spend.period is None:
        return 1
    since_on, until_on = plan.spend.period
    return max(1, (until_on - since_on).days + 1)


def _micros(rows: Any) -> Iterator[int]:
    return (value.cost_micros for _, value in rows if isinstance(value, SpendIn))
