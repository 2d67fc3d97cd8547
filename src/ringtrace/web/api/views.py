"""Saved views: questions with a name; shared ones, and one's own."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.web.access import access_view, access_views
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import KEEPS, READS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Flag, Id, Limit
from ringtrace.web.api.reading import Word, one
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.models import Company, SavedView
from ringtrace.web.views import do_change_view, do_remove_view, do_save_view

router = Router(tags=["views"])


class ViewBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`query`: what stands in the page's address after the question mark. `is_shared`: with everybody who sees the
    company, which takes the right to change it."""

    name: Word
    query: Annotated[str, Meta(max_length=8_000)]
    is_shared: bool = False


class ViewNameBody(Struct, frozen=True, forbid_unknown_fields=True):
    name: Word


class ViewOut(Struct, frozen=True, kw_only=True):
    """`query`: what a report's address takes, as it stands in the page's."""

    view_id: str
    name: str
    query: str
    is_shared: bool
    made_at: str | None


class ViewList(Struct, frozen=True, kw_only=True):
    views: list[ViewOut]
    next: str | None


@operation(
    router,
    "GET /views",
    "list_views",
    "Saved views, shared ones and one's own, the newest first",
    READS,
    answers=ViewList,
    rows="views",
)
def listed(request: ApiRequest, is_shared: Flag = None, cursor: Cursor = "", limit: Limit = USUAL) -> ViewList:
    company = company_of(request)
    rows = same(access_views(user_of(request), company), is_shared=is_shared)
    found, following = page_of(rows, "made_ms", cursor, limit)
    return ViewList(views=[_out(row, company) for row in found], next=following)


@operation(router, "POST /views", "save_view", "Save a view", KEEPS, body=ViewBody, answers=ViewOut)
def save(request: ApiRequest) -> ViewOut:
    company, body = company_of(request), one(request, ViewBody)
    view = do_save_view(company, user_of(request), body.name, body.query, wall_clock(), is_shared=body.is_shared)
    say_about(request, view.pk)
    return _out(view, company)


@operation(router, "PATCH /views/{view_id}", "rename_view", "Rename a view", KEEPS, body=ViewNameBody, answers=ViewOut)
def rename(request: ApiRequest, view_id: Id) -> ViewOut:
    body = one(request, ViewNameBody)
    return _out(do_change_view(_view(request, view_id), user_of(request), body.name), company_of(request))


@operation(router, "DELETE /views/{view_id}", "remove_view", "Remove a view", KEEPS, answers=Gone)
def remove(request: ApiRequest, view_id: Id) -> Gone:
    do_remove_view(_view(request, view_id), user_of(request))
    return Gone(view_id)


def _view(request: ApiRequest, view_id: str) -> SavedView:
    return own(request, access_view(user_of(request), view_id), "view")


def _out(row: SavedView, company: Company) -> ViewOut:
    return ViewOut(
        view_id=row.pk,
        name=row.name,
        query=row.query,
        is_shared=row.is_shared,
        made_at=at(row.made_ms, company.zone),
    )
