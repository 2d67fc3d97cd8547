"""One call: what happened, which visit made it and why we think so, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.matches import Match
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.sources import Source
from ringtrace.web import access, audit, evidence
from ringtrace.web.call_choices import suggested_tags
from ringtrace.web.credit_shown import credit_by_model
from ringtrace.web.forms.outcomes import OutcomeChangeForm, OutcomeForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import DESK, CompanyRequest, for_row
from ringtrace.web.lines import call_line, verdict_of
from ringtrace.web.models import CallReportRow, CallRow, Company, OutcomeRow, User, VisitRow
from ringtrace.web.outcome_changes import do_change_outcome
from ringtrace.web.outcomes import do_mark_outcome, do_remove_outcome
from ringtrace.web.standing import caller_name, standings, tags_of, traits_of
from ringtrace.web.timeline import Event, draw_timeline
from ringtrace.wire.journal import CallReported, decode_event

_MOST_VISITS = 50
_MOST_STEPS = 20
_MOST_KEYS = 9
_for_call = for_row(access.access_call, "call_id", DESK)


class Shown(Struct, frozen=True, kw_only=True):
    """A candidate of the match with its visit, which may have been forgotten meanwhile."""

    visit_id: str
    p: float
    reasons: tuple[str, ...]
    started_ms: int | None
    source: Source | None
    is_best: bool


class Step(Struct, frozen=True, kw_only=True):
    """What a visit did: tapped a number, or sent a form (`what` is its name)."""

    at_ms: int
    kind: Literal["tap", "form"]
    what: str


class Before(Struct, frozen=True, kw_only=True):
    """What was said of a visit's source until history was classified again."""

    source: Source
    until_ms: int


class Stop(Struct, frozen=True, kw_only=True):
    """One visit of the journey before (or after) the call."""

    visit_id: str
    started_ms: int
    source: Source
    device: str
    pages: int
    is_before_call: bool
    is_best: bool
    steps: list[Step]
    before: list[Before]


@_for_call
@require_safe
def page(request: CompanyRequest, row: CallRow) -> HttpResponse:
    return _render(request, row, OutcomeForm(call_id=row.pk))


@_for_call
@require_POST
def outcome(request: CompanyRequest, row: CallRow) -> HttpResponse:
    form = OutcomeForm(request.POST, call_id=row.pk)
    if form.is_valid():
        try:
            mark(row, form.cleaned_data, request.user)
        except BadInput as error:
            refuse(form, error, "value")
        else:
            messages.success(request, gettext("Outcome saved."))
            return redirect("call", call_id=row.pk)
    return _render(request, row, form, status=422)


@_for_call
@require_POST
def remove_outcome(request: CompanyRequest, row: CallRow, outcome_id: str) -> HttpResponse:
    do_remove_outcome(access.access_outcome(request.user, row, outcome_id))
    messages.success(request, gettext("Outcome removed."))
    return redirect("call", call_id=row.pk)


@_for_call
@require_POST
def change_outcome(request: CompanyRequest, row: CallRow, outcome_id: str) -> HttpResponse:
    outcome = access.access_outcome(request.user, row, outcome_id)
    form = OutcomeChangeForm(request.POST, auto_id=_ids(outcome), own_kind=outcome.kind)
    if form.is_valid():
        said = form.cleaned_data
        try:
            do_change_outcome(outcome, said["kind"], said["value"], said["note"], request.user)
        except BadInput as error:
            refuse(form, error, "value")
        else:
            messages.success(request, gettext("Outcome changed."))
            return redirect("call", call_id=row.pk)
    return _render(request, row, OutcomeForm(call_id=row.pk), status=422, changing=(outcome.pk, form))


def mark(row: CallRow, cleaned: dict[str, Any], by: User) -> None:
    """Marks what an OutcomeForm says; the same form sent twice counts once. Raises BadInput."""
    do_mark_outcome(
        row,
        OutcomeKind(cleaned["kind"]),
        cleaned["value"],
        wall_clock(),
        by=by,
        note=cleaned["note"],
        external_id=f"form:{cleaned['nonce']}",
    )


def _render(
    request: CompanyRequest,
    row: CallRow,
    form: OutcomeForm,
    status: int = 200,
    changing: tuple[str, OutcomeChangeForm] | None = None,
) -> HttpResponse:
    user, company = request.user, row.company
    outcomes = list(access.access_outcomes(user, row))
    verdict = verdict_of(row)
    may_see = access.may(user, company, access.Right.SEE_CALLERS)
    if may_see and row.caller_sealed is not None:
        audit.do_note_seen(user, company, row.pk, wall_clock())
    context = {
        "call": row,
        "line": call_line(row, outcomes, may_see=may_see),
        "known_tags": suggested_tags(user, company),
        **said_of(row, may_see=may_see),
        "verdict": verdict,
        "candidates": candidates_of(user, company, verdict),
        "outcomes": [(each, _change_form(each, changing)) for each in outcomes],
        "changing": changing[0] if changing else "",
        "form": form,
        **_evidence(request, row, outcomes, may_see=may_see),
    }
    return render(request, "web/call.html", context, status=status)


def _change_form(outcome: OutcomeRow, changing: tuple[str, OutcomeChangeForm] | None) -> OutcomeChangeForm:
    """The one that was sent and refused, else what is known."""
    if changing is not None and changing[0] == outcome.pk:
        return changing[1]
    value = "" if outcome.value_cents is None else f"{outcome.value_cents / 100:.2f}"
    said = {"kind": outcome.kind, "value": value, "note": outcome.note}
    return OutcomeChangeForm(auto_id=_ids(outcome), own_kind=outcome.kind, initial=said)


def _ids(outcome: OutcomeRow) -> str:
    """Several of these forms stand on one page."""
    return f"{outcome.pk}_%s"


def _evidence(request: CompanyRequest, row: CallRow, outcomes: list[OutcomeRow], *, may_see: bool) -> dict[str, Any]:
    """What led to the call, the way it took, and what else is known of its caller."""
    user = request.user
    reports = reports_of(access.access_reports(user, row))
    journey, others = _journey(user, row), list(evidence.others_of(user, row)[: evidence.MOST_OTHERS + 1])
    events = [*_events(row, journey, others), *evidence.outcome_events(outcomes)]
    is_real = request.GET.get("line") == "real"
    earlier, later = evidence.neighbours_of(user, row)
    return {
        "named": access.access_people(user, row).first(),
        "reports": reports,
        "journey": journey,
        "timeline": draw_timeline(events, folded=not is_real),
        "is_real": is_real,
        "holdings": evidence.holdings_of(user, row, reports, row.visit_id),
        "path": evidence.path_of(row, reports),
        "others": [call_line(each, each.outcomes.all(), may_see=may_see) for each in others[: evidence.MOST_OTHERS]],
        "others_are_cut": len(others) > evidence.MOST_OTHERS,
        "earlier": earlier,
        "later": later,
        "credit": credit_by_model(row.company, row.pk, row.started_ms, user),
        "changes": evidence.changes_of(user, row),
    }


def _events(row: CallRow, journey: list[Stop], others: list[CallRow]) -> list[Event]:
    """For the time line; what is in a list below in words too."""
    events = [Event(at_ms=row.started_ms, kind="call", words="This call")]
    events += [Event(at_ms=each.started_ms, kind="other", words="Another call of this caller") for each in others]
    for stop in journey:
        words = f"Visit: {stop.source.label}"
        events.append(Event(at_ms=stop.started_ms, kind="best" if stop.is_best else "visit", words=words))
        events += [
            Event(at_ms=step.at_ms, kind=step.kind, words="Tapped the number" if step.kind == "tap" else "Sent a form")
            for step in stop.steps
        ]
    return events


def said_of(row: CallRow, *, may_see: bool) -> dict[str, Any]:
    """What is said of a call beside its reports: tags, disposition, the caller's name, and where it counts."""
    traits = traits_of(row)
    known = [*row.company.dispositions]
    if row.disposition and row.disposition not in known:
        known.append(row.disposition)
    return {
        "name": caller_name(row, may_see=may_see),
        "has_name": row.name_sealed is not None,
        "tag_lines": tags_of(row, traits),
        "standings": standings(row, traits),
        "dispositions": [(str(nth) if nth <= _MOST_KEYS else "", text) for nth, text in enumerate(known, 1)],
    }


def candidates_of(user: User, company: Company, verdict: Match | None) -> list[Shown]:
    """The visits that may have made a call, likeliest first."""
    if verdict is None:
        return []
    wanted = [weighed.visit_id for weighed in verdict.weighed]
    visits = access.access_visits(user, company).in_bulk(wanted)
    best = verdict.best
    return [
        Shown(
            visit_id=weighed.visit_id,
            p=weighed.p,
            reasons=weighed.reasons,
            started_ms=visits[weighed.visit_id].started_ms if weighed.visit_id in visits else None,
            source=_source(visits.get(weighed.visit_id)),
            is_best=best is not None and best.visit_id == weighed.visit_id,
        )
        for weighed in verdict.weighed
    ]


def _journey(user: User, row: CallRow) -> list[Stop]:
    if row.visit is None:
        return []
    visits = list(access.access_journey(user, row.visit)[:_MOST_VISITS])
    steps, before = _steps(user, visits), _before(user, visits)
    return [
        Stop(
            visit_id=visit.pk,
            started_ms=visit.started_ms,
            source=msgspec.convert(visit.source, Source),
            device=visit.device,
            pages=visit.pages,
            is_before_call=visit.started_ms <= row.started_ms,
            is_best=visit.pk == row.visit_id,
            steps=steps[visit.pk],
            before=before[visit.pk],
        )
        for visit in visits
    ]


def _before(user: User, visits: list[VisitRow]) -> dict[str, list[Before]]:
    before: defaultdict[str, list[Before]] = defaultdict(list)
    for verdict in access.access_verdicts(user, visits):
        source = msgspec.convert(verdict.source, Source)
        before[verdict.visit_id].append(Before(source=source, until_ms=verdict.until_ms))
    return before


def _steps(user: User, visits: list[VisitRow]) -> dict[str, list[Step]]:
    """Taps and forms by visit, in the order they happened."""
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    for tap in access.access_taps(user, visits):
        steps[tap.visit_id].append(Step(at_ms=tap.at_ms, kind="tap", what=tap.e164))
    for sent in access.access_forms(user, visits):
        steps[sent.visit_id or ""].append(Step(at_ms=sent.at_ms, kind="form", what=sent.name))
    for of_visit in steps.values():
        of_visit.sort(key=lambda step: step.at_ms)
        del of_visit[_MOST_STEPS:]
    return steps


def reports_of(rows: Any) -> list[CallReported]:
    """In the order they happened."""
    told = [decode_event(_body(row)) for row in rows]
    calls = [report for report in told if isinstance(report, CallReported)]
    return sorted(calls, key=lambda report: (report.said_ms or report.at_ms, report.at_ms, report.event_id))


def _body(row: CallReportRow) -> bytes:
    return bytes(row.body)


def _source(visit: VisitRow | None) -> Source | None:
    return None if visit is None else msgspec.convert(visit.source, Source)
