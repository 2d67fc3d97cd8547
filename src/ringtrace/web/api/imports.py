"""Imports: files and batches that were taken, and how far each has come."""

from __future__ import annotations

from django.http import HttpResponse
from msgspec import Struct
from ninja import Router

from ringtrace.web.access import access_companies
from ringtrace.web.api.answers import answer, at
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.describing import described
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.models import Company, ImportRun

router = Router(tags=["imports"])


class ImportOut(Struct, frozen=True, kw_only=True):
    """`rows`: how many were read so far. `missed`: outcomes that matched nothing."""

    import_id: str
    what: str
    system: str
    file_name: str
    state: str
    rows: int
    taken: int
    unchanged: int
    rejected: int
    missed: int
    began_at: str | None
    began_ms: int
    changed_at: str | None
    by: str | None


class ImportPage(Struct, frozen=True, kw_only=True):
    imports: list[ImportOut]
    next: str | None


@router.get("/imports", **described("list_imports", "Imports, the newest first", answers=ImportPage))
def listed(request: ApiRequest, cursor: str = "", limit: int = USUAL) -> HttpResponse:
    company = company_of(request)
    rows = ImportRun.objects.filter(company=company, company__in=access_companies(user_of(request)))
    found, following = page_of(rows.select_related("by"), "began_ms", cursor, limit)
    return answer(ImportPage(imports=[_out(row, company) for row in found], next=following))


def _out(row: ImportRun, company: Company) -> ImportOut:
    return ImportOut(
        import_id=row.pk,
        what=row.what,
        system=row.system,
        file_name=row.file_name,
        state=row.state,
        rows=row.place,
        taken=row.taken,
        unchanged=row.unchanged,
        rejected=row.rejected,
        missed=row.missed,
        began_at=at(row.began_ms, company.zone),
        began_ms=row.began_ms,
        changed_at=at(row.changed_ms, company.zone),
        by=row.by.email if row.by else None,
    )
