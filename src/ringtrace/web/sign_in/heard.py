"""What allauth tells of, and what follows from it: lines in the audit log, proofs of addresses, warnings of guesses."""

from __future__ import annotations

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import ratelimit
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from ringtrace.core.clock import wall_clock
from ringtrace.web.models import AuditKind, User
from ringtrace.web.sign_in.guesses import do_warn_of_guesses
from ringtrace.web.sign_in.notes import do_note_of
from ringtrace.web.sign_in.proof import do_prove_by_mail

_KINDS = {
    Authenticator.Type.TOTP.value: "app",
    Authenticator.Type.WEBAUTHN.value: "passkey",
    Authenticator.Type.RECOVERY_CODES.value: "recovery codes",
}


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
    do_prove_by_mail(user)


def _factor_added(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "factor_added", factor=_KINDS[authenticator.type])


def _factor_removed(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "factor_removed", factor=_KINDS[authenticator.type])


def _codes_made(*, user: User, **_more: object) -> None:
    do_note_of(user, AuditKind.CHANGE, "recovery_codes_made")


def _factor_failed(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    do_note_of(user, AuditKind.SIGN_IN, "sign_in_failed", by=_KINDS[authenticator.type])
    do_warn_of_guesses(user, wall_clock())
