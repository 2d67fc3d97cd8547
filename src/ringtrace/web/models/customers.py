from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.keys import customer_id


class Customer(models.Model):
    """Somebody who calls, writes or buys: whoever shares a phone, an e-mail address or a CRM's id is one."""

    customer_id = models.CharField(max_length=64, primary_key=True, default=customer_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="customers")
    name_sealed = models.TextField(null=True)
    made_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.customer_id


class CustomerKey(models.Model):
    """What a customer is known by: a keyed hash of a phone (as `CallRow.caller_hash`), an e-mail address or the id that
    a CRM has for them."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="customer_keys", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in ("phone", "email", "crm")])
    key = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["company", "kind", "key"], name="one_customer_a_key"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.customer_id}"
