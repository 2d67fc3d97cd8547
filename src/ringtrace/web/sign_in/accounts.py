"""How allauth's accounts meet the house: closed to strangers, limited in guesses, and its e-mails go to our outbox."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from ringtrace.core.clock import wall_clock
from ringtrace.web.mail import do_queue_mail
from ringtrace.web.models import AuditKind, User
from ringtrace.web.sign_in.guesses import is_shut
from ringtrace.web.sign_in.notes import do_note_of

_ANYWHERE = "login_failed_anywhere"
_WORDS = {
    "account_inactive": "You are switched off here. Ask the owner of your account.",
    "email_password_mismatch": "This address and this password do not go together.",
    "enter_current_password": "That is not your password of now.",
    "incorrect_password": "That is not your password.",
    "too_many_login_attempts": "Too many tries. Wait a minute, then try again.",
    "rate_limited": "Too many tries. Wait a minute, then try again.",
    "invalid_password_reset": "This link has been used, or it is too old.",
}
_WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code of your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come by invitation or by their company's provider, never by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | _WORDS

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether to lead there after signing in: a page of the very host that was asked."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("me")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """By the address people use, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.WEB_URL + path.replace("UID-KEY", quote(key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context | {"address": settings.WEB_URL})
        do_queue_mail("account", email, message.subject, message.body, wall_clock())

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return [method | {"description": _WAYS.get(method["id"], method["description"])} for method in methods]

    # Guesses: few from one place for one address, more for one address from all places together. The latter are counted
    # in the audit log too, for people who are known: the cache forgets what strangers push out of it.

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{self.get_client_ip(request)} {_address_of(credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        address = _address_of(credentials)
        if is_shut(address, wall_clock()) or not ratelimit.consume(
            request, action=_ANYWHERE, key=address, dry_run=True
        ):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        address = _address_of(credentials)
        ratelimit.consume(request, action=_ANYWHERE, key=address)
        person = User.objects.filter(email=address).first()
        if person is not None:
            do_note_of(person, AuditKind.SIGN_IN, "sign_in_failed", by="password")


def _address_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).lower()
