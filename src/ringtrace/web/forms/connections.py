from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.web.actions import fresh_secret
from ringtrace.web.addresses import check_public_url
from ringtrace.web.forms.reading import checked
from ringtrace.web.models import Connection

CARRIER_NAMES = {"kamailio": "SIP through Kamailio", "twilio": "Twilio"}


def _token_field(label: str, help_text: str) -> forms.CharField:
    """A secret that is written and never shown."""
    return forms.CharField(
        label=label,
        max_length=200,
        required=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class ReachedForm(forms.Form):
    """Where a carrier reaches the edge."""

    public_url = forms.CharField(
        label=_("This server's public address"),
        max_length=200,
        required=False,
        help_text=_("How the carrier reaches the edge: https://calls.example.com. Signatures are checked with it."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_public_url(self) -> str:
        url = self.cleaned_data["public_url"]
        return checked(check_public_url, url) if url else ""


class CarrierForm(ReachedForm):
    """Which carrier, and what it needs."""

    carrier = forms.ChoiceField(
        label=_("Carrier"), choices=tuple(CARRIER_NAMES.items()), initial="kamailio", widget=forms.RadioSelect
    )
    auth_token = _token_field(
        "Twilio auth token", "From Twilio's console. It proves that a webhook is Twilio's; it is kept encrypted."
    )

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("carrier") == "twilio" and not self.cleaned_data.get("auth_token"):
            self.add_error("auth_token", "Twilio's auth token is needed to check its signatures.")
        return self.cleaned_data

    @property
    def secret_and_url(self) -> tuple[str, str]:
        """What was given for this carrier; nothing for one that takes a secret of ours."""
        cleaned = self.cleaned_data
        return (cleaned["auth_token"], cleaned["public_url"]) if cleaned["carrier"] == "twilio" else ("", "")


class ConnectForm(CarrierForm):
    """One more carrier account."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("For you. Empty: the carrier's own.")
    )
    field_order = ("carrier", "name", "auth_token", "public_url")

    @property
    def chosen_name(self) -> str:
        name: str = self.cleaned_data["name"] or CARRIER_NAMES[self.cleaned_data["carrier"]]
        return name


class ConnectionForm(ReachedForm):
    """A connection's name, address and secret. The secret is never shown; nothing written keeps it."""

    name = forms.CharField(label=_("Name"), max_length=200)
    secret = _token_field("New Twilio auth token", "Leave it empty to keep the one there is.")
    renew = forms.BooleanField(
        label=_("Make a new secret"),
        required=False,
        help_text=_("Kamailio is refused until its configuration is written anew with “ringtrace sip config”."),
    )
    field_order = ("name", "public_url", "secret", "renew")

    def __init__(self, data: Any = None, *, connection: Connection) -> None:
        super().__init__(
            data,
            prefix=connection.pk,
            initial={"name": connection.name, "public_url": connection.public_url},
        )
        del self.fields["renew" if connection.carrier == "twilio" else "secret"]

    @property
    def new_secret(self) -> str:
        """Empty: keep the old one."""
        if self.cleaned_data.get("renew"):
            return fresh_secret()
        secret: str = self.cleaned_data.get("secret", "")
        return secret
