"""Tokens: listed and revoked. None is made here: a token that makes tokens could not be taken back."""

from __future__ import annotations

from msgspec import Struct
from ninja import Router

from ringtrace.web.access import access_token, access_tokens
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import MEMBERS, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.sites import Gone
from ringtrace.web.models import ApiToken, Company
from ringtrace.web.tokens import check_may_revoke, do_revoke_token

router = Router(tags=["tokens"])


class TokenOut(Struct, frozen=True, kw_only=True):
    """`scopes` null: everything its person may do; `expires_at` null: until it is revoked."""

    token_id: str
    name: str
    user: str
    scopes: list[str] | None
    made_at: str | None
    used_at: str | None
    expires_at: str | None


class TokenPage(Struct, frozen=True, kw_only=True):
    tokens: list[TokenOut]
    next: str | None


@operation(
    router,
    "GET /tokens",
    "list_tokens",
    "One's own tokens, or everybody's for who may change the company; the newest first",
    MEMBERS,
    answers=TokenPage,
    rows="tokens",
)
def listed(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> TokenPage:
    company = company_of(request)
    found, following = page_of(access_tokens(user_of(request), company), "made_ms", cursor, limit)
    return TokenPage(tokens=[_out(row, company) for row in found], next=following)


@operation(router, "DELETE /tokens/{token_id}", "revoke_token", "Revoke a token", MEMBERS, answers=Gone)
def revoke(request: ApiRequest, token_id: Id) -> Gone:
    row = own(request, access_token(user_of(request), token_id), "token")
    check_may_revoke(user_of(request), row)
    do_revoke_token(row)
    return Gone(token_id)


def _out(row: ApiToken, company: Company) -> TokenOut:
    zone = company.zone
    return TokenOut(
        token_id=row.pk,
        name=row.name,
        user=row.user.email,
        scopes=row.scopes,
        made_at=at(row.made_ms, zone),
        used_at=at(row.used_ms, zone),
        expires_at=at(row.expires_ms, zone),
    )
