from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from ringtrace.web.models.keys import account_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, known by e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Account(models.Model):
    """Who pays: a business or an agency.

    `brand_…`: what its pages and e-mails show in place of Ringtrace's own name, mark and colour (`#1a2b3c`);
    `brand_logo_hash`: the logo's SHA-256 (hex), which stands in its address.
    `second_factor_needed`: its people must have one before they see anything.
    """

    account_id = models.CharField(max_length=64, primary_key=True, default=account_id, editable=False)
    name = models.CharField(max_length=200)
    brand_name = models.CharField(max_length=60, blank=True)
    brand_colour = models.CharField(max_length=7, blank=True)
    brand_logo = models.BinaryField(null=True, blank=True)
    brand_logo_hash = models.CharField(max_length=64, blank=True)
    brand_logo_type = models.CharField(max_length=20, blank=True)  # image/png, image/jpeg, image/webp
    second_factor_needed = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    ANALYST = "analyst", "Analyst"
    AGENT = "agent", "Agent"
    VIEWER = "viewer", "Viewer"


class Membership(models.Model):
    """A person's place in an account, and so in each of its companies where no seat says otherwise.

    `agent_name`: what calls say of who answered, where that is this person; an agent sees those calls alone.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    agent_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "account"], name="one_place_an_account"),)

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.account}"
