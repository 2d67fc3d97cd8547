"""What the audit log says of signing in: a line for every account that the person has a place in."""

from __future__ import annotations

from django.db.models import Q

from ringtrace.core.clock import wall_clock
from ringtrace.web.audit import do_note
from ringtrace.web.models import Account, AuditKind, User


def accounts_of(user: User) -> list[Account]:
    """The accounts in which a person has a place, be it a seat in one company alone."""
    places = Q(memberships__user=user) | Q(companies__seats__user=user)
    return list(Account.objects.filter(places).distinct())


def do_note_of(user: User, kind: AuditKind, what: str, **said: str) -> None:
    """One line in each of the person's accounts."""
    now_ms = wall_clock()
    accounts: list[Account | None] = [*accounts_of(user)] or [None]
    for account in accounts:
        do_note(kind, what, now_ms, user=user, account=account, said=said)
