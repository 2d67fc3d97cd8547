from __future__ import annotations

from django.db import models

from ringtrace.core.clock import wall_clock
from ringtrace.web.models.companies import Company
from ringtrace.web.models.people import User


class JournalPlace(models.Model):
    """How far a reader has come in a journal; written in the same transaction as what it read.

    `told_seq` at `told_ms`: what the journal's store was last told that may go.
    """

    reader = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)
    told_seq = models.BigIntegerField(default=0)
    told_ms = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reader} at {self.seq}"


class PassedOver(models.Model):
    """An event that could not be taken, and why: the `nth` (from 0) of those that share its place in the journal."""

    reader = models.CharField(max_length=40)
    seq = models.BigIntegerField()
    nth = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=80)
    at_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["reader", "seq", "nth"], name="one_line_an_event"),)

    def __str__(self) -> str:
        return f"{self.seq}: {self.why}"


class DirectoryMark(models.Model):
    """One row: how often the edge's directory had to change, and up to which change it was published."""

    wanted = models.BigIntegerField(default=0)
    published = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.published} of {self.wanted}"


class StaleMonth(models.Model):
    """A month of a company's facts that the lake does not have yet. `mark` grows with each change.

    `forget`: somebody was erased from it, and the files that held them must go at once. `since_ms`: since when the
    lake lacks something of it.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="stale_months")
    month = models.CharField(max_length=7)  # 2026-11
    mark = models.BigIntegerField(default=1)
    forget = models.BooleanField(default=False)
    since_ms = models.BigIntegerField(default=wall_clock)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["company", "month"], name="one_mark_a_month"),)

    def __str__(self) -> str:
        return f"{self.company_id} {self.month}"


class OneTimeLink(models.Model):
    """A link that works once. Only the token's SHA-256 is kept. `user` None: it makes the first owner."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    expires_ms = models.BigIntegerField()
    used_ms = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return "one-time link"


class RefusalRow(models.Model):
    """How often the edge did less than it was asked, by hour, site ("" where none) and reason."""

    company_key = models.CharField(max_length=64, blank=True)
    site_key = models.CharField(max_length=64, blank=True)
    hour_ms = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company_key", "site_key", "hour_ms", "reason"], name="one_count_an_hour_and_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason}: {self.count}"
