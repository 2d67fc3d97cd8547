from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.intake import ImportRun


class SpendRow(models.Model):
    """What was spent on one day, in cents of the company's currency, by the names that the source has for things.

    `said_micros`, `currency` and `rate`: what was told where that was another currency. `spread_days`: over how many
    days one figure was spread; 1 where the source told each day. `run`: the import that booked it; a later one that
    speaks of the same day and campaign takes its place.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="spend")
    on_date = models.DateField()
    source = models.CharField(max_length=200)
    medium = models.CharField(max_length=200)
    campaign = models.CharField(max_length=200, blank=True)
    ad_group = models.CharField(max_length=200, blank=True)
    keyword = models.CharField(max_length=200, blank=True)
    cost_cents = models.BigIntegerField()
    clicks = models.BigIntegerField(null=True)
    impressions = models.BigIntegerField(null=True)
    said_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    rate = models.FloatField(null=True)
    spread_days = models.PositiveSmallIntegerField(default=1)
    run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="spend")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company", "on_date", "source", "medium", "campaign", "ad_group", "keyword"],
                name="one_spend_a_day_and_keyword",
            ),
        )

    def __str__(self) -> str:
        return f"{self.on_date} {self.source} / {self.medium} {self.campaign}"


class NameRuleRow(models.Model):
    """What a name that some system uses means here. `field`: source, medium or campaign; `key`: the name as it is
    compared; `system` "": wherever it comes from."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="name_rules")
    field = models.CharField(max_length=10, choices=[(field, field) for field in ("source", "medium", "campaign")])
    said = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    means = models.CharField(max_length=200)
    system = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["company", "field", "key", "system"], name="one_meaning_a_name"),
        )

    def __str__(self) -> str:
        return f"{self.said} is {self.means}"
