"""The visit path: decode, gate, classify, lease and record, answer. A refusal ends it, with its reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.ids import derived_id, is_token, new_id
from ringtrace.core.numbers import Lease
from ringtrace.core.refusals import Refusal
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.directory import NOWHERE, SiteDoor
from ringtrace.edge.http import Answer, Request, address_of, json_answer, refuse
from ringtrace.sources.agents import device_of, is_bot
from ringtrace.sources.classify import classify
from ringtrace.wire.journal import NumberClicked, VisitAlive, VisitSeen

if TYPE_CHECKING:
    from ringtrace.edge.app import Edge

_LONGEST_URL = 8_192


class VisitPost(Struct, frozen=True, kw_only=True):
    """What the snippet posts. `visit` and `visitor` are the browser's own tokens; `new`: it believes the visit starts
    here, which the store knows better."""

    v: int
    site: str
    url: str = ""
    referrer: str = ""
    visitor: str | None = None
    visit: str | None = None
    numbers: tuple[str, ...] = ()
    number: str | None = None
    gpc: bool = False
    consent: str = "unset"
    new: bool = False


class Swap(Struct, frozen=True):
    """Show `number` where `target` is printed; `cc` is the target's country calling code."""

    target: str
    cc: str
    number: str


class VisitAnswer(Struct, frozen=True, kw_only=True):
    """What to show, and which tokens to keep; none of either where the page is to be left alone."""

    visitor: str | None = None
    visit: str | None = None
    beat_secs: int = 60
    swaps: tuple[Swap, ...] = ()
    held: bool = False
    reason: str | None = None


class Visiting(Struct, kw_only=True):
    """One request on its way through the steps; each step fills in what it finds.

    `visit_id` and `visitor_id` are derived from the browser's tokens and the site or company, so that nobody can speak
    of another company's visits, and no browser's token is kept.
    """

    edge: Edge
    request: Request
    now_ms: int
    post: VisitPost = VisitPost(v=1, site="")
    door: SiteDoor = NOWHERE
    source: Source = Source(channel=Channel.UNASSIGNED)
    visit_id: str = ""
    visitor_id: str = ""


Step = Callable[[Visiting], Refusal | None]
Finish = Callable[[Visiting], Awaitable[Answer]]

_decode = msgspec.json.Decoder(VisitPost).decode


def decode(visiting: Visiting) -> Refusal | None:
    try:
        post = _decode(visiting.request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal.UNREADABLE
    visiting.post = post
    tokens_are_good = all(token is None or is_token(token) for token in (post.visitor, post.visit))
    if post.v != 1 or not tokens_are_good or len(post.url) > _LONGEST_URL or len(post.referrer) > _LONGEST_URL:
        return Refusal.UNREADABLE
    return None


def gate_site(visiting: Visiting) -> Refusal | None:
    visiting.door = visiting.edge.lookup.sites.get(visiting.post.site, NOWHERE)
    return Refusal.UNKNOWN_SITE if visiting.door is NOWHERE else None


def gate_origin(visiting: Visiting) -> Refusal | None:
    """The page's own origin, as its browser says it; a script's request without one is no page's."""
    return None if visiting.request.headers.get("origin") in visiting.door.site.origins else Refusal.WRONG_ORIGIN


def gate_bot(visiting: Visiting) -> Refusal | None:
    return Refusal.BOT if is_bot(visiting.request.headers.get("user-agent", "")) else None


def gate_rate(visiting: Visiting) -> Refusal | None:
    address = address_of(visiting.request, visiting.edge.trusted_proxies)
    is_over = visiting.edge.rate.is_over(visiting.post.site, address, visiting.now_ms)
    return Refusal.TOO_MANY if is_over else None


def gate_load(visiting: Visiting) -> Refusal | None:
    return Refusal.OVERLOADED if visiting.edge.is_overloaded else None


def gate_consent(visiting: Visiting) -> Refusal | None:
    post = visiting.post
    if post.consent == "denied" or (visiting.door.site.consent == "needed" and post.consent != "granted"):
        return Refusal.NO_CONSENT
    return None


def classify_source(visiting: Visiting) -> Refusal | None:
    visiting.source = classify(visiting.post.url, visiting.post.referrer, visiting.door.hosts)
    return None


def need_tokens(visiting: Visiting) -> Refusal | None:
    return None if visiting.post.visit and visiting.post.visitor else Refusal.UNREADABLE


def name_visit(visiting: Visiting) -> Refusal | None:
    """Fills in tokens for a page without a browser's own, and the ids that the house knows the visit by."""
    post, site = visiting.post, visiting.door.site
    if not post.visit or not post.visitor:
        visitor = post.visitor or new_id("rt", visiting.now_ms)
        visiting.post = msgspec.structs.replace(post, visit=new_id("rt", visiting.now_ms), visitor=visitor)
    visiting.visit_id = derived_id("visit", site.site_id, visiting.post.visit or "")
    visiting.visitor_id = derived_id("visitor", site.company_id, visiting.post.visitor or "")
    return None


GATES: tuple[Step, ...] = (decode, gate_site, gate_origin, gate_rate, gate_load, gate_consent)
VISIT_STEPS: tuple[Step, ...] = (*GATES, gate_bot, classify_source, name_visit)
SIGN_STEPS: tuple[Step, ...] = (*GATES, need_tokens, name_visit)


async def answer_visit(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/visit: a page view. Answers with the numbers to show, durable before it is sent."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), VISIT_STEPS, _show_numbers)


async def answer_beat(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/beat: the page is still open. `held` false: the number went to others, ask for another."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _keep_numbers)


async def answer_click(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/click: the visitor tapped a number that this visit holds."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _note_click)


async def _go(visiting: Visiting, steps: tuple[Step, ...], finish: Finish) -> Answer:
    """The steps in order until one refuses, then `finish`, which records and answers."""
    for step in steps:
        refusal = step(visiting)
        if refusal is not None:
            _count(visiting, refusal)
            return _leave_alone(refusal) if refusal is Refusal.NO_CONSENT else refuse(refusal)
    try:
        return await finish(visiting)
    except StoreUnavailable:
        _count(visiting, Refusal.STORE_DOWN)
        return refuse(Refusal.STORE_DOWN)


def _count(visiting: Visiting, refusal: Refusal) -> None:
    site = visiting.door.site
    visiting.edge.counts.refused(refusal, site.company_id, site.site_id)


def _leave_alone(refusal: Refusal) -> Answer:
    """No identifier, no number: the page keeps what is printed."""
    return json_answer(VisitAnswer(reason=refusal.value), refusal)


async def _show_numbers(visiting: Visiting) -> Answer:
    store, pools = visiting.edge.store, visiting.door.pools
    if not visiting.post.new:
        alive = await store.keep_visit(_alive(visiting, visiting.post.url), pools)
        if alive is not None:
            return _shown(visiting, alive.leases, None)
    seen = await store.start_visit(_seen(visiting), pools)
    return _shown(visiting, seen.leases, Refusal.POOL_EMPTY if pools else Refusal.NO_POOL)


async def _keep_numbers(visiting: Visiting) -> Answer:
    alive = await visiting.edge.store.keep_visit(_alive(visiting, None), visiting.door.pools)
    return _shown(visiting, alive.leases if alive else (), Refusal.UNKNOWN_VISIT)


async def _note_click(visiting: Visiting) -> Answer:
    store = visiting.edge.store
    lease = await store.holder_of(visiting.post.number or "", visiting.now_ms)
    if lease is None or lease.visit_id != visiting.visit_id:
        return _shown(visiting, (), Refusal.UNKNOWN_VISIT)
    clicked = NumberClicked(
        event_id=new_id("ev", visiting.now_ms),
        at_ms=visiting.now_ms,
        company_id=visiting.door.site.company_id,
        visit_id=visiting.visit_id,
        visitor_id=visiting.visitor_id,
        site_id=visiting.door.site.site_id,
        e164=lease.e164,
    )
    await store.record(clicked)
    return _shown(visiting, (lease,), None)


def _seen(visiting: Visiting) -> VisitSeen:
    headers = visiting.request.headers
    return VisitSeen(
        event_id=new_id("ev", visiting.now_ms),
        at_ms=visiting.now_ms,
        company_id=visiting.door.site.company_id,
        visit_id=visiting.visit_id,
        visitor_id=visiting.visitor_id,
        site_id=visiting.door.site.site_id,
        url=visiting.post.url,
        referrer=visiting.post.referrer,
        source=visiting.source,
        device=device_of(headers.get("user-agent", "")),
        gpc=visiting.post.gpc or headers.get("sec-gpc") == "1",
    )


def _alive(visiting: Visiting, url: str | None) -> VisitAlive:
    return VisitAlive(
        event_id=new_id("ev", visiting.now_ms),
        at_ms=visiting.now_ms,
        company_id=visiting.door.site.company_id,
        visit_id=visiting.visit_id,
        visitor_id=visiting.visitor_id,
        site_id=visiting.door.site.site_id,
        url=url,
    )


def _shown(visiting: Visiting, leases: tuple[Lease, ...], if_none: Refusal | None) -> Answer:
    refusal = None if leases else if_none
    if refusal is not None:
        _count(visiting, refusal)
    codes = visiting.edge.lookup.calling_codes
    answer = VisitAnswer(
        visitor=visiting.post.visitor,
        visit=visiting.post.visit,
        beat_secs=visiting.door.beat_secs,
        swaps=tuple(Swap(lease.target_e164, codes.get(lease.target_e164, ""), lease.e164) for lease in leases),
        held=bool(leases),
        reason=refusal.value if refusal else None,
    )
    return json_answer(answer, refusal)
