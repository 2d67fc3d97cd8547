"""A company's own OpenID Connect provider: whose addresses it may speak for, and how it is kept.

One installation may have several accounts, and none of them may sign people of another in. So a domain has one
provider in the whole installation, and none where people of another account have proven addresses of it; where there
are several accounts, whoever runs the server has to give it first (`domains.py`); and a provider signs in nobody who
has a place outside its account (`sso.py`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.privacy.keys import sso_purpose
from ringtrace.web.addresses import check_host, check_public_url
from ringtrace.web.fetching import is_public
from ringtrace.web.models import Account, CompanySeat, Membership, Role, SsoProvider, User
from ringtrace.web.models.keys import provider_id
from ringtrace.web.sign_in.domains import is_anothers, is_granted
from ringtrace.web.sign_in.proof import do_doubt, has_several_accounts, proven_of

JOINS_AS = (Role.ADMIN, Role.ANALYST, Role.AGENT, Role.VIEWER)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_DOMAINS = 20
_EVERYBODYS = frozenset(
    (
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "mail.com",
        "mail.ru",
        "yandex.com",
        "yandex.ru",
        "proton.me",
        "protonmail.com",
        "zoho.com",
        "fastmail.com",
        "hey.com",
        "t-online.de",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "comcast.net",
        "verizon.net",
        "att.net",
        "qq.com",
        "163.com",
        "126.com",
        "naver.com",
    )
)


class ProviderSaid(Struct, frozen=True, kw_only=True):
    """What an owner says of a provider. `secret` "": as it was."""

    name: str
    issuer: str
    client_id: str
    secret: str
    domains: tuple[str, ...]
    joins_as: str = ""


def check_issuer(url: str) -> str:
    """The provider's issuer, on the open internet and over HTTPS. Raises BadInput.

    What a name leads to is looked at whenever the provider is asked (`asking.py`).
    """
    issuer = check_public_url(url)
    if not is_fit(issuer):
        raise BadInput("A provider is asked over HTTPS only.", hint="Write it like https://login.example.com.")
    if not settings.SSO_INNER and _is_inner(urlsplit(issuer).hostname or ""):
        raise BadInput(
            "This provider is not on the open internet.",
            hint="Whoever runs the server can allow that by RINGTRACE_SSO_INNER=1.",
        )
    return issuer


def _is_inner(host: str) -> bool:
    """Whether a host is one of this machine or network, as far as its spelling says."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not is_public(host)


def is_fit(url: str) -> bool:
    """Whether an address of a provider may be asked, or people be led to it: HTTPS, but for one on this machine where
    inner ones are allowed and we are only on this machine too."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    ours = urlsplit(settings.WEB_URL).hostname or ""
    is_here = (parts.hostname or "") in _LOOPBACK and ours in _LOOPBACK
    return bool(settings.SSO_INNER) and parts.scheme == "http" and is_here


def check_domains(account: Account, domains: Iterable[str], provider: SsoProvider | None = None) -> tuple[str, ...]:
    """The domains whose addresses a provider of this account may speak for. Raises BadInput."""
    found = tuple(dict.fromkeys(check_host(each) for each in domains))
    if not found or len(found) > _MOST_DOMAINS:
        raise BadInput(f"A provider has 1 to {_MOST_DOMAINS} domains.", hint="Such as example.com, one a line.")
    for domain in found:
        _check_domain(account, domain, provider)
    return found


def _check_domain(account: Account, domain: str, provider: SsoProvider | None) -> None:
    if domain in _EVERYBODYS:
        raise BadInput(
            f"Anybody can have an address of {domain}.", hint="Name domains whose addresses your company alone gives."
        )
    taken = SsoProvider.objects.exclude(pk=provider.pk if provider else "")
    if any(domain in each for each in taken.values_list("domains", flat=True)):
        raise BadInput(f"{domain} has a provider already.", hint="A domain has one provider in an installation.")
    if _has_people_elsewhere(account, domain):
        raise BadInput(
            f"Somebody of another account has an address of {domain}.",
            hint="One provider could not speak for both; their people sign in by password or passkey.",
        )
    if is_anothers(domain, account.pk) or not may_speak(account.pk, domain):
        raise BadInput(
            f"{domain} was not given to this account.",
            hint=f"Ask whoever runs the server: ringtrace sso allow {domain} --account {account.pk}",
        )


def may_speak(account_id: str, domain: str) -> bool:
    """Whether an account's providers may speak for a domain: the only account's may for any."""
    return is_granted(domain, account_id) or not has_several_accounts()


def _has_people_elsewhere(account: Account, domain: str) -> bool:
    """Whether another account has people with addresses of this domain that are proven; else anybody could bar it."""
    proven = proven_of(domain)
    members = Membership.objects.filter(user__in=proven).exclude(account=account)
    seats = CompanySeat.objects.filter(user__in=proven).exclude(company__account=account)
    return members.exists() or seats.exists()


@transaction.atomic
def do_save_provider(
    account: Account, said: ProviderSaid, now_ms: int, provider: SsoProvider | None = None
) -> SsoProvider:
    """Makes a provider, or changes `provider`. Raises BadInput."""
    row = provider or SsoProvider(provider_id=provider_id(), account=account, made_ms=now_ms)
    if said.joins_as and said.joins_as not in JOINS_AS:
        raise BadInput("Nobody joins as that.", hint="Choose a role, or nobody.")
    issuer = check_issuer(said.issuer)
    if provider is None and not said.secret:
        raise BadInput("A provider needs its client secret.", hint="The provider shows it where you registered us.")
    if provider is not None and issuer != provider.issuer:
        _do_forget_people(row)  # whom the new one knows, it has to say anew
    row.name, row.issuer, row.client_id = said.name.strip(), issuer, said.client_id.strip()
    row.domains, row.joins_as = list(check_domains(account, said.domains, provider)), said.joins_as
    if said.secret:
        row.sealed_secret = settings.KEYS.seal(said.secret, sso_purpose(row.pk))
    row.save()
    return row


@transaction.atomic
def do_remove_provider(provider: SsoProvider) -> None:
    """Its people stay; they sign in by password or passkey from now on."""
    _do_forget_people(provider)
    provider.delete()


def _do_forget_people(provider: SsoProvider) -> None:
    known = SocialAccount.objects.filter(provider=provider.pk)
    do_doubt(User.objects.filter(pk__in=list(known.values_list("user", flat=True))))
    known.delete()


def secret_of(provider: SsoProvider) -> str:
    secret: str = settings.KEYS.unseal(provider.sealed_secret, sso_purpose(provider.pk))
    return secret


def every_provider() -> QuerySet[SsoProvider]:
    return SsoProvider.objects.order_by("made_ms", "pk")


def provider_for(address: str) -> SsoProvider | None:
    """The provider that speaks for an e-mail address."""
    domain = address.rpartition("@")[2].lower()
    return next((each for each in every_provider() if domain in each.domains), None)


def callback_address(provider_key: str) -> str:
    """Where the provider sends people back to; it must know this very address."""
    return settings.WEB_URL + reverse("openid_connect_callback", args=[provider_key])
