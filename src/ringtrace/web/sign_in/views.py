"""allauth's views where ours differ: one transaction a change, every passkey one that signs in by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ringtrace.web.sign_in.factors import passkeys_barred
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
