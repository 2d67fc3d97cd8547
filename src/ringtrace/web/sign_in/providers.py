"""A company's own OpenID Connect provider: whose addresses it may speak for, and how it is kept.

One installation may have several accounts, and none of them may sign people of another in. So a domain has one
provider in the whole installation, and none where owners of two accounts share it; and a provider signs in nobody who
has a place outside its account (`sso.py`).
"""

from __future__ import annotations

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
from ringtrace.web.models import Account, Membership, Role, SsoProvider
from ringtrace.web.models.keys import provider_id

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
    """The provider's issuer. HTTPS only, but for one on this machine while we are only on it too. Raises BadInput."""
    issuer = check_public_url(url)
    if not is_fit(issuer):
        raise BadInput("A provider is asked over HTTPS only.", hint="Write it like https://login.example.com.")
    return issuer


def is_fit(url: str) -> bool:
    """Whether an address of a provider may be asked, or people be led to it."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    ours = urlsplit(settings.WEB_URL).hostname or ""
    return parts.scheme == "http" and (parts.hostname or "") in _LOOPBACK and ours in _LOOPBACK


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
    owners = Membership.objects.filter(role=Role.OWNER, user__email__endswith=f"@{domain}")
    if owners.exclude(account=account).exists():
        raise BadInput(
            f"An owner of another account has an address of {domain}.",
            hint="One provider could not speak for both; their people sign in by password or passkey.",
        )


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
        SocialAccount.objects.filter(provider=row.pk).delete()  # whom the new one knows, it has to say anew
    row.name, row.issuer, row.client_id = said.name.strip(), issuer, said.client_id.strip()
    row.domains, row.joins_as = list(check_domains(account, said.domains, provider)), said.joins_as
    if said.secret:
        row.sealed_secret = settings.KEYS.seal(said.secret, sso_purpose(row.pk))
    row.save()
    return row


@transaction.atomic
def do_remove_provider(provider: SsoProvider) -> None:
    """Its people stay; they sign in by password or passkey from now on."""
    SocialAccount.objects.filter(provider=provider.pk).delete()
    provider.delete()


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
