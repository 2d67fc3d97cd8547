from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.keys import hook_id, run_id
from ringtrace.web.models.people import User


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"  # it can go on where it stopped


class ImportRun(models.Model):
    """One import of a file, or of one batch by API. `place`: the row it has come to, written with what it took.

    `rejected_bytes`: how far the file of rejected rows was written then. `digest`: SHA-256 of the file; `mapping` and
    `choices`: how it was read, so that it can be read again the same way.
    """

    run_id = models.CharField(max_length=64, primary_key=True, default=run_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="imports")
    what = models.CharField(max_length=20)
    system = models.CharField(max_length=40, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    place = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    missed = models.BigIntegerField(default=0)
    rejected_bytes = models.BigIntegerField(default=0)
    began_ms = models.BigIntegerField()
    changed_ms = models.BigIntegerField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["company", "-began_ms"], name="run_by_time"),)

    def __str__(self) -> str:
        return f"{self.what} of {self.file_name or self.system}"


class ColumnMapping(models.Model):
    """How a file with this header was read last: it is mapped once. `header`: SHA-256 of its column names."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="column_mappings")
    what = models.CharField(max_length=20)
    header = models.CharField(max_length=64)
    mapping = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["company", "what", "header"], name="one_mapping_a_header"),)

    def __str__(self) -> str:
        return f"{self.what} {self.header[:8]}"


class Hook(models.Model):
    """An address at which another system tells us things. Only what is proven by its secret is taken."""

    hook_id = models.CharField(max_length=64, primary_key=True, default=hook_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="hooks")
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    sealed_secret = models.TextField()
    settings = models.JSONField(default=dict)
    made_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField(null=True)
    taken = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source} {self.name}".strip()


class HookMessageRow(models.Model):
    """A proven message that could not be read or taken, kept sealed until somebody mends it; `why`: for that person."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="kept")
    digest = models.CharField(max_length=64)
    sealed = models.TextField()
    why = models.CharField(max_length=300)
    at_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["hook", "digest"], name="one_kept_message"),)

    def __str__(self) -> str:
        return self.why
