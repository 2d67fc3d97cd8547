"""Connecting carriers, and mending what a refusal says is wrong with a connection."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from ringtrace.core.errors import BadInput
from ringtrace.web import edits
from ringtrace.web.access import access_connection
from ringtrace.web.actions import do_change_connection, do_connect_carrier
from ringtrace.web.forms.connections import ConnectForm, ConnectionForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import Connection
from ringtrace.web.pages.numbers import CONNECT_PREFIX, render_numbers


@for_company
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    form = ConnectForm(request.POST, prefix=CONNECT_PREFIX)
    if form.is_valid():
        try:
            do_connect_carrier(request.company, form.cleaned_data["carrier"], form.chosen_name, *form.secret_and_url)
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Carrier connected."))
            return redirect("numbers")
    return render_numbers(request, connecting=form, status=422)


@for_row(access_connection, "connection_id")
@require_POST
def change(request: CompanyRequest, connection: Connection) -> HttpResponse:
    form = ConnectionForm(request.POST, connection=connection)
    if form.is_valid():
        clash = edits.find_clash(request, connection, form, lambda: ConnectionForm(connection=connection))
        if clash is not None:
            return edits.show_clash(request, clash, title=connection.name, back=reverse("numbers"))
        cleaned = form.cleaned_data
        try:
            do_change_connection(connection, cleaned["name"], cleaned["public_url"], form.new_secret)
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, _said(cleaned))
            return redirect("numbers")
    return render_numbers(request, changing=(connection, form), status=422)


def _said(cleaned: dict[str, object]) -> str:
    if cleaned.get("renew"):
        return "Connection saved. Write Kamailio's configuration anew: the old secret is refused from now on."
    return "Connection saved."
