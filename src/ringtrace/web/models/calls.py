from __future__ import annotations

from django.db import models

from ringtrace.core.calls import CallStatus
from ringtrace.web.models.companies import Company
from ringtrace.web.models.numbers import Connection, TrackingNumber
from ringtrace.web.models.people import User
from ringtrace.web.models.visits import VisitRow


class AttributedBy(models.TextChoices):
    VISIT = "visit", "a matched visit"
    STATIC_NUMBER = "static_number", "a static number"
    OVERFLOW_NUMBER = "overflow_number", "an overflow number, which says nothing"
    IMPORTED = "imported", "what the system it came from says"
    NOTHING = "nothing", "nothing we know"


class CallRow(models.Model):
    """A call, folded from its reports, with the verdict of the match. Times in ms since 1970.

    `caller_sealed` and `name_sealed` open only for those allowed to see callers; `caller_hash` joins. Both None:
    withheld. A call of another system has its `system`, no connection, perhaps no number of ours, and in `said_source`
    (a core Source) what that system says brought it. `menu_keys`: what the caller pressed, such as `21`.
    """

    call_id = models.CharField(max_length=64, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="calls", db_index=False)
    number = models.ForeignKey(TrackingNumber, on_delete=models.PROTECT, null=True, related_name="calls")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="calls")
    called_e164 = models.CharField(max_length=16, blank=True)
    system = models.CharField(max_length=40, blank=True)
    said_source = models.JSONField(null=True)
    status = models.CharField(max_length=20, choices=[(status, status.value) for status in CallStatus])
    started_ms = models.BigIntegerField()
    answered_ms = models.BigIntegerField(null=True)
    ended_ms = models.BigIntegerField(null=True)
    ring_secs = models.FloatField(null=True)
    talk_secs = models.FloatField(null=True)
    caller_sealed = models.TextField(null=True)
    caller_hash = models.CharField(max_length=64, null=True)
    name_sealed = models.TextField(null=True)
    caller_region = models.CharField(max_length=120, blank=True)
    line_type = models.CharField(max_length=40, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    flow_branch = models.CharField(max_length=120, blank=True)
    menu_keys = models.CharField(max_length=40, blank=True)
    disposition = models.CharField(max_length=60, blank=True)
    is_spam = models.BooleanField(default=False)
    transferred = models.BooleanField(null=True)
    is_first_call = models.BooleanField(null=True)  # None: the caller is unknown
    attributed_by = models.CharField(max_length=20, choices=AttributedBy.choices, default=AttributedBy.NOTHING)
    visit = models.ForeignKey(VisitRow, on_delete=models.SET_NULL, null=True, related_name="calls")
    p_visit = models.FloatField(null=True)
    p_none = models.FloatField(null=True)
    changed_ms = models.BigIntegerField(default=0)

    class Meta:
        indexes = (
            # What the call log filters by, so that it looks through a million of them without reading each row.
            models.Index(
                fields=[
                    *("company", "-started_ms", "-call_id", "status", "is_spam", "disposition", "agent", "number"),
                    *("talk_secs", "is_first_call", "attributed_by", "p_visit", "visit"),
                ],
                name="call_by_time",
            ),
            models.Index(fields=["company", "caller_hash", "started_ms"], name="call_by_caller"),
        )

    def __str__(self) -> str:
        return self.call_id


class CallReportRow(models.Model):
    """One report of a call as the journal brought it (`body`: the event, encoded). The call is folded from these."""

    event_id = models.CharField(max_length=80, primary_key=True)
    call_id = models.CharField(max_length=64, db_index=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.event_id


class MatchRow(models.Model):
    """All candidates of a call with probabilities and reasons: `verdict` is a core Match."""

    call = models.OneToOneField(CallRow, on_delete=models.CASCADE, primary_key=True, related_name="match")
    verdict = models.JSONField()
    params = models.CharField(max_length=80)
    made_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"match of {self.call_id}"


class CallTag(models.Model):
    """A tag on a call, put there by hand, by keypad, by API or by the system the call came from. Tags by rule are not
    kept: they follow from the rules. `key` is the tag as it is compared."""

    call = models.ForeignKey(CallRow, on_delete=models.CASCADE, related_name="tags")
    tag = models.CharField(max_length=60)
    key = models.CharField(max_length=60)
    by = models.CharField(max_length=10, choices=[(by, by) for by in ("hand", "keypad", "import", "api")])
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    at_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["call", "key"], name="one_tag_a_call"),)
        indexes = (models.Index(fields=["key", "call"], name="call_by_tag"),)

    def __str__(self) -> str:
        return self.tag
