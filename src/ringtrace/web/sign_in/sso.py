"""Whom a company's provider may sign in: people of its domains, verified by it, with places in its account alone."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from msgspec import Struct
from requests import Session

from ringtrace.web.models import AuditKind, Membership, SsoProvider, User
from ringtrace.web.people import tidy_name
from ringtrace.web.sign_in.asking import asking
from ringtrace.web.sign_in.domains import is_granted
from ringtrace.web.sign_in.notes import accounts_of, do_note_of
from ringtrace.web.sign_in.openid import Distrusted, OpenIdProvider
from ringtrace.web.sign_in.proof import do_prove
from ringtrace.web.sign_in.providers import every_provider, may_speak, secret_of

_log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why somebody whom a provider sent is not let in."""

    UNVERIFIED = "unverified"
    FOREIGN_DOMAIN = "foreign_domain"
    NOT_GIVEN = "not_given"
    SWITCHED_OFF = "switched_off"
    NO_PLACE = "no_place"
    ELSEWHERE = "elsewhere"
    ANOTHER_PERSON = "another_person"


WORDS = {
    Refusal.UNVERIFIED: "It does not say that it has verified your address. Its administrator can switch that on.",
    Refusal.FOREIGN_DOMAIN: "Your address is of a domain that it does not speak for here.",
    Refusal.NOT_GIVEN: "Whoever runs this server has not given it the domain of your address yet.",
    Refusal.SWITCHED_OFF: "You are switched off here. Ask the owner of your account.",
    Refusal.NO_PLACE: "You have no place here. Ask the owner of your account for an invitation.",
    Refusal.ELSEWHERE: "You have a place in another account too, and it may open its own alone. "
    "Sign in by password or passkey.",
    Refusal.ANOTHER_PERSON: "It knew another person by your address before. Ask the owner of your account.",
}


class Identity(Struct, frozen=True, kw_only=True):
    """Who somebody is by their provider. `subject`: the provider's own lasting name of them."""

    subject: str
    email: str
    is_verified: bool
    name: str = ""


@transaction.atomic
def do_admit(provider: SsoProvider, who: Identity) -> User | Refusal:
    """The person to sign in; one who is new joins where the provider's settings say so."""
    if not who.is_verified:
        return Refusal.UNVERIFIED
    domain = who.email.rpartition("@")[2]
    if domain not in provider.domains:
        return Refusal.FOREIGN_DOMAIN
    if not may_speak(provider.account_id, domain):
        return Refusal.NOT_GIVEN
    verdict = _find(provider, who)
    if isinstance(verdict, User) and verdict.email == who.email and is_granted(domain, provider.account_id):
        do_prove(verdict, by="provider")
    return verdict


def _find(provider: SsoProvider, who: Identity) -> User | Refusal:
    bound = SocialAccount.objects.filter(provider=provider.pk, uid=who.subject).select_related("user").first()
    person = bound.user if bound else User.objects.filter(email=who.email).first()
    if person is None:
        return _join(provider, who)
    refusal = _why_not(provider, person)
    if refusal is not None or bound:
        return refusal or person
    return _bind(provider, who, person)


def _why_not(provider: SsoProvider, person: User) -> Refusal | None:
    """A session opens all that its person may see: so every place of theirs must be in the provider's account."""
    if not person.is_active:
        return Refusal.SWITCHED_OFF
    places = {account.pk for account in accounts_of(person)}
    if not places:
        return Refusal.NO_PLACE
    return None if places == {provider.account_id} else Refusal.ELSEWHERE


def _bind(provider: SsoProvider, who: Identity, person: User) -> User | Refusal:
    """From now on this subject is this person. An address that the provider gave to another is not."""
    if SocialAccount.objects.filter(provider=provider.pk, user=person).exists():
        return Refusal.ANOTHER_PERSON
    SocialAccount.objects.create(provider=provider.pk, uid=who.subject, user=person, extra_data={})
    return person


def _join(provider: SsoProvider, who: Identity) -> User | Refusal:
    if not provider.joins_as:
        return Refusal.NO_PLACE
    person = User.objects.create_user(who.email, name=tidy_name(who.name))
    Membership.objects.create(user=person, account=provider.account, role=provider.joins_as)
    do_note_of(person, AuditKind.CHANGE, "sso_joined", role=provider.joins_as)
    return _bind(provider, who, person)


class SsoAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Providers are rows of owners; who may come in is decided here and nowhere in allauth."""

    def list_apps(self, _request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        rows = every_provider()
        if provider and provider != OpenIdProvider.id:
            rows = rows.filter(pk=provider)
        if client_id:
            rows = rows.filter(client_id=client_id)
        return [_app(row) for row in rows]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> OpenIdProvider:
        return OpenIdProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, _sociallogin: SocialLogin) -> None:
        """Never by allauth: `pre_social_login` matches addresses, within the provider's account."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        provider = SsoProvider.objects.select_related("account").get(pk=sociallogin.account.provider)
        said = sociallogin.email_addresses[0] if sociallogin.email_addresses else None
        who = Identity(
            subject=sociallogin.account.uid,
            email=str(said.email).lower() if said else "",
            is_verified=bool(said and said.verified),
            name=sociallogin.user.name,
        )
        verdict = do_admit(provider, who)
        if isinstance(verdict, Refusal):
            context = {"provider": provider, "why": WORDS[verdict]}
            raise ImmediateHttpResponse(render(request, "web/sso_refused.html", context, status=403))
        sociallogin.user = verdict

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")
        return user

    def on_authentication_error(self, _request: HttpRequest, provider: Any, **more: Any) -> None:
        error = more.get("exception")
        why = str(error) if isinstance(error, Distrusted) else type(error).__name__ if error else more.get("error")
        _log.warning("single sign-on by %s failed: %s", provider.app.provider_id, why)

    def get_requests_session(self) -> Session:
        return asking()


def _app(row: SsoProvider) -> SocialApp:
    return SocialApp(
        provider=OpenIdProvider.id,
        provider_id=row.pk,
        name=row.name,
        client_id=row.client_id,
        secret=secret_of(row),
        settings={"server_url": row.issuer},
    )
