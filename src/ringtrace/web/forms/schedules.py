from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.web.models import Cadence, Company, ReportSchedule
from ringtrace.web.schedules import Wanted

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ScheduleForm(forms.Form):
    """What is mailed, when and to whom."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("It becomes the subject of the e-mail."))
    view = forms.ChoiceField(label=_("What"), required=False)
    cadence = forms.ChoiceField(label=_("How often"), choices=Cadence.choices, initial=Cadence.WEEKLY)
    weekday = forms.TypedChoiceField(
        label=_("On"), coerce=int, choices=list(enumerate(_WEEKDAYS)), initial=0, help_text=_("Of a weekly report.")
    )
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=28, initial=1, help_text=_("Of a monthly report.")
    )
    hour = forms.TypedChoiceField(
        label=_("At"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)], initial=7
    )
    recipients = forms.CharField(
        label=_("To"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("E-mail addresses, one a line.")
    )
    is_on = forms.BooleanField(label=_("It is sent"), required=False, initial=True)

    def __init__(self, *args: Any, company: Company, **named: Any) -> None:
        super().__init__(*args, **named)
        shared = company.views.filter(is_shared=True).order_by("name").values_list("pk", "name")
        self.fields["view"].choices = [("", "The overview, by channel"), *shared]  # type: ignore[attr-defined]
        self.fields["hour"].help_text = f"Of {company.time_zone}."

    @property
    def wanted(self) -> Wanted:
        cleaned = self.cleaned_data
        return Wanted(
            name=cleaned["name"],
            view_id=cleaned["view"],
            cadence=Cadence(cleaned["cadence"]),
            weekday=cleaned["weekday"],
            month_day=cleaned["month_day"],
            hour=cleaned["hour"],
            recipients=tuple(cleaned["recipients"].replace(",", "\n").splitlines()),
            is_on=cleaned["is_on"],
        )


def facts_of(row: ReportSchedule) -> dict[str, object]:
    """What the form shows of a schedule."""
    return {
        "name": row.name,
        "view": row.view_id or "",
        "cadence": row.cadence,
        "weekday": row.weekday,
        "month_day": row.month_day,
        "hour": row.hour,
        "recipients": "\n".join(row.recipients),
        "is_on": row.is_on,
    }
