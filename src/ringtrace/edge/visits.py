"""The visit path: decode, gate, classify, lease and record, answer. A refusal ends it, with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from ringtrace.core.consent import Consent
from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.ids import derived_id, new_id
from ringtrace.core.numbers import Lease
from ringtrace.core.refusals import Refusal
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.cookies import ids_in
from ringtrace.edge.directory import NOWHERE, SiteDoor
from ringtrace.edge.http import Answer, Request, address_of, json_answer, refuse
from ringtrace.edge.posts import PageAnswer, PagePost, Swap, read_post
from ringtrace.pools.choice import Option, Visited, choose, note_of, split_token, with_note
from ringtrace.privacy.consent import may_identify, read_consent
from ringtrace.privacy.keys import caller_purpose
from ringtrace.sources.agents import device_of, is_bot
from ringtrace.sources.classify import classify
from ringtrace.sources.regions import region_of_zone, region_said
from ringtrace.wire.journal import FormSent, NumberClicked, PersonNamed, VisitAlive, VisitSeen

if TYPE_CHECKING:
    from ringtrace.edge.app import Edge


class Visiting(Struct, kw_only=True):
    """One request on its way through the steps; each step fills in what it finds.

    `visit_id` and `visitor_id` are derived from the browser's tokens and the site or company, so that nobody can speak
    of another company's visits, and no browser's token is kept. `options` stand one for each of the site's targets.
    """

    edge: Edge
    request: Request
    now_ms: int
    is_server: bool = False
    post: PagePost = PagePost(v=1, site="")
    door: SiteDoor = NOWHERE
    address: str = ""
    agent: str = ""
    consent: Consent = Consent()
    source: Source = Source(channel=Channel.UNASSIGNED)
    region: str | None = None
    device: str = "desktop"
    visit: str = ""  # the browser's token without its note
    note: str = ""
    visit_id: str = ""
    visitor_id: str = ""
    options: tuple[Option | None, ...] = ()


Step = Callable[[Visiting], Refusal | None]
Finish = Callable[[Visiting], Awaitable[Answer]]


def decode(visiting: Visiting) -> Refusal | None:
    post = read_post(visiting.request.body)
    if isinstance(post, Refusal):
        return post
    visiting.post = post
    return None


def gate_site(visiting: Visiting) -> Refusal | None:
    visiting.door = visiting.edge.lookup.sites.get(visiting.post.site, NOWHERE)
    return Refusal.UNKNOWN_SITE if visiting.door is NOWHERE else None


def gate_origin(visiting: Visiting) -> Refusal | None:
    """The page's own origin, as its browser says it; a script's request without one is no page's."""
    return None if visiting.request.headers.get("origin") in visiting.door.site.origins else Refusal.WRONG_ORIGIN


def gate_server_key(visiting: Visiting) -> Refusal | None:
    """The site's own server proves itself by the key that was shown once."""
    known = visiting.door.site.server_key_hash
    scheme, _, key = visiting.request.headers.get("authorization", "").partition(" ")
    if not known or scheme.lower() != "bearer":
        return Refusal.UNSIGNED
    proof = hashlib.sha256(key.strip().encode("latin-1", "replace")).hexdigest()
    return None if compare_digest(proof, known) else Refusal.FORGED


def see_visitor(visiting: Visiting) -> Refusal | None:
    visiting.address = address_of(visiting.request, visiting.edge.trusted_proxies)
    visiting.agent = visiting.request.headers.get("user-agent", "")
    return None


def see_servers_visitor(visiting: Visiting) -> Refusal | None:
    """A server speaks for its visitor."""
    visiting.address = visiting.post.ip or visiting.request.address
    visiting.agent = visiting.post.user_agent
    return None


def gate_rate(visiting: Visiting) -> Refusal | None:
    is_over = visiting.edge.rate.is_over(visiting.post.site, visiting.address, visiting.now_ms)
    return Refusal.TOO_MANY if is_over else None


def gate_load(visiting: Visiting) -> Refusal | None:
    return Refusal.OVERLOADED if visiting.edge.is_overloaded else None


def gate_bot(visiting: Visiting) -> Refusal | None:
    """Programs that say what they are, and such as speak no language: every browser names one."""
    if not visiting.is_server and "accept-language" not in visiting.request.headers:
        return Refusal.BOT
    return Refusal.BOT if is_bot(visiting.agent) else None


def classify_source(visiting: Visiting) -> Refusal | None:
    visiting.source = classify(visiting.post.url, visiting.post.referrer, visiting.door.home)
    return None


def place_visit(visiting: Visiting) -> Refusal | None:
    """Where the visitor is and what on. A header is believed only if it is ours to set; a time zone is a hint."""
    post, header = visiting.post, visiting.edge.region_header
    visiting.device = device_of(visiting.agent)
    said = post.region if visiting.is_server else visiting.request.headers.get(header, "") if header else ""
    visiting.region = (region_said(said) if said else None) or (region_of_zone(post.tz) if post.tz else None)
    return None


def choose_options(visiting: Visiting) -> Refusal | None:
    door = visiting.door
    if visiting.post.visit:
        visiting.visit, visiting.note = split_token(visiting.post.visit)
    if door.plain_options is not None:
        visiting.options = door.plain_options
    else:
        visited = Visited(visiting.source, visiting.region, visiting.device)
        visiting.options = choose(door.targets, visited, visiting.note)
    return None


def gate_consent(visiting: Visiting) -> Refusal | None:
    post = visiting.post
    gpc = post.gpc or visiting.request.headers.get("sec-gpc") == "1"
    visiting.consent = read_consent(post.consent, post.gcm, post.tcf, gpc=gpc)
    is_needed = visiting.door.site.consent == "needed"
    return None if may_identify(visiting.consent, is_needed=is_needed) else Refusal.NO_CONSENT


def need_tokens(visiting: Visiting) -> Refusal | None:
    return None if visiting.post.visit and visiting.post.visitor else Refusal.UNREADABLE


def name_visit(visiting: Visiting) -> Refusal | None:
    """Fills in tokens for a page without a browser's own, and the ids that the house knows the visit by."""
    post, site = visiting.post, visiting.door.site
    if not post.visit or not post.visitor:
        visiting.visit = new_id("rt", visiting.now_ms)
        visiting.post = post = msgspec.structs.replace(post, visitor=post.visitor or new_id("rt", visiting.now_ms))
    elif not visiting.visit:
        visiting.visit, visiting.note = split_token(post.visit)
    visiting.visit_id = derived_id("visit", site.site_id, visiting.visit)
    visiting.visitor_id = derived_id("visitor", site.company_id, post.visitor or "")
    return None


_SEEN: tuple[Step, ...] = (gate_bot, classify_source, place_visit, choose_options, gate_consent, name_visit)
GATES: tuple[Step, ...] = (decode, gate_site, gate_origin, see_visitor, gate_rate, gate_load)
SERVER_GATES: tuple[Step, ...] = (decode, gate_site, gate_server_key, see_servers_visitor, gate_rate, gate_load)
VISIT_STEPS: tuple[Step, ...] = (*GATES, *_SEEN)
SERVER_STEPS: tuple[Step, ...] = (*SERVER_GATES, *_SEEN)
SIGN_STEPS: tuple[Step, ...] = (*GATES, gate_consent, need_tokens, name_visit)


async def answer_visit(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/visit: a page view. Answers with the numbers to show, durable before it is sent."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), VISIT_STEPS, _show_numbers)


async def answer_server(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/server/visit: a page view that the site's own server tells of while it renders the page."""
    visiting = Visiting(edge=edge, request=request, now_ms=now_ms, is_server=True)
    return await _go(visiting, SERVER_STEPS, _show_numbers)


async def answer_beat(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/beat: the page is still open. `held` false: the number went to others, ask for another."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _keep_numbers)


async def answer_click(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/click: the visitor tapped a number that this visit was shown."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _note_click)


async def answer_form(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/form: the visitor sent a form."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _note_form)


async def answer_identify(edge: Edge, request: Request, now_ms: int) -> Answer:
    """POST /v1/identify: the page says who its visitor is, by hashes."""
    return await _go(Visiting(edge=edge, request=request, now_ms=now_ms), SIGN_STEPS, _note_person)


async def _go(visiting: Visiting, steps: tuple[Step, ...], finish: Finish) -> Answer:
    """The steps in order until one refuses, then `finish`, which records and answers."""
    for step in steps:
        refusal = step(visiting)
        if refusal is not None:
            _count(visiting, refusal)
            return _leave_alone(visiting) if refusal is Refusal.NO_CONSENT else refuse(refusal)
    try:
        return await finish(visiting)
    except StoreUnavailable:
        _count(visiting, Refusal.STORE_DOWN)
        return refuse(Refusal.STORE_DOWN)


def _count(visiting: Visiting, refusal: Refusal) -> None:
    site = visiting.door.site
    visiting.edge.counts.refused(refusal, site.company_id, site.site_id)


def _leave_alone(visiting: Visiting) -> Answer:
    """No identifier and no number of one's own: what a source's every visitor sees, or what is printed."""
    return json_answer(
        PageAnswer(swaps=_static_swaps(visiting), reason=Refusal.NO_CONSENT.value, gpc=visiting.consent.gpc or UNSET),
        Refusal.NO_CONSENT,
    )


async def _show_numbers(visiting: Visiting) -> Answer:
    store, door, post = visiting.edge.store, visiting.door, visiting.post
    wanted = _wanted_pools(visiting)
    if not post.new:
        alive = await store.keep_visit(_alive(visiting, post.url), door.pools, wanted)
        if alive is not None:
            return _shown(visiting, alive.leases, _why_fewer(visiting, wanted, alive.leases))
    refusal = None if wanted else _why_no_pool(visiting)
    if wanted and visiting.edge.bursts.is_over(post.site, visiting.address, visiting.now_ms):
        wanted, refusal = (), Refusal.BURST
    seen = await store.start_visit(_seen(visiting), wanted)
    return _shown(visiting, seen.leases, refusal or _why_fewer(visiting, wanted, seen.leases))


def _wanted_pools(visiting: Visiting) -> tuple[str, ...]:
    """The chosen pools of the targets that the page prints."""
    door = visiting.door
    if door.plain_pools is not None and door.prints_all(visiting.post.numbers):
        return door.plain_pools
    return tuple(
        option.pool_id
        for target, option in zip(door.targets, visiting.options, strict=True)
        if option is not None and option.pool_id is not None and door.prints(target.e164, visiting.post.numbers)
    )


def _why_fewer(visiting: Visiting, wanted: tuple[str, ...], leases: tuple[Lease, ...]) -> Refusal | None:
    """POOL_EMPTY if the target of a wanted pool has got no number."""
    if {lease.pool_id for lease in leases}.issuperset(wanted):
        return None
    served = {lease.target_e164 for lease in leases}
    is_fewer = any(
        option is not None and option.pool_id in wanted and target.e164 not in served
        for target, option in zip(visiting.door.targets, visiting.options, strict=True)
    )
    return Refusal.POOL_EMPTY if is_fewer else None


def _why_no_pool(visiting: Visiting) -> Refusal:
    door = visiting.door
    if door.targets and not any(door.prints(target.e164, visiting.post.numbers) for target in door.targets):
        return Refusal.NO_TARGET
    return Refusal.NO_POOL


async def _keep_numbers(visiting: Visiting) -> Answer:
    alive = await visiting.edge.store.keep_visit(_alive(visiting, None), visiting.door.pools)
    return _shown(visiting, alive.leases, None) if alive else _shown(visiting, (), Refusal.UNKNOWN_VISIT)


async def _note_click(visiting: Visiting) -> Answer:
    store, number = visiting.edge.store, visiting.post.number or ""
    lease = await store.holder_of(number, visiting.now_ms)
    is_own = lease is not None and lease.visit_id == visiting.visit_id
    if not is_own and number not in visiting.door.static_numbers:
        return _shown(visiting, (), Refusal.UNKNOWN_VISIT)
    await store.record(NumberClicked(**_sign(visiting), e164=number))
    return _shown(visiting, (lease,) if lease is not None and is_own else (), None)


async def _note_form(visiting: Visiting) -> Answer:
    await visiting.edge.store.record(FormSent(**_sign(visiting), form=visiting.post.form, url=visiting.post.url))
    return _noted()


async def _note_person(visiting: Visiting) -> Answer:
    if not visiting.post.names_a_person:
        _count(visiting, Refusal.UNREADABLE)
        return refuse(Refusal.UNREADABLE)
    keys, purpose = visiting.edge.keys, caller_purpose(visiting.door.site.company_id)
    hashes = [text and keys.hash(text, purpose) for text in (visiting.post.phone, visiting.post.email)]
    await visiting.edge.store.record(PersonNamed(**_sign(visiting), phone_hash=hashes[0], email_hash=hashes[1]))
    return _noted()


def _noted() -> Answer:
    return Answer(body=b'{"held":true}')


def _sign(visiting: Visiting) -> dict[str, Any]:
    """What every event of a visit says."""
    return {
        "event_id": new_id("ev", visiting.now_ms),
        "at_ms": visiting.now_ms,
        "company_id": visiting.door.site.company_id,
        "visit_id": visiting.visit_id,
        "visitor_id": visiting.visitor_id,
        "site_id": visiting.door.site.site_id,
    }


def _seen(visiting: Visiting) -> VisitSeen:
    post, site = visiting.post, visiting.door.site
    return VisitSeen(
        event_id=new_id("ev", visiting.now_ms),
        at_ms=visiting.now_ms,
        company_id=site.company_id,
        visit_id=visiting.visit_id,
        visitor_id=visiting.visitor_id,
        site_id=site.site_id,
        url=post.url,
        referrer=post.referrer,
        source=visiting.source,
        device=visiting.device,
        gpc=visiting.consent.gpc,
        shown=tuple([swap.number for swap in _static_swaps(visiting)]) if visiting.door.static_numbers else (),
        region=visiting.region,
        consent=visiting.consent,
        ids=_ids(visiting) if post.ck else {},
    )


def _ids(visiting: Visiting) -> dict[str, str]:
    """What other systems call the visitor; an advertiser's only where ads may store something."""
    found = ids_in(visiting.post.ck)
    if visiting.consent.ad_storage is not False:
        return found
    return {name: text for name, text in found.items() if name not in ("fbp", "fbc")}


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


def _static_swaps(visiting: Visiting) -> tuple[Swap, ...]:
    door = visiting.door
    return tuple(
        door.swap(target.e164, option.e164)
        for target, option in zip(door.targets, visiting.options, strict=False)
        if option is not None and option.e164 is not None and door.prints(target.e164, visiting.post.numbers)
    )


def _shown(visiting: Visiting, leases: tuple[Lease, ...], refusal: Refusal | None) -> Answer:
    """The visit's own numbers, its source's, and what all share where a pool had none to give."""
    door, post = visiting.door, visiting.post
    swaps = [door.swap(lease.target_e164, lease.e164) for lease in leases]
    if door.is_mixed and visiting.options:
        swaps += _static_swaps(visiting)
        swaps += _overflow_swaps(visiting, {swap.target for swap in swaps})
    if refusal is Refusal.NO_POOL and swaps:
        refusal = None  # its source's number is all it was to have
    if refusal is not None:
        _count(visiting, refusal)
    note = ""
    if door.plain_options is None:
        note = note_of(door.targets, visiting.options) if visiting.options else visiting.note
    answer = PageAnswer(
        visitor=post.visitor,
        visit=with_note(visiting.visit, note),
        beat_secs=door.beat_secs,
        swaps=tuple(swaps),
        held=bool(leases),
        reason=refusal.value if refusal else None,
        gpc=visiting.consent.gpc or UNSET,
    )
    return json_answer(answer, refusal)


def _overflow_swaps(visiting: Visiting, served: set[str]) -> list[Swap]:
    door = visiting.door
    return [
        door.swap(target.e164, overflow)
        for target, option in zip(door.targets, visiting.options, strict=True)
        if option is not None
        and target.e164 not in served
        and (overflow := door.overflows.get(option.pool_id or "")) is not None
        and door.prints(target.e164, visiting.post.numbers)
    ]
