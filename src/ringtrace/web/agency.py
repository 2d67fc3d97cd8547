"""Several companies under one account: added, removed, and brought back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.access import AnyUser, Right
from ringtrace.web.actions import check_time_zone
from ringtrace.web.directory import publish_after_commit
from ringtrace.web.models import Account, Company, Membership, User

RESTORABLE_DAYS = 30
LONGEST_NAME = 200


def access_accounts(user: AnyUser, right: Right) -> QuerySet[Account]:
    """The accounts in which this person has a place with `right`, whatever their seats say."""
    if not isinstance(user, User) or not user.is_active:
        return Account.objects.none()
    places = Membership.objects.filter(user=user, role__in=right.roles).values("account")
    return Account.objects.filter(pk__in=places).defer("brand_logo").order_by("name", "pk")


def access_removed(user: AnyUser, now_ms: int) -> QuerySet[Company]:
    """Companies that this owner can still bring back, the newest removed first."""
    since_ms = now_ms - RESTORABLE_DAYS * DAY_MS
    mine = Company.objects.filter(account__in=access_accounts(user, Right.OWN), removed_ms__gt=since_ms)
    return mine.order_by("-removed_ms")


def access_removed_company(user: AnyUser, company_id: str, now_ms: int) -> Company:
    company = access_removed(user, now_ms).filter(pk=company_id).first()
    if company is None:
        raise NotFound(
            "There is no such company to bring back.",
            hint=f"It is there for {RESTORABLE_DAYS} days after it was removed, for an owner of its account.",
        )
    return company


def check_company_name(text: str) -> str:
    said = " ".join(text.split())
    if not 1 <= len(said) <= LONGEST_NAME or not said.isprintable():
        raise BadInput("A company needs a name.", hint=f"1 to {LONGEST_NAME} characters.")
    return said


@transaction.atomic
def do_add_company(account: Account, name: str, time_zone: str, currency: str, region: str) -> Company:
    """One more advertiser of an account. Whoever belongs to the account belongs to it too."""
    return Company.objects.create(
        account=account,
        name=check_company_name(name),
        time_zone=check_time_zone(time_zone),
        currency=currency,
        region=region,
    )


@transaction.atomic
def do_remove_company(company: Company, typed_name: str, now_ms: int) -> None:
    """Nobody opens it from now on; its numbers, sites, webhooks and tokens are dead. Its rows stay. Raises BadInput."""
    if " ".join(typed_name.split()) != " ".join(company.name.split()):
        raise BadInput("That is not the company’s name.", hint=f"Type {company.name} as it stands there.")
    Account.objects.select_for_update().only("pk").get(pk=company.account_id)
    others = Company.objects.filter(account=company.account_id, removed_ms=None).exclude(pk=company.pk)
    if not others.exists():
        raise BadInput("This is the last company of the account.", hint="Add another one first.")
    company.removed_ms = now_ms
    company.save(update_fields=["removed_ms"])
    publish_after_commit()


@transaction.atomic
def do_restore_company(company: Company) -> None:
    """As it was, with everybody who belonged to it."""
    company.removed_ms = None
    company.save(update_fields=["removed_ms"])
    publish_after_commit()
