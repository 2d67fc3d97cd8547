"""Keys for programs: each acts as a person, in one company, with what that person may do at that moment, as far as
its scopes go."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.access import Right, may, role_of
from ringtrace.web.models import ApiToken, Company, Role, User

PREFIX = "rt_"
MOST_TOKENS = 100
LONGEST_NAME = 120
_RANDOM_BYTES = 32
_LONGEST = 100
_SHORTEST_KEY = 8
MOST_DAYS = 3_650


class Scope(StrEnum):
    """What a token may do of what its person may do."""

    READ = "read"
    CALLERS = "callers"
    CALLS = "calls:write"
    OUTCOMES = "outcomes:write"
    SPEND = "spend:write"
    SETTINGS = "settings:write"
    PEOPLE = "people"


SCOPE_WORDS = {
    Scope.READ: "Read: reports, calls with callers masked, numbers and settings",
    Scope.CALLERS: "Callers: their numbers and names in clear",
    Scope.CALLS: "Write calls: tell them, tag them, say how they ended",
    Scope.OUTCOMES: "Write outcomes and contacts",
    Scope.SPEND: "Write spend, and the names that campaigns have",
    Scope.SETTINGS: "Write settings: sites, numbers, definitions, webhooks and the like",
    Scope.PEOPLE: "People: who belongs, tokens, and the audit log; makes nobody an owner or admin",
}


class Bearer(Struct, frozen=True, kw_only=True):
    """Whom a token speaks for: a person, in one company. `key` names the token, and is none. `scopes` None: all."""

    user: User
    company: Company
    key: str
    name: str
    scopes: frozenset[str] | None = None

    @property
    def is_scoped(self) -> bool:
        return self.scopes is not None

    def has(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """In our order, each once. Raises BadInput for one there is none of, or for none at all."""
    said = set(scopes)
    strange = sorted(said - set(Scope))
    if strange:
        raise BadInput(f"There is no scope {strange[0][:40]!r}.", hint=f"There are: {', '.join(Scope)}.")
    if not said:
        raise BadInput("A token without a scope could do nothing.", hint=f"Name some of: {', '.join(Scope)}.")
    return [scope.value for scope in Scope if scope in said]


def check_days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A token cannot last {days} days.", hint=f"1 to {MOST_DAYS:,}, or without an end.")
    return days


@transaction.atomic
def do_make_token(
    user: User,
    company: Company,
    name: str,
    now_ms: int,
    *,
    scopes: Iterable[str] | None = None,
    days: int | None = None,
) -> str:
    """A token in clear, shown now and never again: its SHA-256 alone is kept. Raises BadInput, NotFound.

    `scopes` None: everything its person may do; `days` None: until it is revoked.
    """
    said = " ".join(name.split())
    if not 1 <= len(said) <= LONGEST_NAME:
        raise BadInput("A token needs a name.", hint=f"1 to {LONGEST_NAME} characters: what will use it.")
    if not may(user, company, Right.BELONG):
        raise NotFound(f"{user.email} does not belong to {company.name}.", hint="Choose somebody of its account.")
    if ApiToken.objects.filter(company=company).count() >= MOST_TOKENS:
        raise BadInput(f"There are {MOST_TOKENS} tokens already.", hint="Revoke those that nothing uses.")
    token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    ApiToken.objects.create(
        token_hash=token_hash(token),
        company=company,
        user=user,
        name=said,
        made_ms=now_ms,
        scopes=None if scopes is None else check_scopes(scopes),
        expires_ms=None if days is None else now_ms + check_days(days) * DAY_MS,
    )
    return token


def check_may_revoke(user: User, row: ApiToken) -> None:
    """One's own, and everybody's for those who may change the company. Raises PermissionDenied."""
    if row.user_id != user.pk and not may(user, row.company, Right.CHANGE):
        raise PermissionDenied


def do_revoke_token(row: ApiToken) -> None:
    """Whoever uses it is refused from now on."""
    row.delete()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_token(token: str, now_ms: int) -> Bearer | None:
    """Whom this token speaks for; None where it speaks for nobody, has ended, or for somebody who has left meanwhile.

    It is looked for by its hash, of which nobody can choose the first letters; so how long that takes says nothing.
    """
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        return None
    wanted = token_hash(token)
    rows = ApiToken.objects.select_related("user", "company__account").defer("company__account__brand_logo")
    row = rows.filter(pk=wanted).first()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    if row.expires_ms is not None and row.expires_ms <= now_ms:
        return None
    if role_of(row.user, row.company) is None:
        return None
    _note_use(row, now_ms)
    scopes = None if row.scopes is None else frozenset(row.scopes)
    return Bearer(user=row.user, company=row.company, key=wanted[:16], name=row.name, scopes=scopes)


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
