"""The menu and the tabs of the settings: each page once, for those who may open it, and which pages stand below it."""

from __future__ import annotations

from django.urls import reverse
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
    Item(name="settings", title="Company and sites", also=("settings_site", "site_check", "server_key", "rates")),
    Item(
        name="settings_sources",
        title="Source rules",
        also=("source_rule", "source_rule_add", "reclassify", "source_rule_move", "source_rule_remove"),
    ),
    Item(
        name="definitions",
        title="What counts",
        also=("definition", "definition_add", "definition_main"),
    ),
    Item(
        name="tags",
        title="Tags and dispositions",
        also=("tag_rule_add", "tag_rule_remove", "dispositions", "keypad"),
    ),
    Item(
        name="pop_hints",
        title="What to do",
        also=("pop_hint", "pop_hint_add", "pop_hint_move", "pop_hint_remove"),
    ),
    Item(name="hooks", title="Webhooks", also=("hook", "hook_add", "hook_remove", "hook_kept")),
    Item(name="downloads", title="Downloads", also=("download",)),
    Item(
        name="imports",
        title="Imports",
        also=("names", "name_align", "name_rule_remove", "upload", "upload_add", "upload_discard"),
    ),
    Item(
        name="people",
        title="People",
        right=Right.CHANGE,
        also=("person", "people_invite", "invitation_again", "invitation_revoke"),
    ),
    Item(name="brand", title="Name and logo", right=Right.OWN, also=("company_add",)),
    Item(name="tokens", title="API tokens", also=("token_add", "token_revoke")),
    Item(name="sso", title="Signing in", right=Right.OWN, also=("sso_add", "sso_provider", "sso_remove")),
    Item(
        name="schedules",
        title="Mailed reports",
        right=Right.CHANGE,
        also=("schedule", "schedule_add", "schedule_preview", "schedule_send", "schedule_remove"),
    ),
    Item(name="audit", title="Audit log", right=Right.CHANGE),
)

MENU = (
    Item(
        name="agency",
        title="All companies",
        icon="agency",
        right=Right.BELONG,
        also=("company_add", "company_remove"),
        for_several=True,
    ),
    Item(name="overview", title="Overview", icon="overview"),
    Item(name="sources", title="Sources", icon="sources"),
    Item(name="landing_pages", title="Landing pages", icon="landing"),
    Item(
        name="metrics",
        title="Metrics",
        icon="metrics",
        also=("metrics_why", "metrics_hours", "metrics_lifetime", "metrics_list", "metrics_views"),
    ),
    Item(name="journeys", title="Journeys", icon="journeys"),
    Item(
        name="calls",
        title="Calls",
        icon="calls",
        right=Right.SEE_CALLS,
        also=("call", "review", "call_outcome", "review_outcome", "outcome_change", "outcomes", "outcome_assign"),
    ),
    Item(
        name="pop",
        title="Screen pop",
        icon="pop",
        right=Right.SEE_CALLS,
        also=("pop_take", "pop_disposition", "pop_tag", "pop_outcome"),
    ),
    Item(name="numbers", title="Numbers", icon="numbers", also=("pool", "pool_add", "static", "number", "number_remove")),
    Item(
        name="settings",
        title="Settings",
        icon="settings",
        also=tuple(name for item in SETTINGS for name in (item.name, *item.also)),
    ),
)


def links(items: tuple[Item, ...], rights: frozenset[Right], here: str, *, has_several: bool = False) -> list[Link]:
    return [
        Link(address=reverse(item.name), title=item.title, icon=item.icon, current=_current(item, here))
        for item in items
        if item.right in rights and (has_several or not item.for_several)
    ]


def _current(item: Item, here: str) -> str:
    if item.name == here:
        return "page"
    return "true" if here in item.also else ""
