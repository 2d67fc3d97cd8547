"""Your account: name, password, passkeys, second factor, and where you are signed in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import cast
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from ringtrace.core.errors import NotFound
from ringtrace.web.forms.signing_in import NameForm
from ringtrace.web.gate import READING, CompanyRequest, current_company
from ringtrace.web.models import AuditKind
from ringtrace.web.sign_in.factors import accounts_that_wait, passkeys_barred
from ringtrace.web.sign_in.notes import do_note_of
from ringtrace.web.sign_in.seen import do_end, do_end_others, sittings

UTC = ZoneInfo("UTC")
_THIS_MACHINE = ("127.0.0.1", "[::1]")
View = Callable[[CompanyRequest], HttpResponse]


def ones_own(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """For pages about nobody but the person at hand: whoever has no company, or no second factor yet, comes in too."""

    @wraps(view)
    def gated(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        passed = cast("CompanyRequest", request)
        with suppress(NotFound):  # the page then stands without a menu
            passed.company = current_company(request)
        if request.method in READING:
            return view(passed)
        with transaction.atomic():
            return view(passed)

    return gated


@ones_own
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        messages.success(request, gettext("Your name is saved."))
        return redirect("me")
    own = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    kinds = Authenticator.Type
    waiting = accounts_that_wait(request.user)
    context = {
        "form": form,
        "passkeys": [each for each in own if each.type == kinds.WEBAUTHN],
        "app": next((each for each in own if each.type == kinds.TOTP), None),
        "codes": next((each for each in own if each.type == kinds.RECOVERY_CODES), None),
        "sittings": sittings(request, request.user),
        "barred": passkeys_barred(request),
        "local_address": _by_name(request),
        "own_zone": request.company.zone if hasattr(request, "company") else UTC,
        "waiting": waiting,
        "layout": "web/narrow.html" if waiting or not hasattr(request, "company") else "web/base.html",
    }
    return render(request, "web/me.html", context)


def _by_name(request: HttpRequest) -> str:
    """This page by `localhost` where it was opened by this machine's own address; "" elsewhere."""
    host, _, port = request.get_host().rpartition(":")
    return f"http://localhost:{port}{reverse('me')}" if host in _THIS_MACHINE else ""


@ones_own
@require_POST
def end_session(request: CompanyRequest) -> HttpResponse:
    """Signs one session out, or all others."""
    which = request.POST.get("session", "")
    if which == "others":
        count = do_end_others(request, request.user)
        messages.success(request, f"Signed out {count} other {'session' if count == 1 else 'sessions'}.")
    elif which.isdecimal() and len(which) < 18 and do_end(request.user, int(which)):
        count = 1
        messages.success(request, gettext("That session is signed out."))
    else:
        raise NotFound("There is no such session.", hint="It may be over already.")
    if count:
        do_note_of(request.user, AuditKind.SIGN_IN, "session_ended", sessions=str(count))
    return redirect("me")
