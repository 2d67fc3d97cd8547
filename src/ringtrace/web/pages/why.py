"""Why is this number what it is? Definition, formula, filters, SQL, and every row, down to one call's evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import MODELS
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.expressions import Atom, Quantile
from ringtrace.reports.metrics.metric import Metric
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.why import Evidence, Why
from ringtrace.reports.why import why as ask_why
from ringtrace.web import access
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import Pairs, line_of, line_pairs, question_of, to_address
from ringtrace.web.shown import write_figure, write_interval
from ringtrace.web.templatetags.show import DASH, money

_CENTS = frozenset({"sale_cents", "refund_cents", "pipeline_cents", "cost_cents"})
_SECONDS = frozenset({"ring_secs", "talk_secs"})


class PartLine(Struct, frozen=True, kw_only=True):
    """One part of a formula; `url` shows its rows."""

    words: str
    text: str
    why: str
    rows: int
    url: str
    is_here: bool


class RowLine(Struct, frozen=True, kw_only=True):
    """A row of evidence. `call_id`: of the call whose page tells the rest."""

    of: str
    row_id: str
    call_id: str | None
    at_ms: int | None
    on_date: object
    text: str
    weight: float
    p: float | None
    reason: str | None
    kind: str | None
    status: str | None
    visit_id: str | None


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    asked = question_of(company, pairs_of(request), today_on(company))
    metric = _metric(request.GET.get("metric") or asked.question.metrics[0])
    line = line_of(asked.question.by, request.GET.getlist("line"))
    found = ask_why(
        asked.scope, asked.question, line, metric.name, part=_number(request, "part", 0), page=_number(request, "p", 1)
    )
    here = [*asked.pairs, ("metric", metric.name), *(line_pairs(asked.question.by, line) if line else ())]
    atom = metric.atoms[found.part]
    context = {
        "asked": asked,
        "span": asked.span,
        "problems": asked.problems,
        "metric": metric,
        "found": found,
        "line_words": line_words(asked.question.by, line),
        "figure": write_figure(metric, found.figure.value, company.currency),
        "interval": write_interval(metric, found.figure, company.currency),
        "parts": parts_of(metric, found, here, company.currency),
        "rows": rows_of(request, found, atom),
        "is_quantile": isinstance(atom, Quantile),
        "is_counted": metric.atoms == (atom,) and found.figure.value == found.parts[found.part].value,
        "model_words": MODELS[asked.question.model].meaning,
        "model_title": MODELS[asked.question.model].title,
        "back_url": f"{reverse('metrics')}?{asked.query}",
        "before_url": _page_url(here, found, found.page - 1) if found.page > 1 else "",
        "after_url": _page_url(here, found, found.page + 1) if found.page < found.pages else "",
        "made": found.made,
    }
    return render(request, "web/metrics_why.html", context)


def pairs_of(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, text) for name in request.GET for text in request.GET.getlist(name)]


def line_words(by: Sequence[str], line: Sequence[DimensionValue]) -> str:
    """`Channel is Email · Month is 2026-11`; "" for the total."""
    if not line:
        return ""
    return " · ".join(Filter(name, Operation.IS_IN, (value,)).words for name, value in zip(by, line, strict=True))


def parts_of(metric: Metric, found: Why, here: Pairs, currency: str) -> list[PartLine]:
    return [
        PartLine(
            words=part.words,
            text=write_atom(atom, part.value, currency),
            why=part.why,
            rows=part.rows,
            url="?" + to_address([*here, ("part", str(nth))]) + "#rows",
            is_here=nth == found.part,
        )
        for nth, (atom, part) in enumerate(zip(metric.atoms, found.parts, strict=True))
    ]


def rows_of(request: CompanyRequest, found: Why, atom: Atom) -> list[RowLine]:
    """The rows of the page, each with the call to open, where it is one of a call that this person may see."""
    ids = [row.row_id for row in found.rows if row.of == "response"]
    calls = set(access.access_calls(request.user, request.company).filter(pk__in=ids).values_list("pk", flat=True))
    return [_row(row, atom, calls, request.company.currency) for row in found.rows]


def _row(row: Evidence, atom: Atom, calls: Collection[str], currency: str) -> RowLine:
    return RowLine(
        of=row.of,
        row_id=row.row_id,
        call_id=row.row_id if row.row_id in calls else None,
        at_ms=row.at_ms,
        on_date=row.on_date,
        text=write_atom(atom, row.value, currency, places=3),
        weight=row.weight,
        p=row.p,
        reason=row.reason,
        kind=row.kind,
        status=row.status,
        visit_id=row.visit_id,
    )


def write_atom(atom: Atom, value: float | None, currency: str, places: int = 1) -> str:
    """What a part or a row comes to, in its unit; credit with `places` decimals."""
    column = getattr(atom, "column", "")
    if value is None:
        return DASH
    if column in _CENTS or getattr(atom, "is_value", False):
        return money(value, currency)
    if column in _SECONDS:
        return f"{value:,.0f} s" if float(value).is_integer() else f"{value:,.1f} s"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{places}f}"


def _metric(name: str) -> Metric:
    """Raises NotFound."""
    try:
        return find_metric(name)
    except BadInput as error:
        raise NotFound("There is no such metric.", hint=error.hint) from None


def _number(request: HttpRequest, name: str, usual: int) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else usual


def _page_url(here: Pairs, found: Why, page: int) -> str:
    return "?" + to_address([*here, ("part", str(found.part)), ("p", str(page))]) + "#rows"
