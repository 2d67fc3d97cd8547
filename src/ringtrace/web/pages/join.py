"""The page that an invitation's link leads to. Looking at it does not use the link up; accepting does, once."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from ringtrace.core.clock import wall_clock
from ringtrace.web.access import Right, access_companies
from ringtrace.web.audit import do_note
from ringtrace.web.brand import Brand, brand_of
from ringtrace.web.forms.people import JoinForm
from ringtrace.web.gate import choose_company
from ringtrace.web.invitations import InvitationSpent, NotProven, Spent, do_accept, do_join_new, find_invitation
from ringtrace.web.models import AuditKind, Invitation, Role, User
from ringtrace.web.people import ROLE_WORDS
from ringtrace.web.sign_in.entering import do_enter
from ringtrace.web.sign_in.proof import needs_proof

_GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    token = (request.POST if request.method == "POST" else request.GET).get("token", "")
    try:
        row = find_invitation(token, wall_clock())
        person = User.objects.filter(email=row.email).first()
        if person is not None and not person.is_active:
            raise InvitationSpent(Spent.SWITCHED_OFF)
        if request.method != "POST":
            return _render(request, row, token, person, JoinForm(email=row.email))
        if person is None:
            return _join_new(request, row, token)
        return _join(request, row, token, person)
    except InvitationSpent as error:
        return render(request, "web/join_spent.html", {"why": error.why.value}, status=_GONE)


def _join_new(request: HttpRequest, row: Invitation, token: str) -> HttpResponse:
    form = JoinForm(request.POST, email=row.email)
    if not form.is_valid():
        return _render(request, row, token, None, form, status=422)
    try:
        person = do_join_new(row, form.cleaned_data["name"], form.cleaned_data["password"], wall_clock())
    except IntegrityError:  # the address was taken meanwhile: whoever has it signs in
        return redirect(_again(token))
    do_enter(request, person, by="invitation")
    return _welcome(request, row, person)


def _join(request: HttpRequest, row: Invitation, token: str, person: User) -> HttpResponse:
    """Somebody who signs in here already accepts as themselves, and nobody for them."""
    if request.user != person:
        return _render(request, row, token, person, JoinForm(email=row.email), status=403)
    try:
        do_accept(row, person, wall_clock(), request.session.session_key)
    except NotProven:
        return _render(request, row, token, person, JoinForm(email=row.email), status=403)
    return _welcome(request, row, person)


def _welcome(request: HttpRequest, row: Invitation, person: User) -> HttpResponse:
    said = {"role": row.role}
    do_note(AuditKind.CHANGE, "join", wall_clock(), user=person, company=row.company, account=row.account, said=said)
    mine = access_companies(person, Right.BELONG).filter(account=row.account)
    company = row.company or mine.first()
    if company is not None and mine.filter(pk=company.pk).exists():
        choose_company(request, company)
    messages.success(request, f"Welcome to {row.company or row.account}.")
    return redirect("overview")


def _again(token: str) -> str:
    return f"{reverse('join')}?{urlencode({'token': token})}"


def _render(
    request: HttpRequest, row: Invitation, token: str, person: User | None, form: JoinForm, status: int = 200
) -> HttpResponse:
    brand: Brand = brand_of(row.account_id)
    context = {
        "invitation": row,
        "where": row.company or row.account,
        "role_words": ROLE_WORDS[Role(row.role)],
        "token": token,
        "person": person,
        "is_them": person is not None and request.user == person,
        "is_unproven": person is not None and needs_proof(person, row.account),
        "is_another": request.user.is_authenticated and request.user != person,
        "sign_in": f"{reverse('login')}?{urlencode({'next': _again(token)})}",
        "form": form,
        "brand": brand,
    }
    return render(request, "web/join.html", context, status=status)
