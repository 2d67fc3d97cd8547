from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company, Site
from ringtrace.web.models.keys import connection_id, number_id, pool_id


class Connection(models.Model):
    """A carrier account. Its secret is sealed; `public_url` is the edge as the carrier reaches it."""

    connection_id = models.CharField(max_length=64, primary_key=True, default=connection_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    carrier = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    public_url = models.URLField()
    sealed_secret = models.TextField()

    def __str__(self) -> str:
        return self.name


class Pool(models.Model):
    """Numbers that take turns in place of one printed number, for the visits that `when` (a directory When) names.

    Of one target's pools and static numbers the first that fits is shown, by `place`. `overflow`: the number that all
    share when none is free; None leaves the page alone.
    """

    pool_id = models.CharField(max_length=64, primary_key=True, default=pool_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="pools")
    name = models.CharField(max_length=200)
    target_e164 = models.CharField(max_length=16)
    hold_secs = models.PositiveIntegerField(default=1800)
    cooldown_secs = models.PositiveIntegerField(default=300)
    beat_secs = models.PositiveIntegerField(default=60)
    called_hold_secs = models.PositiveIntegerField(default=14_400)
    when = models.JSONField(default=dict)
    place = models.PositiveIntegerField(default=100)
    overflow = models.ForeignKey(
        "TrackingNumber", on_delete=models.PROTECT, null=True, blank=True, related_name="overflow_of"
    )

    def __str__(self) -> str:
        return self.name

    @property
    def company(self) -> Company:
        return self.site.company


class TrackingNumber(models.Model):
    """A number we answer for: in a pool; or static, with the source it stands for (`static_source`, a core Source); or
    the overflow of pools; or out of use.

    A static number with a `site` is shown there, in place of `target_e164`, to the visits that `when` (a directory
    When) names; without one it is printed somewhere, and no page shows it.
    """

    number_id = models.CharField(max_length=64, primary_key=True, default=number_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="numbers")
    e164 = models.CharField(max_length=16, unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="numbers")
    pool = models.ForeignKey(Pool, on_delete=models.SET_NULL, null=True, blank=True, related_name="numbers")
    static_source = models.JSONField(null=True, blank=True)
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="statics")
    target_e164 = models.CharField(max_length=16, blank=True)
    when = models.JSONField(default=dict)
    place = models.PositiveIntegerField(default=50)
    name = models.CharField(max_length=200, blank=True)
    flow = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(pool__isnull=True) | models.Q(static_source__isnull=True),
                name="pooled_or_static_never_both",
            ),
        )

    def __str__(self) -> str:
        return self.e164
