from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.people import Account, User


class AuditKind(models.TextChoices):
    CHANGE = "change", "Change"
    EXPORT = "export", "Export"
    SEEN = "seen", "Seen"  # a caller's number in clear
    PLAY = "play", "Play"
    SIGN_IN = "sign_in", "Signing in"


class AuditRow(models.Model):
    """Who did what, written in the transaction of what was done and never changed.

    `what`: the name of the page's address, or of the API's operation; `about`: the id of the row it was done to;
    `said`: details without personal data or secrets. `actor` keeps who it was when the person is gone.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="audit")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="audit")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    actor = models.CharField(max_length=254)
    token = models.CharField(max_length=120, blank=True)  # the name of the token, where a program did it
    kind = models.CharField(max_length=10, choices=AuditKind.choices)
    what = models.CharField(max_length=80)
    about = models.CharField(max_length=120, blank=True)
    said = models.JSONField(default=dict)
    at_ms = models.BigIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=["company", "-at_ms"], name="audit_of_company"),
            models.Index(fields=["account", "-at_ms"], name="audit_of_account"),
            models.Index(fields=["company", "about"], name="audit_about"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.what}"
