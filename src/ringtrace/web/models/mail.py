from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.counting import SavedView
from ringtrace.web.models.keys import mail_id, schedule_id
from ringtrace.web.models.people import User


class MailRow(models.Model):
    """An e-mail that waits to be sent, was sent, or was given up: written in the transaction that causes it.

    `due_ms`: when it is tried (again); `last_error`: a short code for the page, never the server's own text.
    """

    mail_id = models.CharField(max_length=64, primary_key=True, default=mail_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="mails")
    kind = models.CharField(max_length=30)  # invitation, report, account
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    made_ms = models.BigIntegerField()
    due_ms = models.BigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_ms = models.BigIntegerField(null=True)
    given_up_ms = models.BigIntegerField(null=True)
    last_error = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["due_ms"], name="mail_due", condition=models.Q(sent_ms__isnull=True, given_up_ms__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.subject


class MailAttachment(models.Model):
    mail = models.ForeignKey(MailRow, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=80)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Cadence(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"


class ReportSchedule(models.Model):
    """A report that is mailed by itself: the overview (`view` None) or a saved view, over the cadence's days.

    `weekday` 0 is Monday; `month_day` 1 to 28; `hour` is the company's own. `next_ms`: when it is due. `asked_by`: the
    addresses of people who want it once, now.
    """

    schedule_id = models.CharField(max_length=64, primary_key=True, default=schedule_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=120)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, null=True, blank=True, related_name="schedules")
    cadence = models.CharField(max_length=10, choices=Cadence.choices)
    weekday = models.PositiveSmallIntegerField(default=0)
    month_day = models.PositiveSmallIntegerField(default=1)
    hour = models.PositiveSmallIntegerField(default=7)
    recipients = models.JSONField(default=list)
    asked_by = models.JSONField(default=list)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    is_on = models.BooleanField(default=True)
    next_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField(null=True)
    made_ms = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["next_ms"], name="schedule_due", condition=models.Q(is_on=True)),)

    def __str__(self) -> str:
        return self.name
