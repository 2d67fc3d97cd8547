from __future__ import annotations

from typing import Any

from django import forms

from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.web.actions import check_destination, check_numbers
from ringtrace.web.forms.companies import SiteForm
from ringtrace.web.forms.connections import CarrierForm
from ringtrace.web.forms.reading import checked
from ringtrace.web.models import Connection, Pool

_STATIC = "static"


class FirstSiteForm(SiteForm):
    """A site with the number that is printed on it."""

    printed = forms.CharField(
        label="Printed number",
        max_length=40,
        help_text="The phone number on your pages today. Visitors will see a tracking number in its place.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._region = region

    def clean_printed(self) -> str:
        return checked(read_phone, self.cleaned_data["printed"], self._region)


class AnsweringForm(forms.Form):
    """Tracking numbers, and where their calls go."""

    numbers = forms.CharField(
        label="Tracking numbers",
        max_length=200_000,
        help_text="Paste them, one a line. They must lead to the carrier you chose.",
        widget=forms.Textarea(
            attrs={"rows": 5, "spellcheck": "false", "placeholder": "+1 310 555 0101\n+1 310 555 0102"}
        ),
    )
    destination = forms.CharField(
        label="Where calls go", max_length=200, help_text="Your real phone number, or a sip: address."
    )
    ring_secs = forms.IntegerField(label="Ring for (seconds)", min_value=5, max_value=120, initial=25)

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._region = region

    def clean_numbers(self) -> list[str]:
        return checked(check_numbers, self.cleaned_data["numbers"], self._region)

    def clean_destination(self) -> str:
        return checked(check_destination, self.cleaned_data["destination"], self._region)

    @property
    def flow(self) -> dict[str, object]:
        return ring_flow(self.cleaned_data["destination"], self.cleaned_data["ring_secs"])


class FirstNumbersForm(CarrierForm, AnsweringForm):
    """The first carrier, its numbers, and their pool."""

    hold_mins = forms.IntegerField(
        label="Hold a number for (minutes)",
        min_value=1,
        max_value=1440,
        initial=30,
        help_text="After a visitor's last sign of life. Longer is surer, and needs more numbers.",
    )
    field_order = ("carrier", "auth_token", "public_url", "numbers", "destination", "ring_secs", "hold_mins")


class MoreNumbersForm(AnsweringForm):
    """Numbers for a pool, or a static number that stands for one source."""

    connection = forms.ChoiceField(label="Carrier")
    use = forms.ChoiceField(label="Use them")
    channel = forms.ChoiceField(
        label="Channel", choices=[(channel.value, channel.value) for channel in Channel], initial=Channel.OFFLINE.value
    )
    source = forms.CharField(label="Source", max_length=200, required=False, help_text="Such as “flyer”.")
    medium = forms.CharField(label="Medium", max_length=200, required=False, help_text="Such as “print”.")
    campaign = forms.CharField(label="Campaign", max_length=200, required=False)
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="For you, such as “Van, left side”.")
    field_order = (
        "connection",
        "use",
        "name",
        "channel",
        "source",
        "medium",
        "campaign",
        "numbers",
        "destination",
        "ring_secs",
    )
    static_fields = ("name", "channel", "source", "medium", "campaign")

    def __init__(self, *args: Any, connections: list[Connection], pools: list[Pool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = {connection.pk: connection for connection in connections}
        self._pools = {pool.pk: pool for pool in pools}
        self.fields["connection"] = forms.ChoiceField(
            label="Carrier", choices=[(connection.pk, connection.name) for connection in connections]
        )
        in_pools = [(pool.pk, f"In the pool “{pool.name}”") for pool in pools]
        self.fields["use"] = forms.ChoiceField(
            label="Use them", choices=[*in_pools, (_STATIC, "As static numbers for one source")]
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("use") == _STATIC and not self.cleaned_data.get("source"):
            self.add_error("source", "A static number stands for a source: name it.")
        return self.cleaned_data

    @property
    def chosen_connection(self) -> Connection:
        return self._connections[self.cleaned_data["connection"]]

    @property
    def pool(self) -> Pool | None:
        return self._pools.get(self.cleaned_data["use"])

    @property
    def static_source(self) -> Source | None:
        if self.pool is not None:
            return None
        cleaned = self.cleaned_data
        return Source(
            channel=Channel(cleaned["channel"]),
            source=cleaned["source"],
            medium=cleaned["medium"] or None,
            campaign=cleaned["campaign"] or None,
        )
