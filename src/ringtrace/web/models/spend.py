from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company


class SpendRow(models.Model):
    """What one campaign cost on one day, in cents of the company's currency."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="spend")
    on_date = models.DateField()
    source = models.CharField(max_length=200)
    medium = models.CharField(max_length=200)
    campaign = models.CharField(max_length=200, blank=True)
    cost_cents = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company", "on_date", "source", "medium", "campaign"], name="one_spend_a_day_and_campaign"
            ),
        )

    def __str__(self) -> str:
        return f"{self.on_date} {self.source} / {self.medium} {self.campaign}"
