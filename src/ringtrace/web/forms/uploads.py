from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.call_logs.generic import FIELDS as CALL_FIELDS
from ringtrace.intake.call_logs.registry import CALL_LOGS
from ringtrace.intake.files.mapping import fields_of
from ringtrace.intake.files.moments import DateStyle
from ringtrace.intake.files.spend.port import SpendChoices, Vendor
from ringtrace.intake.files.values import NumberStyle
from ringtrace.intake.port import ContactKind, What
from ringtrace.web.imports import Choices, Plan

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_LONGEST_SAMPLE = 24
WHATS: Final = (
    (What.OUTCOMES.value, "Outcomes: leads, appointments, sales"),
    (What.SPEND.value, "Spend of advertising"),
    (What.CALLS.value, "Calls of another system"),
    (What.CONTACTS.value, "Contacts: forms, chats, visits to the store"),
)
_DATES: Final = (
    ("", "As the file shows"),
    (DateStyle.DAY_FIRST.value, "Day first: 31/5/2026"),
    (DateStyle.MONTH_FIRST.value, "Month first: 5/31/2026"),
)
_NUMBERS: Final = (
    ("", "As the file shows"),
    (NumberStyle.POINT.value, "Point: 1,234.50"),
    (NumberStyle.COMMA.value, "Comma: 1.234,50"),
)
_VENDORS: Final = {
    Vendor.GOOGLE_ADS: "Google Ads",
    Vendor.MICROSOFT_ADS: "Microsoft Advertising",
    Vendor.META_ADS: "Meta Ads",
    Vendor.GENERIC: "Another system",
}
_KINDS: Final = {What.OUTCOMES: tuple(OutcomeKind), What.CONTACTS: tuple(ContactKind)}


class UploadForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What is in it"), choices=WHATS, initial=What.OUTCOMES.value, widget=forms.RadioSelect()
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_(
            "A table as text: CSV, however it is encoded and separated, also packed as .zip or .gz."
            " At most 200 MB. Of a workbook, save the sheet as CSV."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,.zip,text/csv,text/plain"}),
    )


class ReadingForm(forms.Form):
    """How a file is read. Fields depend on what is in it; the columns are those of the file, each with a sample."""

    def __init__(self, data: Any, *, what: What, plan: Plan | None, samples: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(data)
        self._what = what
        self._columns = _mapped_fields(what, plan)
        shown = _column_choices(plan, samples)
        chosen = _chosen_columns(plan)
        for field in self._columns:
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=_title(field), choices=shown, required=False, initial=chosen.get(field, "")
            )
        self._add_kinds(plan)
        self._add_styles(plan)
        if what is What.SPEND:
            self._add_spend(plan)
        if what is What.CALLS:
            self._add_calls()

    def _add_kinds(self, plan: Plan | None) -> None:
        kinds = _KINDS.get(self._what)
        if kinds is None:
            return
        choices = [
            ("", "As the column says"),
            *((kind.value, kind.value.replace("_", " ").capitalize()) for kind in kinds),
        ]
        fixed = plan.mapping.fixed.get("kind", "") if plan and plan.mapping else ""
        said = "\n".join(
            f"{word} = {kind}" for word, kind in (plan.mapping.kinds if plan and plan.mapping else {}).items()
        )
        self.fields["fixed_kind"] = forms.ChoiceField(
            label=_("Kind of all rows"), choices=choices, required=False, initial=fixed
        )
        self.fields["kinds"] = forms.CharField(
            label=_("What the file’s own words mean"),
            required=False,
            max_length=4_000,
            initial=said,
            help_text=_("One a line, such as “Closed Won = sale”; nothing after the = leaves such rows out."),
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def _add_styles(self, plan: Plan | None) -> None:
        self.fields["system"] = self._system(plan)
        read = (plan.spend or plan.mapping) if plan else None
        dates, numbers = (_sure(read.dates), _sure(read.numbers)) if read else ("", "")
        self.fields["dates"] = forms.ChoiceField(label=_("Dates"), choices=_DATES, required=False, initial=dates)
        if self._what is not What.CALLS:
            self.fields["numbers"] = forms.ChoiceField(
                label=_("Decimal mark"), choices=_NUMBERS, required=False, initial=numbers
            )
        text = forms.TextInput(attrs=_PLAIN)
        self.fields["currency"] = forms.CharField(
            label=_("Currency"), required=False, max_length=3, help_text=_("Empty: the company’s."), widget=text
        )
        self.fields["zone"] = forms.CharField(
            label=_("Time zone of its times"),
            required=False,
            max_length=64,
            help_text=_("Such as Europe/Berlin. Empty: the company’s."),
            widget=forms.TextInput(attrs=_PLAIN),
        )

    def _system(self, plan: Plan | None) -> forms.Field:
        if self._what is What.SPEND:
            vendors = [(vendor.value, title) for vendor, title in _VENDORS.items()]
            return forms.ChoiceField(
                label=_("Whose export it is"), choices=vendors, required=False, initial=plan.system if plan else ""
            )
        if self._what is What.CALLS:
            logs = [(log.name, log.title) for log in CALL_LOGS.values()]
            return forms.ChoiceField(
                label=_("Whose export it is"), choices=logs, required=False, initial=plan.system if plan else ""
            )
        system = plan.system if plan and plan.system != "file" else ""
        help_text = "Such as hubspot; it stands before the ids of its customers."
        widget = forms.TextInput(attrs=_PLAIN)
        return forms.CharField(
            label=_("Whose export it is"),
            required=False,
            max_length=40,
            initial=system,
            help_text=help_text,
            widget=widget,
        )

    def _add_spend(self, plan: Plan | None) -> None:
        if plan is not None and plan.spend is not None and plan.spend.vendor is Vendor.GENERIC:
            for name in ("source", "medium"):
                self.fields[f"fixed_{name}"] = forms.CharField(
                    label=f"{name.capitalize()} of all rows",
                    required=False,
                    max_length=120,
                    initial=getattr(plan.spend, name) or "",
                    widget=forms.TextInput(attrs=_PLAIN),
                )
        day = forms.DateInput(attrs={"type": "date"})
        self.fields["since_on"] = forms.DateField(
            label=_("First day"), required=False, widget=day, help_text=_("Where its rows name no day.")
        )
        self.fields["until_on"] = forms.DateField(
            label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        self.fields["spread"] = forms.BooleanField(
            label=_("Spread figures of several days evenly over them"), required=False
        )

    def _add_calls(self) -> None:
        self.fields["called"] = forms.CharField(
            label=_("Number called"),
            required=False,
            max_length=20,
            help_text=_("Where the log does not say."),
            widget=forms.TextInput(attrs=_PLAIN),
        )
        self.fields["duration_is_talk"] = forms.BooleanField(
            label=_("Take its one duration as talk time"),
            required=False,
        )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{field}"] for field in self._columns]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        since_on, until_on = self.cleaned_data.get("since_on"), self.cleaned_data.get("until_on")
        if (since_on is None) != (until_on is None):
            self.add_error("until_on", "A period has two ends.")
        elif since_on and until_on and until_on < since_on:
            self.add_error("until_on", "It ends before it begins.")
        return self.cleaned_data

    @property
    def choices(self) -> Choices:
        """Of a form that is valid. Raises BadInput for words of kinds that cannot be read."""
        said = self.cleaned_data
        columns = {field: said.get(f"column_{field}") or "" for field in self._columns}
        if self._what is What.CALLS:
            columns = {field: column for field, column in columns.items() if column}
        fixed = {name: said.get(f"fixed_{name}") for name in ("kind", "source", "medium")}
        dates = DateStyle(said["dates"]) if said.get("dates") else None
        return Choices(
            system=said.get("system") or "",
            columns=columns,
            fixed={name: text for name, text in fixed.items() if text},
            kinds=_read_kinds(said.get("kinds") or ""),
            zone=said.get("zone") or "",
            currency=(said.get("currency") or "").upper(),
            spread=bool(said.get("spread")),
            day_first=dates is DateStyle.DAY_FIRST,
            duration_is_talk=bool(said.get("duration_is_talk")),
            called_e164=said.get("called") or "",
            spend=SpendChoices(
                numbers=NumberStyle(said["numbers"]) if said.get("numbers") else None,
                dates=dates,
                since_on=said.get("since_on"),
                until_on=said.get("until_on"),
            ),
        )


def _sure(style: DateStyle | NumberStyle | None) -> str:
    """ "" where the file could be read either way, and nobody said how."""
    return "" if style in (None, DateStyle.AMBIGUOUS, NumberStyle.AMBIGUOUS) else str(style)


def _mapped_fields(what: What, plan: Plan | None) -> tuple[str, ...]:
    """Fields of ours that a person may say the column of; exports of known systems have names of their own."""
    if plan is None:
        return ()
    if what is What.CALLS:
        return tuple(CALL_FIELDS) if plan.system == "generic" else ()
    if what is What.SPEND and plan.spend is not None and plan.spend.vendor is not Vendor.GENERIC:
        return ()
    return fields_of(what)


def _chosen_columns(plan: Plan | None) -> Mapping[str, str]:
    if plan is None:
        return {}
    if plan.spend is not None:
        return plan.spend.columns
    return plan.mapping.columns if plan.mapping is not None else plan.choices.columns


def _column_choices(plan: Plan | None, samples: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    if plan is None:
        return []
    none = "found by its name" if plan.what is What.CALLS else "not read"
    return [("", none), *((column, _with_sample(column, samples)) for column in plan.table.header)]


def _with_sample(column: str, samples: Sequence[Mapping[str, str]]) -> str:
    seen = next((row[column].strip() for row in samples if row.get(column, "").strip()), "")
    return f"{column} ({seen[:_LONGEST_SAMPLE]}{'…' if len(seen) > _LONGEST_SAMPLE else ''})" if seen else column


def _title(field: str) -> str:
    return _TITLES.get(field) or field.replace("_", " ").capitalize()


_TITLES: Final = {
    "at": "When it happened",
    "created_at": "When it was made",
    "called_at": "When the call was",
    "external_id": "Its own id",
    "crm_id": "Customer’s id",
    "person_name": "Customer’s name",
    "call_id": "Ringtrace’s id of the call",
    "contact_id": "Id of the contact",
    "visit_id": "Ringtrace’s id of the visit",
    "email": "E-mail",
    "until_day": "Last day",
    "cost_micros": "Cost in millionths",
    "url": "Page",
}


def _read_kinds(text: str) -> dict[str, str]:
    """Lines of `WORD = KIND`; what stands after the last `=` is the kind. Raises BadInput."""
    found = {}
    for line in text.splitlines():
        word, equals, kind = line.rpartition("=")
        if not line.strip():
            continue
        if not equals or not word.strip():
            raise BadInput(f"{line.strip()[:60]!r} is not understood.", hint="Write it like Closed Won = sale.")
        found[word.strip()] = kind.strip()
    return found
