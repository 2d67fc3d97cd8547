from __future__ import annotations

from django import forms

from ringtrace.core.outcomes import OutcomeKind
from ringtrace.web.forms.reading import checked, read_cents


class OutcomeForm(forms.Form):
    """What came of a call."""

    kind = forms.ChoiceField(
        label="Outcome",
        choices=[(kind.value, kind.value.capitalize()) for kind in OutcomeKind],
        initial=OutcomeKind.SALE.value,
    )
    value = forms.CharField(
        label="Value",
        max_length=40,
        required=False,
        help_text="Leave it empty if it is not known.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    note = forms.CharField(label="Note", max_length=2000, required=False)

    def clean_value(self) -> int | None:
        return checked(read_cents, self.cleaned_data["value"])
