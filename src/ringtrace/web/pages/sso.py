"""Single sign-on: the settings of a company's providers, and the way to one and back."""

from __future__ import annotations

from typing import cast

import requests
from allauth.decorators import rate_limit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web import audit
from ringtrace.web.access import access_sso_provider, access_sso_providers
from ringtrace.web.forms.reading import refuse
from ringtrace.web.forms.signing_in import AddressForm, FactorNeededForm, ProviderForm
from ringtrace.web.gate import CompanyRequest, for_owner
from ringtrace.web.models import SsoProvider
from ringtrace.web.sign_in.asking import Unasked
from ringtrace.web.sign_in.openid import OpenId
from ringtrace.web.sign_in.providers import (
    callback_address,
    do_remove_provider,
    do_save_provider,
    provider_for,
)


@for_owner
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _page(request, ProviderForm(account=request.company.account))


@for_owner
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    account = request.company.account
    form = ProviderForm(request.POST, account=account)
    if form.is_valid():
        try:
            row = do_save_provider(account, form.said, wall_clock())
        except BadInput as error:
            refuse(form, error)
        else:
            audit.say_about(request, row.pk)
            messages.success(request, gettext("Saved. Give the provider the callback address, then check it here."))
            return redirect("sso_provider", row.pk)
    return _page(request, form, status=422)


@for_owner
@require_POST
def factor(request: CompanyRequest) -> HttpResponse:
    """Whether everybody of the account needs a second factor."""
    form = FactorNeededForm(request.POST)
    account = request.company.account
    if form.is_valid():
        account.second_factor_needed = form.cleaned_data["second_factor_needed"]
        account.save(update_fields=["second_factor_needed"])
        audit.say(request, needed=account.second_factor_needed)
        messages.success(request, gettext("Saved."))
    return redirect("sso")


@for_owner
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: CompanyRequest, provider_id: str) -> HttpResponse:
    row = access_sso_provider(request.user, request.company, provider_id)
    initial = {name: getattr(row, name) for name in ("name", "issuer", "client_id", "joins_as")}
    form = ProviderForm(
        request.POST or None,
        account=row.account,
        provider=row,
        initial=initial | {"domains": "\n".join(row.domains)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            do_save_provider(row.account, form.said, wall_clock(), row)
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("sso_provider", row.pk)
    context = {
        "form": form,
        "provider": row,
        "callback": callback_address(row.pk),
        "checked": _check(request, row) if "check" in request.GET else None,
    }
    return render(request, "web/sso_provider.html", context, status=422 if form.errors else 200)


def _check(request: HttpRequest, row: SsoProvider) -> str:
    """What is wrong with what the provider says of itself; "" for nothing. Asks it: only on a GET."""
    try:
        OpenId(request, row.pk).openid_config  # noqa: B018  # reading it asks
    except (Unasked, OAuth2Error) as error:
        return str(error)
    except requests.RequestException:
        return "It cannot be reached at this issuer."
    return ""


@for_owner
@require_POST
def remove(request: CompanyRequest, provider_id: str) -> HttpResponse:
    do_remove_provider(access_sso_provider(request.user, request.company, provider_id))
    messages.success(request, gettext("Removed. Its people sign in by password or passkey from now on."))
    return redirect("sso")


def _page(request: CompanyRequest, form: ProviderForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "providers": access_sso_providers(request.user, request.company),
        "wrong": status != 200,
    }
    return render(request, "web/sso.html", context, status=status)


# The way to a provider and back: open to people who are not signed in.


@rate_limit(action="sso")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_address(request: HttpRequest) -> HttpResponse:
    """Asks for the address, and leads to the provider of its domain."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        provider = provider_for(form.cleaned_data["email"])
        if provider is not None:
            return _lead(request, provider.pk)
        form.add_error("email", "No company signs its people in here by addresses of this domain.")
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "web/sso_address.html", context, status=422 if form.errors else 200)


@rate_limit(action="sso")  # type: ignore[untyped-decorator]  # allauth has no types
@require_POST
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _lead(request, provider_id)


def _lead(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page that leads on: a form's own redirect may not leave this server (its `form-action`)."""
    try:
        provider = get_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise NotFound("There is no such provider.", hint="Go back to the sign-in page.") from None
    try:
        response = provider.redirect_from_request(request)
    except (OAuth2Error, requests.RequestException) as error:
        return cast("HttpResponse", render_authentication_error(request, provider, exception=error))
    if not isinstance(response, HttpResponseRedirect):
        return cast("HttpResponse", response)
    return render(request, "web/sso_leaving.html", {"name": provider.name, "address": response.url})


@rate_limit(action="sso")  # type: ignore[untyped-decorator]  # allauth has no types
@require_GET
@never_cache
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends people back to."""
    try:
        return cast("HttpResponse", OAuth2CallbackView.adapter_view(OpenId(request, provider_id))(request))
    except SocialApp.DoesNotExist:
        raise NotFound("There is no such provider.", hint="Go back to the sign-in page.") from None
