"""What people who answer are told to do: a text each, shown for calls that meet its condition."""

from __future__ import annotations

from django.db import transaction

from ringtrace.core.errors import BadInput
from ringtrace.qualification import Condition, as_data, read_condition
from ringtrace.web.models import Company, PopHint, User

MOST_HINTS = 100
LONGEST_HINT = 500


def hints_of(company: Company) -> list[tuple[PopHint, Condition]]:
    """All hints of a company in their order, with what a call must meet."""
    rows = PopHint.objects.filter(company=company).order_by("place", "hint_id")
    return [(row, read_condition(row.condition)) for row in rows]


def check_hint(text: str) -> str:
    """Raises BadInput."""
    kept = " ".join(text.split())
    if not kept or len(kept) > LONGEST_HINT or not kept.isprintable():
        raise BadInput("It is not said what to do.", hint=f"Write 1 to {LONGEST_HINT} characters.")
    return kept


@transaction.atomic
def do_save_hint(
    company: Company, text: str, condition: Condition, by: User, now_ms: int, *, row: PopHint | None = None
) -> PopHint:
    """A new hint, after the others; or `row` with this text and condition. Raises BadInput."""
    said = check_hint(text)
    if row is None:
        if PopHint.objects.filter(company=company).count() >= MOST_HINTS:
            raise BadInput(f"There are {MOST_HINTS} hints already.", hint="Remove one first.")
        last = PopHint.objects.filter(company=company).order_by("-place").first()
        row = PopHint(company=company, place=last.place + 1 if last else 0, made_by=by, made_ms=now_ms)
    row.text, row.condition = said, as_data(condition)
    row.save()
    return row


@transaction.atomic
def do_move_hint(row: PopHint, *, up: bool) -> None:
    """Before the one above it, or after the one below."""
    rows = list(PopHint.objects.filter(company=row.company_id).order_by("place", "hint_id"))
    at = next(nth for nth, each in enumerate(rows) if each.pk == row.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for place, each in enumerate(rows):
        each.place = place
    PopHint.objects.bulk_update(rows, ["place"])


@transaction.atomic
def do_remove_hint(row: PopHint) -> None:
    row.delete()
