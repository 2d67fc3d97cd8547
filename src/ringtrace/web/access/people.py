"""Who belongs to a company and its account, who is invited, and what everybody did: for owners and admins alone."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ringtrace.web.access.one import number, one
from ringtrace.web.access.rights import AnyUser, Right, access_companies
from ringtrace.web.models import AuditRow, Company, CompanySeat, Invitation, Membership, User


def access_members(user: AnyUser, company: Company) -> QuerySet[Membership]:
    """The places in the account of a company, in the order in which they were given."""
    account = access_companies(user, Right.CHANGE).filter(pk=company.pk).values("account")
    return Membership.objects.filter(account__in=account).select_related("user").order_by("pk")


def access_seats(user: AnyUser, company: Company) -> QuerySet[CompanySeat]:
    """The seats of a company, in the order in which they were given."""
    seats = CompanySeat.objects.filter(company=company, company__in=access_companies(user, Right.CHANGE))
    return seats.select_related("user").order_by("pk")


def access_person(user: AnyUser, company: Company, person_id: str) -> User:
    """Somebody with a place in the company's account, or with a seat in the company."""
    belongs = Q(pk__in=access_members(user, company).values("user"))
    sits = Q(pk__in=access_seats(user, company).values("user"))
    return one(User.objects.filter(belongs | sits, pk=number(person_id)), "person")


def access_invitations(user: AnyUser, company: Company) -> QuerySet[Invitation]:
    """Invitations to a company, and to its account for those who have a place there, the newest first."""
    rows = Invitation.objects.filter(account=company.account_id, accepted_ms=None)
    rows = rows.filter(account__companies__in=access_companies(user, Right.CHANGE).filter(pk=company.pk))
    places = Membership.objects.filter(user=user.pk, account=company.account_id, role__in=Right.CHANGE.roles)
    whole = Q(company=None) if places.exists() else Q(pk__in=[])
    return rows.filter(whole | Q(company=company)).select_related("company", "invited_by").order_by("-made_ms")


def access_invitation(user: AnyUser, company: Company, invitation_id: str) -> Invitation:
    return one(access_invitations(user, company).filter(pk=invitation_id), "invitation")


def access_audit(user: AnyUser, company: Company) -> QuerySet[AuditRow]:
    """What was done in a company, and what in its account is about no company, for those with a place there."""
    mine = Q(company=company, company__in=access_companies(user, Right.CHANGE))
    if access_members(user, company).filter(user=user.pk, role__in=Right.CHANGE.roles).exists():
        mine |= Q(company=None, account=company.account_id)
    return AuditRow.objects.filter(mine).order_by("-at_ms", "-pk")
