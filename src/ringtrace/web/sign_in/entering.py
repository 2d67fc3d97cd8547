"""Signing somebody in who came by a link of ours."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest

from ringtrace.web.models import AuditKind, User
from ringtrace.web.sign_in.notes import do_note_of

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def do_enter(request: HttpRequest, user: User, by: str) -> None:
    """Signs in whoever has proved to be `user` otherwise. `by`: how, for the audit log: link, wizard, invitation."""
    login(request, user, backend=_BACKEND)
    do_note_of(user, AuditKind.SIGN_IN, "sign_in", by=by)
