"""Imports: files and batches that were taken, and how far each has come."""

from __future__ import annotations

from msgspec import Struct
from ninja import Router

from ringtrace.web.access import access_companies
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.operations import READS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Limit
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


@operation(
    router, "GET /imports", "list_imports", "Imports, the newest first", READS, answers=ImportPage, rows="imports"
)
def listed(
    request: ApiRequest,
    what: Exactly = "",
    system: Exactly = "",
    state: Exactly = "",
    cursor: Cursor = "",
    limit: Limit = USUAL,
) -> ImportPage:
    company = company_of(request)
    rows = ImportRun.objects.filter(company=company, company__in=access_companies(user_of(request)))
    rows = same(rows, what=what, system=system, state=state)
    found, following = page_of(rows.select_related("by"), "began_ms", cursor, limit)
    return ImportPage(imports=[_out(row, company) for row in found], next=following)


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
