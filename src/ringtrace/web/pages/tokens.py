"""Settings, API tokens: listed, made and revoked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import audit
from ringtrace.web.access import access_token, access_tokens, rights_of
from ringtrace.web.forms.reading import refuse
from ringtrace.web.forms.tokens import TokenForm
from ringtrace.web.gate import CompanyRequest, for_member, for_members_row
from ringtrace.web.models import ApiToken
from ringtrace.web.tokens import check_may_revoke, do_make_token, do_revoke_token


class TokenLine(Struct, frozen=True, kw_only=True):
    """`may`: its scopes in words; "" where it may do everything its person may do."""

    row: Any
    may: str
    has_ended: bool


@for_member
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request, _form(request))


@for_member
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    """The token stands in the answer to this post, and never again."""
    form = _form(request, request.POST)
    if form.is_valid():
        cleaned, scopes = form.cleaned_data, form.chosen_scopes
        try:
            token = do_make_token(
                request.user, request.company, cleaned["name"], wall_clock(), scopes=scopes, days=cleaned["days"]
            )
        except BadInput as error:
            refuse(form, error, "name")
        else:
            audit.say(request, scopes=scopes, days=cleaned["days"])
            return _render(request, _form(request), fresh=token)
    return _render(request, form, status=422)


@for_members_row(access_token, "token_id")
@require_POST
def revoke(request: CompanyRequest, row: ApiToken) -> HttpResponse:
    check_may_revoke(request.user, row)
    do_revoke_token(row)
    messages.success(request, gettext("Token revoked. Whatever used it is refused from now on."))
    return redirect("tokens")


def _form(request: CompanyRequest, data: Any = None) -> TokenForm:
    return TokenForm(data, rights=rights_of(request.user, request.company))


def _render(request: CompanyRequest, form: TokenForm, *, fresh: str = "", status: int = 200) -> HttpResponse:
    now_ms = wall_clock()
    context = {
        "form": form,
        "lines": [_line(row, now_ms) for row in access_tokens(request.user, request.company)],
        "fresh": fresh,
        "address": f"{settings.WEB_URL}/api/v1/",
    }
    return render(request, "web/tokens.html", context, status=status)


def _line(row: ApiToken, now_ms: int) -> TokenLine:
    return TokenLine(
        row=row,
        may="" if row.scopes is None else ", ".join(row.scopes),
        has_ended=row.expires_ms is not None and row.expires_ms <= now_ms,
    )
