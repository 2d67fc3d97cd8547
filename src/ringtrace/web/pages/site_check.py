"""The installation check of a site: what a look at its page found, and what a visit by some link would see."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import access
from ringtrace.web.forms.reading import words_of
from ringtrace.web.gate import CompanyRequest, for_row
from ringtrace.web.models import Site
from ringtrace.web.site_check import (
    Checked,
    State,
    check_path,
    do_check_site,
    is_being_checked,
    last_check,
    seen_of,
    source_of_link,
    swaps_for,
)
from ringtrace.web.snippet_tag import script_tag
from ringtrace.web.when import DEVICES

_LONGEST = 2_000
_ASKED = ("path", "link", "referrer", "device")


@for_row(access.access_site, "site_id")
@require_safe
def page(request: CompanyRequest, site: Site) -> HttpResponse:
    """`now` in the address looks anew, outside any transaction: another server may take its time to answer."""
    asked = {name: request.GET.get(name, "")[:_LONGEST] for name in _ASKED}
    problem = ""
    if request.GET.get("now") and request.method == "GET":
        try:
            _look(request, site, asked["path"])
        except BadInput as error:
            problem = words_of(error)
        else:
            kept = _kept(asked)
            return redirect(reverse("site_check", args=[site.pk]) + (f"?{kept}" if kept else ""))
    return _render(request, site, asked, problem)


def _kept(asked: dict[str, str]) -> str:
    return urlencode({name: text for name, text in asked.items() if text})


def _look(request: CompanyRequest, site: Site, path: str) -> None:
    """Somebody who may change the site may have it looked at; again after a moment only."""
    if not access.may(request.user, request.company, access.Right.CHANGE):
        raise PermissionDenied
    do_check_site(site, check_path(path), wall_clock())


def _render(request: CompanyRequest, site: Site, asked: dict[str, str], problem: str) -> HttpResponse:
    checked, now_ms = last_check(site), wall_clock()
    devices = [name for name, _ in DEVICES]
    device = asked["device"] if asked["device"] in devices else devices[0]
    source = source_of_link(site, checked.url, asked["link"], asked["referrer"]) if checked else None
    context = {
        "site": site,
        "checked": checked,
        "checked_ms": checked.at_ms or site.checked_ms if checked else None,
        "is_being_checked": is_being_checked(site, now_ms),
        "kept_query": _kept(asked),
        "bad": _count(checked, State.BAD),
        "warned": _count(checked, State.WARN),
        "swaps": swaps_for(site, checked.printed, source, device) if checked and source else [],
        "source": source,
        "asked": asked | {"device": device, "path": asked["path"] or _path_of(checked)},
        "devices": DEVICES,
        "seen": seen_of(site, now_ms),
        "tag": script_tag(site),
        "others": [name for name, kind in checked.trackers.items() if kind != "swaps"] if checked else [],
        "problem": problem,
    }
    return render(request, "web/site_check.html", context, status=422 if problem else 200)


def _count(checked: Checked | None, state: State) -> int:
    return sum(one.state is state for one in checked.findings) if checked else 0


def _path_of(checked: Checked | None) -> str:
    return (urlsplit(checked.url).path or "/") if checked else "/"
