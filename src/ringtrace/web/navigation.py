"""The menu and the tabs of the settings: each page once, for those who may open it, and which pages stand below it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from msgspec import Struct

from ringtrace.web.access import Right


class Item(Struct, frozen=True, kw_only=True):
    """`name`: of the page's address; `also`: of those of the pages below it; `icon`: of `parts/icons.html`.
    `for_several`: only for whoever has more than one company."""

    name: str
    title: str
    icon: str = ""
    right: Right = Right.SEE
    also: tuple[str, ...] = ()
    for_several: bool = False


class Link(Struct, frozen=True, kw_only=True):
    """`current`: "page" on that very page, "true" on one below it, else ""."""

    address: str
    title: str
    icon: str
    current: str


SETTINGS = (
    Item(
        name="settings",
        title=gettext_noop("Company and sites"),
        also=("settings_site", "site_check", "server_key", "rates"),
    ),
    Item(
        name="settings_sources",
        title=gettext_noop("Source rules"),
        also=("source_rule", "source_rule_add", "reclassify", "source_rule_move", "source_rule_remove"),
    ),
    Item(
        name="definitions",
        title=gettext_noop("What counts"),
        also=("definition", "definition_add", "definition_main"),
    ),
    Item(
        name="tags",
        title=gettext_noop("Tags and dispositions"),
        also=("tag_rule_add", "tag_rule_remove", "dispositions", "keypad"),
    ),
    Item(
        name="pop_hints",
        title=gettext_noop("What to do"),
        also=("pop_hint", "pop_hint_add", "pop_hint_move", "pop_hint_remove"),
    ),
    Item(name="hooks", title=gettext_noop("Webhooks"), also=("hook", "hook_add", "hook_remove", "hook_kept")),
    Item(name="downloads", title=gettext_noop("Downloads"), also=("download",)),
    Item(
        name="imports",
        title=gettext_noop("Imports"),
        also=("names", "name_align", "name_rule_remove", "upload", "upload_add", "upload_discard"),
    ),
    Item(
        name="people",
        title=gettext_noop("People"),
        right=Right.CHANGE,
        also=("person", "people_invite", "invitation_again", "invitation_revoke"),
    ),
    Item(name="brand", title=gettext_noop("Name and logo"), right=Right.OWN, also=("company_add",)),
    Item(name="tokens", title=gettext_noop("API tokens"), also=("token_add", "token_revoke")),
    Item(name="sso", title=gettext_noop("Signing in"), right=Right.OWN, also=("sso_add", "sso_provider", "sso_remove")),
    Item(
        name="schedules",
        title=gettext_noop("Mailed reports"),
        right=Right.CHANGE,
        also=("schedule", "schedule_add", "schedule_preview", "schedule_send", "schedule_remove"),
    ),
    Item(name="audit", title=gettext_noop("Audit log"), right=Right.CHANGE),
)

MENU = (
    Item(
        name="agency",
        title=gettext_noop("All companies"),
        icon="agency",
        right=Right.BELONG,
        also=("company_add", "company_remove"),
        for_several=True,
    ),
    Item(name="overview", title=gettext_noop("Overview"), icon="overview"),
    Item(name="sources", title=gettext_noop("Sources"), icon="sources"),
    Item(name="landing_pages", title=gettext_noop("Landing pages"), icon="landing"),
    Item(
        name="metrics",
        title=gettext_noop("Metrics"),
        icon="metrics",
        also=("metrics_why", "metrics_hours", "metrics_lifetime", "metrics_list", "metrics_views"),
    ),
    Item(name="journeys", title=gettext_noop("Journeys"), icon="journeys"),
    Item(
        name="calls",
        title=gettext_noop("Calls"),
        icon="calls",
        right=Right.SEE_CALLS,
        also=("call", "review", "call_outcome", "review_outcome", "outcome_change", "outcomes", "outcome_assign"),
    ),
    Item(
        name="pop",
        title=gettext_noop("Screen pop"),
        icon="pop",
        right=Right.SEE_CALLS,
        also=("pop_take", "pop_disposition", "pop_tag", "pop_outcome"),
    ),
    Item(
        name="numbers",
        title=gettext_noop("Numbers"),
        icon="numbers",
        also=("pool", "pool_add", "static", "number", "number_remove"),
    ),
    Item(
        name="settings",
        title=gettext_noop("Settings"),
        icon="settings",
        also=tuple(name for item in SETTINGS for name in (item.name, *item.also)),
    ),
)


def links(items: tuple[Item, ...], rights: frozenset[Right], here: str, *, has_several: bool = False) -> list[Link]:
    return [
        Link(address=reverse(item.name), title=gettext(item.title), icon=item.icon, current=_current(item, here))
        for item in items
        if item.right in rights and (has_several or not item.for_several)
    ]


def _current(item: Item, here: str) -> str:
    if item.name == here:
        return "page"
    return "true" if here in item.also else ""
