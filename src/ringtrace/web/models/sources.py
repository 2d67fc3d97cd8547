from __future__ import annotations

from django.db import models

from ringtrace.core.sources import Channel
from ringtrace.web.models.companies import Company
from ringtrace.web.models.keys import rule_id


class SourceRuleRow(models.Model):
    """A company's own word on a source, in its order by `place`. `conditions` is a list of core Conditions."""

    rule_id = models.CharField(max_length=64, primary_key=True, default=rule_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="source_rules")
    place = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    conditions = models.JSONField(default=list)
    set_source = models.CharField(max_length=200, blank=True)
    set_medium = models.CharField(max_length=200, blank=True)
    set_campaign = models.CharField(max_length=200, blank=True)
    set_channel = models.CharField(
        max_length=40, blank=True, choices=[(channel.value, channel.value) for channel in Channel]
    )
    enabled = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Reclassification(models.Model):
    """A company's history being read again by the rules of now, and how far that has come.

    It goes by the visits' start, then id: `at_ms` and `at_visit` are the last one that was read. `rules` is the version
    that the walk began with; when the rules change under it, it begins anew. `since_ms` None: from the first visit.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="reclassifications")
    since_ms = models.BigIntegerField(null=True)
    rules = models.TextField(blank=True)
    asked_ms = models.BigIntegerField()
    at_ms = models.BigIntegerField(null=True)
    at_visit = models.CharField(max_length=64, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    finished_ms = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(finished_ms=None), name="one_walk_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
