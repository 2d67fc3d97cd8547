"""Guesses at people who are known, counted in the audit log: no flood of others' tries makes it forget them."""

from __future__ import annotations

from django.db.models import Count
from django.template.loader import render_to_string

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.web.mail import do_queue_mail
from ringtrace.web.models import AuditKind, AuditRow, MailRow, User

MOST_PASSWORDS_AN_HOUR = 100
MOST_CODES_A_DAY = 50
WARN_FROM = 20
_PASSWORD = "password"  # noqa: S105  # the way, not a password
_CODES = ("app", "recovery codes")
_KIND = "guesses"


def is_shut(address: str, now_ms: int) -> bool:
    """Whether so many passwords were guessed for this address that none is looked at for now."""
    person = User.objects.filter(email=address).first()
    if person is None:
        return False
    resets = AuditRow.objects.filter(user=person, kind=AuditKind.CHANGE, what="password_reset")
    lifted_ms = resets.order_by("-at_ms").values_list("at_ms", flat=True).first() or 0
    since_ms = max(lifted_ms, now_ms - HOUR_MS)
    return _count(person, (_PASSWORD,), since_ms) >= MOST_PASSWORDS_AN_HOUR


def are_codes_shut(person: User, now_ms: int) -> bool:
    """Whether no code of this person is looked at for now. A new password does not lift it."""
    return _count(person, _CODES, now_ms - DAY_MS) >= MOST_CODES_A_DAY


def do_warn_of_guesses(person: User, now_ms: int) -> None:
    """An e-mail to whom it is about, once a day: whoever guesses codes has the password already."""
    if _count(person, _CODES, now_ms - DAY_MS) < WARN_FROM:
        return
    if MailRow.objects.filter(to=person.email, kind=_KIND, made_ms__gt=now_ms - DAY_MS).exists():
        return
    text = render_to_string("mail/guesses.txt", {"count": WARN_FROM, "most": MOST_CODES_A_DAY})
    do_queue_mail(_KIND, person.email, "Somebody guesses the codes of your sign-in", text, now_ms)


def _count(person: User, ways: tuple[str, ...], since_ms: int) -> int:
    """How often it failed; a failure has a line in each of the person's accounts."""
    failed = AuditRow.objects.filter(
        user=person, kind=AuditKind.SIGN_IN, what="sign_in_failed", at_ms__gt=since_ms, said__by__in=ways
    )
    by_account = failed.order_by().values("account").annotate(count=Count("pk")).values_list("count", flat=True)
    return max(by_account, default=0)
