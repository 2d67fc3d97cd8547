"""Calls, the visits before them and what came of them. An agent gets to their own calls, and to what led to these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ringtrace.core.errors import NotFound
from ringtrace.qualification import tag_key
from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies, place_of
from ringtrace.web.access.rows import access_tag_rules
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    CallTag,
    Company,
    ContactRow,
    OutcomeRow,
    PersonRow,
    TapRow,
    VisitRow,
    VisitVerdict,
)

_MOST_TAGS = 1_000


def access_calls(user: AnyUser, company: Company) -> QuerySet[CallRow]:
    """A company's calls, newest first, with their number and visit; of an agent, those they answered."""
    role, names = place_of(user, company)
    calls = CallRow.objects.filter(company=company)
    if role not in Right.SEE_CALLS.roles:
        calls = calls.none()
    elif role not in Right.SEE.roles:
        calls = calls.filter(_answered_by(names))
    return calls.select_related("number", "visit", "match").order_by("-started_ms")


def access_call(user: AnyUser, call_id: str, right: Right = Right.SEE_CALLS) -> CallRow:
    calls = CallRow.objects.filter(pk=call_id, company__in=access_companies(user, right))
    row = one(calls.select_related("number", "visit", "match", "company", "connection"), "call")
    if not access_calls(user, row.company).filter(pk=row.pk).exists():
        raise NotFound("There is no such call.", hint="It may have been removed, or be somebody else’s.")
    return row


def _answered_by(names: Iterable[str]) -> Q:
    said = Q(pk__in=[])
    for name in names:
        said |= Q(agent__iexact=name)
    return said


def access_visits(user: AnyUser, company: Company) -> QuerySet[VisitRow]:
    """A company's visits, newest first; of an agent, those of visitors whose calls they answered."""
    role, names = place_of(user, company)
    visits = VisitRow.objects.filter(company=company)
    if role not in Right.SEE_CALLS.roles:
        visits = visits.none()
    elif role not in Right.SEE.roles:
        own = CallRow.objects.filter(_answered_by(names), company=company, visit__isnull=False)
        visits = visits.filter(visitor_id__in=own.values("visit__visitor_id"))
    return visits.order_by("-started_ms")


def access_journey(user: AnyUser, visit: VisitRow) -> QuerySet[VisitRow]:
    """All visits of this visit's visitor, oldest first."""
    return access_visits(user, visit.company).filter(visitor_id=visit.visitor_id).order_by("started_ms")


def access_people(user: AnyUser, call: CallRow) -> QuerySet[PersonRow]:
    """Who, on the company's sites, said that this caller's number is theirs; the first first."""
    if call.caller_hash is None or not _sees(user, call):
        return PersonRow.objects.none()
    people = PersonRow.objects.filter(company=call.company_id, phone_hash=call.caller_hash)
    return people.select_related("visit").order_by("at_ms")


def access_taps(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[TapRow]:
    return TapRow.objects.filter(visit__in=_seen(user, visits)).order_by("at_ms")


def access_forms(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[ContactRow]:
    return ContactRow.objects.filter(visit__in=_seen(user, visits)).order_by("at_ms")


def access_verdicts(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[VisitVerdict]:
    """What was said of these visits before, the oldest first."""
    return VisitVerdict.objects.filter(visit__in=_seen(user, visits)).order_by("until_ms")


def _seen(user: AnyUser, visits: Iterable[VisitRow]) -> list[str]:
    """The ids of those that this person may see."""
    by_company: defaultdict[str, list[VisitRow]] = defaultdict(list)
    for visit in visits:
        by_company[visit.company_id].append(visit)
    found: list[str] = []
    for some in by_company.values():
        ids, company = [visit.pk for visit in some], some[0].company
        if place_of(user, company)[0] not in Right.SEE.roles:
            ids = list(access_visits(user, company).filter(pk__in=ids).values_list("pk", flat=True))
        found += ids
    return found


def _sees(user: AnyUser, call: CallRow) -> bool:
    role = place_of(user, call.company)[0]
    return role in Right.SEE.roles or access_calls(user, call.company).filter(pk=call.pk).exists()


def access_reports(user: AnyUser, call: CallRow) -> QuerySet[CallReportRow]:
    """What carriers reported of a call; none for someone who may not see the call."""
    return CallReportRow.objects.filter(call_id=call.pk) if _sees(user, call) else CallReportRow.objects.none()


def access_outcomes(user: AnyUser, call: CallRow) -> QuerySet[OutcomeRow]:
    outcomes = OutcomeRow.objects.filter(call=call) if _sees(user, call) else OutcomeRow.objects.none()
    return outcomes.select_related("marked_by").order_by("at_ms")


def access_outcome(user: AnyUser, call: CallRow, outcome_id: str) -> OutcomeRow:
    """One outcome of this call."""
    return one(access_outcomes(user, call).filter(pk=outcome_id), "outcome")


def access_tags(user: AnyUser, company: Company) -> list[str]:
    """The tags that a company uses, each once, on calls or in rules; for an agent, those on their own calls."""
    put = CallTag.objects.filter(call__in=access_calls(user, company).order_by().select_related(None))
    if place_of(user, company)[0] in Right.SEE.roles:
        put = CallTag.objects.filter(call__company=company)
    newest = put.order_by("key").values_list("key", "tag").distinct()[:_MOST_TAGS]
    by_rule = {tag_key(rule.tag): rule.tag for rule in access_tag_rules(user, company)}
    return sorted((by_rule | dict(newest)).values())
