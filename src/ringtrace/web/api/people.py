"""Who belongs to a company and its account, in which role; and who is invited."""

from __future__ import annotations

from typing import Literal

from django.db.models import Q
from msgspec import Struct
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web.access import (
    access_invitation,
    access_invitations,
    access_members,
    access_person,
    access_seats,
    role_of,
)
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, TooHigh, company_of, user_of
from ringtrace.web.api.operations import PEOPLE, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.reading import Name, Word, one
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say
from ringtrace.web.invitations import do_invite, do_invite_again, do_revoke
from ringtrace.web.models import CompanySeat, Invitation, Membership, Role, User
from ringtrace.web.people import (
    RANKS,
    Actor,
    actor_of,
    check_role,
    do_change_place,
    do_give_seat,
    do_remove_place,
    do_remove_seat,
)

router = Router(tags=["people"])
HIGHEST_BY_SCOPED = Role.ANALYST
"""What a token with scopes makes of anybody at most: one that makes owners would be worth all scopes."""


class RoleBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`role`: owner (of the account alone), admin, analyst, agent, viewer. `agent_name`: what calls say of them."""

    role: Word
    agent_name: Word = ""


class InvitationBody(RoleBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`where`: a place in the whole account, or a seat in this company alone."""

    email: Name
    where: Literal["account", "company"] = "company"


class PersonOut(Struct, frozen=True, kw_only=True):
    """`role`: what they are in this company: by their seat here, `company_role`, else by `account_role`."""

    person_id: str
    email: str
    name: str
    is_active: bool
    role: str | None
    account_role: str | None
    company_role: str | None
    agent_name: str


class PeoplePage(Struct, frozen=True, kw_only=True):
    people: list[PersonOut]
    next: str | None


class InvitationOut(Struct, frozen=True, kw_only=True):
    invitation_id: str
    email: str
    role: str
    where: str
    agent_name: str
    made_at: str | None
    expires_at: str | None
    by: str | None


class InvitationPage(Struct, frozen=True, kw_only=True):
    invitations: list[InvitationOut]
    next: str | None


class Invited(Struct, frozen=True):
    """`link` leads them in, once: it is shown here and never again, and an e-mail takes it to them. null: the token
    has scopes, and the e-mail alone has it."""

    email: str
    link: str | None


@operation(router, "GET /people", "list_people", "Who belongs here", PEOPLE, answers=PeoplePage, rows="people")
def listed(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> PeoplePage:
    user, company = user_of(request), company_of(request)
    places = {row.user_id: row for row in access_members(user, company)}
    seats = {row.user_id: row for row in access_seats(user, company)}
    rows = User.objects.filter(Q(pk__in=list(places)) | Q(pk__in=list(seats)))
    found, following = page_of(rows, "", cursor, limit)
    people = [_person(request, row, places.get(row.pk), seats.get(row.pk)) for row in found]
    return PeoplePage(people=people, next=following)


@operation(
    router,
    "PUT /people/{person_id}/place",
    "set_place",
    "Change somebody's role in the account",
    PEOPLE,
    body=RoleBody,
    answers=PersonOut,
)
def set_place(request: ApiRequest, person_id: Id) -> PersonOut:
    one_person, body = _found(request, person_id), one(request, RoleBody)
    role = _role(request, body)
    say(request, role=role.value)
    do_change_place(_actor(request), _place(request, one_person), role, body.agent_name)
    return _again(request, person_id)


@operation(
    router,
    "DELETE /people/{person_id}/place",
    "remove_place",
    "Take somebody out of the account",
    PEOPLE,
    answers=Gone,
)
def remove_place(request: ApiRequest, person_id: Id) -> Gone:
    do_remove_place(_actor(request), _place(request, _found(request, person_id)))
    return Gone(person_id)


@operation(
    router,
    "PUT /people/{person_id}/seat",
    "give_seat",
    "Give somebody a role in this company alone",
    PEOPLE,
    body=RoleBody,
    answers=PersonOut,
)
def give_seat(request: ApiRequest, person_id: Id) -> PersonOut:
    one_person, body = _found(request, person_id), one(request, RoleBody)
    role = _role(request, body)
    say(request, role=role.value)
    do_give_seat(_actor(request), one_person, company_of(request), role, body.agent_name)
    return _again(request, person_id)


@operation(
    router,
    "DELETE /people/{person_id}/seat",
    "remove_seat",
    "Take somebody's role in this company alone away",
    PEOPLE,
    answers=Gone,
)
def remove_seat(request: ApiRequest, person_id: Id) -> Gone:
    seat = access_seats(user_of(request), company_of(request)).filter(user=_found(request, person_id)).first()
    if seat is None:
        raise NotFound("They have no seat in this company.", hint="Their role comes from the account.")
    _check_what_counts_again(request, seat)
    do_remove_seat(_actor(request), seat)
    return Gone(person_id)


@operation(
    router,
    "GET /invitations",
    "list_invitations",
    "Who is invited, the newest first",
    PEOPLE,
    answers=InvitationPage,
    rows="invitations",
)
def invitations(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> InvitationPage:
    rows = access_invitations(user_of(request), company_of(request)).distinct()
    found, following = page_of(rows, "made_ms", cursor, limit)
    return InvitationPage(invitations=[_invitation(request, row) for row in found], next=following)


@operation(router, "POST /invitations", "invite", "Invite somebody", PEOPLE, body=InvitationBody, answers=Invited)
def invite(request: ApiRequest) -> Invited:
    company, body = company_of(request), one(request, InvitationBody)
    role = _role(request, body)
    say(request, role=role.value, where=body.where)
    link = do_invite(
        _actor(request),
        company.account,
        company if body.where == "company" else None,
        body.email,
        role,
        body.agent_name,
        wall_clock(),
    )
    return _invited(request, body.email, link)


@operation(
    router,
    "POST /invitations/{invitation_id}/again",
    "invite_again",
    "Send an invitation again, by a new link",
    PEOPLE,
    answers=Invited,
)
def again(request: ApiRequest, invitation_id: Id) -> Invited:
    row = access_invitation(user_of(request), company_of(request), invitation_id)
    check_not_too_high(request, Role(row.role))
    return _invited(request, row.email, do_invite_again(_actor(request), row, wall_clock()))


@operation(
    router, "DELETE /invitations/{invitation_id}", "revoke_invitation", "Revoke an invitation", PEOPLE, answers=Gone
)
def revoke(request: ApiRequest, invitation_id: Id) -> Gone:
    do_revoke(_actor(request), access_invitation(user_of(request), company_of(request), invitation_id))
    return Gone(invitation_id)


def check_not_too_high(request: ApiRequest, role: Role) -> None:
    """Whether this token may lift somebody to this role. Raises TooHigh."""
    if request.auth.is_scoped and RANKS.index(role) > RANKS.index(HIGHEST_BY_SCOPED):
        raise TooHigh


def _check_what_counts_again(request: ApiRequest, seat: CompanySeat) -> None:
    """Without the seat it is the account's role, which may be higher. Raises TooHigh."""
    place = Membership.objects.filter(user=seat.user_id, account=company_of(request).account_id).first()
    if place is not None and RANKS.index(Role(place.role)) > RANKS.index(Role(seat.role)):
        check_not_too_high(request, Role(place.role))


def _role(request: ApiRequest, body: RoleBody) -> Role:
    role = check_role(body.role)
    check_not_too_high(request, role)
    return role


def _invited(request: ApiRequest, email: str, link: str) -> Invited:
    return Invited(email, None if request.auth.is_scoped else link)


def _actor(request: ApiRequest) -> Actor:
    company = company_of(request)
    return actor_of(user_of(request), company.account, company)


def _found(request: ApiRequest, person_id: str) -> User:
    return access_person(user_of(request), company_of(request), person_id)


def _place(request: ApiRequest, person: User) -> Membership:
    place = access_members(user_of(request), company_of(request)).filter(user=person).first()
    if place is None:
        raise NotFound("They have no place in the account.", hint="Invite them to it.")
    return place


def _again(request: ApiRequest, person_id: str) -> PersonOut:
    user, company, person = user_of(request), company_of(request), _found(request, person_id)
    place = access_members(user, company).filter(user=person).first()
    return _person(request, person, place, access_seats(user, company).filter(user=person).first())


def _person(request: ApiRequest, row: User, place: Membership | None, seat: CompanySeat | None) -> PersonOut:
    said = seat or place
    return PersonOut(
        person_id=str(row.pk),
        email=row.email,
        name=row.name,
        is_active=row.is_active,
        role=role_of(row, company_of(request)),
        account_role=place.role if place else None,
        company_role=seat.role if seat else None,
        agent_name=said.agent_name if said else "",
    )


def _invitation(request: ApiRequest, row: Invitation) -> InvitationOut:
    zone = company_of(request).zone
    return InvitationOut(
        invitation_id=row.pk,
        email=row.email,
        role=row.role,
        where="account" if row.company_id is None else "company",
        agent_name=row.agent_name,
        made_at=at(row.made_ms, zone),
        expires_at=at(row.expires_ms, zone),
        by=row.invited_by.email if row.invited_by else None,
    )
