from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from ringtrace.lake.months import LONGEST_LOOKBACK_DAYS
from ringtrace.web.actions import check_time_zone
from ringtrace.web.addresses import check_origin
from ringtrace.web.forms.places import CURRENCIES, REGIONS
from ringtrace.web.forms.reading import checked
from ringtrace.web.when import check_hosts, read_list


class CompanyForm(forms.Form):
    """A company's own facts."""

    name = forms.CharField(label=_("Company name"), max_length=200)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Days in reports begin and end in it. Type a city."),
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "data-guess-zone": ""}),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    region = forms.ChoiceField(
        label=_("Country"), choices=REGIONS, help_text=_("How phone numbers without a country code are read.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("currency", CURRENCIES)
        self._offer("region", REGIONS)

    def _offer(self, name: str, usual: Sequence[tuple[str, str]]) -> None:
        """Keeps a current value that is not in our list: saving must never change it unasked."""
        current = self.initial.get(name)
        field = self.fields[name]
        if current and current not in dict(usual) and isinstance(field, forms.ChoiceField):
            field.choices = [(current, current), *usual]

    def clean_time_zone(self) -> str:
        return checked(check_time_zone, self.cleaned_data["time_zone"])


class CompanySettingsForm(CompanyForm):
    """A company's own facts, with how its journeys are laid out."""

    lookback_days = forms.IntegerField(
        label=_("Days before a call that count"),
        min_value=1,
        max_value=LONGEST_LOOKBACK_DAYS,
        required=False,
        help_text=_("Visits longer before a call have no part in it. Changing it lays out all history anew."),
    )


class RateForm(forms.Form):
    """What one unit of another currency is worth in the company's own."""

    code = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    rate = forms.FloatField(
        label=_("Worth"), min_value=0.000001, max_value=999_999_999, widget=forms.NumberInput(attrs={"step": "any"})
    )

    def __init__(self, data: Any = None, *, own: str) -> None:
        super().__init__(data)
        others = [(code, name) for code, name in CURRENCIES if code != own]
        self.fields["code"] = forms.ChoiceField(label=_("One unit of"), choices=others)
        self.fields["rate"].label = f"Is worth ({own})"


class OwnerForm(CompanyForm):
    """The first person, and their company."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=_("Ten characters or more."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("email", "password", "name", "time_zone", "currency", "region")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class SiteForm(forms.Form):
    """A web site and where it lives."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("For you, such as “Main site”."))
    origins = forms.CharField(
        label=_("Addresses"),
        max_length=4000,
        help_text=_("One a line, such as https://www.example.com. Only pages from these addresses get numbers."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def clean_origins(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        return list(dict.fromkeys(checked(check_origin, _whole(line)) for line in lines))


def _whole(address: str) -> str:
    """People leave out what every address begins with."""
    return f"https://{address}" if "." in address and ":" not in address else address


class SiteSettingsForm(SiteForm):
    """A site as it is changed later."""

    consent = forms.ChoiceField(
        label=_("Consent"),
        choices=[
            ("not_needed", "Not needed: every visit may get a number of its own"),
            ("needed", "Needed first: before it no identifier and no pooled number"),
        ],
        required=False,  # a post that says nothing of it leaves it as it is
        help_text=_("Needed where the law asks for it, such as in the EU and the UK."),
    )
    ignored_referrers = forms.CharField(
        label=_("Hosts that send nobody"),
        max_length=20_000,
        required=False,
        help_text=_(
            "One a line, such as booking.example.com: visits that come back from there are not referred by it. "
            "Payment pages are known already."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def clean_ignored_referrers(self) -> list[str]:
        return list(checked(check_hosts, read_list(self.cleaned_data["ignored_referrers"])))
