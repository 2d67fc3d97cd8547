from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Condition, SourceRule
from ringtrace.sources import check_rule
from ringtrace.web.forms.reading import refuse
from ringtrace.web.models import SourceRuleRow
from ringtrace.web.when import WEB_CHANNELS

_CONDITIONS = 5
_PARAM = "param:"
_OF = (
    ("", "—"),
    ("source", "Source"),
    ("medium", "Medium"),
    ("campaign", "Campaign"),
    ("keyword", "Keyword"),
    ("content", "Content"),
    ("referrer", "Referring host"),
    ("landing", "Landing page"),
    ("param", "Parameter of the URL"),
)
HOW = (("is", "is"), ("starts", "starts with"), ("ends", "ends with"), ("contains", "contains"), ("exists", "is there"))


class ConditionFields(Struct, frozen=True):
    """The fields of one condition, as the page lays them out."""

    number: int
    of: Any
    param: Any
    how: Any
    text: Any


class RuleForm(forms.Form):
    """A source rule: up to five conditions that must all hold, and what they make of a visit."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("For you, such as “Our partner’s banner”."))
    enabled = forms.BooleanField(label=_("In force"), required=False, initial=True)
    set_channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[("", "Found from source and medium"), *((channel.value, channel.value) for channel in WEB_CHANNELS)],
        required=False,
    )
    set_source = forms.CharField(label=_("Source"), max_length=200, required=False, help_text=_("Empty: as it is."))
    set_medium = forms.CharField(label=_("Medium"), max_length=200, required=False, help_text=_("Empty: as it is."))
    set_campaign = forms.CharField(label=_("Campaign"), max_length=200, required=False, help_text=_("Empty: as it is."))
    result_fields = ("set_channel", "set_source", "set_medium", "set_campaign")

    def __init__(self, data: Any = None, *, row: SourceRuleRow | None = None) -> None:
        super().__init__(data, initial=_facts(row) if row else None)
        self._rule_id = row.pk if row else "new"
        for number in range(_CONDITIONS):
            for name, field in _condition_fields(number):
                self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> list[ConditionFields]:
        return [
            ConditionFields(number + 1, *(self[f"{name}_{number}"] for name in ("of", "param", "how", "text")))
            for number in range(_CONDITIONS)
        ]

    @property
    def results(self) -> list[forms.BoundField]:
        return [self[name] for name in self.result_fields]

    def clean(self) -> dict[str, Any] | None:
        if not self.errors:
            try:
                check_rule(self.rule)
            except BadInput as error:
                refuse(self, error)
        return self.cleaned_data

    @property
    def rule(self) -> SourceRule:
        cleaned = self.cleaned_data
        return SourceRule(
            rule_id=self._rule_id,
            conditions=tuple(_conditions(cleaned)),
            set_source=cleaned["set_source"] or None,
            set_medium=cleaned["set_medium"] or None,
            set_campaign=cleaned["set_campaign"] or None,
            set_channel=Channel(cleaned["set_channel"]) if cleaned["set_channel"] else None,
        )


def _condition_fields(number: int) -> Iterator[tuple[str, forms.Field]]:
    plain = {"autocomplete": "off", "spellcheck": "false"}
    said = f"of condition {number + 1}"
    yield "of", forms.ChoiceField(label=f"What {said}", choices=_OF, required=False)
    yield (
        "param",
        forms.CharField(
            label=f"Parameter {said}",
            max_length=100,
            required=False,
            widget=forms.TextInput(attrs=plain | {"placeholder": "its name"}),
        ),
    )
    yield "how", forms.ChoiceField(label=f"How {said}", choices=HOW, required=False, initial="is")
    yield (
        "text",
        forms.CharField(label=f"Text {said}", max_length=500, required=False, widget=forms.TextInput(attrs=plain)),
    )


def _conditions(cleaned: Mapping[str, Any]) -> Iterator[Condition]:
    for number in range(_CONDITIONS):
        of = cleaned[f"of_{number}"]
        if of:
            asked = f"{_PARAM}{cleaned[f'param_{number}']}" if of == "param" else of
            how = cleaned[f"how_{number}"] or "is"
            text = "" if how == "exists" else cleaned[f"text_{number}"]
            yield msgspec.convert({"of": asked, "how": how, "text": text}, Condition)


def _facts(row: SourceRuleRow) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row, name) for name in ("name", "enabled", *RuleForm.result_fields)}
    for number, condition in enumerate(msgspec.convert(row.conditions, list[Condition])):
        of, _, param = condition.of.partition(":")
        facts |= {f"of_{number}": of, f"param_{number}": param}
        facts |= {f"how_{number}": condition.how, f"text_{number}": condition.text}
    return facts


def in_words(rule: SourceRule) -> str:
    """`Referring host ends with “.example.com” and campaign is “x”`."""
    names = {of: words for of, words in _OF if of}
    said = []
    for condition in rule.conditions:
        of, _, param = condition.of.partition(":")
        what = f"parameter “{param}”" if of == "param" else names.get(of, of).lower()
        text = "" if condition.how == "exists" else f" “{condition.text}”"
        said.append(f"{what} {dict(HOW)[condition.how]}{text}")
    return " and ".join(said)
