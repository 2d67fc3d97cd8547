from __future__ import annotations

from django.db import models

from ringtrace.web.models.companies import Company
from ringtrace.web.models.keys import view_id
from ringtrace.web.models.people import User


class DefinitionRow(models.Model):
    """A definition of what counts, by name. The `is_main` one of a company says which calls are conversions."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="definitions")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["company", "name"], name="one_definition_a_name"),
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(is_main=True), name="one_main_definition_a_company"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DefinitionVersion(models.Model):
    """What a definition said from `made_ms` on. Never changed: what was counted by it can be counted again."""

    definition = models.ForeignKey(DefinitionRow, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    condition = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    made_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["definition", "version"], name="one_condition_a_version"),)

    def __str__(self) -> str:
        return f"{self.definition.name}-{self.version}"


class TagRuleRow(models.Model):
    """Puts `tag` on every call that meets `condition`, past ones too."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="tag_rules")
    tag = models.CharField(max_length=60)
    condition = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    made_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.tag


class SavedView(models.Model):
    """A question that was given a name: `query` is what stands in the address of the page."""

    view_id = models.CharField(max_length=64, primary_key=True, default=view_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=120)
    query = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    is_shared = models.BooleanField(default=True)
    made_ms = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["company", "name"], condition=models.Q(is_shared=True), name="one_shared_view_a_name"
            ),
            models.UniqueConstraint(
                fields=["company", "made_by", "name"],
                condition=models.Q(is_shared=False),
                name="one_view_of_ones_own_a_name",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A key for programs: acts as its user, for one company. Only its SHA-256 is kept.

    `scopes`: what it may do of what its person may; None: all of it. `expires_ms` None: it stays until it is revoked.
    """

    token_hash = models.CharField(max_length=64, primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    made_ms = models.BigIntegerField()
    used_ms = models.BigIntegerField(null=True)
    scopes = models.JSONField(null=True)
    expires_ms = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What was answered to a request with an Idempotency-Key: the same request again is answered so and does nothing.

    `key_hash`: of the token and the key; `asked_hash`: of method, address and body, which must be the same.
    `status` None: the first request is still under way.
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    asked_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    made_ms = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key_hash[:8]
