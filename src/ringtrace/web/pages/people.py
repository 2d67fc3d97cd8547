"""Settings, people: who belongs here, in which role; invited, changed and removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import access, audit
from ringtrace.web.access import Right
from ringtrace.web.forms.people import ONE, WHOLE, InviteForm, PlaceForm
from ringtrace.web.forms.reading import refuse, refuse_and_leave_out
from ringtrace.web.gate import CompanyRequest, for_admin
from ringtrace.web.invitations import VALID_DAYS, do_invite, do_invite_again, do_revoke
from ringtrace.web.models import CompanySeat, Membership, Role, User
from ringtrace.web.people import (
    RANKS,
    Actor,
    actor_of,
    do_change_place,
    do_give_seat,
    do_remove_place,
    do_remove_seat,
)


class PersonLine(Struct, frozen=True, kw_only=True):
    """Somebody with their role in the account and in this company; "" where they have none of their own."""

    user_id: int
    name: str
    email: str
    account_role: str
    company_role: str
    agent_name: str
    is_active: bool
    is_me: bool
    is_nameless_agent: bool
    has_second_factor: bool
    last_login: datetime | None


@for_admin
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request, _invite_form(request))


@for_admin
@require_POST
def invite(request: CompanyRequest) -> HttpResponse:
    """The link stands in the answer to this post, and never again."""
    form = _invite_form(request, request.POST)
    if form.is_valid():
        cleaned = form.cleaned_data
        company = request.company if cleaned["where"] == ONE else None
        try:
            link = do_invite(
                _actor(request),
                request.company.account,
                company,
                cleaned["email"],
                Role(cleaned["role"]),
                cleaned["agent_name"],
                wall_clock(),
            )
        except BadInput as error:
            refuse(form, error, "email")
        else:
            audit.say(request, role=cleaned["role"], where=cleaned["where"])
            return _render(request, _invite_form(request), fresh=(cleaned["email"], link))
    return _render(request, form, status=422)


@for_admin
@require_POST
def again(request: CompanyRequest, invitation_id: str) -> HttpResponse:
    row = access.access_invitation(request.user, request.company, invitation_id)
    try:
        link = do_invite_again(_actor(request), row, wall_clock())
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return redirect("people")
    return _render(request, _invite_form(request), fresh=(row.email, link))


@for_admin
@require_POST
def revoke(request: CompanyRequest, invitation_id: str) -> HttpResponse:
    row = access.access_invitation(request.user, request.company, invitation_id)
    try:
        do_revoke(_actor(request), row)
    except BadInput as error:
        refuse_and_leave_out(request, error)
    else:
        messages.success(request, f"The invitation to {row.email} is revoked. Its link leads nowhere from now on.")
    return redirect("people")


@for_admin
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: CompanyRequest, person_id: str) -> HttpResponse:
    """One person: their role in the account, and in this company alone."""
    one = access.access_person(request.user, request.company, person_id)
    if request.method != "POST":
        return _render_person(request, one)
    what = request.POST.get("what", "")
    if what in ("remove", "unseat"):
        return _remove(request, one, what)
    if what not in ("place", "seat"):
        raise BadInput("It was not said what to change.", hint="Choose by the buttons on the page.")
    form = _place_form(request, one, what, request.POST)
    if form.is_valid():
        try:
            _change(request, one, what, form.cleaned_data)
        except BadInput as error:
            refuse(form, error)
        else:
            where = WHOLE if what == "place" else ONE
            audit.say(request, role=form.cleaned_data["role"], where=where)
            messages.success(request, f"{one} is {Role(form.cleaned_data['role']).label.lower()} now.")
            return redirect("people")
    return _render_person(request, one, changed=(what, form), status=422)


def _change(request: CompanyRequest, one: User, what: str, cleaned: dict[str, Any]) -> None:
    role, name = Role(cleaned["role"]), cleaned["agent_name"]
    if what == "seat":
        do_give_seat(_actor(request), one, request.company, role, name)
        return
    place = _place(request, one)
    if place is None:
        raise BadInput(f"{one} has no place in the account.", hint="Invite them to the whole account.")
    do_change_place(_actor(request), place, role, name)


def _remove(request: CompanyRequest, one: User, what: str) -> HttpResponse:
    place, seat = _place(request, one), _seat(request, one)
    is_me, actor = one == request.user, _actor(request)
    try:
        if what == "remove" and place is not None:
            do_remove_place(actor, place)
        elif what == "unseat" and seat is not None:
            do_remove_seat(actor, seat)
        else:
            raise BadInput(f"{one} has none to take away.", hint="Somebody may have done it already.")
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return redirect("person", person_id=one.pk)
    audit.say(request, removed=WHOLE if what == "remove" else ONE)
    if is_me and _place(request, one) is None and _seat(request, one) is None:
        logout(request)
        return redirect("login")
    messages.success(request, f"{one} is removed." if what == "remove" else f"{one} has no seat here any more.")
    return redirect("people")


def _actor(request: CompanyRequest) -> Actor:
    return actor_of(request.user, request.company.account, request.company)


def _place(request: CompanyRequest, one: User) -> Membership | None:
    return access.access_members(request.user, request.company).filter(user=one).first()


def _seat(request: CompanyRequest, one: User) -> CompanySeat | None:
    return access.access_seats(request.user, request.company).filter(user=one).first()


def _offered(actor: Actor, *, in_company: bool) -> list[Role]:
    """The roles that this actor may give, the one that may do most first."""
    return [role for role in reversed(RANKS) if role is not Role.OWNER or (actor.is_owner and not in_company)]


def _invite_form(request: CompanyRequest, data: Any = None) -> InviteForm:
    actor = _actor(request)
    places = [(ONE, f"{request.company.name} alone")]
    if actor.account_role in Right.CHANGE.roles:
        places.insert(0, (WHOLE, f"All companies of {request.company.account.name}"))
    return InviteForm(data, places=places, roles=_offered(actor, in_company=False), initial={"role": Role.VIEWER.value})


def _place_form(request: CompanyRequest, one: User, what: str, data: Any = None) -> PlaceForm:
    row = _place(request, one) if what == "place" else _seat(request, one)
    initial = {"role": row.role, "agent_name": row.agent_name} if row else {"role": Role.VIEWER.value}
    roles = _offered(_actor(request), in_company=what == "seat")
    return PlaceForm(data, initial=initial, roles=roles, auto_id=f"id_{what}_%s")


def _render(
    request: CompanyRequest, form: InviteForm, *, fresh: tuple[str, str] | None = None, status: int = 200
) -> HttpResponse:
    now_ms = wall_clock()
    context = {
        "form": form,
        "people": _lines(request),
        "invitations": list(access.access_invitations(request.user, request.company)),
        "now_ms": now_ms,
        "days": VALID_DAYS,
        "fresh": fresh,
    }
    return render(request, "web/people.html", context, status=status)


def _lines(request: CompanyRequest) -> list[PersonLine]:
    """Those of the account in the order they came, then those with a seat alone."""
    places = {row.user_id: row for row in access.access_members(request.user, request.company)}
    seats = {row.user_id: row for row in access.access_seats(request.user, request.company)}
    people = {user_id: place.user for user_id, place in places.items()}
    people |= {user_id: seat.user for user_id, seat in seats.items()}
    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are none
    secure = set(Authenticator.objects.filter(user__in=people, type__in=factors).values_list("user", flat=True))
    return [
        _line(request, user, places.get(user_id), seats.get(user_id), has_second_factor=user_id in secure)
        for user_id, user in people.items()
    ]


def _line(
    request: CompanyRequest, user: User, place: Membership | None, seat: CompanySeat | None, *, has_second_factor: bool
) -> PersonLine:
    names = [row.agent_name for row in (seat, place) if row is not None and row.agent_name]
    role = seat.role if seat is not None else place.role if place is not None else ""
    return PersonLine(
        user_id=user.pk,
        name=user.name,
        email=user.email,
        account_role=place.get_role_display() if place else "",
        company_role=seat.get_role_display() if seat else "",
        agent_name=", ".join(dict.fromkeys(names)),
        is_active=user.is_active,
        is_me=user == request.user,
        is_nameless_agent=role == Role.AGENT and not names,
        has_second_factor=has_second_factor,
        last_login=user.last_login,
    )


def _render_person(
    request: CompanyRequest, one: User, *, changed: tuple[str, PlaceForm] | None = None, status: int = 200
) -> HttpResponse:
    place, seat, actor = _place(request, one), _seat(request, one), _actor(request)
    forms = {what: _place_form(request, one, what) for what in ("place", "seat")} | dict([changed] if changed else [])
    is_owner = place is not None and place.role == Role.OWNER
    context = {
        "one": one,
        "place": place,
        "seat": seat,
        "is_me": one == request.user,
        "is_owner": is_owner,
        "may_place": actor.account_role in Right.CHANGE.roles and (actor.is_owner or not is_owner),
        "place_form": forms["place"],
        "seat_form": forms["seat"],
        "tokens": one.tokens.filter(company__account=request.company.account_id).count(),
    }
    return render(request, "web/person.html", context, status=status)
