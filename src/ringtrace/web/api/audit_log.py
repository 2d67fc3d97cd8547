"""The audit log: who did what."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Struct
from ninja import Router
from pydantic import Field

from ringtrace.web.access import access_audit
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.operations import PEOPLE, operation
from ringtrace.web.api.paging import USUAL, between, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Limit, Time
from ringtrace.web.api.reading import bounds
from ringtrace.web.models import AuditKind, AuditRow, Company

router = Router(tags=["audit log"])
Kind = Annotated[str, Field(pattern=f"^({'|'.join(AuditKind.values)})?$", description="What kind of line.")]


class AuditOut(Struct, frozen=True, kw_only=True):
    """`what`: the page's address or the operation, by name; `about`: the row it was done to; `token`: of the program
    that did it, null: a person did, on a page."""

    at: str | None
    at_ms: int
    kind: str
    what: str
    about: str | None
    actor: str
    token: str | None
    said: dict[str, Any]


class AuditPage(Struct, frozen=True, kw_only=True):
    lines: list[AuditOut]
    next: str | None


@operation(
    router, "GET /audit", "list_audit", "Who did what, the newest first", PEOPLE, answers=AuditPage, rows="lines"
)
def listed(
    request: ApiRequest,
    since: Time = "",
    until: Time = "",
    kind: Kind = "",
    what: Exactly = "",
    about: Exactly = "",
    actor: Exactly = "",
    token: Exactly = "",
    cursor: Cursor = "",
    limit: Limit = USUAL,
) -> AuditPage:
    company = company_of(request)
    rows = between(access_audit(user_of(request), company), "at_ms", bounds(company, since, until))
    rows = same(rows, kind=kind, what=what, about=about, actor=actor, token=token)
    found, following = page_of(rows, "at_ms", cursor, limit)
    return AuditPage(lines=[_out(row, company) for row in found], next=following)


def _out(row: AuditRow, company: Company) -> AuditOut:
    return AuditOut(
        at=at(row.at_ms, company.zone),
        at_ms=row.at_ms,
        kind=row.kind,
        what=row.what,
        about=row.about or None,
        actor=row.actor,
        token=row.token or None,
        said=row.said,
    )
