"""Addresses at which other systems tell us things: made and mended here, and what is told there proven, read and taken.

A message that is proven and cannot be read or taken is kept sealed, with the reason, until somebody mends what is wrong
and has it tried again; its sender is told that it was taken, so that it does not send the same for ever.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.port import HookMessage, HookReply, HookSettings
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.intake.hooks.stages import check_kinds
from ringtrace.intake.port import Told
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.models import Company, Hook, HookMessageRow, RefusalRow
from ringtrace.web.models.keys import hook_id as fresh_id
from ringtrace.web.outcomes import do_take_outcomes

log = logging.getLogger("ringtrace.web")

MOST_HOOKS = 50
MOST_KEPT = 1_000
MOST_KINDS = 500
LONGEST_SECRET = 500
_LONGEST_NAME = 200
_LONGEST_WHY = 300
_SECRET_BYTES = 32
_NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


class Received(Struct, frozen=True, kw_only=True):
    """What to answer. `reply` None: the message is not proven, and nothing is said of why. `why`: it was kept."""

    reply: HookReply | None
    why: str = ""


class HookChoices(Struct, frozen=True, kw_only=True):
    """What a company chooses for a hook; see `HookSettings`."""

    kinds: Mapping[str, str] = {}
    org_id: str = ""
    currency: str = ""


def hook_purpose(hook_id: str) -> str:
    return f"hook:{hook_id}"


def hook_path(hook_id: str) -> str:
    return f"/hooks/{hook_id}/"


def hook_address(hook: Hook, secret: str = "") -> str:
    """The public address to enter in the other system. Salesforce's carries the secret as its key, where known."""
    address = f"{settings.WEB_URL.rstrip('/')}{hook_path(hook.pk)}"
    return f"{address}?key={secret or 'SECRET'}" if hook.source == "salesforce" else address


@transaction.atomic
def do_make_hook(
    company: Company, source: str, name: str, now_ms: int, *, secret: str = "", choices: HookChoices | None = None
) -> tuple[Hook, str]:
    """A hook and its secret in clear; `secret` is needed where the other system makes it. Raises BadInput."""
    if source not in HOOKS:
        raise BadInput(f"{source[:40]!r} sends no webhooks that we read.", hint=f"Choose one of {', '.join(HOOKS)}.")
    if Hook.objects.filter(company=company).count() >= MOST_HOOKS:
        raise BadInput(f"There are {MOST_HOOKS} webhooks already.", hint="Remove one first.")
    own_id, chosen = fresh_id(), _checked(source, choices or HookChoices())
    clear = _secret(source, secret)
    hook = Hook.objects.create(
        hook_id=own_id,
        company=company,
        source=source,
        name=name.strip()[:_LONGEST_NAME],
        sealed_secret=_sealed(own_id, clear),
        settings=msgspec.to_builtins(chosen),
        made_ms=now_ms,
    )
    return hook, clear


@transaction.atomic
def do_change_hook(hook: Hook, name: str, choices: HookChoices, *, secret: str = "", renew: bool = False) -> str:
    """Name and choices, and the secret where one is given, or made anew. Returns it then, else "". Raises BadInput."""
    hook.name = name.strip()[:_LONGEST_NAME]
    hook.settings = msgspec.to_builtins(_checked(hook.source, choices))
    clear = ""
    if secret or (renew and HOOKS[hook.source].is_secret_ours):
        clear = _secret(hook.source, secret)
        hook.sealed_secret = _sealed(hook.pk, clear)
    hook.save(update_fields=["name", "settings", "sealed_secret"])
    return clear


def do_remove_hook(hook: Hook) -> None:
    """Whoever sends to it is refused from now on; what it brought stays."""
    hook.delete()


def _secret(source: str, given: str) -> str:
    said = given.strip()
    if HOOKS[source].is_secret_ours:
        return HOOKS[source].new_secret(secrets.token_bytes(_SECRET_BYTES))
    if not said or len(said) > LONGEST_SECRET:
        title = HOOKS[source].title
        raise BadInput(f"{title}'s own secret is needed.", hint=f"Copy it from {title}, of the app that will send.")
    return said


def _checked(source: str, choices: HookChoices) -> HookChoices:
    check_kinds(choices.kinds)
    if len(choices.kinds) > MOST_KINDS:
        raise BadInput(f"That is more than {MOST_KINDS} stages.", hint="Name those whose meaning is yours.")
    currency = choices.currency.strip().upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise BadInput(f"{currency[:10]!r} is not a currency.", hint="Three letters, such as USD.")
    org_id = choices.org_id.strip()[:100]
    if HOOKS[source].needs_org_id and not org_id:
        raise BadInput("The organisation's id is needed.", hint="Salesforce shows it under Setup, Company Information.")
    return HookChoices(kinds=dict(choices.kinds), org_id=org_id, currency=currency)


def _sealed(hook_id: str, clear: str) -> str:
    sealed: str = settings.KEYS.seal(clear, hook_purpose(hook_id))
    return sealed


def choices_of(hook: Hook) -> HookChoices:
    return msgspec.convert(hook.settings, HookChoices)


def settings_of(hook: Hook) -> HookSettings:
    """With the secret in clear: never log it. Raises BadInput where its key is gone."""
    chosen = choices_of(hook)
    return HookSettings(
        secret=settings.KEYS.unseal(hook.sealed_secret, hook_purpose(hook.pk)),
        kinds=chosen.kinds,
        region=hook.company.region,
        currency=chosen.currency or hook.company.currency,
        org_id=chosen.org_id,
    )


def do_receive(hook_id: str, message: HookMessage, now_ms: int) -> Received:
    """Proves a message, takes what it says, or keeps it; in one transaction. Raises what a store raises."""
    hook = Hook.objects.filter(pk=hook_id, company__removed_ms=None).select_related("company").first()
    if hook is None:
        _verify_nothing(message, now_ms)
        _count_refusal(hook_id, "", "", Refusal.NO_SUCH_DOOR, now_ms)
        return Received(reply=None)
    source = HOOKS[hook.source]
    try:
        known = settings_of(hook)
    except BadInput:
        log.exception("Webhook %s: its secret was sealed with another key", hook.pk)
        return Received(reply=None)
    verdict = source.verify(message, known, now_ms)
    if verdict.refusal is not None:
        log.info("Webhook %s refused a message: %s", hook.pk, verdict.refusal)
        _count_refusal(hook.pk, hook.company_id, hook.pk, verdict.refusal, now_ms)
        return Received(reply=None)
    why = _take_or_keep(hook, message, known, now_ms)
    return Received(reply=source.reply(message, taken=True), why=why)


_NOBODYS = HookSettings(secret="whsec_" + "A" * 43 + "=")  # of no hook: it proves nothing


def _verify_nothing(message: HookMessage, now_ms: int) -> None:
    """What a hook would have cost, so that how long a refusal takes says nothing of whether there is one."""
    sealed = settings.KEYS.seal(_NOBODYS.secret, hook_purpose("nobody"))
    settings.KEYS.unseal(sealed, hook_purpose("nobody"))
    HOOKS["standard"].verify(message, _NOBODYS, now_ms)


@transaction.atomic
def _count_refusal(asked_id: str, company_key: str, site_key: str, refusal: Refusal, now_ms: int) -> None:
    """The same writing for a hook that is there and one that is not; keys are "" for the latter."""
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    Hook.objects.filter(pk=asked_id).update(refused=F("refused") + 1)
    row, _ = RefusalRow.objects.get_or_create(
        company_key=company_key, site_key=site_key, hour_ms=hour_ms, reason=refusal.value
    )
    RefusalRow.objects.filter(pk=row.pk).update(count=F("count") + 1)


@transaction.atomic
def _take_or_keep(hook: Hook, message: HookMessage, known: HookSettings, now_ms: int) -> str:
    """Why it was kept; "" where all of it was taken."""
    why = _take(hook, message, known, now_ms)
    if why:
        _keep(hook, message, why, now_ms)
    Hook.objects.filter(pk=hook.pk).update(taken=F("taken") + 1, last_ms=now_ms)
    return why


def _take(hook: Hook, message: HookMessage, known: HookSettings, now_ms: int) -> str:
    """Takes all that can be taken; returns why something was not, "" where nothing was left."""
    try:
        with transaction.atomic():
            told = HOOKS[hook.source].read(message, known)
            _take_told(hook, told, now_ms)
    except BadInput as error:
        return f"{error.args[0]} {error.hint}".strip()[:_LONGEST_WHY]
    return " ".join(dict.fromkeys(told.left_out))[:_LONGEST_WHY]


def _take_told(hook: Hook, told: Told, now_ms: int) -> None:
    if told.contacts:
        do_take_contacts(hook.company, told.contacts, now_ms, system=hook.source)
    if told.outcomes:
        do_take_outcomes(hook.company, told.outcomes, now_ms, system=hook.source, newer_only=True)


class _Kept(Struct, frozen=True, kw_only=True):
    """A message as it is sealed: without what proves it, since it is proven."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_ms: int


def _keep(hook: Hook, message: HookMessage, why: str, now_ms: int) -> None:
    """The same body again replaces; of more than MOST_KEPT the oldest go."""
    kept = _Kept(
        method=message.method,
        url=message.url.partition("?")[0],
        headers={name: text for name, text in message.headers.items() if name not in _NOT_KEPT},
        body=message.body,
        received_ms=message.received_ms,
    )
    sealed = settings.KEYS.seal(msgspec.json.encode(kept).decode(), hook_purpose(hook.pk))
    HookMessageRow.objects.update_or_create(
        hook=hook,
        digest=hashlib.sha256(message.body).hexdigest(),
        defaults={"sealed": sealed, "why": why, "at_ms": now_ms},
    )
    over = HookMessageRow.objects.filter(hook=hook).order_by("-at_ms", "-pk").values_list("pk", flat=True)[MOST_KEPT:]
    HookMessageRow.objects.filter(pk__in=list(over)).delete()


@transaction.atomic
def do_retry_kept(row: HookMessageRow, now_ms: int) -> str:
    """Reads and takes a kept message again, as the hook is set up now. Returns why it is still kept; "": it is not.

    What happened since is not overwritten by it. Raises BadInput where the key it was sealed with is gone.
    """
    hook = row.hook
    kept = msgspec.json.decode(settings.KEYS.unseal(row.sealed, hook_purpose(hook.pk)), type=_Kept)
    message = HookMessage(
        method=kept.method, url=kept.url, headers=kept.headers, body=kept.body, received_ms=kept.received_ms
    )
    why = _take(hook, message, settings_of(hook), now_ms)
    if not why:
        row.delete()
    else:
        row.why = why
        row.save(update_fields=["why"])
    return why


def do_discard_kept(row: HookMessageRow) -> None:
    row.delete()


def refusals_of(hook: Hook, since_ms: int) -> dict[Refusal, int]:
    """How many messages were refused since, by why."""
    rows = RefusalRow.objects.filter(company_key=hook.company_id, site_key=hook.pk, hour_ms__gte=since_ms)
    counts: dict[Refusal, int] = {}
    for reason, count in rows.values_list("reason", "count"):
        if reason in list(Refusal):
            counts[Refusal(reason)] = counts.get(Refusal(reason), 0) + count
    return counts


class ListedHook(Struct, frozen=True, kw_only=True):
    address: str
    name: str
    last_ms: int | None
    taken: int
    refused: int
    kept: int


def list_hooks(company: Company) -> list[ListedHook]:
    """For the command line: whoever can run it can read the ledger. Never the secrets."""
    return [
        ListedHook(
            address=hook_address(hook),
            name=f"{hook.source} {hook.name}".strip(),
            last_ms=hook.last_ms,
            taken=hook.taken,
            refused=hook.refused,
            kept=hook.kept.count(),
        )
        for hook in Hook.objects.filter(company=company).order_by("made_ms")
    ]
