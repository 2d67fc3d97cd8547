"""Every table as a file: a page that explains them, and the files themselves."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.reports.asked import Answer
from ringtrace.reports.explore import explore
from ringtrace.web import audit
from ringtrace.web.access import Right, may
from ringtrace.web.call_filters import check_filters, with_days
from ringtrace.web.call_search import calls_found
from ringtrace.web.counting import find_definition
from ringtrace.web.forms.reading import words_of
from ringtrace.web.gate import CompanyRequest, for_member
from ringtrace.web.ledger_tables import whole_calls
from ringtrace.web.pages import landing
from ringtrace.web.pages.overview import today_on
from ringtrace.web.pages.sources import down_to_news, read_where
from ringtrace.web.questions import question_of, scope_of
from ringtrace.web.spans import PRESETS, Span, read_span
from ringtrace.web.tables import FORMS, TABLES, Table, Taken, find_table, take, take_answer, take_rows

_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_LANDING = (("metrics", ",".join(landing.METRICS)), ("by", landing.BY))


@for_member
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    """What can be taken out, and what each column is."""
    return _page(request)


def _page(request: CompanyRequest, problem: str = "", status: int = 200) -> HttpResponse:
    span = read_span(request.GET.dict(), today_on(request.company))
    context = {
        "span": span,
        "presets": PRESETS,
        "problem": problem,
        "tables": [(table, _links(table, span)) for table in TABLES.values()],
        "may_see_callers": may(request.user, request.company, Right.SEE_CALLERS),
    }
    return render(request, "web/downloads.html", context, status=status)


def _links(table: Table, span: Span) -> list[tuple[str, str]]:
    names = {"csv": "CSV", "parquet": "Parquet"}
    query = span.query if table.is_of_a_span else ""
    return [
        (words, f"{reverse('download', kwargs={'table': table.name, 'form': form})}?{query}".rstrip("?"))
        for form, words in names.items()
    ]


@for_member
@require_safe
def file(request: CompanyRequest, table: str, form: str) -> HttpResponse:
    """One table as a file; where it cannot be had, the page says why."""
    try:
        return _file(request, find_table(table), form)
    except NotFound as error:
        return _page(request, f"{error.args[0]} {error.hint}", status=404)
    except BadInput as error:
        return _page(request, words_of(error), status=400)


def _file(request: CompanyRequest, table: Table, form: str) -> HttpResponse:
    if form not in FORMS:
        raise NotFound("There is no such form of file.", hint=f"Choose of: {', '.join(FORMS)}.")
    company = request.company
    may_see = table.has_callers and may(request.user, company, Right.SEE_CALLERS)
    if table.name == "calls":
        taken, days = _calls(request, table, form, may_see=may_see)
    else:
        span = _span(request)
        days = f"{span.since_on}-{span.until_on}"
        if table.columns:
            taken = take(table, form, company, scope_of(company, span), may_see=may_see)
        else:
            taken = take_answer(_answer(request, table, span), form, company)
    about = f"{table.name} with callers" if may_see else table.name
    audit.do_note_export(request.user, company, "download", wall_clock(), rows=taken.rows, form=form, about=about)
    return _response(taken, form, f"ringtrace-{table.name}-{days}.{form}")


def _calls(request: CompanyRequest, table: Table, form: str, *, may_see: bool) -> tuple[Taken, str]:
    """What the call log finds by the same address, and its days in words. Without any days, those that are usual
    here. Raises BadInput where something of the address cannot be read."""
    filters = check_filters(request.GET, today_on(request.company))
    if filters.since_on is None and filters.until_on is None:
        span = _span(request)
        filters = with_days(filters, span.since_on, span.until_on)
    found = whole_calls(calls_found(request.user, request.company, filters))
    days = "-".join(str(on or edge) for on, edge in ((filters.since_on, "first"), (filters.until_on, "last")))
    return take_rows(table, form, request.company, found, may_see=may_see), days


def _span(request: CompanyRequest) -> Span:
    """A file has no place to tell that its days could not be read."""
    span = read_span(request.GET.dict(), today_on(request.company))
    if span.problem:
        raise BadInput(span.problem, hint="Write ?since=2026-03-01&until=2026-03-31, or ?days=28.")
    return span


def _answer(request: CompanyRequest, table: Table, span: Span) -> Answer:
    company = request.company
    if table.name == "sources":
        return down_to_news(read_where(request), scope_of(company, span), find_definition(company.pk))[1].answer
    pairs = [(name, text) for name in request.GET for text in request.GET.getlist(name)]
    if table.name == "landing_pages":
        pairs = [*_LANDING, *(pair for pair in pairs if pair[0] not in ("metrics", "by"))]
    asked = question_of(company, pairs, today_on(company))
    if asked.problems:
        raise BadInput(asked.problems[0], hint="Open the page, mend the question there, and take the file again.")
    return explore(asked.scope, asked.question)


def _response(taken: Taken, form: str, name: str) -> HttpResponse:
    if taken.file is not None:
        opened = FileResponse(taken.file, as_attachment=True, filename=name, content_type=_TYPES[form])
        return cast("HttpResponse", opened)
    said = {"Content-Disposition": f'attachment; filename="{name}"'}
    return cast("HttpResponse", StreamingHttpResponse(taken.pieces or (), content_type=_TYPES[form], headers=said))
