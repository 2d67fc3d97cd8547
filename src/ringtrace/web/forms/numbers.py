from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.core.errors import BadInput
from ringtrace.core.phones import read_phone, show_phone
from ringtrace.core.sources import Channel, Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.flows.plan import RejectReason
from ringtrace.web.actions import check_destination, check_numbers
from ringtrace.web.forms.companies import SiteForm
from ringtrace.web.forms.connections import CarrierForm
from ringtrace.web.forms.reading import checked, refuse
from ringtrace.web.models import Connection, Pool, Site

_STATIC = "static"
_OVERFLOW = "overflow:"


class FirstSiteForm(SiteForm):
    """A site with the number that is printed on it."""

    printed = forms.CharField(
        label=_("Printed number"),
        max_length=40,
        help_text=_("The phone number on your pages today. Visitors will see a tracking number in its place."),
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
        label=_("Tracking numbers"),
        max_length=200_000,
        help_text=_("Paste them, one a line. They must lead to the carrier you chose."),
        widget=forms.Textarea(
            attrs={"rows": 5, "spellcheck": "false", "placeholder": "+1 310 555 0101\n+1 310 555 0102"}
        ),
    )
    destination = forms.CharField(
        label=_("Where calls go"), max_length=200, help_text=_("Your real phone number, or a sip: address.")
    )
    ring_secs = forms.IntegerField(label=_("Ring for (seconds)"), min_value=5, max_value=120, initial=25)

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
        label=_("Hold a number for (minutes)"),
        min_value=1,
        max_value=1440,
        initial=30,
        help_text=_("After a visitor's last sign of life. Longer is surer, and needs more numbers."),
    )
    field_order = ("carrier", "auth_token", "public_url", "numbers", "destination", "ring_secs", "hold_mins")


class MoreNumbersForm(AnsweringForm):
    """Numbers for a pool, one that overflows, or static ones that stand for one source."""

    connection = forms.ChoiceField(label=_("Carrier"))
    use = forms.ChoiceField(label=_("Use them"))
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(channel.value, channel.value) for channel in Channel],
        initial=Channel.OFFLINE.value,
    )
    source = forms.CharField(
        label=_("Source"), max_length=200, required=False, help_text=_("Such as “flyer” or “google”.")
    )
    medium = forms.CharField(
        label=_("Medium"), max_length=200, required=False, help_text=_("Such as “print” or “cpc”.")
    )
    campaign = forms.CharField(label=_("Campaign"), max_length=200, required=False)
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("For you, such as “Van, left side”.")
    )
    shown = forms.ChoiceField(label=_("Shown on"), required=False)
    field_order = (
        *("connection", "use", "name", "channel", "source", "medium", "campaign", "shown"),
        *("numbers", "destination", "ring_secs"),
    )
    static_fields = ("name", "channel", "source", "medium", "campaign", "shown")

    def __init__(
        self,
        *args: Any,
        connections: list[Connection],
        pools: list[Pool],
        targets: list[tuple[Site, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._connections = {connection.pk: connection for connection in connections}
        self._pools = {pool.pk: pool for pool in pools}
        self._targets = {f"{site.pk} {target}": (site, target) for site, target in targets}
        self.fields["connection"] = forms.ChoiceField(
            label=_("Carrier"), choices=[(connection.pk, connection.name) for connection in connections]
        )
        self.fields["use"] = forms.ChoiceField(label=_("Use them"), choices=self._uses(pools))
        shown_on = [
            (key, f"{site.name}, in place of {show_phone(target)}, to its source’s visits")
            for key, (site, target) in self._targets.items()
        ]
        self.fields["shown"] = forms.ChoiceField(
            label=_("Shown on"), choices=[("", "No page: it is printed on something"), *shown_on], required=False
        )
        self.order_fields(self.field_order)

    @staticmethod
    def _uses(pools: list[Pool]) -> list[tuple[str, str]]:
        in_pools = [(pool.pk, f"In the pool “{pool.name}”") for pool in pools]
        overflow = [(f"{_OVERFLOW}{pool.pk}", f"When the pool “{pool.name}” has none free") for pool in pools]
        return [*in_pools, (_STATIC, "As static numbers for one source"), *overflow]

    def clean(self) -> dict[str, Any] | None:
        cleaned = self.cleaned_data
        use = cleaned.get("use", "")
        if use == _STATIC and not cleaned.get("source"):
            self.add_error("source", "A static number stands for a source: name it.")
        only_one = use.startswith(_OVERFLOW) or (use == _STATIC and cleaned.get("shown"))
        if only_one and len(cleaned.get("numbers", ())) > 1:
            self.add_error("numbers", "Give one number: the same one is shown to all of these visits.")
        return cleaned

    @property
    def chosen_connection(self) -> Connection:
        return self._connections[self.cleaned_data["connection"]]

    @property
    def pool(self) -> Pool | None:
        return self._pools.get(self.cleaned_data["use"])

    @property
    def overflow_of(self) -> Pool | None:
        return self._pools.get(self.cleaned_data["use"].removeprefix(_OVERFLOW)) if self.pool is None else None

    @property
    def shown_at(self) -> tuple[Site, str] | None:
        """The site, and the printed number that it stands in for there."""
        return self._targets.get(self.cleaned_data["shown"]) if self.static_source else None

    @property
    def static_source(self) -> Source | None:
        cleaned = self.cleaned_data
        if cleaned["use"] != _STATIC:
            return None
        return Source(
            channel=Channel(cleaned["channel"]),
            source=cleaned["source"],
            medium=cleaned["medium"] or None,
            campaign=cleaned["campaign"] or None,
        )


class FlowForm(forms.Form):
    """Where a number's calls go: a flow of one step."""

    kind = forms.ChoiceField(
        label=_("A call to it"),
        choices=[("ring", "rings"), ("reject", "is turned away")],
        widget=forms.RadioSelect,
    )
    destination = forms.CharField(
        label=_("Where it rings"),
        max_length=200,
        required=False,
        help_text=_("Your real phone number, or a sip: address."),
    )
    ring_secs = forms.IntegerField(label=_("Ring for (seconds)"), min_value=1, max_value=120, required=False)
    reason = forms.ChoiceField(
        label=_("What the caller hears"),
        choices=[(RejectReason.BUSY.value, "busy"), (RejectReason.BLOCKED.value, "not in service")],
        required=False,
    )
    everywhere = forms.BooleanField(label="", required=False)

    def __init__(self, data: Any = None, *, flow: dict[str, Any], region: str, sisters: int) -> None:
        super().__init__(data, initial=_flow_facts(flow))
        self._region = region
        if sisters:
            self.fields["everywhere"].label = f"Also for all others of the pool that do the same ({sisters})"
        else:
            del self.fields["everywhere"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = self.cleaned_data
        if cleaned.get("kind") != "ring":
            return cleaned
        if not cleaned.get("destination"):
            self.add_error("destination", "Say where it rings.")
        else:
            try:
                cleaned["destination"] = check_destination(cleaned["destination"], self._region)
            except BadInput as error:
                refuse(self, error, "destination")
        if not cleaned.get("ring_secs") and "ring_secs" not in self.errors:
            self.add_error("ring_secs", "Say for how long it rings.")
        return cleaned

    @property
    def flow(self) -> dict[str, object]:
        cleaned = self.cleaned_data
        if cleaned["kind"] == "ring":
            return ring_flow(cleaned["destination"], cleaned["ring_secs"])
        return {"format": 1, "steps": [{"reject": cleaned["reason"] or RejectReason.BUSY.value}]}


def _flow_facts(flow: dict[str, Any]) -> dict[str, Any]:
    step: dict[str, Any] = next(iter(flow.get("steps", ())), {})
    ring = step.get("ring") or {}
    destination = str(ring.get("destination", ""))
    return {
        "kind": "reject" if step.get("reject") else "ring",
        "destination": show_phone(destination) if destination.startswith("+") else destination,
        "ring_secs": ring.get("timeout_secs", 20),
        "reason": step.get("reject") or RejectReason.BUSY.value,
    }


class StandForm(forms.Form):
    """What a number that was found somewhere stands for."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(channel.value, channel.value) for channel in Channel],
        initial=Channel.REFERRAL.value,
    )
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Where it stands, such as “yellow-pages”."))
    name = forms.CharField(label=_("Name"), max_length=200, required=False, help_text=_("For you."))

    @property
    def stands_for(self) -> Source:
        cleaned = self.cleaned_data
        return Source(channel=Channel(cleaned["channel"]), source=cleaned["source"])
