"""Whose e-mail address is proven, and that nobody enters a second account before theirs is.

Whoever made a person in one account may hold their session, password, passkeys or the provider that signs them in. None
of that may open another account. So somebody of another account sets a new password by a link that their mail alone
carried: that proves the address, and ends what others may hold.
"""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import QuerySet

from ringtrace.core.clock import wall_clock
from ringtrace.web.models import Account, AuditKind, AuditRow, Invitation, SsoProvider, User
from ringtrace.web.people import do_end_sessions
from ringtrace.web.sign_in.notes import accounts_of, do_note_of

PROVEN = "address_proven"
_SEVERAL = 2


def has_several_accounts() -> bool:
    return Account.objects.count() >= _SEVERAL


def is_proven(user: User) -> bool:
    """Whether somebody showed that they read the mail of this address."""
    return bool(EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists())


def proven_of(domain: str) -> QuerySet[User]:
    """Everybody with a proven address of this domain."""
    proven = EmailAddress.objects.filter(verified=True, email__iendswith=f"@{domain}")
    return User.objects.filter(email__endswith=f"@{domain}", pk__in=proven.values("user"))


def is_strange(user: User, account: Account) -> bool:
    """Whether an account is new to this person, and there are others whose people might have made them."""
    return has_several_accounts() and account not in accounts_of(user)


def needs_proof(user: User, account: Account) -> bool:
    """Whether this person has to set a password by mail before they get a place in an account that is new to them.

    A provider of another account that signs them in may have set their password and passkeys: so they do it anew.
    """
    return is_strange(user, account) and not (is_proven(user) and not _strange_bindings(user, account).exists())


@transaction.atomic
def do_prove(user: User, by: str) -> None:
    """From now on the address counts as theirs. `by`: mail or provider."""
    if not is_proven(user):
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        do_note_of(user, AuditKind.CHANGE, PROVEN, by=by)


@transaction.atomic
def do_prove_by_mail(user: User) -> None:
    """After a new password by mail: this person's sessions end, and what providers know of them.

    Where an invitation into another account waits for them, passkeys and apps that others may hold go too; nowhere
    else, or whoever reads the mail could do away with the second factor.
    """
    is_sure = is_proven(user) and not SocialAccount.objects.filter(user=user).exists()
    do_end_sessions(user)
    if has_several_accounts():
        SocialAccount.objects.filter(user=user).delete()
    if _is_awaited(user):
        _do_remove_factors(user, _proven_ms(user) if is_sure else wall_clock())
    if not is_sure:
        EmailAddress.objects.filter(user=user).delete()  # it counts from now on
    do_prove(user, by="mail")


@transaction.atomic
def do_enter_account(user: User, session_key: str | None) -> None:
    """At the first place in one more account: every other session ends, and what is older than the proof goes."""
    SocialAccount.objects.filter(user=user).delete()
    do_end_sessions(user, but=session_key)
    _do_remove_factors(user, _proven_ms(user))


@transaction.atomic
def do_doubt(users: QuerySet[User]) -> None:
    """What these people proved counts no more: the provider that could sign them in is gone, its traces may be not."""
    EmailAddress.objects.filter(user__in=users).update(verified=False)


def _strange_bindings(user: User, account: Account) -> QuerySet[SocialAccount]:
    own = SsoProvider.objects.filter(account=account).values("pk")
    bindings: QuerySet[SocialAccount] = SocialAccount.objects.filter(user=user).exclude(provider__in=own)
    return bindings


def _is_awaited(user: User) -> bool:
    """Whether an invitation waits that leads this person into another account."""
    live = Invitation.objects.filter(email=user.email, accepted_ms=None, expires_ms__gt=wall_clock())
    return has_several_accounts() and live.exclude(account__in=accounts_of(user)).exists()


def _proven_ms(user: User) -> int:
    """When it was proven last; now where no line in the audit log says so."""
    rows = AuditRow.objects.filter(user=user, kind=AuditKind.CHANGE, what=PROVEN)
    found = rows.order_by("-at_ms").values_list("at_ms", flat=True).first()
    return wall_clock() if found is None else found


def _do_remove_factors(user: User, until_ms: int) -> None:
    """Passkeys, apps and recovery codes that are older; codes alone are no factor, and go with the last one."""
    until = datetime.fromtimestamp(until_ms / 1000, UTC)
    own = Authenticator.objects.filter(user=user)
    count, _ = own.filter(created_at__lte=until).delete()
    if not own.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        own.delete()
    if count:
        do_note_of(user, AuditKind.CHANGE, "factors_ended")
