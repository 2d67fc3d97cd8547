"""Settings, name and logo: what an account shows in place of Ringtrace's. Its colour and logo are served from here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from ringtrace.core.errors import BadInput
from ringtrace.web import audit
from ringtrace.web.brand import do_set_brand, logo_of
from ringtrace.web.colours import check_colour, css_of, dark_shades, light_shades
from ringtrace.web.forms.agency import BrandForm
from ringtrace.web.gate import CompanyRequest, for_owner

_FOR_GOOD = "public, max-age=31536000, immutable"
_NO_SCRIPTS = "default-src 'none'; sandbox"


@for_owner
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest) -> HttpResponse:
    account = request.company.account
    initial = {"name": account.brand_name, "colour": account.brand_colour}
    form = BrandForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        logo = b"" if cleaned["without_logo"] else cleaned["logo"]
        do_set_brand(account, cleaned["name"], cleaned["colour"], logo)
        audit.say(request, fields=form.changed_data)
        messages.success(request, gettext("Saved. Everybody of the account sees it from now on."))
        return redirect("brand")
    colour = account.brand_colour
    context = {
        "form": form,
        "account": account,
        "shades": (light_shades(colour), dark_shades(colour)) if colour else (),
    }
    return render(request, "web/brand.html", context, status=422 if form.is_bound else 200)


@require_safe
def css(_request: HttpRequest, shade: str) -> HttpResponse:
    """The pages' colours, made of one: the same for whoever asks."""
    try:
        colour = check_colour(f"#{shade}")
    except BadInput as error:
        raise Http404 from error
    return _for_good(HttpResponse(css_of(colour), content_type="text/css; charset=utf-8"))


@require_safe
def logo(_request: HttpRequest, account_id: str, digest: str) -> HttpResponse:
    """Whoever knows its hash: browsers before signing in, and readers of e-mail."""
    found = logo_of(account_id, digest)
    if found is None:
        raise Http404
    body, kind = found
    return _for_good(HttpResponse(body, content_type=kind))


def _for_good(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = _FOR_GOOD
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _NO_SCRIPTS
    return response
