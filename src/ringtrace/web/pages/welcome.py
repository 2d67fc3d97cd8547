"""The link that works once: it leads to creating the owner, or signs somebody in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.web.links import do_use_link
from ringtrace.web.models import User
from ringtrace.web.sign_in.entering import do_enter

MAY_START = "may_start"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Only a real GET uses the link up: not a HEAD, nor a browser that loads ahead."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=204)
    link = do_use_link(request.GET.get("once", ""), wall_clock())
    if link is None:
        return render(request, "web/welcome_spent.html", {"has_owner": User.objects.exists()}, status=410)
    if link.user is not None and link.user.is_active:
        do_enter(request, link.user, by="link")
        return redirect("overview")
    if User.objects.exists():
        return render(request, "web/welcome_owned.html", status=409)
    request.session.cycle_key()
    request.session[MAY_START] = True
    return redirect("start_owner")
