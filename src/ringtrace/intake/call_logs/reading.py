"""What readers of call logs share: rows to values with problems in their places, and ids where a row has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TypeAlias

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.call_logs.cells import Cells
from ringtrace.intake.call_logs.port import LogChoices, RowIn, RowOut
from ringtrace.intake.port import CallIn, ContactIn, OutcomeIn, PersonIn, Problem

Made: TypeAlias = CallIn | ContactIn | OutcomeIn
ReadOne: TypeAlias = Callable[[Cells, "Ids"], Iterable[Made]]


class Outbound(BadInput):
    """The row is a call that the business made."""

    def __init__(self) -> None:
        super().__init__("It is an outbound call.", hint="Only calls that came in are taken.")


class Ids:
    """Ids of rows that have none: drawn from when, which number, how long and what became of it, never from who called,
    so that the same export read again gives the same ids. Rows alike in all of it are told apart by their order."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def made(self, *parts: object) -> str:
        digest = blake2b(ascii(parts).encode(), digest_size=10).hexdigest()
        self._seen[digest] += 1
        count = self._seen[digest]
        return f"row-{digest}" if count == 1 else f"row-{digest}-{count}"


def read_rows(rows: Iterable[RowIn], choices: LogChoices, read_one: ReadOne) -> Iterator[RowOut]:
    ids = Ids()
    for line, row in rows:
        cells = Cells(row, choices)
        try:
            made = list(read_one(cells, ids))
        except BadInput as error:
            yield line, problem_of(line, cells, error)
            continue
        for value in made:
            yield line, value


def problem_of(line: int, cells: Cells, error: BadInput) -> Problem:
    column = "" if isinstance(error, Outbound) else cells.at
    return Problem(line=line, message=str(error.args[0]), hint=error.hint, column=column, raw=dict(cells.row))


def worth(
    system: str, id_: str, started_ms: int, cents: int | None, currency: str | None, kind: str, person: PersonIn
) -> OutcomeIn:
    """The outcome that a log says of its own call or contact."""
    return OutcomeIn(
        kind=kind,
        at_ms=started_ms,
        external_id=f"{system}:{id_}:{kind}",
        value_cents=cents,
        currency=None if cents is None else currency,
        person=person,
    )


def kind_of_worth(sale_cents: int | None, *, is_lead: bool) -> str | None:
    """A value makes a sale, a good mark alone a lead."""
    if sale_cents is not None:
        return OutcomeKind.SALE
    return OutcomeKind.LEAD if is_lead else None


def region_of(cells: Cells) -> str:
    """The caller's state or province, with the country where it is said: `US-CA`."""
    state = cells.text("state", "customerstate", "region", "callerstate")[:60]
    country = cells.text("country", "customercountry")[:2].upper()
    return f"{country}-{state}" if state and country and len(state) <= 3 else state


def is_spam_tag(tags: tuple[str, ...]) -> bool:
    return any(tag == "spam" or tag.startswith("spam ") for tag in tags)
