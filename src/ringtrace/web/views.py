"""Saved views: addresses of the metrics pages under a name. Whoever sees a company has views of their own; those that
are shared are made and changed by people who may change the company."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ringtrace.core.errors import BadInput
from ringtrace.web.access import Right, may
from ringtrace.web.models import Company, SavedView, User
from ringtrace.web.questions import to_address

MOST_VIEWS = 500
_LONGEST_NAME, _LONGEST_QUERY = 120, 8_000
PAGE = "page"
PAGES = {"": "metrics", "hours": "metrics_hours", "lifetime": "metrics_lifetime"}  # by what `page=` says


def may_change_view(user: User, view: SavedView) -> bool:
    """One's own unless it is shared; shared ones with the right to change the company."""
    is_own = view.made_by_id == user.pk and not view.is_shared
    return is_own or (view.is_shared and may(user, view.company, Right.CHANGE))


def do_save_view(company: Company, user: User, name: str, query: str, now_ms: int, *, is_shared: bool) -> SavedView:
    """A new view. Raises BadInput; PermissionDenied for sharing without the right."""
    if is_shared and not may(user, company, Right.CHANGE):
        raise PermissionDenied
    if SavedView.objects.filter(company=company).count() >= MOST_VIEWS:
        raise BadInput(f"There are {MOST_VIEWS} views already.", hint="Remove one first.")
    view = SavedView(
        company=company,
        name=_name(name),
        query=_query(query),
        made_by=user,
        is_shared=is_shared,
        made_ms=now_ms,
    )
    return _saved(view)


def do_change_view(view: SavedView, user: User, name: str) -> SavedView:
    """Another name. Raises BadInput, PermissionDenied."""
    _check(view, user)
    view.name = _name(name)
    return _saved(view)


def do_remove_view(view: SavedView, user: User) -> None:
    """Raises PermissionDenied, and BadInput where it is mailed: a report must not stop without anybody saying so."""
    _check(view, user)
    mailed = ", ".join(view.schedules.order_by("name").values_list("name", flat=True))
    if mailed:
        raise BadInput(
            f"This view is mailed: {mailed[:200]}.", hint="Change or remove that under Mailed reports first."
        )
    view.delete()


def address_of(view: SavedView) -> tuple[str, str]:
    """Name of the page that the view is of, and the query for it."""
    pairs = parse_qsl(view.query)
    place = next((text for name, text in pairs if name == PAGE), "")
    return PAGES.get(place, PAGES[""]), to_address(pair for pair in pairs if pair[0] != PAGE)


def _check(view: SavedView, user: User) -> None:
    if not may_change_view(user, view):
        raise PermissionDenied


def _name(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > _LONGEST_NAME or not kept.isprintable():
        raise BadInput("A view has a name.", hint=f"1 to {_LONGEST_NAME} characters.")
    return kept


def _query(query: str) -> str:
    kept = query.removeprefix("?")
    if len(kept) > _LONGEST_QUERY:
        raise BadInput("That address is too long to keep.", hint="Take some filters away.")
    return to_address(parse_qsl(kept))


def _saved(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise BadInput(f"There is a view {view.name[:60]!r} already.", hint="Choose another name.") from None
    return view
