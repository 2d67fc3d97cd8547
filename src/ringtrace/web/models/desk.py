from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.intake import ImportRun
from ringtrace.web.models.keys import hint_id, upload_id
from ringtrace.web.models.people import User


class PopHint(models.Model):
    """What somebody who answers is told to do with a call that meets `condition` (a qualification's, as data)."""

    hint_id = models.CharField(max_length=64, primary_key=True, default=hint_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="pop_hints")
    text = models.CharField(max_length=500)
    condition = models.JSONField()
    place = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    made_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.text


class UploadState(models.TextChoices):
    LOOKED_AT = "looked_at", "To be confirmed"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Upload(models.Model):
    """A file given on the page, on its way through the importer. The file lies in the data directory until then.

    `choices`: how it shall be read (columns, date order, currency and the like); `has_rejected`: whether a file of the
    rows that were not taken lies there too. `why`: for the person, where it failed.
    """

    upload_id = models.CharField(max_length=64, primary_key=True, default=upload_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="uploads")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    what = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.LOOKED_AT)
    run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, related_name="uploads")
    has_rejected = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    made_ms = models.BigIntegerField()
    changed_ms = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["company", "-made_ms"], name="upload_by_time"),)

    def __str__(self) -> str:
        return self.file_name
