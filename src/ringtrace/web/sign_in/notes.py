"""What the audit log says of signing in: a line for every account that the person has a place in."""

from __future__ import annotations

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import ratelimit
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.http import HttpRequest

from ringtrace.core.clock import wall_clock
from ringtrace.web.audit import do_note
from ringtrace.web.models import Account, AuditKind, User

_KINDS = {
    Authenticator.Type.TOTP.value: "app",
    Authenticator.Type.WEBAUTHN.value: "passkey",
    Authenticator.Type.RECOVERY_CODES.value: "recovery codes",
}


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


def connect() -> None:
    """Hears what allauth tells of; called once, when Django is ready."""
    account_signals.user_logged_in.connect(_signed_in, dispatch_uid="ringtrace")
    account_signals.password_changed.connect(_password_changed, dispatch_uid="ringtrace")
    account_signals.password_set.connect(_password_changed, dispatch_uid="ringtrace")
    account_signals.password_reset.connect(_password_reset, dispatch_uid="ringtrace")
    factor_signals.authenticator_added.connect(_factor_added, dispatch_uid="ringtrace")
    factor_signals.authenticator_removed.connect(_factor_removed, dispatch_uid="ringtrace")
    factor_signals.authenticator_reset.connect(_codes_made, dispatch_uid="ringtrace")
    factor_signals.authentication_failed.connect(_factor_failed, dispatch_uid="ringtrace")


def _signed_in(*, request: HttpRequest, user: User, **_more: object) -> None:
    """`by`: the steps in their order, such as `password, app`."""
    records = get_authentication_records(request, user)
    steps = [_step(record) for record in records if not record.get("reauthenticated")]
    do_note_of(user, AuditKind.SIGN_IN, "sign_in", by=", ".join(steps))


def _step(record: dict[str, str]) -> str:
    if record.get("method") == "mfa":
        return _KINDS.get(record.get("type", ""), "second factor").replace("codes", "code")
    return {"socialaccount": "provider"}.get(record.get("method", ""), record.get("method", ""))


def _password_changed(*, user: User, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "password_changed")


def _password_reset(*, request: HttpRequest, user: User, **_more: object) -> None:
    ratelimit.clear(request, action="login_failed_anywhere", key=user.email)
    do_note_of(user, AuditKind.CHANGE, "password_reset")


def _factor_added(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "factor_added", factor=_KINDS[authenticator.type])


def _factor_removed(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "factor_removed", factor=_KINDS[authenticator.type])


def _codes_made(*, user: User, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "recovery_codes_made")


def _factor_failed(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.SIGN_IN, "sign_in_failed", by=_KINDS[authenticator.type])
