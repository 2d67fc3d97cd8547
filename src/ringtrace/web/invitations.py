"""Invitations: a link that leads somebody to a place in an account, or to a seat in one company. It works once."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput
from ringtrace.web.brand import brand_of
from ringtrace.web.mail import do_queue_mail
from ringtrace.web.models import Account, Company, CompanySeat, Invitation, MailRow, Membership, Role, User
from ringtrace.web.people import ROLE_WORDS, Actor, actor_of, check_agent_name, check_may_place, tidy_name
from ringtrace.web.sign_in.proof import do_enter_account, is_strange, needs_proof

VALID_DAYS = 7
MOST_WAITING = 200
MOST_MAILS_A_DAY = 5
"""To one address, by all who invite it."""
_RANDOM_BYTES = 32
_LONGEST = 100
_KIND = "invitation"


class Spent(StrEnum):
    """Why a link leads nowhere."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    COMPANY_REMOVED = "company_removed"
    NOT_ALLOWED = "not_allowed"
    SWITCHED_OFF = "switched_off"


class InvitationSpent(Exception):
    """A link that leads nowhere, or does not any more."""

    def __init__(self, why: Spent) -> None:
        super().__init__(why.value)
        self.why = why


class NotProven(Exception):
    """Somebody of another account has to show first that the address is theirs."""


def check_email(text: str) -> str:
    """As accounts know it: lower case. Raises BadInput."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput("That is no e-mail address.", hint="Write it like ann@example.com.") from error
    return email


def waiting(account: Account, company: Company | None, now_ms: int) -> QuerySet[Invitation]:
    """Invitations that somebody could still accept, the newest first. `company` None: to the whole account alone."""
    mine = Q(company=None) if company is None else Q(company=None) | Q(company=company)
    live = Invitation.objects.filter(mine, account=account, accepted_ms=None, expires_ms__gt=now_ms)
    return live.select_related("invited_by", "company").order_by("-made_ms", "token_hash")


@transaction.atomic
def do_invite(
    actor: Actor, account: Account, company: Company | None, email: str, role: Role, agent_name: str, now_ms: int
) -> str:
    """The link in clear, returned now and never again; an e-mail takes it to whom it is for. Raises BadInput.

    `company`: a seat in that one alone; None: a place in the account. One that waits for the same address and the same
    place is replaced.
    """
    address, name = check_email(email), check_agent_name(agent_name)
    check_may_place(actor, role, in_company=company is not None)
    _check_new(account, company, address)
    _check_mails(address, now_ms)
    Invitation.objects.filter(account=account, company=company, email=address, accepted_ms=None).delete()
    if Invitation.objects.filter(account=account, accepted_ms=None, expires_ms__gt=now_ms).count() >= MOST_WAITING:
        raise BadInput(f"{MOST_WAITING} invitations wait already.", hint="Revoke those that nobody needs.")
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    row = Invitation.objects.create(
        token_hash=_hash(token),
        account=account,
        company=company,
        email=address,
        role=role,
        agent_name=name,
        invited_by=actor.user,
        made_ms=now_ms,
        expires_ms=now_ms + VALID_DAYS * DAY_MS,
    )
    link = f"{settings.WEB_URL.rstrip('/')}{reverse('join')}?{urlencode({'token': token})}"
    _queue(row, link, now_ms)
    return link


def _check_new(account: Account, company: Company | None, email: str) -> None:
    """Whether this address has the place already. Raises BadInput."""
    place = Membership.objects.filter(account=account, user__email=email).first()
    if place is not None and (company is None or place.role == Role.OWNER):
        raise BadInput(f"{email} belongs to the account already.", hint="Change the role in the list.")
    if company is not None and CompanySeat.objects.filter(company=company, user__email=email).exists():
        raise BadInput(f"{email} has a seat in this company already.", hint="Change the role in the list.")


def _check_mails(email: str, now_ms: int) -> None:
    sent = MailRow.objects.filter(to=email, kind=_KIND, made_ms__gt=now_ms - DAY_MS)
    if sent.count() >= MOST_MAILS_A_DAY:
        raise BadInput(
            f"{email} was sent {MOST_MAILS_A_DAY} invitations within a day.",
            hint="The newest of each place still counts. Try again tomorrow.",
        )


@transaction.atomic
def do_invite_again(actor: Actor, row: Invitation, now_ms: int) -> str:
    """The same invitation by a new link; the one before leads nowhere from now on. Raises BadInput."""
    return do_invite(actor, row.account, row.company, row.email, Role(row.role), row.agent_name, now_ms)


def do_revoke(actor: Actor, row: Invitation) -> None:
    """Its link leads nowhere from now on. Raises BadInput."""
    check_may_place(actor, Role(row.role), in_company=row.company is not None)
    row.delete()


def find_invitation(token: str, now_ms: int) -> Invitation:
    """The invitation of this link. Looking does not use it up. Raises InvitationSpent."""
    rows = Invitation.objects.select_related("company", "invited_by", "account").defer("account__brand_logo")
    row = rows.filter(pk=_hash(token)).first() if len(token) <= _LONGEST else None
    if row is None:
        raise InvitationSpent(Spent.UNKNOWN)
    _check_live(row, now_ms)
    return row


def _check_live(row: Invitation, now_ms: int) -> None:
    if row.accepted_ms is not None:
        raise InvitationSpent(Spent.USED)
    if row.expires_ms <= now_ms:
        raise InvitationSpent(Spent.EXPIRED)
    if row.company is not None and row.company.removed_ms is not None:
        raise InvitationSpent(Spent.COMPANY_REMOVED)
    if row.invited_by is not None:
        try:
            actor = actor_of(row.invited_by, row.account, row.company)
            check_may_place(actor, Role(row.role), in_company=row.company is not None)
        except BadInput as error:
            raise InvitationSpent(Spent.NOT_ALLOWED) from error


@transaction.atomic
def do_accept(row: Invitation, user: User, now_ms: int, session_key: str | None = None) -> None:
    """Gives somebody who was here already the place; one that they have stays as it is. Raises InvitationSpent, and
    NotProven where they have to prove their address first. `session_key`: of the session in which they accept."""
    if needs_proof(user, row.account):
        raise NotProven
    is_new = is_strange(user, row.account)
    _do_place(row, user, now_ms)
    if is_new:
        do_enter_account(user, session_key)


def _do_place(row: Invitation, user: User, now_ms: int) -> None:
    live = Invitation.objects.filter(pk=row.pk, accepted_ms=None, expires_ms__gt=now_ms)
    if live.update(accepted_ms=now_ms) != 1:  # the conditional update decides between two at once
        raise InvitationSpent(Spent.USED)
    said = {"role": row.role, "agent_name": row.agent_name}
    if row.company is None:
        Membership.objects.get_or_create(user=user, account=row.account, defaults=said)
    elif not Membership.objects.filter(user=user, account=row.account, role=Role.OWNER).exists():
        CompanySeat.objects.get_or_create(user=user, company=row.company, defaults=said)


@transaction.atomic
def do_join_new(row: Invitation, name: str, password: str, now_ms: int) -> User:
    """A new person with the place. Their address is not proven: whoever invited them saw the link too.
    Raises InvitationSpent, and IntegrityError where the address signs in already."""
    user = User.objects.create_user(row.email, password, name=tidy_name(name))
    _do_place(row, user, now_ms)
    return user


def _queue(row: Invitation, link: str, now_ms: int) -> None:
    brand = brand_of(row.account_id)
    context = {
        "who": tidy_name(str(row.invited_by or "The administrator of this server")),
        "where": " ".join(str(row.company or row.account).split()),
        "role": row.get_role_display(),
        "role_words": ROLE_WORDS[Role(row.role)],
        "days": VALID_DAYS,
        "link": link,
        "brand": brand,
    }
    text = render_to_string("mail/invitation.txt", context)
    subject = f"{context['who']} invites you to {context['where']}"
    do_queue_mail(_KIND, row.email, subject, text, now_ms, company=row.company)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
