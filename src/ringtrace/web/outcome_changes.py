"""What people correct of outcomes: their kind and value, and which call one came of."""

from __future__ import annotations

from copy import copy

from django.db import transaction

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import check_kind
from ringtrace.web.models import CallRow, OutcomeRow, User
from ringtrace.web.outcomes import BY_HAND, check_value, mark_changed

_LONGEST_NOTE = 2_000


@transaction.atomic
def do_change_outcome(outcome: OutcomeRow, kind: str, value_cents: int | None, note: str, by: User) -> None:
    """Says otherwise what it was and what it was worth, in the company's currency. Raises BadInput.

    One that another system told is what that system says as soon as it tells it again.
    """
    outcome.kind, outcome.note, outcome.marked_by = check_kind(kind), note[:_LONGEST_NOTE], by
    if value_cents != outcome.value_cents:
        outcome.value_cents, outcome.said_cents, outcome.currency = check_value(value_cents), None, ""
    outcome.save()
    mark_changed(outcome.company, [outcome])


@transaction.atomic
def do_assign_outcome(outcome: OutcomeRow, call: CallRow, by: User) -> None:
    """Says which call it came of, where nothing else did. Raises BadInput for a call of another company."""
    if call.company_id != outcome.company_id:
        raise BadInput("That call is of another company.", hint="Choose one of this company.")
    before = copy(outcome)
    outcome.call, outcome.contact, outcome.how, outcome.marked_by = call, None, BY_HAND, by
    outcome.miss = outcome.named_id = ""
    outcome.save()
    mark_changed(outcome.company, [before, outcome])
