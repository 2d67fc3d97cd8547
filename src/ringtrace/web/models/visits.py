from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company, Site
from ringtrace.web.models.customers import Customer


class VisitRow(models.Model):
    """A visit, with the raw URL and referrer beside the verdict on its source. Times in ms since 1970.

    `consent` is a core Consent; `ids` what other systems call this visitor; `shown` the static numbers it saw.
    """

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
    region = models.CharField(max_length=12, blank=True)  # ISO 3166
    consent = models.JSONField(default=dict)
    ids = models.JSONField(default=dict)
    shown = models.JSONField(default=list)

    class Meta:
        indexes = (
            models.Index(fields=["company", "started_ms", "visit_id"], name="visit_by_time"),
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
        indexes = (
            models.Index(fields=["company", "e164", "from_ms"], name="lease_by_number"),
            models.Index(fields=["company", "from_ms"], name="lease_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.e164} to {self.visit_id}"


class VisitVerdict(models.Model):
    """What was said of a visit's source until `until_ms`, when rules that had changed said otherwise."""

    visit = models.ForeignKey(VisitRow, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    channel = models.CharField(max_length=40)
    source = models.JSONField()  # a core Source, whole; its `rules` says which version gave it
    until_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["visit", "until_ms"], name="one_verdict_a_moment"),)

    def __str__(self) -> str:
        return f"{self.channel} until {self.until_ms}"


class TapRow(models.Model):
    """A tap on a number that a visit was shown, leased or static."""

    event_id = models.CharField(max_length=80, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="taps")
    visit = models.ForeignKey(VisitRow, on_delete=models.CASCADE, related_name="taps")
    e164 = models.CharField(max_length=16)
    at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.e164} by {self.visit_id}"


class ContactRow(models.Model):
    """A response that is no call: a form that a visit sent (its name or id, never what was typed), a chat, a visit to
    the store. Those that another system tells have its `external_id`, and keyed hashes of who it was."""

    contact_id = models.CharField(max_length=80, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, default="form")
    visit = models.ForeignKey(VisitRow, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=200)
    url = models.TextField(blank=True)
    at_ms = models.BigIntegerField()
    system = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts")
    phone_hash = models.CharField(max_length=64, null=True)
    email_hash = models.CharField(max_length=64, null=True)
    said_source = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_contact_an_external_id",
            ),
        )
        indexes = (models.Index(fields=["company", "at_ms"], name="contact_by_time"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class PersonRow(models.Model):
    """A page said who its visitor is: keyed hashes alone, a phone's the same as a caller's (`CallRow.caller_hash`)."""

    event_id = models.CharField(max_length=80, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="people", db_index=False)
    visit = models.ForeignKey(VisitRow, on_delete=models.CASCADE, related_name="people")
    visitor_id = models.CharField(max_length=64)
    phone_hash = models.CharField(max_length=64, null=True)
    email_hash = models.CharField(max_length=64, null=True)
    at_ms = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["company", "phone_hash"], name="person_by_phone"),)

    def __str__(self) -> str:
        return f"who {self.visitor_id} is"
