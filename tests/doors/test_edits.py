"""Two people edit one thing: neither's edit is lost, and whoever saves second is asked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from ringtrace.core.sources import Channel, Condition, Source, SourceRule
from ringtrace.qualification import Leaf, Operator
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.counting import do_save_definition
from ringtrace.web.hooks import do_make_hook
from ringtrace.web.models import Membership, Role, User
from ringtrace.web.source_rules import do_save_rule
from tests.doors.cast import PASSWORD, Cast, browser

SOURCE = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc")


@dataclass(frozen=True)
class Edited:
    """A page with a form: Alice changes one field of it, Dora another or the same."""

    make: Callable[[Cast], tuple[str, str]]  # the page, and where its form posts to
    field: str
    other: str
    value_of: Callable[[Cast], Any]
    more: tuple[tuple[str, str], ...] = ()


def _definition(cast: Cast) -> tuple[str, str]:
    do_save_definition(cast.company, "long", "Long calls", Leaf("talk_secs", Operator.AT_LEAST, 60), 1)
    page = f"/settings/definitions/{cast.company.definitions.get(name='long').pk}/"
    return page, page


def _rule(cast: Cast) -> tuple[str, str]:
    rule = SourceRule(rule_id="new", conditions=(Condition(of="source", text="x.example"),), set_medium="partner")
    page = f"/settings/sources/{do_save_rule(cast.company, 'Partner', rule).pk}/"
    return page, page


def _static(cast: Cast) -> tuple[str, str]:
    number = do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=SOURCE)[0]
    page = f"/numbers/statics/{number.pk}/"
    return page, page


def _hook(cast: Cast) -> tuple[str, str]:
    return "/settings/hooks/", f"/settings/hooks/{do_make_hook(cast.company, 'standard', 'Shop', 0)[0].pk}/"


EDITED = {
    "pool": Edited(
        make=lambda cast: (f"/numbers/pools/{cast.pool.pk}/",) * 2,
        field="name",
        other="hold_mins",
        value_of=lambda cast: cast.company.sites.get().pools.get().name,
    ),
    "static": Edited(
        make=_static,
        field="name",
        other="campaign",
        value_of=lambda cast: cast.company.numbers.get(e164="+13105550155").name,
    ),
    "site": Edited(
        make=lambda cast: ("/settings/", f"/settings/sites/{cast.site.pk}/"),
        field="name",
        other="ignored_referrers",
        value_of=lambda cast: cast.company.sites.get().name,
    ),
    "company": Edited(
        make=lambda _cast: ("/settings/", "/settings/"),
        field="name",
        other="lookback_days",
        value_of=lambda cast: type(cast.company).objects.get(pk=cast.company.pk).name,
    ),
    "source rule": Edited(
        make=_rule,
        field="name",
        other="set_campaign",
        value_of=lambda cast: cast.company.source_rules.get().name,
        more=(("what", "save"),),
    ),
    "connection": Edited(
        make=lambda cast: ("/numbers/", f"/numbers/connections/{cast.connection.pk}/"),
        field="name",
        other="public_url",
        value_of=lambda cast: cast.company.connections.get().name,
    ),
    "hook": Edited(make=_hook, field="name", other="org_id", value_of=lambda cast: cast.company.hooks.get().name),
    "definition": Edited(
        make=_definition,
        field="title",
        other="top_0_value",
        value_of=lambda cast: cast.company.definitions.get(name="long").title,
        more=(("what", "save"),),
    ),
    "dispositions": Edited(
        make=lambda _cast: ("/settings/tags/", "/settings/tags/dispositions/"),
        field="dispositions",
        other="",
        value_of=lambda cast: type(cast.company).objects.get(pk=cast.company.pk).dispositions[0],
    ),
}
_OTHER_VALUES = {
    "hold_mins": "77",
    "lookback_days": "12",
    "public_url": "https://other.example",
    "ignored_referrers": "booking.example",
    "top_0_value": "99",
}


@pytest.fixture
def dora(cast: Cast) -> Client:
    """An admin beside Alice."""
    user = User.objects.create_user("dora@example.com", PASSWORD)
    Membership.objects.create(user=user, account=cast.company.account, role=Role.ADMIN)
    return browser("dora@example.com")


def _fields(client: Client, page: str, action: str) -> dict[str, Any]:
    """What the form that posts to `action` would send untouched."""
    text = client.get(page).content.decode()
    forms = re.findall(r"<form([^>]*)>(.*?)</form>", text, re.DOTALL)
    body = next(
        inside
        for head, inside in forms
        if (f'action="{action}"' in head or ("action=" not in head and page == action)) and "seen" in inside
    )
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") in ("checkbox", "radio") and "checked" not in tag:
            continue
        if "name" in told:
            sent[told["name"]] = html.unescape(told.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        sent[name] = html.unescape(text).removeprefix("\n")
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\sselected', inside) or re.search(r'value="([^"]*)"', inside)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    return sent


def _named(sent: dict[str, Any], field: str) -> str:
    """The whole name of a field, with the prefix of its form."""
    return next(name for name in sent if name == field or name.endswith(f"-{field}"))


def _change(sent: dict[str, Any], edited: Edited, field: str, value: str) -> dict[str, Any]:
    return sent | {_named(sent, field): value} | dict(edited.more)


def _buttons(page: str) -> dict[str, dict[str, Any]]:
    """What each button of the page that asks would post."""
    found = {}
    for inside in re.findall(r'<form method="post">(.*?)</form>', page, re.DOTALL):
        words = re.search(r"<button[^>]*>([^<]+)</button>", inside)
        fields: dict[str, list[str]] = {}
        for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', inside):
            fields.setdefault(name, []).append(html.unescape(value))
        found[words[1] if words else ""] = fields
    return found


@pytest.mark.parametrize("what", EDITED)
def test_it_asks_whoever_saves_second(cast: Cast, dora: Client, what: str) -> None:
    edited = EDITED[what]
    page, action = edited.make(cast)
    alices, doras = _fields(cast.alice, page, action), _fields(dora, page, action)
    assert dora.post(action, _change(doras, edited, edited.field, "Dora’s")).status_code in (200, 302)
    answer = cast.alice.post(action, _change(alices, edited, edited.field, "Alice’s own"))
    asked = answer.content.decode()
    assert answer.status_code == 409
    assert "dora@example.com" in asked
    assert "both changed it" in asked
    assert "Alice’s own" in asked
    assert "Dora’s" in asked
    assert edited.value_of(cast) == "Dora’s"
    buttons = _buttons(asked)
    assert set(buttons) == {"Keep mine"}
    assert cast.alice.post(action, buttons["Keep mine"]).status_code in (200, 302)
    assert edited.value_of(cast) == "Alice’s own"


@pytest.mark.parametrize("what", [name for name, edited in EDITED.items() if edited.other and name != "definition"])
def test_it_keeps_both_changes_where_they_fit_together(cast: Cast, dora: Client, what: str) -> None:
    edited = EDITED[what]
    page, action = edited.make(cast)
    alices, doras = _fields(cast.alice, page, action), _fields(dora, page, action)
    other = _OTHER_VALUES.get(edited.other, "doras")
    assert dora.post(action, _change(doras, edited, edited.other, other)).status_code in (200, 302)
    answer = cast.alice.post(action, _change(alices, edited, edited.field, "Alice’s own"))
    assert answer.status_code == 409
    both = _buttons(answer.content.decode())["Keep both changes"]
    assert cast.alice.post(action, both).status_code in (200, 302)
    assert edited.value_of(cast) == "Alice’s own"
    after = _fields(cast.alice, page, action)
    assert after[_named(after, edited.other)] == other


@pytest.mark.parametrize("what", EDITED)
def test_it_lets_one_person_save_twice(cast: Cast, what: str) -> None:
    edited = EDITED[what]
    page, action = edited.make(cast)
    for value in ("One", "Two"):
        sent = _fields(cast.alice, page, action)
        assert cast.alice.post(action, _change(sent, edited, edited.field, value)).status_code in (200, 302)
        assert edited.value_of(cast) == value


def test_it_asks_again_where_it_changes_a_third_time(cast: Cast, dora: Client) -> None:
    edited = EDITED["pool"]
    page, action = edited.make(cast)
    alices, doras = _fields(cast.alice, page, action), _fields(dora, page, action)
    dora.post(action, _change(doras, edited, "name", "Dora’s"))
    asked = cast.alice.post(action, _change(alices, edited, "name", "Alice’s own"))
    dora.post(action, _change(_fields(dora, page, action), edited, "name", "Dora’s again"))
    again = cast.alice.post(action, _buttons(asked.content.decode())["Keep mine"])
    assert again.status_code == 409
    assert edited.value_of(cast) == "Dora’s again"


def test_it_does_not_ask_where_both_made_the_same_change(cast: Cast, dora: Client) -> None:
    edited = EDITED["company"]
    page, action = edited.make(cast)
    alices, doras = _fields(cast.alice, page, action), _fields(dora, page, action)
    dora.post(action, _change(doras, edited, "name", "Same"))
    assert cast.alice.post(action, _change(alices, edited, "name", "Same")).status_code == 302


def test_it_remembers_what_it_showed_at_first_while_mistakes_are_mended(cast: Cast, dora: Client) -> None:
    edited = EDITED["pool"]
    page, action = edited.make(cast)
    alices = _fields(cast.alice, page, action)
    dora.post(action, _change(_fields(dora, page, action), edited, "name", "Dora’s"))
    mended = cast.alice.post(action, _change(alices, edited, "hold_mins", "none"))
    assert mended.status_code == 422
    seen = re.search(r'name="seen" value="([^"]*)"', mended.content.decode())
    assert seen is not None
    assert html.unescape(seen[1]) == alices["seen"]


def test_it_says_who_it_was_in_another_window(cast: Cast) -> None:
    edited = EDITED["pool"]
    page, action = edited.make(cast)
    old = _fields(cast.alice, page, action)
    cast.alice.post(action, _change(_fields(cast.alice, page, action), edited, "name", "First window"))
    asked = cast.alice.post(action, _change(old, edited, "name", "Second window"))
    assert "You changed it yourself, in another window" in asked.content.decode()


def test_it_puts_no_secret_into_the_page_that_asks(cast: Cast, dora: Client) -> None:
    edited = EDITED["connection"]
    page, action = edited.make(cast)
    alices, doras = _fields(cast.alice, page, action), _fields(dora, page, action)
    dora.post(action, _change(doras, edited, "name", "Dora’s"))
    sent = _change(alices, edited, "name", "Alice’s own")
    asked = cast.alice.post(action, sent | {_named(sent, "secret"): "a-very-secret-token"}).content.decode()
    assert "a-very-secret-token" not in asked
    assert "Enter it again" in asked


def test_it_says_that_a_thing_was_removed_meanwhile(cast: Cast) -> None:
    page, action = _rule(cast)
    sent = _fields(cast.alice, page, action)
    cast.company.source_rules.all().delete()
    assert cast.alice.post(action, sent | {"what": "save"}).status_code == 404
