from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.qualification.definitions import LONGEST_TITLE
from ringtrace.qualification.tags import LONGEST_TAG

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_LONGEST_NAME = 40
_KEYPAD_ROWS = 5


class DefinitionForm(forms.Form):
    """A definition beside its condition. `name` is asked of a new one alone: it never changes."""

    title = forms.CharField(
        label=_("Title"), max_length=LONGEST_TITLE, help_text=_("For people, such as “Real enquiries”.")
    )
    name = forms.CharField(
        label=_("Short name"),
        max_length=_LONGEST_NAME,
        required=False,
        help_text=_("For exports and programs: small letters, digits and _. Empty: made of the title."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Why it changes. It is kept with the version.")
    )

    def __init__(self, data: Any = None, *, initial: dict[str, str] | None = None, is_new: bool) -> None:
        super().__init__(data, initial=initial)
        if not is_new:
            del self.fields["name"]

    @property
    def slug(self) -> str:
        """The name that was given, or one made of the title."""
        said: str = self.cleaned_data.get("name") or self.cleaned_data["title"]
        slug = re.sub(r"[^a-z0-9]+", "_", said.casefold()).strip("_")[:_LONGEST_NAME].rstrip("_")
        return slug if slug[:1].isalpha() else f"d_{slug}".rstrip("_")[:_LONGEST_NAME]


class TagRuleForm(forms.Form):
    tag = forms.CharField(
        label=_("Tag"),
        max_length=LONGEST_TAG,
        help_text=_("Such as “Long call”. Case makes no difference: the first spelling stays."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tags"}),
    )


class DispositionsForm(forms.Form):
    dispositions = forms.CharField(
        label=_("Dispositions"),
        required=False,
        max_length=4_000,
        help_text=_("How a call can end, one a line. The first nine have the keys 1 to 9 in the review of calls."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    @property
    def texts(self) -> list[str]:
        return str(self.cleaned_data["dispositions"]).splitlines()


class KeypadForm(forms.Form):
    """What keys pressed after a call mean, a row each; a row without keys is left out."""

    def __init__(self, data: Any = None, *, keypad: dict[str, dict[str, str]], dispositions: list[str]) -> None:
        super().__init__(data)
        known = sorted(keypad.items())
        choices = [("", "no disposition"), *((text, text) for text in dispositions)]
        self._count = max(_KEYPAD_ROWS, len(known) + 3)
        for nth in range(self._count):
            keys, meant = known[nth] if nth < len(known) else ("", {})
            said = f"of row {nth + 1}"
            text = forms.TextInput(attrs=_PLAIN | {"placeholder": "keys"})
            self.fields[f"keys_{nth}"] = forms.CharField(
                label=f"Keys {said}", required=False, max_length=4, initial=keys, widget=text
            )
            tag = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "tag", "list": "known-tags"})
            self.fields[f"tag_{nth}"] = forms.CharField(
                label=f"Tag {said}", required=False, max_length=LONGEST_TAG, initial=meant.get("tag"), widget=tag
            )
            self.fields[f"disposition_{nth}"] = forms.ChoiceField(
                label=f"Disposition {said}", required=False, choices=choices, initial=meant.get("disposition")
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        return [(self[f"keys_{nth}"], self[f"tag_{nth}"], self[f"disposition_{nth}"]) for nth in range(self._count)]

    def clean(self) -> dict[str, Any] | None:
        seen: set[str] = set()
        for nth in range(self._count):
            keys, tag, disposition = (self.cleaned_data.get(f"{name}_{nth}") for name in ("keys", "tag", "disposition"))
            if keys and keys in seen:
                self.add_error(f"keys_{nth}", "These keys are there twice.")
            if not keys and (tag or disposition):
                self.add_error(f"keys_{nth}", "Say which keys mean this.")
            seen.add(keys or "")
        return self.cleaned_data

    @property
    def mapping(self) -> dict[str, dict[str, str]]:
        cleaned = self.cleaned_data
        return {
            cleaned[f"keys_{nth}"]: {"tag": cleaned[f"tag_{nth}"], "disposition": cleaned[f"disposition_{nth}"]}
            for nth in range(self._count)
            if cleaned[f"keys_{nth}"]
        }
