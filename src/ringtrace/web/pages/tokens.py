"""Settings, API tokens: listed, made and revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web.access import access_token, access_tokens
from ringtrace.web.forms.reading import refuse
from ringtrace.web.forms.tokens import TokenForm
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import ApiToken
from ringtrace.web.tokens import do_make_token, do_revoke_token


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request, TokenForm())


@for_company
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    """The token stands in the answer to this post, and never again."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token = do_make_token(request.user, request.company, form.cleaned_data["name"], wall_clock())
        except BadInput as error:
            refuse(form, error, "name")
        else:
            return _render(request, TokenForm(), fresh=token)
    return _render(request, form, status=422)


@for_row(access_token, "token_id")
@require_POST
def revoke(request: CompanyRequest, row: ApiToken) -> HttpResponse:
    do_revoke_token(row)
    messages.success(request, "Token revoked. Whatever used it is refused from now on.")
    return redirect("tokens")


def _render(request: CompanyRequest, form: TokenForm, *, fresh: str = "", status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "tokens": access_tokens(request.user, request.company),
        "fresh": fresh,
        "address": f"{settings.WEB_URL}/api/v1/",
    }
    return render(request, "web/tokens.html", context, status=status)
