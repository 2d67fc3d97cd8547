from __future__ import annotations

from django.db.models import QuerySet

from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies
from ringtrace.web.models import Company, SsoProvider


def access_sso_providers(user: AnyUser, company: Company) -> QuerySet[SsoProvider]:
    """The providers of a company's account, for its owners."""
    owned = access_companies(user, Right.OWN).filter(pk=company.pk).values("account")
    return SsoProvider.objects.filter(account__in=owned).select_related("account").order_by("made_ms", "pk")


def access_sso_provider(user: AnyUser, company: Company, provider_id: str) -> SsoProvider:
    return one(access_sso_providers(user, company).filter(pk=provider_id), "provider")
