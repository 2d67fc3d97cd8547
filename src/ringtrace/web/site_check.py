"""Whether a site's pages carry the tag, and what it would do there: the page is fetched, read and judged.

What the edge has seen lately is the real proof; a page that loads its tags by a tag manager can only be judged so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
from django.conf import settings
from django.db.models import Max, Sum
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import show_phone
from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.core.sources import Source
from ringtrace.pools.choice import Option, Target, Visited, choose, is_printed, targets_of
from ringtrace.sources import Home, classify
from ringtrace.web.content_policy import is_allowed
from ringtrace.web.directory import entries_of
from ringtrace.web.fetching import Fetched, fetch
from ringtrace.web.models import Pool, RefusalRow, Site, TrackingNumber, VisitRow
from ringtrace.web.page_reading import MOST_READ, Page, Printed, Tag, read_page, trackers_in
from ringtrace.web.snippet_tag import snippet

CHECK_EVERY_MS = 3_000
LONGEST_CHECK_MS = 10_000
"""One that has not ended by then never will: another may begin."""

_LONGEST_PATH = 1_000
_OK = 200
_WORDS_OF_CONSENT = frozenset({"granted", "denied", "unset"})
_TELLING = (Refusal.WRONG_ORIGIN, Refusal.NO_TARGET, Refusal.NO_POOL, Refusal.NO_CONSENT, Refusal.POOL_EMPTY)


class State(StrEnum):
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    INFO = "info"


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the checklist. `todo`: what to do about it."""

    state: State
    title: str
    words: str = ""
    todo: str = ""


class Checked(Struct, frozen=True, kw_only=True):
    """What a look at a page found; kept with the site. `at_ms`: when it began, None for what an older version kept."""

    url: str
    findings: tuple[Finding, ...]
    printed: tuple[Printed, ...] = ()
    trackers: Mapping[str, str] = {}
    at_ms: int | None = None

    @property
    def has_tag(self) -> bool:
        return any(one.state is State.GOOD and one.title == _TAG_THERE for one in self.findings)


class SwapLine(Struct, frozen=True, kw_only=True):
    """A printed number, and what stands in for it. `becomes` "": it stays as it is, and `why`."""

    printed: Printed
    becomes: str
    why: str


class Seen(Struct, frozen=True, kw_only=True):
    """What the edge saw of a site: visits of the last hour, the newest visit, and what it turned away lately."""

    visits: int
    last_ms: int | None
    refused: tuple[tuple[str, int, str], ...]


_TAG_THERE = "The script tag is there"


def check_path(text: str) -> str:
    """The path of a page on the site, with its query. Raises BadInput."""
    path = text.strip() or "/"
    if not path.startswith("/") or path.startswith("//") or len(path) > _LONGEST_PATH or "\\" in path:
        raise BadInput("That is not the path of a page.", hint="Write it like /contact.")
    return path


def do_check_site(site: Site, path: str, now_ms: int) -> Checked | None:
    """Fetches a page of the site's first address, judges it and keeps the result; None where somebody else is at it, or
    was a moment ago. Never call it in a transaction."""
    url = site.origins[0] + check_path(path)
    if not _do_claim(site, now_ms):
        return None
    found = msgspec.structs.replace(look_at(site, url), at_ms=now_ms)
    # by its own claim: what took too long keeps nothing
    Site.objects.filter(pk=site.pk, checked_ms=now_ms).update(checked=msgspec.to_builtins(found))
    return found


def _do_claim(site: Site, now_ms: int) -> bool:
    """Of those who read the same moment of the last check, one alone may begin the next."""
    wait_ms = LONGEST_CHECK_MS if is_being_checked(site, now_ms) else CHECK_EVERY_MS
    if site.checked_ms is not None and now_ms - site.checked_ms < wait_ms:
        return False
    return Site.objects.filter(pk=site.pk, checked_ms=site.checked_ms).update(checked_ms=now_ms) == 1


def is_being_checked(site: Site, now_ms: int) -> bool:
    """Whether a check has begun and has kept nothing yet."""
    if site.checked_ms is None or now_ms - site.checked_ms >= LONGEST_CHECK_MS:
        return False
    found = last_check(site)
    return found is None or found.at_ms != site.checked_ms


def last_check(site: Site) -> Checked | None:
    """What the last look found; None where nobody looked, or an older version wrote it."""
    try:
        return msgspec.convert(site.checked, Checked) if site.checked else None
    except msgspec.ValidationError:
        return None


def look_at(site: Site, url: str) -> Checked:
    ports = frozenset(port for origin in site.origins if (port := urlsplit(origin).port))
    try:
        fetched = fetch(url, own_origin=_demo_origin(site), allowed_ports=ports)
    except BadInput as error:
        return _nothing_found(url, "The page cannot be fetched", error)
    try:
        page = read_page(fetched.text, site.company.region)
    except BadInput as error:
        return _nothing_found(fetched.url, "The page cannot be read", error)
    trackers = trackers_in(page.scripts)
    return Checked(
        url=fetched.url,
        findings=tuple(_judge(site, fetched, page, trackers)),
        printed=page.printed,
        trackers=trackers,
    )


def _nothing_found(url: str, title: str, error: BadInput) -> Checked:
    finding = Finding(state=State.BAD, title=title, words=str(error.args[0]), todo=error.hint)
    return Checked(url=url, findings=(finding,))


def _demo_origin(site: Site) -> str:
    """The demo's own page lies on this machine; nothing else that does may be asked for."""
    demo: str = settings.DEMO_URL.rstrip("/")
    return demo if demo and demo in site.origins else ""


def _judge(site: Site, fetched: Fetched, page: Page, trackers: Mapping[str, str]) -> Iterator[Finding]:
    yield _reached(fetched)
    if fetched.is_cut or page.is_cut:
        yield Finding(
            state=State.WARN,
            title="The page is too long to be read whole",
            words=f"Only its first {MOST_READ:,} characters were read: what is said below holds for them.",
        )
    parts = urlsplit(fetched.url)
    if f"{parts.scheme}://{parts.netloc}" not in site.origins:
        yield Finding(
            state=State.BAD,
            title="The page lies at an address that is none of the site’s",
            words=f"It ended at {parts.scheme}://{parts.netloc}. Visits from there are refused.",
            todo="Add this address to the site’s addresses in the settings.",
        )
    own = [tag for tag in page.tags if _is_ours(tag)]
    right = [tag for tag in own if tag.get("data-site") == site.key and not tag.where]
    yield from _tag_findings(site, own, right, trackers)
    for tag in right[:1]:
        yield from _tag_details(fetched, page, tag)
    yield from _consent(site, right, trackers)
    yield from _numbers(site, page, right)
    for name, kind in trackers.items():
        if kind == "swaps":
            yield Finding(
                state=State.WARN,
                title=f"{name} swaps numbers on this page, too",
                words="Two scripts that swap the same number undo each other’s work.",
                todo=f'Let one of them swap: take {name} off, or mark its numbers with class="noswap".',
            )


def _reached(fetched: Fetched) -> Finding:
    kind = fetched.headers.get("content-type", "")
    if fetched.status != _OK:
        return Finding(
            state=State.BAD,
            title=f"The page answered {fetched.status}",
            todo="Give the path of a page that visitors see, or let this server in: some sites refuse programs.",
        )
    if kind and "html" not in kind.lower():
        return Finding(state=State.BAD, title=f"That is no page but {kind[:60]}", todo="Give the path of a page.")
    return Finding(state=State.GOOD, title="The page answers", words=fetched.url[:200])


def _is_ours(tag: Tag) -> bool:
    name = urlsplit(tag.get("src")).path.rpartition("/")[2]
    return bool(tag.get("data-site").startswith("st_")) or (name.startswith("ringtrace") and name.endswith(".js"))


def _tag_findings(
    site: Site, own: Sequence[Tag], right: Sequence[Tag], trackers: Mapping[str, str]
) -> Iterator[Finding]:
    paste = "Paste the tag from the settings before </head>."
    if len(right) > 1:
        yield Finding(
            state=State.WARN,
            title=f"The script tag is there {len(right)} times",
            words="It works once; the others only cost time.",
            todo="Leave one of them, perhaps in the theme, and take the others off.",
        )
    elif right:
        yield Finding(state=State.GOOD, title=_TAG_THERE, words=f"It names this site: {site.key}.")
    for tag in own:
        if tag.where:
            where = {"comment": "inside a comment", "noscript": "inside <noscript>"}.get(
                tag.where, f"inside <{tag.where}>"
            )
            yield Finding(
                state=State.INFO if right else State.BAD,
                title=f"A script tag stands {where}",
                words="There it never runs.",
                todo="" if right else "Take it out of there.",
            )
        elif tag.get("data-site") != site.key:
            said = tag.get("data-site")[:80] or "none"
            yield Finding(
                state=State.BAD,
                title="A script tag names another site’s key",
                words=f"It says {said}; this site’s key is {site.key}.",
                todo="Paste this site’s own tag, or look at the site that it names.",
            )
    if not own:
        yield _no_tag(trackers, paste)


def _no_tag(trackers: Mapping[str, str], paste: str) -> Finding:
    managers = [name for name, kind in trackers.items() if kind == "manager"]
    if managers:
        return Finding(
            state=State.WARN,
            title=f"No script tag in the page, but {managers[0]}",
            words="A tag manager loads its tags in the browser, where this check cannot look.",
            todo="Open the page in a browser, then see below whether its visit has arrived: that is the proof.",
        )
    return Finding(
        state=State.BAD, title="There is no script tag", words="Pages keep their printed number.", todo=paste
    )


def _tag_details(fetched: Fetched, page: Page, tag: Tag) -> Iterator[Finding]:
    src = urljoin(fetched.url, tag.get("src"))
    parts, edge = urlsplit(src), urlsplit(settings.EDGE_URL)
    if not tag.get("src") or (parts.scheme, parts.netloc) != (edge.scheme, edge.netloc):
        yield Finding(
            state=State.BAD,
            title="The tag loads its script from another address",
            words=f"It asks {src[:200] or 'nobody'}; the edge is at {settings.EDGE_URL}.",
            todo="Paste the tag from the settings again.",
        )
    elif urlsplit(fetched.url).scheme == "https" and edge.scheme == "http":
        yield Finding(
            state=State.BAD,
            title="The page is https and the edge is not",
            words="Browsers load no http script into an https page.",
            todo="Put the edge behind https, and start Ringtrace with its https address.",
        )
    if not {"async", "defer"} & set(tag.attributes):
        yield Finding(
            state=State.WARN, title="The tag holds up the page", todo="Write async into it, as the settings show it."
        )
    yield from _pinned(tag, parts.path)
    yield from _policies(fetched, page, tag)
    if tag.get("data-only"):
        yield Finding(
            state=State.INFO, title="Numbers are swapped in a part of the page alone", words=tag.get("data-only")[:200]
        )


def _pinned(tag: Tag, path: str) -> Iterator[Finding]:
    if not tag.get("integrity"):
        return
    if "crossorigin" not in tag.attributes:
        yield Finding(
            state=State.BAD,
            title="The tag is pinned without crossorigin",
            words="Browsers then refuse to run it.",
            todo="Paste the pinned tag from the settings again.",
        )
    elif tag.get("integrity") != snippet().integrity:
        yield Finding(
            state=State.WARN,
            title="The tag is pinned to another version of the snippet",
            words=f"It asks for {path[:100]}.",
            todo="Paste the pinned tag from the settings again.",
        )


def _policies(fetched: Fetched, page: Page, tag: Tag) -> Iterator[Finding]:
    header = fetched.headers.get("content-security-policy", "")
    policies = [*(one for one in header.split(",") if one.strip()), *page.policies]
    parts, edge = urlsplit(fetched.url), urlsplit(settings.EDGE_URL)
    for kind in ("script-src", "connect-src"):
        asked = {"edge": settings.EDGE_URL, "page": f"{parts.scheme}://{parts.netloc}", "nonce": tag.get("nonce")}
        if not all(is_allowed(policy, kind, **asked) for policy in policies):
            yield Finding(
                state=State.BAD,
                title=f"The page’s Content-Security-Policy forbids it ({kind})",
                words="The browser will not load the script."
                if kind == "script-src"
                else "No number can be asked for.",
                todo=f"Add {edge.scheme}://{edge.netloc} to {kind} of the policy.",
            )
    if policies and all(
        is_allowed(policy, kind, **asked) for policy in policies for kind in ("script-src", "connect-src")
    ):
        yield Finding(state=State.GOOD, title="The page’s Content-Security-Policy lets it through")


def _consent(site: Site, right: Sequence[Tag], trackers: Mapping[str, str]) -> Iterator[Finding]:
    said = right[0].get("data-consent") if right else ""
    banners = [name for name, kind in trackers.items() if kind == "consent"]
    if said and said not in _WORDS_OF_CONSENT:
        yield Finding(
            state=State.BAD,
            title=f'data-consent="{said[:40]}" is no word of consent',
            todo="Write granted, denied or unset, or leave it out.",
        )
    elif site.consent == "needed" and said == "granted":
        yield Finding(
            state=State.WARN,
            title="The tag says that every visitor has agreed",
            words='The site asks for consent first, and data-consent="granted" answers for everybody.',
            todo='Leave it out, and let the banner say it: by Consent Mode, TCF or ringtrace("consent", …).',
        )
    elif site.consent == "needed" and right and not banners:
        yield Finding(
            state=State.INFO,
            title="No consent banner was noticed",
            words="Without a word of consent no visitor gets a number of their own.",
            todo='Nothing, if your banner speaks Consent Mode, TCF or calls ringtrace("consent", …).',
        )
    elif banners:
        yield Finding(state=State.INFO, title=f"Consent banner: {', '.join(banners)}")


def _numbers(site: Site, page: Page, right: Sequence[Tag]) -> Iterator[Finding]:
    targets = _targets(site)
    missing = [one for one in targets if not any(_is_target(one, printed) for printed in page.printed)]
    if not targets:
        yield Finding(
            state=State.BAD,
            title="No number is set up to be swapped on this site",
            todo="Under Numbers, make a pool that stands in for the printed number.",
        )
    for target in missing:
        yield Finding(
            state=State.WARN,
            title=f"{show_phone(target.e164)} stands nowhere on this page",
            words="It is set up to be swapped, and there is nothing to swap."
            + (" The page may write it by a script, which this check does not run." if right else ""),
            todo="Try the path of a page that prints it, or correct the pool’s printed number.",
        )
    if targets and len(missing) < len(targets):
        found = [show_phone(one.e164) for one in targets if one not in missing]
        yield Finding(state=State.GOOD, title=f"The page prints {' and '.join(found)}")


def _is_target(target: Target, printed: Printed) -> bool:
    return is_printed(target.e164, (printed.e164,))


def _targets(site: Site) -> tuple[Target, ...]:
    _, pools, statics = entries_of(site)
    return targets_of(pools, statics)


def source_of_link(site: Site, url: str, link: str, referrer: str) -> Source:
    """Who sent a visit that comes by this link: a whole URL, or what stands behind the ? of one."""
    entry, _, _ = entries_of(site)
    home = Home(
        hosts=frozenset(urlsplit(origin).hostname or "" for origin in entry.origins),
        rules=entry.source_rules,
        ignored=frozenset(entry.ignored_referrers),
    )
    said = link.strip()
    whole = said if "://" in said else f"{url.partition('?')[0]}?{said.lstrip('?')}" if said else url
    came = referrer.strip()
    return classify(whole, came if "://" in came or not came else f"https://{came}/", home)


def swaps_for(site: Site, printed: Sequence[Printed], source: Source, device: str = "desktop") -> list[SwapLine]:
    """What a visit from this source would see in place of each number of the page."""
    targets = _targets(site)
    chosen = dict(zip((one.e164 for one in targets), choose(targets, Visited(source, None, device)), strict=True))
    return [_swap(site, one, next((t for t in targets if _is_target(t, one)), None), chosen) for one in printed]


def _swap(site: Site, printed: Printed, target: Target | None, chosen: Mapping[str, Option | None]) -> SwapLine:
    if target is None:
        return SwapLine(printed=printed, becomes="", why="no pool and no static number stands in for it")
    if printed.is_kept:
        only = "it stands only in data for search engines" if printed.places == ("data",) else "it is marked “noswap”"
        return SwapLine(printed=printed, becomes="", why=only)
    option = chosen.get(target.e164)
    if option is None:
        return SwapLine(printed=printed, becomes="", why="no entry of it fits this visit")
    if option.e164 is not None:
        number = TrackingNumber.objects.filter(e164=option.e164).first()
        name = f", {number.name}" if number and number.name else ""
        return SwapLine(printed=printed, becomes=show_phone(option.e164), why=f"the static number of this source{name}")
    pool = Pool.objects.filter(pk=option.pool_id).first()
    if pool is None:
        return SwapLine(printed=printed, becomes="", why="its pool is gone")
    many = pool.numbers.count()
    waits = ", once the visitor has agreed" if site.consent == "needed" else ""
    becomes = f"one of {many} of “{pool.name}”" if many else ""
    return SwapLine(
        printed=printed, becomes=becomes, why=f"shown in turn{waits}" if many else "its pool has no numbers"
    )


def seen_of(site: Site, now_ms: int) -> Seen:
    """The real proof: what of this site has arrived."""
    visits = VisitRow.objects.filter(company=site.company_id, site=site.pk)
    recent = visits.filter(started_ms__gte=now_ms - HOUR_MS).count()
    rows = RefusalRow.objects.filter(
        company_key=site.company_id,
        site_key=site.pk,
        hour_ms__gte=now_ms - 24 * HOUR_MS,
        reason__in=[one.value for one in _TELLING],
    )
    refused = rows.values_list("reason").annotate(times=Sum("count")).order_by("-times")
    last: Any = visits.aggregate(last=Max("last_seen_ms"))["last"]
    return Seen(
        visits=recent,
        last_ms=last,
        refused=tuple((reason.replace("_", " "), times, HINTS[Refusal(reason)]) for reason, times in refused),
    )
