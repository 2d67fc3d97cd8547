"""What a test in a browser does to a ledger, each in a process of its own."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus

from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, URLResolver

from ringtrace.core.clock import wall_clock
from ringtrace.web.links import do_make_link
from ringtrace.web.models import CallRow, TrackingNumber, User, VisitRow
from ringtrace.web.urls import urlpatterns
from tests.doors.cast import Cast, found_cast, make_call, make_cast, make_match, publish
from tests.doors.rows import rows_of


def _make() -> str:
    call_command("migrate", verbosity=0)
    cast = make_cast()
    make_match(cast.call, cast.visit)
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    return do_make_link(wall_clock(), User.objects.get(email="alice@example.com"))


def _ring() -> str:
    return make_call(TrackingNumber.objects.get(), None, status="ringing", started_ms=wall_clock()).pk


def _finish(call_id: str) -> str:
    call = CallRow.objects.get(pk=call_id)
    call.status, call.talk_secs, call.attributed_by = "answered", 61.0, "visit"
    call.visit, call.p_visit, call.changed_ms = VisitRow.objects.get(), 0.91, wall_clock()
    call.ended_ms = call.changed_ms
    call.save()
    return call_id


def _addresses() -> str:
    """Every address that answers Alice with a page, as JSON; her rows stand in those that are about one."""
    settings.ALLOWED_HOSTS = ["*"]
    cast = found_cast()
    routes = list(_routes("", urlpatterns))
    addresses = ["/" + _filled(route, rows_of(cast, name)) for name, route in routes]
    return json.dumps(sorted({address for address in addresses if _is_page(cast, address)}))


def _routes(before: str, patterns: Iterable[object]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(before + str(pattern.pattern), pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), before + str(pattern.pattern)


def _filled(route: str, rows: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: rows.get(found[1], "none"), route)


def _is_page(cast: Cast, address: str) -> bool:
    if address.startswith(_LEAVES):
        return False
    answer = cast.alice.get(address)
    return answer.status_code == HTTPStatus.OK and b"<html" in getattr(answer, "content", b"")


_LEAVES = ("/api/", "/company/", "/hooks/", "/logout/", "/pop/stream/", "/welcome/")
_PLAYS: dict[str, Callable[..., str]] = {"make": _make, "ring": _ring, "finish": _finish, "addresses": _addresses}


def main() -> None:
    """`make`, `ring` or `finish CALL_ID`; prints what came of it."""
    print(_PLAYS[sys.argv[1]](*sys.argv[2:]))
