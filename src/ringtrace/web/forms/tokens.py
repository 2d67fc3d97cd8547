from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.web.access import Right
from ringtrace.web.tokens import LONGEST_NAME, SCOPE_WORDS, Scope

_ALL = "all"
_NEEDED = {
    Scope.READ: Right.SEE,
    Scope.CALLERS: Right.SEE_CALLERS,
    Scope.CALLS: Right.WORK,
    Scope.OUTCOMES: Right.WORK,
    Scope.SPEND: Right.CHANGE,
    Scope.SETTINGS: Right.CHANGE,
    Scope.PEOPLE: Right.CHANGE,
}
"""Without the right a scope would open nothing worth having."""


class TokenForm(forms.Form):
    """`rights`: of the person who makes it; they are offered no more than they may do."""

    name = forms.CharField(
        label=_("What will use it"), max_length=LONGEST_NAME, help_text=_("Such as “Nightly export of the CRM”.")
    )
    days = forms.TypedChoiceField(
        label=_("It ends"),
        coerce=int,
        empty_value=None,
        choices=[("30", "After 30 days"), ("90", "After 90 days"), ("365", "After a year"), ("", "When it is revoked")],
        initial="90",
        required=False,
    )

    field_order = ("name", "scopes", "days")

    def __init__(self, data: Any = None, *, rights: frozenset[Right]) -> None:
        super().__init__(data)
        offered = [(scope.value, SCOPE_WORDS[scope]) for scope in Scope if _NEEDED[scope] in rights]
        self.fields["scopes"] = forms.MultipleChoiceField(
            label=_("What it may do"),
            choices=[*offered, (_ALL, "Everything you may do, now and later")],
            initial=[Scope.READ.value],
            error_messages={"required": "Tick what it may do."},
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(self.field_order)

    @property
    def chosen_scopes(self) -> list[str] | None:
        """None: everything."""
        scopes: list[str] = self.cleaned_data["scopes"]
        return None if _ALL in scopes else scopes
