from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from ringtrace.core.money import read_cents
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.web.forms.reading import checked


class OutcomeForm(forms.Form):
    """What came of a call. Each form that was shown has a nonce of its own: sent twice, it counts once."""

    kind = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(kind.value, kind.value.replace("_", " ").capitalize()) for kind in OutcomeKind],
        initial=OutcomeKind.SALE.value,
    )
    value = forms.CharField(
        label=_("Value"),
        max_length=40,
        required=False,
        help_text=_("Such as 420.50. Leave it empty if it is not known."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False)
    sealed_nonce = forms.CharField(
        max_length=200, required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, call_id: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signer = Signer(salt=f"outcome of {call_id}")
        self.fields["sealed_nonce"].initial = self._signer.sign(secrets.token_urlsafe(16))

    def clean_value(self) -> int | None:
        value = self.cleaned_data["value"]
        return checked(read_cents, value) if value else None

    def clean(self) -> dict[str, Any]:
        try:
            nonce = self._signer.unsign(self.cleaned_data.get("sealed_nonce", ""))
        except BadSignature as error:
            self.data = {**dict(self.data.items()), "sealed_nonce": self.fields["sealed_nonce"].initial}
            raise ValidationError("This form was out of date. Look it over and save it again.") from error
        return self.cleaned_data | {"nonce": nonce}


class OutcomeChangeForm(forms.Form):
    """What one outcome is said to be instead. `own_kind`: what it is now, where that is a kind of the company's own."""

    kind = forms.ChoiceField(label=_("Outcome"))
    value = forms.CharField(
        label=_("Value"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False)

    def __init__(self, *args: Any, own_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in OutcomeKind]
        own = [] if own_kind in dict(known) else [(own_kind, own_kind.replace("_", " ").capitalize())]
        kinds = self.fields["kind"]
        kinds.choices = [*known, *own]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_value(self) -> int | None:
        value = self.cleaned_data["value"]
        return checked(read_cents, value) if value else None
