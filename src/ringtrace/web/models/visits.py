from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company, Site


class VisitRow(models.Model):
    """A visit, with the raw URL and referrer beside the verdict on its source. Times in ms since 1970."""

    visit_id = models.CharField(max_length=64, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="visits", db_index=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="visits", db_index=False)
    visitor_id = models.CharField(max_length=64)
    started_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()
    pages = models.PositiveIntegerField(default=1)
    url = models.TextField()
    referrer = models.TextField(blank=True)
    device = models.CharField(max_length=20)
    gpc = models.BooleanField(default=False)
    refused = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=40)
    source = models.JSONField()  # a core Source, whole

    class Meta:
        indexes = (
            models.Index(fields=["company", "started_ms"], name="visit_by_time"),
            models.Index(fields=["company", "visitor_id", "started_ms"], name="visit_by_visitor"),
        )

    def __str__(self) -> str:
        return self.visit_id


class LeaseRow(models.Model):
    """A pooled number shown to a visit, `from_ms` to `until_ms`. `clicked_ms` is the last tap on it."""

    lease_id = models.CharField(max_length=64, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="leases", db_index=False)
    visit = models.ForeignKey(VisitRow, on_delete=models.CASCADE, related_name="leases")
    visitor_id = models.CharField(max_length=64)
    pool_id = models.CharField(max_length=64)
    e164 = models.CharField(max_length=16)
    from_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()
    clicked_ms = models.BigIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=["company", "e164", "from_ms"], name="lease_by_number"),)

    def __str__(self) -> str:
        return f"{self.e164} to {self.visit_id}"
