"""Choosing which company to look at."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ringtrace.web.access import Right, access_company
from ringtrace.web.gate import choose_company


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    choose_company(request, access_company(request.user, request.POST.get("company", ""), Right.BELONG))
    return redirect("overview")
