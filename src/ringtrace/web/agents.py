"""Whose a call is: whoever says that they have it, or whose own place it rang at."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.web.access.ringing import agent_name_of, places_of, whose_places
from ringtrace.web.models import CallRow, Company, User
from ringtrace.web.months import mark_stale

_ANSWERED = (CallStatus.IN_PROGRESS.value, CallStatus.ANSWERED.value)


@transaction.atomic
def do_take(call: CallRow, by: User, now_ms: int) -> str:
    """Says that this person answered a call, or takes care of it; returns the name it is theirs by. Raises BadInput
    where somebody else did first."""
    name = agent_name_of(by, call.company)
    if not _name(call, name, now_ms) and CallRow.objects.get(pk=call.pk).agent.casefold() != name.casefold():
        raise BadInput("Somebody else has this call.", hint="They said so first.")
    return name


def do_name_by_place(company_id: str, call_ids: Collection[str], now_ms: int) -> None:
    """Answered calls that rang at one person's own place are theirs. In the caller's transaction."""
    unnamed = CallRow.objects.filter(pk__in=call_ids, status__in=_ANSWERED, agent="").select_related("number")
    calls = list(unnamed)
    if not calls:
        return
    people = whose_places(Company.objects.get(pk=company_id))
    for call in calls:
        names = {people[place] for place in places_of(call) if place in people}
        if len(names) == 1:
            _name(call, names.pop(), now_ms)


def _name(call: CallRow, name: str, now_ms: int) -> bool:
    """Whether it was nobody's until now."""
    changed = Greatest(F("changed_ms") + 1, Value(now_ms))
    if not CallRow.objects.filter(pk=call.pk, agent="").update(agent=name, changed_ms=changed):
        return False
    call.agent = name
    mark_stale(call.company_id, [call.started_ms])
    return True
