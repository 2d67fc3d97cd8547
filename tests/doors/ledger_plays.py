"""What a test in a browser does to a ledger, each in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.core.management import call_command

from ringtrace.core.clock import wall_clock
from ringtrace.web.links import do_make_link
from ringtrace.web.models import CallRow, TrackingNumber, User, VisitRow
from tests.doors.cast import make_call, make_cast, make_match, publish


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


_PLAYS: dict[str, Callable[..., str]] = {"make": _make, "ring": _ring, "finish": _finish}


def main() -> None:
    """`make`, `ring` or `finish CALL_ID`; prints what came of it."""
    print(_PLAYS[sys.argv[1]](*sys.argv[2:]))
