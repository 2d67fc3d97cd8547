"""Who belongs to an account, and who has a seat in one of its companies: roles changed, and people removed.

Only owners make and unmake owners, admins manage everybody else, nobody raises their own role, and the last owner
stays. A seat's role takes the place of the account's role in that one company; owners have none.
"""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.web.access import Right
from ringtrace.web.models import Account, ApiToken, Company, CompanySeat, Invitation, Membership, Role, User

LONGEST_AGENT_NAME = 120
LONGEST_PERSONS_NAME = 100
RANKS = (Role.AGENT, Role.VIEWER, Role.ANALYST, Role.ADMIN, Role.OWNER)
"""The roles, the one that may do most last."""
ROLE_WORDS = {
    Role.OWNER: "everything, and who else owns the account",
    Role.ADMIN: "everything but what is the owners’ alone",
    Role.ANALYST: "sees all reports and calls, and says what came of them",
    Role.AGENT: "sees the calls they answered, and says what came of them",
    Role.VIEWER: "sees all reports and calls, without callers’ numbers",
}

_NOT_YOURS = "Only an owner or an admin of the account can do this."


class Actor(Struct, frozen=True, kw_only=True):
    """Who does it: a person, by their roles in the account and in the company. `user` None: whoever runs the command
    line, who may do anything."""

    user: User | None
    account_role: Role | None
    company_role: Role | None

    @property
    def is_owner(self) -> bool:
        return self.account_role is Role.OWNER


BY_COMMAND = Actor(user=None, account_role=Role.OWNER, company_role=Role.OWNER)


def actor_of(user: User, account: Account, company: Company | None) -> Actor:
    """`company` None: what they may do in the account as a whole."""
    place = Membership.objects.filter(user=user, account=account).first() if user.is_active else None
    account_role = Role(place.role) if place else None
    if company is None:
        return Actor(user=user, account_role=account_role, company_role=account_role)
    seat = CompanySeat.objects.filter(user=user, company=company).first() if user.is_active else None
    return Actor(user=user, account_role=account_role, company_role=Role(seat.role) if seat else account_role)


def check_role(text: str) -> Role:
    if text not in Role.values:
        raise BadInput(f"{text[:30]!r} is not a role.", hint=f"One of {', '.join(Role.values)}.")
    return Role(text)


def tidy_name(text: str) -> str:
    """What people call themselves, in one line and of what can be read: it stands in our e-mails."""
    line = " ".join(text.split())
    return "".join(filter(str.isprintable, line))[:LONGEST_PERSONS_NAME].strip()


def check_agent_name(text: str) -> str:
    """As calls say it; "" for none."""
    said = " ".join(text.split())
    if len(said) > LONGEST_AGENT_NAME or not said.isprintable():
        raise BadInput(
            "That is no name of an agent.", hint=f"At most {LONGEST_AGENT_NAME} characters, as calls say it."
        )
    return said


def check_may_place(actor: Actor, role: Role, *, in_company: bool) -> None:
    """Whether `actor` may give somebody this role, or take it from them, in the account or in one company."""
    if role is Role.OWNER and (in_company or not actor.is_owner):
        words = "Nobody owns one company alone." if in_company else "Only an owner makes or unmakes owners."
        raise BadInput(words, hint="Choose another role." if in_company else "Ask one of the owners.")
    if (actor.company_role if in_company else actor.account_role) not in Right.CHANGE.roles:
        raise BadInput(_NOT_YOURS, hint="Ask one of them.")


def check_no_higher(actor: Actor, user: User, was: Role, role: Role) -> None:
    """Nobody raises their own role."""
    if actor.user == user and RANKS.index(role) > RANKS.index(was):
        raise BadInput("Nobody can raise their own role.", hint="Ask another owner or admin.")


def check_not_last_owner(place: Membership) -> None:
    """Inside the transaction that takes the role away; it holds the account until then."""
    Account.objects.select_for_update().only("pk").get(pk=place.account_id)
    others = Membership.objects.filter(account=place.account_id, role=Role.OWNER, user__is_active=True)
    if place.role == Role.OWNER and not others.exclude(pk=place.pk).exists():
        raise BadInput("This is the last owner of the account.", hint="Make somebody else an owner first.")


@transaction.atomic
def do_change_place(actor: Actor, place: Membership, role: Role, agent_name: str) -> None:
    """Somebody's role in the account, and what calls call them. Raises BadInput."""
    was, name = Role(place.role), check_agent_name(agent_name)
    for each in (was, role):
        check_may_place(actor, each, in_company=False)
    check_no_higher(actor, place.user, was, role)
    _check_own_name(actor, place.user, was, place.agent_name, name)
    if role is not Role.OWNER:
        check_not_last_owner(place)
    else:
        CompanySeat.objects.filter(user=place.user, company__account=place.account_id).delete()
    place.role, place.agent_name = role, name
    place.save(update_fields=["role", "agent_name"])


@transaction.atomic
def do_give_seat(actor: Actor, user: User, company: Company, role: Role, agent_name: str) -> CompanySeat:
    """A role in this company alone, in place of the one there was. Raises BadInput."""
    name = check_agent_name(agent_name)
    check_may_place(actor, role, in_company=True)
    seat = CompanySeat.objects.filter(user=user, company=company).first()
    place = Membership.objects.filter(user=user, account=company.account_id).first()
    if place is not None and place.role == Role.OWNER:
        raise BadInput(f"{user} owns the account.", hint="Owners are owners in each of its companies.")
    was = seat or place
    if was is not None:
        check_no_higher(actor, user, Role(was.role), role)
        _check_own_name(actor, user, Role(was.role), was.agent_name, name)
    made, _ = CompanySeat.objects.update_or_create(
        user=user, company=company, defaults={"role": role, "agent_name": name}
    )
    return made


def _check_own_name(actor: Actor, user: User, role: Role, was: str, name: str) -> None:
    if actor.user == user and role is Role.AGENT and name != was:
        raise BadInput("Nobody changes by which calls they are known.", hint="Ask an owner or an admin.")


@transaction.atomic
def do_remove_place(actor: Actor, place: Membership) -> None:
    """Somebody leaves the account with its companies: seats, tokens, invitations and sessions end. Raises BadInput."""
    check_may_place(actor, Role(place.role), in_company=False)
    check_not_last_owner(place)
    user, account = place.user, place.account_id
    CompanySeat.objects.filter(user=user, company__account=account).delete()
    Invitation.objects.filter(invited_by=user, account=account, accepted_ms=None).delete()
    place.delete()
    _end_keys(user, Company.objects.filter(account=account))


@transaction.atomic
def do_remove_seat(actor: Actor, seat: CompanySeat) -> None:
    """Somebody's own role in one company ends; what their account gives them there counts again. Raises BadInput."""
    check_may_place(actor, Role(seat.role), in_company=True)
    place = Membership.objects.filter(user=seat.user, account=seat.company.account_id).first()
    if place is not None:
        check_no_higher(actor, seat.user, Role(seat.role), Role(place.role))
    user, company = seat.user, seat.company
    seat.delete()
    if place is None:
        Invitation.objects.filter(invited_by=user, company=company, accepted_ms=None).delete()
        _end_keys(user, Company.objects.filter(pk=company.pk))


def _end_keys(user: User, companies: QuerySet[Company]) -> None:
    """Tokens for these companies, and whatever the person is signed in by."""
    ApiToken.objects.filter(user=user, company__in=companies).delete()
    do_end_sessions(user)


def do_end_sessions(user: User, but: str | None = None) -> None:
    """Signs somebody out wherever they are signed in. `but`: the key of a session that stays."""
    live = Session.objects.filter(expire_date__gte=timezone.now()).exclude(pk=but or "").iterator()
    keys = [row.pk for row in live if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=keys).delete()
