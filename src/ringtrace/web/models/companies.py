from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import models

from ringtrace.web.models.keys import company_id, site_id, site_key
from ringtrace.web.models.people import Account


def usual_dispositions() -> list[str]:
    return ["Booked", "Quoted", "Call back", "Existing customer", "Not interested", "Wrong number"]


class Company(models.Model):
    """The advertiser: its time zone, currency and region. `lookback_days`: how long before a call a visit counts.

    `dispositions`: what a call can end as, in the order of the keys 1 to 9; `keypad`: what a key pressed after a call
    means, by digits: {"1": {"tag": ..., "disposition": ...}}. `rates`: what one unit of another currency is worth in
    the company's, such as {"EUR": 1.08}; money that comes in is converted by nothing else.
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

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Site(models.Model):
    """A web site whose pages carry the snippet. `origins` is a list of scheme://host[:port].

    `ignored_referrers` are hosts that send nobody; `server_key_hash` is the SHA-256 (hex) of the key by which the
    site's own server asks for its visitors, "" where it has none.
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

    def __str__(self) -> str:
        return self.name
