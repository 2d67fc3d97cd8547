"""Webhooks: addresses at which other systems tell us things, and the messages that wait for somebody."""

from __future__ import annotations

from typing import Annotated

from django.db.models import Count
from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.web.access import access_hook, access_hooks, access_kept, access_kept_message
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Id, Limit, Number
from ringtrace.web.api.reading import Name, Word, one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.hooks import (
    LONGEST_SECRET,
    MOST_KINDS,
    HookChoices,
    choices_of,
    do_change_hook,
    do_discard_kept,
    do_make_hook,
    do_remove_hook,
    do_retry_kept,
    hook_address,
    refusals_of,
)
from ringtrace.web.models import Company, Hook

router = Router(tags=["webhooks"])
_REFUSED_DAYS = 7
Kinds = Annotated[dict[str, str], Meta(max_length=MOST_KINDS)]
Secret = Annotated[str, Meta(max_length=LONGEST_SECRET)]
Currency = Annotated[str, Meta(pattern="^([A-Z]{3})?$")]


class HookBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `kinds`: what its stages mean; `secret`: where the other system makes it;
    `renew`: a new one where it is made here."""

    name: Name | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    org_id: Word | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    secret: Secret = ""
    renew: bool = False


class NewHookBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`source`: the system that will send."""

    source: Word
    name: Name = ""
    kinds: Kinds = {}
    org_id: Word = ""
    currency: Currency = ""
    secret: Secret = ""


class HookOut(Struct, frozen=True, kw_only=True):
    """`kept`: messages that wait for somebody; `refused_lately`: those of seven days that were not proven, by why."""

    hook_id: str
    source: str
    name: str
    address: str
    kinds: dict[str, str]
    org_id: str
    currency: str
    made_at: str | None
    last_at: str | None
    taken: int
    refused: int
    refused_lately: dict[str, int]
    kept: int


class HookList(Struct, frozen=True, kw_only=True):
    hooks: list[HookOut]
    next: str | None


class HookSaved(Struct, frozen=True, kw_only=True):
    """`secret`: where one was made here, now and never again."""

    hook: HookOut
    secret: str | None


class KeptOut(Struct, frozen=True, kw_only=True):
    """A proven message that could not be taken, and why."""

    message_id: int
    at: str | None
    why: str


class KeptPage(Struct, frozen=True, kw_only=True):
    kept: list[KeptOut]
    next: str | None


class Retried(Struct, frozen=True, kw_only=True):
    """`why`: why it is kept still; null: it was taken."""

    taken: bool
    why: str | None


@operation(router, "GET /hooks", "list_hooks", "Webhooks, the newest first", READS, answers=HookList, rows="hooks")
def listed(request: ApiRequest, source: Exactly = "", cursor: Cursor = "", limit: Limit = USUAL) -> HookList:
    company = company_of(request)
    rows = same(access_hooks(user_of(request), company), source=source).select_related("company")
    found, following = page_of(rows.annotate(waiting=Count("kept")), "made_ms", cursor, limit)
    return HookList(hooks=[_out(row, company) for row in found], next=following)


@operation(router, "POST /hooks", "make_hook", "Make a webhook", SETS, body=NewHookBody, answers=HookSaved)
def make(request: ApiRequest) -> HookSaved:
    company, body = company_of(request), one(request, NewHookBody)
    choices = HookChoices(kinds=body.kinds, org_id=body.org_id, currency=body.currency)
    hook, secret = do_make_hook(company, body.source, body.name, wall_clock(), secret=body.secret, choices=choices)
    say_about(request, hook.pk)
    return _saved(hook, company, secret)


@operation(router, "PATCH /hooks/{hook_id}", "change_hook", "Change a webhook", SETS, body=HookBody, answers=HookSaved)
def change(request: ApiRequest, hook_id: Id) -> HookSaved:
    hook, body = _hook(request, hook_id), one(request, HookBody)
    refresh(hook)
    there = choices_of(hook)
    choices = HookChoices(
        kinds=or_else(body.kinds, dict(there.kinds)),
        org_id=or_else(body.org_id, there.org_id),
        currency=or_else(body.currency, there.currency),
    )
    name = or_else(body.name, hook.name)
    secret = do_change_hook(hook, name, choices, secret=body.secret, renew=body.renew)
    return _saved(hook, company_of(request), secret)


@operation(router, "DELETE /hooks/{hook_id}", "remove_hook", "Remove a webhook", SETS, answers=Gone)
def remove(request: ApiRequest, hook_id: Id) -> Gone:
    do_remove_hook(_hook(request, hook_id))
    return Gone(hook_id)


@operation(
    router,
    "GET /hooks/{hook_id}/kept",
    "list_kept",
    "Messages of a webhook that wait for somebody, the newest first",
    READS,
    answers=KeptPage,
    rows="kept",
)
def kept(request: ApiRequest, hook_id: Id, cursor: Cursor = "", limit: Limit = USUAL) -> KeptPage:
    zone = company_of(request).zone
    found, following = page_of(access_kept(user_of(request), _hook(request, hook_id)), "at_ms", cursor, limit)
    rows = [KeptOut(message_id=row.pk, at=at(row.at_ms, zone), why=row.why) for row in found]
    return KeptPage(kept=rows, next=following)


@operation(
    router,
    "POST /hooks/{hook_id}/kept/{message_id}/retry",
    "retry_kept",
    "Read a kept message again, as the webhook is set up now",
    SETS,
    answers=Retried,
)
def retry(request: ApiRequest, hook_id: Id, message_id: Number) -> Retried:
    row = access_kept_message(user_of(request), _hook(request, hook_id), message_id)
    why = do_retry_kept(row, wall_clock())
    return Retried(taken=not why, why=why or None)


@operation(
    router,
    "DELETE /hooks/{hook_id}/kept/{message_id}",
    "discard_kept",
    "Discard a kept message",
    SETS,
    answers=Gone,
)
def discard(request: ApiRequest, hook_id: Id, message_id: Number) -> Gone:
    do_discard_kept(access_kept_message(user_of(request), _hook(request, hook_id), message_id))
    return Gone(str(message_id))


def _hook(request: ApiRequest, hook_id: str) -> Hook:
    return own(request, access_hook(user_of(request), hook_id), "webhook")


def _saved(hook: Hook, company: Company, secret: str) -> HookSaved:
    return HookSaved(hook=_out(hook, company), secret=secret if HOOKS[hook.source].is_secret_ours and secret else None)


def _out(row: Hook, company: Company) -> HookOut:
    chosen, zone = choices_of(row), company.zone
    refused = refusals_of(row, wall_clock() - _REFUSED_DAYS * DAY_MS)
    return HookOut(
        hook_id=row.pk,
        source=row.source,
        name=row.name,
        address=hook_address(row),
        kinds=dict(chosen.kinds),
        org_id=chosen.org_id,
        currency=chosen.currency,
        made_at=at(row.made_ms, zone),
        last_at=at(row.last_ms, zone),
        taken=row.taken,
        refused=row.refused,
        refused_lately={why.value: count for why, count in refused.items()},
        kept=row.__dict__["waiting"] if "waiting" in row.__dict__ else row.kept.count(),
    )
