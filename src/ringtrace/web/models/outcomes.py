from __future__ import annotations

from django.db import models

from ringtrace.web.models.calls import CallRow
from ringtrace.web.models.companies import Company
from ringtrace.web.models.customers import Customer
from ringtrace.web.models.keys import outcome_id
from ringtrace.web.models.people import User
from ringtrace.web.models.visits import ContactRow


class OutcomeRow(models.Model):
    """What came of a call or a contact. `value_cents`: in the company's currency, None where no value is known.

    One that matched neither has the reason in `miss`, and is tried again when calls arrive. `how` it was matched:
    call_id, contact_id, caller_time, person, or hand: somebody said so. `caller_hash` and `called_ms` are what it was
    matched by.
    `said_cents` and `currency`: as they were told, where that is another currency. `told_ms`: when the sender said so,
    None where they do not say when. `sought_ms`: when it was first told to have been, by which its call is looked for.
    `named_id`: of one that named a call or contact that is not there, which.
    """

    outcome_id = models.CharField(max_length=64, primary_key=True, default=outcome_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="outcomes")
    call = models.ForeignKey(CallRow, on_delete=models.CASCADE, null=True, blank=True, related_name="outcomes")
    contact = models.ForeignKey(ContactRow, on_delete=models.CASCADE, null=True, blank=True, related_name="outcomes")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="outcomes")
    kind = models.CharField(max_length=40)
    value_cents = models.BigIntegerField(null=True, blank=True)
    said_cents = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    at_ms = models.BigIntegerField()
    stage = models.CharField(max_length=120, blank=True)
    is_lost = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    system = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    caller_hash = models.CharField(max_length=64, null=True)
    called_ms = models.BigIntegerField(null=True)
    told_ms = models.BigIntegerField(null=True)
    sought_ms = models.BigIntegerField(null=True)
    named_id = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=20, blank=True)
    miss = models.CharField(max_length=40, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company", "system", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_outcome_an_external_id",
            ),
        )
        indexes = (
            models.Index(fields=["company", "miss", "at_ms"], name="outcome_by_miss"),
            models.Index(fields=["company", "caller_hash"], name="outcome_by_caller"),
            models.Index(fields=["company", "-at_ms", "-outcome_id"], name="outcome_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.call_id or self.contact_id or 'nothing'}"
