"""allauth's views where ours differ: one transaction a change, every passkey one that signs in by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, password_set
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from ringtrace.web.sign_in.factors import passkeys_barred
from ringtrace.web.sign_in.proof import has_several_accounts, is_proven
from ringtrace.web.sign_in.providers import every_provider

View = Callable[..., HttpResponse]
_FEW = 1


def in_one(view: View) -> View:
    """Runs a POST in one transaction: the change, its e-mail and its line in the audit log, or none of them."""

    @wraps(view)
    def whole(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, **kwargs)
        with transaction.atomic():
            return view(request, **kwargs)

    return whole


def first_password(request: HttpRequest) -> HttpResponse:
    """Not in a session that a provider opened for somebody unproven: the password would outlast it."""
    if request.user.is_authenticated and has_several_accounts() and not is_proven(request.user):
        records = get_authentication_records(request, request.user)
        if any(record.get("method") == "socialaccount" for record in records):
            messages.error(request, gettext("Your company’s provider signed you in. Set a password by your mail."))
            return redirect("account_reset_password")
    response: HttpResponse = password_set(request)
    return response


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        providers = list(every_provider()[: _FEW + 1])
        context["provider"] = providers[0] if len(providers) == _FEW else None
        context["has_providers"] = bool(providers)
        context["next"] = get_next_redirect_url(self.request) or ""
        context["barred"] = passkeys_barred(self.request)
        return context


class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=get_next_redirect_url(self.request))
        response: HttpResponse = flows.perform_passwordless_login(self.request, authenticator, login)
        return response


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        context["barred"] = passkeys_barred(self.request)
        return context
