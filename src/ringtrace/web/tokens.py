"""Keys for programs: each acts as a person, in one company, with what that person may do at that moment."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction
from django.db.models import Q, QuerySet
from msgspec import Struct

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.access import access_companies
from ringtrace.web.models import ApiToken, Company, Role, User

PREFIX = "rt_"
MOST_TOKENS = 100
LONGEST_NAME = 120
_RANDOM_BYTES = 32
_LONGEST = 100
_SHORTEST_KEY = 8


class Bearer(Struct, frozen=True):
    """Whom a token speaks for: a person, in one company. `key` names the token, and is none."""

    user: User
    company: Company
    key: str


@transaction.atomic
def do_make_token(user: User, company: Company, name: str, now_ms: int) -> str:
    """A token in clear, shown now and never again: its SHA-256 alone is kept. Raises BadInput, NotFound."""
    said = " ".join(name.split())
    if not 1 <= len(said) <= LONGEST_NAME:
        raise BadInput("A token needs a name.", hint=f"1 to {LONGEST_NAME} characters: what will use it.")
    if not access_companies(user).filter(pk=company.pk).exists():
        raise NotFound(f"{user.email} does not belong to {company.name}.", hint="Choose somebody of its account.")
    if ApiToken.objects.filter(company=company).count() >= MOST_TOKENS:
        raise BadInput(f"There are {MOST_TOKENS} tokens already.", hint="Revoke those that nothing uses.")
    token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    ApiToken.objects.create(token_hash=token_hash(token), company=company, user=user, name=said, made_ms=now_ms)
    return token


def do_revoke_token(row: ApiToken) -> None:
    """Whoever uses it is refused from now on."""
    row.delete()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_token(token: str, now_ms: int) -> Bearer | None:
    """Whom this token speaks for; None where it speaks for nobody, or for somebody who has left meanwhile.

    It is looked for by its hash, of which nobody can choose the first letters; so how long that takes says nothing.
    """
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        return None
    wanted = token_hash(token)
    row = ApiToken.objects.filter(pk=wanted).select_related("user", "company").first()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    if not access_companies(row.user).filter(pk=row.company_id).exists():
        return None
    _note_use(row, now_ms)
    return Bearer(row.user, row.company, wanted[:16])


def _note_use(row: ApiToken, now_ms: int) -> None:
    """At most once a minute, so that reading writes nothing most of the time."""
    not_lately = Q(used_ms=None) | Q(used_ms__lte=now_ms - MINUTE_MS)
    if row.used_ms is None or row.used_ms <= now_ms - MINUTE_MS:
        ApiToken.objects.filter(not_lately, pk=row.pk).update(used_ms=now_ms)


def tokens_of(company: Company) -> QuerySet[ApiToken]:
    """For the command line: whoever can run it can read the ledger."""
    return ApiToken.objects.filter(company=company).select_related("user").order_by("-made_ms")


def find_user(company: Company, email: str = "") -> User:
    """Somebody of the company's account; without an address, its first owner. Raises NotFound."""
    members = User.objects.filter(memberships__account=company.account_id, is_active=True).order_by("memberships__pk")
    found = (
        members.filter(email=email.strip().lower()) if email else members.filter(memberships__role=Role.OWNER)
    ).first()
    if found is None:
        known = ", ".join(members.values_list("email", flat=True)[:20])
        raise NotFound("There is no such person.", hint=f"There are: {known}." if known else "Make an owner first.")
    return found


def find_row(company: Company, name: str) -> ApiToken:
    """The one token of this name, or whose key begins so. Raises NotFound."""
    named = Q(name=name) | Q(token_hash__startswith=name) if len(name) >= _SHORTEST_KEY else Q(name=name)
    found = list(tokens_of(company).filter(named)[:2])
    if len(found) != 1:
        raise NotFound(
            f"There is not exactly one token {name[:60]!r}.", hint="`ringtrace token list` shows their keys."
        )
    return found[0]
