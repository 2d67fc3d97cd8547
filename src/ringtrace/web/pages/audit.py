"""The audit log: who changed, took out, saw and played what, and who signed in. The newest first."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.web.access import access_audit
from ringtrace.web.audit_words import words_of_what
from ringtrace.web.gate import CompanyRequest, for_admin
from ringtrace.web.models import AuditKind, AuditRow
from ringtrace.web.pages.overview import scope_of, today_on
from ringtrace.web.spans import PRESETS, Span, read_span

_A_PAGE = 100
_LONGEST = 254


class AuditLine(Struct, frozen=True, kw_only=True):
    at_ms: int
    actor: str
    token: str
    kind: str
    words: str
    about: str
    said: tuple[tuple[str, str], ...]


@for_admin
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    span = read_span(request.GET.dict(), today_on(request.company))
    chosen = _chosen(request)
    rows = _rows(request, span, chosen)
    found = list(_after(rows, request.GET.get("before", ""))[: _A_PAGE + 1])
    more = found[_A_PAGE - 1] if len(found) > _A_PAGE else None
    kept = {name: text for name, text in chosen.items() if text}
    context = {
        "span": span,
        "presets": PRESETS,
        "kinds": AuditKind.choices,
        "chosen": chosen,
        "lines": [_line(row) for row in found[:_A_PAGE]],
        "older": "" if more is None else f"{span.query}&{urlencode(kept | {'before': f'{more.at_ms}.{more.pk}'})}",
    }
    return render(request, "web/audit.html", context)


def _chosen(request: CompanyRequest) -> dict[str, str]:
    kind = request.GET.get("kind", "")
    return {
        "kind": kind if kind in AuditKind.values else "",
        "who": request.GET.get("who", "").strip()[:_LONGEST],
        "about": request.GET.get("about", "").strip()[:_LONGEST],
    }


def _rows(request: CompanyRequest, span: Span, chosen: dict[str, str]) -> QuerySet[AuditRow]:
    scope = scope_of(request.company, span)
    rows = access_audit(request.user, request.company).filter(at_ms__gte=scope.since_ms, at_ms__lt=scope.until_ms)
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["who"]:
        rows = rows.filter(Q(actor__icontains=chosen["who"]) | Q(token__icontains=chosen["who"]))
    if chosen["about"]:
        rows = rows.filter(about__contains=chosen["about"])
    return rows


def _after(rows: QuerySet[AuditRow], cursor: str) -> QuerySet[AuditRow]:
    """Older than `AT_MS.ID`. Raises BadInput."""
    if not cursor:
        return rows
    at_ms, _, pk = cursor.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (at_ms, pk)):
        raise BadInput("That page of the log does not exist.", hint="Start again from the newest line.")
    return rows.filter(Q(at_ms__lt=int(at_ms)) | Q(at_ms=int(at_ms), pk__lt=int(pk)))


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        at_ms=row.at_ms,
        actor=row.actor,
        token=row.token,
        kind=AuditKind(row.kind).label,
        words=words_of_what(row.kind, row.what),
        about=row.about,
        said=tuple((name.replace("_", " "), _plain(value)) for name, value in row.said.items()),
    )


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
