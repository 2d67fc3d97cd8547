from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError

_MOST_FAILURES = 10
_FORGOTTEN_SECS = 60


class SignInForm(AuthenticationForm):
    """E-mail address and password. After ten failures from one place for one address it takes none for a minute."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
        self.fields["username"].label = "E-mail address"

    def clean_username(self) -> str:
        email: str = self.cleaned_data["username"]
        return email.lower()

    def clean(self) -> dict[str, Any]:
        key = self._key()
        if cache.get(key, 0) >= _MOST_FAILURES:
            raise ValidationError("Too many tries. Wait a minute, then try again.")
        try:
            return super().clean()
        except ValidationError:
            cache.add(key, 0, _FORGOTTEN_SECS)
            cache.incr(key)
            raise

    def _key(self) -> str:
        place = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        return f"sign-in:{hash((place, self.cleaned_data.get('username')))}"
