"""Second factors and passkeys: their secrets sealed, and who must have one."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from ringtrace.privacy.keys import FACTOR_PURPOSE
from ringtrace.web.models import Account, Company, User

_TRUSTED_BY_BROWSERS = "localhost"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of authenticator apps and recovery codes rest sealed."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": "That is not right, or it has been used."}

    def encrypt(self, text: str) -> str:
        sealed: str = settings.KEYS.seal(text, FACTOR_PURPOSE)
        return sealed

    def decrypt(self, encrypted_text: str) -> str:
        text: str = settings.KEYS.unseal(encrypted_text, FACTOR_PURPOSE)
        return text

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Ringtrace"}

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002  # allauth's own name
        count = Authenticator.objects.filter(user=user, type=type).count()
        return "Passkey" if not count else f"Passkey {count + 1}"


def has_factor(user: User) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def lacks_factor(user: User, company: Company) -> bool:
    """Whether this person may not see this company before they have set up a second factor."""
    is_read = company._meta.get_field("account").is_cached(company)  # noqa: SLF001  # Django's own way to its fields
    account = company.account if is_read else Account.objects.defer("brand_logo").get(pk=company.account_id)
    return account.second_factor_needed and not has_factor(user)


def accounts_that_wait(user: User) -> list[Account]:
    """The accounts that show this person nothing before there is a second factor."""
    places = Q(memberships__user=user) | Q(companies__seats__user=user)
    wanting = list(Account.objects.filter(places, second_factor_needed=True).distinct())
    return [] if not wanting or has_factor(user) else wanting


def passkeys_barred(request: HttpRequest) -> str:
    """Why no passkey can be made or used on the address of this request; "" where one can."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    if _is_address(host):
        return "Passkeys belong to a host name, and this page was opened by a bare IP address."
    if not request.is_secure() and not settings.WEB_URL.startswith("https://") and host != _TRUSTED_BY_BROWSERS:
        return "Browsers allow passkeys over HTTPS only, or on localhost."
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
