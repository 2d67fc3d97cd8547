"""Settings, webhooks: made and mended, what each brought, and the messages that wait for somebody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.web import access, edits
from ringtrace.web.forms.hooks import HookForm, NewHookForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.hooks import (
    do_change_hook,
    do_discard_kept,
    do_make_hook,
    do_remove_hook,
    do_retry_kept,
    hook_address,
    refusals_of,
)
from ringtrace.web.models import Hook

_MOST_SHOWN = 50
_REFUSAL_DAYS = 7
_WHY = {
    Refusal.UNSIGNED: "carried no proof: the secret, or the request signature, is not set in the other system",
    Refusal.FORGED: "carried a proof that does not fit: check the secret, and that the address is entered exactly so",
    Refusal.STALE: "were signed more than five minutes away from this server’s clock, or sent a second time",
    Refusal.TOO_LARGE: "were over one megabyte",
    Refusal.UNREADABLE: "could not be read",
}
HOW_TO = {
    "standard": (
        "Send JSON by POST to the address, signed by Standard Webhooks with the secret.",
        "docs/intake.md has the fields of the body, and an example with curl.",
    ),
    "hubspot": (
        "In HubSpot, make an app; its client secret is the secret here.",
        "Make a deal-based workflow that starts when the deal stage changes, with re-enrolment on.",
        "Add the action “Send a webhook”: POST, the address, authentication by request signature with the app’s id.",
        "In the body, send hs_object_id, dealstage, pipeline, amount, deal_currency_code, closedate and dealname.",
        "And of the associated contact contact_id, phone, email, firstname and lastname.",
    ),
    "salesforce": (
        "In Salesforce, Setup, Outbound Messages: make one on Opportunity, Lead or Event, to the address with its key.",
        "Choose the fields that docs/intake.md lists; an opportunity needs a formula field for the phone.",
        "Let a record-triggered flow send it. Or send JSON signed from Apex; docs/intake.md has the code.",
    ),
    "pipedrive": (
        "In Pipedrive, Tools and apps, Webhooks: make webhooks of version 2.0 for deal and person, all actions.",
        "Enter the address. The secret is user:password: enter its two parts as HTTP auth user name and password.",
    ),
}


class HookLine(Struct, frozen=True, kw_only=True):
    """A hook with what belongs on its card. `fresh`: its secret, in the one answer that shows it."""

    hook: Any
    title: str
    address: str
    how_to: tuple[str, ...]
    form: HookForm
    kept: Any
    kept_count: int
    refusals: list[tuple[int, str]]
    fresh: str


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request)


@for_company
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    """The secret stands in the answer to this post, and never again."""
    form = NewHookForm(request.POST)
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            hook, secret = do_make_hook(
                request.company,
                cleaned["source"],
                cleaned["name"],
                wall_clock(),
                secret=cleaned["secret"],
                choices=form.choices,
            )
        except BadInput as error:
            refuse(form, error)
        else:
            return _render(request, fresh=(hook, secret if HOOKS[hook.source].is_secret_ours else ""))
    return _render(request, new=form, status=422)


@for_row(access.access_hook, "hook_id")
@require_POST
def change(request: CompanyRequest, hook: Hook) -> HttpResponse:
    form = HookForm(request.POST, hook=hook)
    if form.is_valid():
        clash = edits.find_clash(request, hook, form, lambda: HookForm(hook=hook))
        if clash is not None:
            title = hook.name or HOOKS[hook.source].title
            return edits.show_clash(request, clash, title=title, back=reverse("hooks"))
        cleaned = form.cleaned_data
        try:
            secret = do_change_hook(
                hook,
                cleaned["name"],
                form.choices,
                secret=cleaned.get("secret", ""),
                renew=cleaned.get("renew", False),
            )
        except BadInput as error:
            refuse(form, error)
        else:
            if secret and HOOKS[hook.source].is_secret_ours:
                return _render(request, fresh=(hook, secret))
            messages.success(request, gettext("Webhook saved."))
            return redirect("hooks")
    return _render(request, changed=(hook, form), status=422)


@for_row(access.access_hook, "hook_id")
@require_POST
def remove(request: CompanyRequest, hook: Hook) -> HttpResponse:
    do_remove_hook(hook)
    messages.success(request, gettext("Webhook removed. What it brought stays."))
    return redirect("hooks")


@for_row(access.access_hook, "hook_id")
@require_POST
def kept(request: CompanyRequest, hook: Hook, message_id: int) -> HttpResponse:
    row = access.access_kept_message(request.user, hook, message_id)
    match request.POST.get("what", ""):
        case "again":
            why = do_retry_kept(row, wall_clock())
            if why:
                messages.warning(request, f"Still not taken: {why}")
            else:
                messages.success(request, gettext("Message taken."))
        case "discard":
            do_discard_kept(row)
            messages.success(request, gettext("Message discarded."))
        case _:
            raise BadInput("It was not said what to do with the message.", hint="Choose by the buttons on the page.")
    return redirect("hooks")


def _render(
    request: CompanyRequest,
    *,
    new: NewHookForm | None = None,
    changed: tuple[Hook, HookForm] | None = None,
    fresh: tuple[Hook, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = {changed[0].pk: changed[1]} if changed else {}
    secrets = {fresh[0].pk: fresh[1]} if fresh else {}
    lines = [
        _line(request, hook, forms.get(hook.pk), secrets.get(hook.pk, ""))
        for hook in access.access_hooks(request.user, request.company)
    ]
    context = {"lines": lines, "new": new or NewHookForm(), "refusal_days": _REFUSAL_DAYS}
    return render(request, "web/hooks.html", context, status=status)


def _line(request: CompanyRequest, hook: Hook, form: HookForm | None, secret: str) -> HookLine:
    rows = access.access_kept(request.user, hook)
    refused = refusals_of(hook, wall_clock() - _REFUSAL_DAYS * DAY_MS)
    return HookLine(
        hook=hook,
        title=HOOKS[hook.source].title,
        address=hook_address(hook, secret),
        how_to=HOW_TO[hook.source],
        form=form or HookForm(hook=hook),
        kept=rows[:_MOST_SHOWN],
        kept_count=rows.count(),
        refusals=[(count, _WHY.get(refusal, refusal.value)) for refusal, count in sorted(refused.items())],
        fresh=secret,
    )
