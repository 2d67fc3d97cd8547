"""What `ringtrace import` shows: how a file is read, its first rows, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ringtrace.core.clock import at_from_ms

_MICROS = 1_000_000
_MOST_SHOWN = 10
_SURE = ("point", "comma", "month_first", "day_first")
_MOST_CELL = 40


def show_plan(console: Console, company: Any, plan: Any) -> None:
    """The mapping as a table, the styles, what was odd, and what stands in the way."""
    system = "" if plan.system == "file" else f", as {plan.system} writes it"
    console.print(f"{plan.what.capitalize()} for {company.name}{system}", markup=False)
    table = Table("field", "column of the file", "or always")
    columns, fixed = _mapped(plan)
    for field in dict.fromkeys((*columns, *fixed)):
        table.add_row(field, escape(columns.get(field, "")), escape(str(fixed.get(field, ""))))
    if table.row_count:
        console.print(table)
    for line in _styles(company, plan):
        console.print(f"  {line}", markup=False)
    unused = [column for column in plan.table.header if column not in columns.values()]
    if columns and unused:
        console.print(f"  not read: {', '.join(unused)}"[:400], markup=False)
    for note in plan.notes:
        console.print(f"  note: {note}", markup=False)
    for complaint in plan.complaints:
        console.print(f"It cannot be taken yet: {complaint}", markup=False, style="red")


def _mapped(plan: Any) -> tuple[Mapping[str, str], dict[str, Any]]:
    if plan.spend is not None:
        file = plan.spend
        said = {"source": file.source, "medium": file.medium, "currency": file.currency}
        return file.columns, {**file.fixed, **{name: text for name, text in said.items() if text}}
    return (plan.mapping.columns, dict(plan.mapping.fixed)) if plan.mapping is not None else ({}, {})


def _styles(company: Any, plan: Any) -> Iterator[str]:
    table, read = plan.table, plan.spend or plan.mapping
    signs = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
    sign = signs.get(table.delimiter, repr(table.delimiter))
    yield f"{table.encoding}, with {sign}, header on line {table.header_line}"
    if read is not None:
        sure = [
            str(style).replace("_", " ") if style in _SURE else "as each shows" for style in (read.numbers, read.dates)
        ]
        yield f"numbers: {sure[0]}; dates: {sure[1]}"
    if plan.spend is None:
        yield f"time zone: {plan.choices.zone or company.time_zone}; country of numbers: {company.region}"
    elif plan.spend.period:
        since_on, until_on = plan.spend.period
        days = (until_on - since_on).days + 1
        yield f"period: {since_on} to {until_on}{f', spread over {days} days' if plan.choices.spread else ''}"
    if plan.spend is not None:
        yield f"rows are {plan.spend.report.replace('_', ' ')}"
    if plan.mapping is not None and plan.mapping.kinds:
        yield "kinds: " + ", ".join(f"{said} = {kind or 'left out'}" for said, kind in plan.mapping.kinds.items())


def show_preview(console: Console, company: Any, rows: Sequence[tuple[int, Any]]) -> None:
    """The first rows, as they would be taken; the reason, in red, of those that would not."""
    told = [(line, _said(value, company)) for line, value in rows if not hasattr(value, "message")]
    names = list(dict.fromkeys(name for _, said in told for name in said))
    table = Table("line", *names)
    problems = {line: value for line, value in rows if hasattr(value, "message")}
    for line, said in told:
        table.add_row(str(line), *(escape(said.get(name, "")[:_MOST_CELL]) for name in names))
    if told:
        console.print(table)
    for line, problem in problems.items():
        _show_problem(console, line, problem)


def _said(value: Struct, company: Any) -> dict[str, str]:
    """The fields of a value that say something, for a person."""
    found: dict[str, str] = {}
    for name in value.__struct_fields__:
        said = getattr(value, name)
        if said in (None, "", (), False):
            continue
        if isinstance(said, Struct):
            found |= _said(said, company)
        elif name.endswith("_ms"):
            found[name.removesuffix("_ms")] = _at(said, company)
        elif name.endswith(("_cents", "_micros")):
            thing, _, unit = name.rpartition("_")
            found[thing] = f"{said / (100 if unit == 'cents' else _MICROS):,.2f}"
        else:
            found[name] = ", ".join(said) if isinstance(said, tuple) else str(said)
    return found


def _at(at_ms: int, company: Any) -> str:
    return f"{at_from_ms(at_ms).astimezone(company.zone):%Y-%m-%d %H:%M:%S}"


def show_done(console: Console, plan: Any, done: Any, misses: Mapping[str, str]) -> None:
    """What was taken, what matched nothing and why, what was rejected and where it lies."""
    if done.resumed_at:
        console.print(f"It went on after row {done.resumed_at:,}, where it had stopped.")
    would = "Would be " if done.dry else ""
    said = f"{would}taken: {done.taken:,}; as before: {done.unchanged:,}; rejected: {done.rejected:,}"
    console.print(f"{said[:1].upper()}{said[1:]}.")
    if done.replaced:
        console.print(f"{done.replaced:,} figures of other files were taken away: these tell of the same days.")
    if done.missed:
        console.print(f"{done.missed:,} matched no call or contact; they are kept, and tried again when calls come:")
        for why, count in sorted(done.misses.items(), key=lambda one: -one[1]):
            console.print(f"  {count:,}  {misses.get(why, why)}", markup=False)
    for problem in done.first_problems[:_MOST_SHOWN]:
        _show_problem(console, problem.line, problem)
    if done.rejected > _MOST_SHOWN:
        console.print(f"  … and {done.rejected - _MOST_SHOWN:,} more.")
    if done.rejected_path is not None:
        console.print(f"Rejected rows: {done.rejected_path} (mend it and import that).", markup=False, soft_wrap=True)
    _show_totals(console, plan, done)


def _show_totals(console: Console, plan: Any, done: Any) -> None:
    """The file's own totals beside the sum of its rows."""
    if plan.spend is None:
        return
    currency = plan.spend.currency or ""
    console.print(f"Sum of the rows: {done.read_micros / _MICROS:,.2f} {currency}".rstrip())
    for total in done.totals:
        apart = total.cost_micros - done.read_micros
        console.print(f"  {total.label}: {total.cost_micros / _MICROS:,.2f}", markup=False)
        if total.is_account and apart > 0:
            console.print(
                f"  {apart / _MICROS:,.2f} of the account's total are in no row: campaigns without keywords, say. "
                "Import the campaigns' report to have all of it.",
                style="yellow",
            )


def _show_problem(console: Console, line: int, problem: Any) -> None:
    where = f"line {line}" + (f", {problem.column}" if problem.column else "")
    console.print(f"  {where}: {problem.message} {problem.hint}".rstrip(), markup=False, style="red")
