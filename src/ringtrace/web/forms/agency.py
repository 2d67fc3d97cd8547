from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.web.brand import LARGEST_LOGO, LONGEST_NAME, check_brand_name, check_logo
from ringtrace.web.colours import check_colour
from ringtrace.web.forms.companies import CompanyForm
from ringtrace.web.forms.reading import checked
from ringtrace.web.models import Account


class AddCompanyForm(CompanyForm):
    """One more company. `accounts`: where it may go; asked where there are several."""

    account = forms.ChoiceField(label=_("Account"), required=False)
    field_order = ("account", "name", "time_zone", "currency", "region")

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.pk, each.name) for each in accounts]
        if len(accounts) < 2:
            del self.fields["account"]


class RemoveCompanyForm(forms.Form):
    name = forms.CharField(
        label=_("Type the company’s name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class BrandForm(forms.Form):
    """An account's own name, colour and logo."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, required=False, help_text=_("Stands where “Ringtrace” does.")
    )
    colour = forms.CharField(
        label=_("Colour"),
        max_length=20,
        required=False,
        help_text=_(
            "Like #0b706b. On light pages it is made darker, on dark ones lighter, as far as reading needs it."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "placeholder": "#0b706b"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        allow_empty_file=True,
        help_text=_("PNG, JPEG or WebP, at most 200 kB. It is shown 28 pixels high, beside the name."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    def clean_name(self) -> str:
        return checked(check_brand_name, self.cleaned_data["name"])

    def clean_colour(self) -> str:
        return checked(check_colour, self.cleaned_data["colour"])

    def clean_logo(self) -> bytes | None:
        """None where no file was given."""
        given = self.cleaned_data["logo"]
        if not given:
            return None
        body: bytes = given.read(LARGEST_LOGO + 1)
        checked(check_logo, body)
        return body
