"""What the company's rules say of its visits: by the rules in force, or by a draft of them."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ringtrace.core.sources import Source, SourceRule
from ringtrace.sources import RULES, Home, classify
from ringtrace.web.directory import rules_of
from ringtrace.web.models import Company, Site, VisitRow

TRIED_VISITS = 500
_MOST_CHANGES = 25
_EXAMPLES = 3

Homes = Mapping[str, Home]


class Change(Struct, frozen=True, kw_only=True):
    """Visits that a draft calls something else, and a few of them as (url, referrer)."""

    before: Source
    after: Source
    count: int
    examples: tuple[tuple[str, str], ...]


class Trial(Struct, frozen=True, kw_only=True):
    """A draft of the rules, run over recent visits. `changes`: the most frequent first."""

    visits: int
    changed: int
    changes: tuple[Change, ...]


def homes_of(company: Company, rules: Sequence[SourceRule] | None = None) -> dict[str, Home]:
    """By site: what classifying a visit there must know. `rules` None: those in force."""
    used = rules_of(company) if rules is None else tuple(rules)
    return {
        site.pk: Home(hosts=_hosts(site), rules=used, ignored=frozenset(site.ignored_referrers))
        for site in Site.objects.filter(company=company)
    }


def verdict_on(visit: VisitRow, homes: Homes) -> Source | None:
    """The source of a visit; None for one of a site that is gone, or whose visitor was forgotten with its address."""
    home = homes.get(visit.site_id)
    return None if home is None or not visit.url else classify(visit.url, visit.referrer, home)


def is_same(one: Source, other: Source) -> bool:
    """Whether two verdicts say the same, whichever rules gave them."""
    return msgspec.structs.replace(one, rules="") == msgspec.structs.replace(other, rules="")


def fingerprint(company: Company) -> str:
    """Changes whenever a visit of this company may be called something else than before."""
    sites = Site.objects.filter(company=company).order_by("pk").values_list("pk", "origins", "ignored_referrers")
    known = [RULES, msgspec.to_builtins(rules_of(company)), [list(site) for site in sites]]
    return hashlib.sha256(msgspec.json.encode(known)).hexdigest()


def try_rules(company: Company, draft: Sequence[SourceRule], visits: Iterable[VisitRow]) -> Trial:
    """What the draft would change against the rules in force, over `visits`."""
    before, after = homes_of(company), homes_of(company, draft)
    tried = 0
    counts: Counter[tuple[str, ...]] = Counter()
    pairs: dict[tuple[str, ...], tuple[Source, Source]] = {}
    examples: defaultdict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for visit in visits:
        was, becomes = verdict_on(visit, before), verdict_on(visit, after)
        if was is None or becomes is None:
            continue
        tried += 1
        if is_same(was, becomes):
            continue
        key = (was.channel, was.label, becomes.channel, becomes.label)
        counts[key] += 1
        pairs.setdefault(key, (was, becomes))
        if len(examples[key]) < _EXAMPLES:
            examples[key].append((visit.url, visit.referrer))
    changes = [
        Change(before=pairs[key][0], after=pairs[key][1], count=count, examples=tuple(examples[key]))
        for key, count in counts.most_common(_MOST_CHANGES)
    ]
    return Trial(visits=tried, changed=counts.total(), changes=tuple(changes))


def _hosts(site: Site) -> frozenset[str]:
    return frozenset(urlsplit(origin).hostname or "" for origin in site.origins)
