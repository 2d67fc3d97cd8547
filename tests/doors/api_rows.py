"""A row of Alice's for every address of the API, and a good body for every operation that takes one."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings

from ringtrace.core.clock import wall_clock
from ringtrace.core.sources import Condition, SourceRule
from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.qualification import TagRule, read_condition
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.api.operations import Operation
from ringtrace.web.counting import do_add_tag_rule
from ringtrace.web.hooks import do_make_hook, hook_purpose
from ringtrace.web.invitations import do_invite
from ringtrace.web.models import (
    ApiToken,
    Cadence,
    CompanySeat,
    HookMessageRow,
    Invitation,
    Membership,
    OutcomeRow,
    Role,
    User,
)
from ringtrace.web.naming import do_align
from ringtrace.web.people import actor_of
from ringtrace.web.pop_hints import do_save_hint
from ringtrace.web.schedules import Wanted, do_save_schedule
from ringtrace.web.source_rules import do_save_rule
from ringtrace.web.tokens import do_make_token, token_hash
from ringtrace.web.views import do_save_view
from tests.doors.cast import PAID, Cast
from tests.doors.programs import make_lead

AT = "2026-11-20T09:30:00-08:00"
OUTCOME = {"kind": "sale", "at": AT, "external_id": "crm:9", "value_cents": 125_000, "currency": "USD"}
LONG = {"field": "talk_secs", "at_least": 60}
STANDS_FOR = {"source": "flyer", "medium": "print"}
BODIES: dict[str, Any] = {
    "tell_outcomes": OUTCOME,
    "tell_contacts": {"kind": "form", "at": AT, "external_id": "form:9", "person": {"email": "ann@example.com"}},
    "tell_spend": {"on": "2026-11-20", "source": "google", "medium": "cpc", "campaign": "leaks", "cost_cents": 4_200},
    "tell_calls": {
        "external_id": "77",
        "started_at": AT,
        "status": "answered",
        "called": "+13105550101",
        "caller": "+13105550188",
    },
    "tag_call": {"add": ["vip"]},
    "set_disposition": {"disposition": "Booked"},
    "take_keys": {"keys": "1"},
    "mark_spam": {"is_spam": True},
    "mark_outcome": OUTCOME,
    "save_definition": {"name": "long_calls", "title": "Long calls", "condition": LONG},
    "align_names": {"field": "campaign", "said": "Leaks", "means": "leaks"},
    "save_view": {"name": "Last week", "query": "days=7"},
    "rename_view": {"name": "The week"},
    "make_tag_rule": {"tag": "long", "condition": LONG},
    "set_dispositions": {"dispositions": ["Booked", "Lost"]},
    "set_keypad": {"keypad": {"1": {"tag": "vip", "disposition": "Booked"}}},
    "make_source_rule": {"name": "Partner", "conditions": [{"of": "source", "text": "x"}], "set_medium": "referral"},
    "try_source_rule": {"name": "Partner", "conditions": [{"of": "source", "text": "x"}], "set_medium": "referral"},
    "change_source_rule": {"name": "Partners", "enabled": False},
    "move_source_rule": {"step": "up"},
    "change_company": {"name": "Plumbing", "lookback_days": 60},
    "set_rate": {"rate": 1.08},
    "make_site": {"name": "Shop", "origins": ["https://shop.example"]},
    "change_site": {"name": "Shop", "consent": "needed"},
    "make_pool": {"site_id": "{site_id}", "name": "Ads", "target": "(310) 555-0199", "when": {"sources": ["google"]}},
    "change_pool": {"name": "Ads", "hold_secs": 3_600},
    "add_numbers": {
        "numbers": ["+13105550141"],
        "connection_id": "{connection_id}",
        "destination": "sip:alice@pbx.example",
        "pool_id": "{pool_id}",
    },
    "change_number": {"destination": "+13105550123", "ring_secs": 30},
    "change_static": {"stands_for": STANDS_FOR, "site_id": "{site_id}", "target": "+13105550199"},
    "make_connection": {"carrier": "kamailio", "name": "PBX"},
    "change_connection": {"name": "Twilio"},
    "make_hook": {"source": "standard", "name": "Shop"},
    "change_hook": {"name": "Our shop", "renew": True},
    "make_pop_hint": {"text": "Offer the winter check", "condition": LONG},
    "change_pop_hint": {"text": "Offer the summer check"},
    "move_pop_hint": {"step": "up"},
    "make_schedule": {"name": "Week", "cadence": "weekly", "recipients": ["ann@example.com"], "view_id": "{view_id}"},
    "change_schedule": {"is_on": False},
    "set_place": {"role": "analyst"},
    "give_seat": {"role": "agent", "agent_name": "Zoe"},
    "invite": {"email": "new@example.com", "role": "viewer", "where": "account"},
    "assign_outcome": {"call_id": "{call_id}"},
}
EMPTY = frozenset({"DELETE"})
WITHOUT_BODY = frozenset(
    {"make_server_key", "take_out_number", "reclassify", "retry_kept", "invite_again", "send_schedule"}
)
OTHER_ROWS = {
    "remove_pool": {"pool_id": "empty_pool_id"},
    "remove_number": {"number_id": "unused_id"},
    "change_static": {"number_id": "unused_id"},
    "give_seat": {"person_id": "seatless_id"},
}
"""Operations whose row has to be another than the usual one."""


def make_rows(cast: Cast) -> dict[str, str]:
    """The ids of rows of Alice's, by the names that addresses have for them."""
    company, alice = cast.company, User.objects.get(email="alice@example.com")
    make_lead(cast.call)
    company.keypad = {"1": {"tag": "vip"}}
    company.save()
    rule = SourceRule(rule_id="new", conditions=(Condition(of="source", text="alices"),), set_medium="referral")
    hook, _ = do_make_hook(company, "standard", "Alice’s shop", 0)
    kept = HookMessageRow.objects.create(hook=hook, digest="0", sealed=_sealed(hook.pk), why="Alice’s", at_ms=0)
    pool = type(cast.pool).objects.create(site=cast.site, name="Alice’s empty pool", target_e164="+13105550199")
    unused = do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=PAID)[0]
    token = token_hash(do_make_token(alice, company, "Alice’s export", 0))
    clerk = User.objects.create_user("clerk@alice.example")
    Membership.objects.create(user=clerk, account=company.account, role=Role.VIEWER)
    CompanySeat.objects.create(user=clerk, company=company, role=Role.VIEWER)
    actor = actor_of(alice, company.account, company)
    do_invite(actor, company.account, company, "zoe@alice.example", Role.VIEWER, "", wall_clock())
    hint = do_save_hint(company, "Alice’s hint", read_condition(LONG), alice, 1)
    wanted = Wanted(name="Alice’s week", cadence=Cadence.WEEKLY, hour=7, recipients=("a@alice.example",))
    missed = OutcomeRow.objects.create(
        company=company, kind="sale", at_ms=1, external_id="alice.example:2", miss="unknown_call", system="api"
    )
    return {
        "person_id": str(clerk.pk),
        "seatless_id": str(User.objects.get(email="bob@example.com").pk),
        "invitation_id": Invitation.objects.get(company=company).pk,
        "hint_id": hint.pk,
        "schedule_id": do_save_schedule(company, wanted, wall_clock(), by=alice).pk,
        "outcome_id": missed.pk,
        "call_id": cast.call.pk,
        "external_id": "crm:1",
        "name": "qualified",
        "currency": "EUR",
        "site_id": cast.site.pk,
        "pool_id": cast.pool.pk,
        "empty_pool_id": pool.pk,
        "number_id": cast.number.pk,
        "unused_id": unused.pk,
        "connection_id": cast.connection.pk,
        "rule_id": do_save_rule(company, "Alice’s rule", rule).pk,
        "tag_rule_id": str(do_add_tag_rule(company, TagRule(tag="Alice’s", condition=read_condition(LONG)), 1).pk),
        "name_rule_id": str(do_align(company, NameRule(field=NameField.CAMPAIGN, said="Alices", means="x")).pk),
        "view_id": do_save_view(company, alice, "Alice’s view", "days=7", 1, is_shared=True).pk,
        "hook_id": hook.pk,
        "message_id": str(kept.pk),
        "token_id": ApiToken.objects.get(pk=token).pk,
    }


def _sealed(hook_id: str) -> str:
    """A message that can be read again."""
    kept = {"method": "POST", "url": "/", "headers": {}, "body": msgspec.json.encode(b"{}").decode()[1:-1]}
    return str(settings.KEYS.seal(msgspec.json.encode(kept | {"received_ms": 0}).decode(), hook_purpose(hook_id)))


def address_of(operation: Operation, rows: dict[str, str]) -> str:
    """Where a program asks for it."""
    path = operation.path.replace("{path:", "{")
    others = {name: rows[other] for name, other in OTHER_ROWS.get(operation.name, {}).items()}
    return path.format(**rows | others)


def body_of(operation: Operation, rows: dict[str, str]) -> Any:
    return _filled(BODIES.get(operation.name), rows)


def _filled(said: Any, rows: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {name: _filled(each, rows) for name, each in said.items()}
    if isinstance(said, str) and said.startswith("{") and said.endswith("}"):
        return rows[said[1:-1]]
    return said
