from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.core.phones import read_phone, show_phone
from ringtrace.core.sources import Channel, Source
from ringtrace.web.forms.reading import checked
from ringtrace.web.models import Pool, Site, TrackingNumber
from ringtrace.web.pools import Placed, Times
from ringtrace.web.when import (
    DEVICES,
    WEB_CHANNELS,
    check_hosts,
    check_landings,
    check_regions,
    check_texts,
    read_list,
)
from ringtrace.wire.directory import When

_NOWHERE = ""
_LONGEST_LIST = 8_000


def _alternatives(label: str, example: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_LONGEST_LIST,
        required=False,
        help_text=example,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class WhenForm(forms.Form):
    """Which visits something is for. Of each field one alternative must fit; an empty one asks nothing."""

    sources = _alternatives("Sources", "Such as google, bing. * stands for anything.")
    mediums = _alternatives("Mediums", "Such as cpc, email.")
    campaigns = _alternatives("Campaigns", "Such as emergency-*.")
    keywords = _alternatives("Keywords", "Such as *leak*.")
    landings = _alternatives("Landing pages", "Paths, such as /emergency/*.")
    referrers = _alternatives("Referring hosts", "Such as yelp.com; its subdomains are meant too.")
    regions = _alternatives("Regions", "Countries or states, such as US, US-CA.")
    devices = forms.MultipleChoiceField(
        label=_("Devices"),
        choices=[(device, words.capitalize()) for device, words in DEVICES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        choices=[(channel.value, channel.value) for channel in WEB_CHANNELS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    when_fields: ClassVar[tuple[str, ...]] = (
        *("channels", "sources", "mediums", "campaigns", "keywords", "landings", "referrers", "regions", "devices"),
    )

    def clean_sources(self) -> tuple[str, ...]:
        return self._read("sources", check_texts)

    def clean_mediums(self) -> tuple[str, ...]:
        return self._read("mediums", check_texts)

    def clean_campaigns(self) -> tuple[str, ...]:
        return self._read("campaigns", check_texts)

    def clean_keywords(self) -> tuple[str, ...]:
        return self._read("keywords", check_texts)

    def clean_landings(self) -> tuple[str, ...]:
        return self._read("landings", check_landings)

    def clean_referrers(self) -> tuple[str, ...]:
        return self._read("referrers", check_hosts)

    def clean_regions(self) -> tuple[str, ...]:
        return self._read("regions", check_regions)

    def _read(self, name: str, check: Callable[[Sequence[str]], tuple[str, ...]]) -> tuple[str, ...]:
        return checked(check, read_list(self.cleaned_data[name]))

    @property
    def when(self) -> When:
        return When(**{name: tuple(self.cleaned_data.get(name, ())) for name in self.when_fields})

    @property
    def asks(self) -> list[forms.BoundField]:
        """The fields that say which visits."""
        return [self[name] for name in self.when_fields if name in self.fields]

    @property
    def others(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.when_fields]


def initial_of(when: When) -> dict[str, Any]:
    """A When as a WhenForm begins with it."""
    found = {name: getattr(when, name) for name in WhenForm.when_fields}
    lists = {name: list(found[name]) for name in ("channels", "devices")}
    return {name: ", ".join(texts) for name, texts in found.items()} | lists


class PlacedForm(WhenForm):
    """Which visits, in place of which printed number, and in what order."""

    target = forms.CharField(
        label=_("In place of"),
        max_length=40,
        help_text=_("The number that is printed on the pages."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    place = forms.IntegerField(
        label=_("Order"),
        min_value=1,
        max_value=9_999,
        help_text=_("Of all that fit a visit, the lowest is shown."),
    )

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._region = region

    def clean_target(self) -> str:
        target: str = self.cleaned_data["target"]
        return checked(read_phone, target, self._region) if target else ""

    @property
    def placed(self) -> Placed:
        cleaned = self.cleaned_data
        return Placed(target_e164=cleaned["target"], when=self.when, place=cleaned["place"])


def _mins(label: str, least: float, most: float, help_text: str) -> forms.FloatField:
    return forms.FloatField(
        label=f"{label} (minutes)",
        min_value=least,
        max_value=most,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class PoolForm(PlacedForm):
    """A pool's name, times, visits and overflow."""

    name = forms.CharField(label=_("Name"), max_length=200)
    hold_mins = _mins("Hold", 1, 1_440, "After a visitor's last sign of life. Longer is surer, and needs more numbers.")
    called_hold_mins = _mins("Hold after a call", 0, 43_200, "So that who calls back is known. From the call on.")
    cooldown_mins = _mins("Rest", 0, 1_440, "Between two visits.")
    beat_secs = forms.IntegerField(
        label=_("Sign of life every (seconds)"), min_value=15, max_value=600, help_text=_("While the page is seen.")
    )
    overflow = forms.ChoiceField(
        label=_("When no number is free"),
        required=False,
        help_text=_("An overflow number is shared by all who find no other: its calls ring, and count for nobody."),
    )
    field_order = (
        *("name", "target", "place", "overflow", "hold_mins", "called_hold_mins", "cooldown_mins", "beat_secs"),
        *WhenForm.when_fields,
    )

    def __init__(self, data: Any = None, *, pool: Pool, free: Sequence[TrackingNumber], region: str) -> None:
        super().__init__(data, region=region, initial=_pool_facts(pool))
        self._free = {number.pk: number for number in free}
        choices = [(number.pk, f"Show {show_phone(number.e164)}") for number in free]
        self.fields["overflow"] = forms.ChoiceField(
            label=_("When no number is free"),
            choices=[(_NOWHERE, "Leave the page alone: it shows its printed number"), *choices],
            required=False,
            help_text=self.fields["overflow"].help_text,
        )
        self.order_fields(self.field_order)

    @property
    def chosen_overflow(self) -> TrackingNumber | None:
        return self._free.get(self.cleaned_data["overflow"])

    @property
    def times(self) -> Times:
        cleaned = self.cleaned_data
        return Times(
            hold_secs=round(cleaned["hold_mins"] * 60),
            called_hold_secs=round(cleaned["called_hold_mins"] * 60),
            cooldown_secs=round(cleaned["cooldown_mins"] * 60),
            beat_secs=cleaned["beat_secs"],
        )


def _pool_facts(pool: Pool) -> dict[str, Any]:
    times = {
        "hold_mins": _as_mins(pool.hold_secs),
        "called_hold_mins": _as_mins(pool.called_hold_secs),
        "cooldown_mins": _as_mins(pool.cooldown_secs),
        "beat_secs": pool.beat_secs,
    }
    facts = {"name": pool.name, "target": show_phone(pool.target_e164), "place": pool.place}
    return facts | times | {"overflow": pool.overflow_id or _NOWHERE} | initial_of(_when(pool.when))


def _as_mins(seconds: int) -> float:
    return seconds // 60 if seconds % 60 == 0 else seconds / 60


def _when(stored: dict[str, Any]) -> When:
    return When(**{name: tuple(texts) for name, texts in stored.items()})


class NewPoolForm(forms.Form):
    """A pool to begin with: it is filled and ruled on its own page."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Such as “Google Ads visitors”."))
    site = forms.ChoiceField(label=_("Site"))
    target = forms.CharField(
        label=_("In place of"),
        max_length=40,
        help_text=_("The number that is printed on the pages."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, sites: Sequence[Site], region: str) -> None:
        super().__init__(data)
        self._sites = {site.pk: site for site in sites}
        self._region = region
        self.fields["site"] = forms.ChoiceField(label=_("Site"), choices=[(site.pk, site.name) for site in sites])

    def clean_target(self) -> str:
        return checked(read_phone, self.cleaned_data["target"], self._region)

    @property
    def chosen_site(self) -> Site:
        return self._sites[self.cleaned_data["site"]]


class StaticForm(PlacedForm):
    """What a static number stands for, and the visits that are shown it."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("For you, such as “Google Ads”.")
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=[(channel.value, channel.value) for channel in Channel])
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("What its calls count for, such as “google”.")
    )
    medium = forms.CharField(label=_("Medium"), max_length=200, required=False)
    campaign = forms.CharField(label=_("Campaign"), max_length=200, required=False)
    site = forms.ChoiceField(label=_("Shown on"), required=False)
    field_order = (
        *("name", "channel", "source", "medium", "campaign", "site", "target", "place"),
        *WhenForm.when_fields,
    )

    def __init__(self, data: Any = None, *, number: TrackingNumber, sites: Sequence[Site], region: str) -> None:
        super().__init__(data, region=region, initial=_static_facts(number))
        self._place = number.place
        self._sites = {site.pk: site for site in sites}
        choices = [(site.pk, f"The pages of {site.name}") for site in sites]
        self.fields["site"] = forms.ChoiceField(
            label=_("Shown on"),
            choices=[(_NOWHERE, "No page: it is printed on something"), *choices],
            required=False,
            help_text=_("On pages it stands in for the printed number, for the visits below."),
        )
        self.fields["target"].required = False
        self.fields["place"].required = False
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("site") and not self.cleaned_data.get("target") and "target" not in self.errors:
            self.add_error("target", "Name the printed number that it stands in for.")
        return self.cleaned_data

    @property
    def chosen_site(self) -> Site | None:
        return self._sites.get(self.cleaned_data["site"])

    @property
    def placed(self) -> Placed:
        cleaned = self.cleaned_data
        return Placed(target_e164=cleaned["target"], when=self.when, place=cleaned["place"] or self._place)

    @property
    def stands_for(self) -> Source:
        cleaned = self.cleaned_data
        return Source(
            channel=Channel(cleaned["channel"]),
            source=cleaned["source"],
            medium=cleaned["medium"] or None,
            campaign=cleaned["campaign"] or None,
        )


def _static_facts(number: TrackingNumber) -> dict[str, Any]:
    stands_for = number.static_source or {}
    facts = {name: stands_for.get(name) or "" for name in ("channel", "source", "medium", "campaign")}
    facts |= {"name": number.name, "site": number.site_id or _NOWHERE}
    target = show_phone(number.target_e164) if number.target_e164 else ""
    return facts | {"target": target, "place": number.place} | initial_of(_when(number.when))
