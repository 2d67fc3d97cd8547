from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.web.hooks import LONGEST_SECRET, HookChoices, choices_of
from ringtrace.web.models import Hook

_LONGEST_KINDS = 50_000


class HookForm(forms.Form):
    """What a company chooses for a webhook. `kinds`: one a line, `stage = kind`."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    kinds = forms.CharField(
        label=_("What its stages mean"),
        required=False,
        max_length=_LONGEST_KINDS,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_(
            "One a line: closedwon = sale, or pipeline/stage = appointment. lost: a lost opportunity; nothing"
            " after the = for a stage that means nothing to you. Left empty, the system’s own meaning holds."
        ),
    )
    org_id = forms.CharField(
        label=_("Its id for your organisation"),
        max_length=100,
        required=False,
        help_text=_(
            "HubSpot’s portal, Salesforce’s organisation, Pipedrive’s company. Those of another are not taken."
        ),
    )
    currency = forms.CharField(
        label=_("Currency of amounts that name none"),
        max_length=3,
        required=False,
        help_text=_("Empty: the company’s own."),
    )
    secret = forms.CharField(
        label=_("Secret"),
        max_length=LONGEST_SECRET,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, hook: Hook | None = None, **kwargs: Any) -> None:
        if hook is not None:
            chosen = choices_of(hook)
            kinds = "\n".join(f"{stage} = {kind}".rstrip() for stage, kind in chosen.kinds.items())
            kwargs["prefix"] = hook.pk
            kwargs["initial"] = {
                "name": hook.name,
                "kinds": kinds,
                "org_id": chosen.org_id,
                "currency": chosen.currency,
            }
        super().__init__(*args, **kwargs)
        if hook is not None:
            self._fit(hook)

    def _fit(self, hook: Hook) -> None:
        """Asks for the secret where the other system makes it; where it is ours, offers a new one."""
        if HOOKS[hook.source].is_secret_ours:
            del self.fields["secret"]
            self.fields["renew"] = forms.BooleanField(
                label=_("Make a new secret"), required=False, help_text=_("The old one is refused from that moment on.")
            )
        else:
            self.fields["secret"].help_text = "Left empty, the one there is stays."

    def clean_kinds(self) -> dict[str, str]:
        kinds: dict[str, str] = {}
        for line in self.cleaned_data["kinds"].splitlines():
            if not line.strip():
                continue
            stage, mark, kind = line.rpartition("=")
            if not mark or not stage.strip():
                raise ValidationError(
                    f"{line.strip()[:60]!r} is not a stage and a kind. Write it like closedwon = sale."
                )
            kinds[stage.strip()] = kind.strip()
        return kinds

    @property
    def choices(self) -> HookChoices:
        cleaned = self.cleaned_data
        return HookChoices(kinds=cleaned["kinds"], org_id=cleaned["org_id"], currency=cleaned["currency"])


class NewHookForm(HookForm):
    source = forms.ChoiceField(label=_("System"), choices=[(name, hook.title) for name, hook in HOOKS.items()])
    field_order = ("source", "name", "org_id", "secret", "kinds", "currency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="new", **kwargs)
        self.fields["secret"].help_text = "HubSpot’s client secret. For the other systems, Ringtrace makes one."
