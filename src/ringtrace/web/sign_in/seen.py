"""Where people are signed in: a row a session, with its device and when it was last seen."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from msgspec import Struct

from ringtrace.core.clock import MINUTE_MS, wall_clock
from ringtrace.web.models import User

_KEY = "seen_ms"
_EVERY_MS = 5 * MINUTE_MS
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class Sitting(Struct, frozen=True, kw_only=True):
    """A session as its person sees it. `seen_ms` is right to five minutes."""

    session_id: int
    device: str
    address: str
    since_ms: int
    seen_ms: int
    is_this: bool


class LastSeen:
    """Notes that a session is in use, every five minutes at most: pages that ask by themselves write nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.session.session_key and request.user.is_authenticated:
            now_ms = wall_clock()
            if now_ms - request.session.get(_KEY, 0) >= _EVERY_MS:
                request.session[_KEY] = now_ms
                UserSession.objects.create_from_request(request)
        return response


def sittings(request: HttpRequest, user: User) -> list[Sitting]:
    """Where a person is signed in, the last seen first; what has ended is forgotten by the way."""
    live = UserSession.objects.purge_and_list(user)
    return [_sitting(row, request) for row in sorted(live, key=lambda row: row.last_seen_at, reverse=True)]


def do_end(user: User, session_id: int) -> bool:
    """Signs a session of theirs out; False if it is over, or not theirs."""
    row = UserSession.objects.filter(user=user, pk=session_id).first()
    if row is None:
        return False
    row.end()
    return True


def do_end_others(request: HttpRequest, user: User) -> int:
    """Signs out every session but the one of this request; returns how many."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key))
    for row in others:
        row.end()
    return len(others)


def device_of(user_agent: str) -> str:
    """`Firefox on Windows`, as far as the browser says."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or "Unknown device"


def _sitting(row: UserSession, request: HttpRequest) -> Sitting:
    return Sitting(
        session_id=row.pk,
        device=device_of(row.user_agent),
        address=row.ip,
        since_ms=round(row.created_at.timestamp() * 1000),
        seen_ms=round(row.last_seen_at.timestamp() * 1000),
        is_this=row.session_key == request.session.session_key,
    )
