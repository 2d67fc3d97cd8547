from __future__ import annotations

from django import forms

from ringtrace.web.tokens import LONGEST_NAME


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What will use it", max_length=LONGEST_NAME, help_text="Such as “Nightly export of the CRM”."
    )
