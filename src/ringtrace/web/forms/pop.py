from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.web.pop_hints import LONGEST_HINT


class HintForm(forms.Form):
    """What somebody who answers is told to do, beside its condition."""

    text = forms.CharField(
        label=_("What to do"),
        max_length=LONGEST_HINT,
        help_text=_("Such as “Ask for the quote number: they have one.” It is shown big while the call rings."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
