from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import models

from ringtrace.web.models.keys import company_id, provider_id, site_id, site_key
from ringtrace.web.models.people import Account, Role, User


def usual_dispositions() -> list[str]:
    return ["Booked", "Quoted", "Call back", "Existing customer", "Not interested", "Wrong number"]


class Company(models.Model):
    """The advertiser: its time zone, currency and region. `lookback_days`: how long before a call a visit counts.

    `dispositions`: what a call can end as, in the order of the keys 1 to 9; `keypad`: what a key pressed after a call
    means, by digits: {"1": {"tag": ..., "disposition": ...}}. `rates`: what one unit of another currency is worth in
    the company's, such as {"EUR": 1.08}; money that comes in is converted by nothing else.
    `removed_ms`: when it was removed; nobody opens it from then on.
    """

    company_id = models.CharField(max_length=64, primary_key=True, default=company_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="companies")
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    region = models.CharField(max_length=2, default="US")
    lookback_days = models.PositiveSmallIntegerField(default=30)
    dispositions = models.JSONField(default=usual_dispositions)
    keypad = models.JSONField(default=dict)
    rates = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)
    removed_ms = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class CompanySeat(models.Model):
    """A person's role in one company, in place of the role of their account; also for people of no account of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=20, choices=[each for each in Role.choices if each[0] != Role.OWNER.value])
    agent_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "company"], name="one_seat_a_company"),)

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.company}"


class Invitation(models.Model):
    """Leads whoever has its link to a place in an account, or, with a company, to a seat in that one alone.

    Only the token's SHA-256 is kept. `accepted_ms`: when it was used; it works once.
    """

    token_hash = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    agent_name = models.CharField(max_length=120, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    made_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    accepted_ms = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.email


class SsoProvider(models.Model):
    """An OpenID Connect provider whose people sign in here. `domains`: whose addresses it speaks for, lower case;
    `joins_as`: the role that somebody of those domains gets who has no place yet, "" for none."""

    provider_id = models.CharField(max_length=64, primary_key=True, default=provider_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sso_providers")
    name = models.CharField(max_length=80)
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=300)
    sealed_secret = models.TextField()
    domains = models.JSONField(default=list)
    joins_as = models.CharField(max_length=20, blank=True, choices=Role.choices)
    made_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A web site whose pages carry the snippet. `origins` is a list of scheme://host[:port].

    `ignored_referrers` are hosts that send nobody; `server_key_hash` is the SHA-256 (hex) of the key by which the
    site's own server asks for its visitors, "" where it has none. `checked`: what the last look at its page found.
    """

    site_id = models.CharField(max_length=64, primary_key=True, default=site_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=64, unique=True, default=site_key, editable=False)
    origins = models.JSONField(default=list)
    consent = models.CharField(
        max_length=20, default="not_needed", choices=[("not_needed", "Not needed"), ("needed", "Needed first")]
    )
    ignored_referrers = models.JSONField(default=list)
    server_key_hash = models.CharField(max_length=64, blank=True)
    checked = models.JSONField(null=True)
    checked_ms = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name
