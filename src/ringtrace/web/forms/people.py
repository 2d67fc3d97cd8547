from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from ringtrace.web.models import Role, User
from ringtrace.web.people import LONGEST_AGENT_NAME, LONGEST_PERSONS_NAME, ROLE_WORDS, tidy_name

WHOLE, ONE = "account", "company"
_AGENT_HELP = "As calls say who answered. An agent sees these calls alone, and those that say their e-mail address."


def _roles(roles: Iterable[Role]) -> list[tuple[str, str]]:
    return [(role.value, f"{role.label}: {ROLE_WORDS[role]}") for role in roles]


def _agent_name() -> forms.CharField:
    return forms.CharField(
        label=_("Agent name"),
        max_length=LONGEST_AGENT_NAME,
        required=False,
        help_text=_AGENT_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PlaceForm(forms.Form):
    """A role, and what calls call its person."""

    role = forms.ChoiceField(label=_("Role"))
    agent_name = _agent_name()

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _roles(roles)


class InviteForm(PlaceForm):
    """Whom to invite, to what. `places`: what may be invited to."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    where = forms.ChoiceField(label=_("To"), widget=forms.RadioSelect)
    field_order = ("email", "where", "role", "agent_name")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["where"]
        if isinstance(field, forms.ChoiceField):
            field.choices = places
        field.initial = places[0][0]


class JoinForm(forms.Form):
    """A new person, by the link of an invitation to `email`."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST_PERSONS_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=_("Ten characters or more."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean_name(self) -> str:
        return tidy_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            try:
                validate_password(cleaned["password"], User(email=self._email, name=cleaned.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned
