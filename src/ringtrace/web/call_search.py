"""Finds calls by what the call log asks for, for a person who may see them.

What stands in a call's own row is looked up in an index that holds it all. What does not (where the visit came from,
tags by rule, callers' digits) is looked for in a bounded number of calls; where that bound cut something off, it is
said.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, ms_from_at
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import try_phone
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import tag_key
from ringtrace.web import access
from ringtrace.web.bulk import among
from ringtrace.web.call_filters import NONE, Filters
from ringtrace.web.counting import tag_rules_of
from ringtrace.web.customers import phone_hash
from ringtrace.web.models import CallRow, CallTag, Company, OutcomeRow, TrackingNumber, User
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.outcomes import own_call_id
from ringtrace.web.source_search import by_source, by_source_text, like, with_sources
from ringtrace.web.traits import known_calls

MOST_COUNTED = 10_000
MOST_BY_RULE = 10_000
MOST_UNSEALED = 5_000
MOST_LOOKED_THROUGH = 200_000
LONGEST_DAYS = 400
_FEWEST_DIGITS, _WHOLE_DIGITS = 4, 10
_PHONE_LIKE = re.compile(r"[-+()./\s\d]+\Z")


class Found(Struct, frozen=True, kw_only=True):
    """`calls`: newest first. `notes`: what a bound cut off, in words."""

    calls: QuerySet[CallRow]
    notes: tuple[str, ...] = ()


def calls_found(user: User, company: Company, filters: Filters) -> QuerySet[CallRow]:
    """The calls that this person may see and that the filters leave, newest first."""
    return find_calls(user, company, filters).calls


def find_calls(user: User, company: Company, filters: Filters) -> Found:
    search = _Search(user, company, filters)
    return Found(calls=search.run(), notes=tuple(search.notes))


def before(calls: QuerySet[CallRow], started_ms: int, call_id: str) -> QuerySet[CallRow]:
    """Those that come after this place in the log, which is newest first."""
    return calls.filter(started_ms__lte=started_ms).exclude(started_ms=started_ms, call_id__gte=call_id)


def count_up_to(calls: QuerySet[CallRow], most: int = MOST_COUNTED) -> int:
    """How many; `most + 1` where there are more."""
    return calls.order_by().values("pk")[: most + 1].count()


def day_starts_ms(company: Company, on: date) -> int:
    return ms_from_at(datetime.combine(on, time(), company.zone))


class _Search:
    def __init__(self, user: User, company: Company, filters: Filters) -> None:
        self._user, self._company, self._filters = user, company, filters
        self.notes: list[str] = []

    def run(self) -> QuerySet[CallRow]:
        filters = self._filters
        calls = access.access_calls(self._user, self._company).order_by("-started_ms", "-call_id")
        calls = calls.filter(self._own(), self._within())
        if filters.outcome:
            calls = calls.filter(_of_outcome(filters.outcome))
        if filters.tag:
            calls = calls.filter(self._tagged(calls, filters.tag))
        if filters.asks_source:
            calls = with_sources(self._looked_through(calls)).filter(by_source(self._company, filters))
        return self._search(calls) if filters.q else calls

    def _own(self) -> Q:
        """What stands in the call's own row."""
        filters, said = self._filters, Q()
        if filters.status:
            said &= Q(status__in=filters.status)
        if filters.number:
            said &= self._numbered(filters.number)
        if filters.agent:
            said &= like("agent", filters.agent)
        if filters.disposition:
            said &= Q(disposition="") if filters.disposition == NONE else like("disposition", filters.disposition)
        if filters.first:
            said &= Q(is_first_call=filters.first == "yes")
        if filters.spam:
            said &= Q(is_spam=filters.spam == "yes")
        if filters.min_talk is not None:
            said &= Q(talk_secs__gte=filters.min_talk)
        if filters.max_talk is not None:
            said &= Q(talk_secs__lte=filters.max_talk)
        if filters.matched is not None:
            said &= Q(attributed_by=AttributedBy.VISIT, p_visit__gte=filters.matched / 100)
        return said

    def _within(self) -> Q:
        said, filters = Q(), self._filters
        if filters.since_on is not None:
            said &= Q(started_ms__gte=day_starts_ms(self._company, filters.since_on))
        if filters.until_on is not None:
            said &= Q(started_ms__lt=day_starts_ms(self._company, filters.until_on + timedelta(days=1)))
        return said

    def _numbered(self, text: str) -> Q:
        """Calls to one number, by what people write or by its id."""
        e164 = try_phone(text, self._company.region) or text
        ids = TrackingNumber.objects.filter(company=self._company).filter(Q(e164=e164) | Q(pk=text))
        return Q(number__in=list(ids.values_list("pk", flat=True))) | self._to_no_number_of_ours(e164)

    def _to_no_number_of_ours(self, e164: str) -> Q:
        """Calls of other systems. Where there is none they are not asked for: the index holds no such number."""
        others = CallRow.objects.filter(company=self._company, number=None)
        return Q(number=None, called_e164=e164) if others.exists() else Q(pk__in=[])

    def _tagged(self, calls: QuerySet[CallRow], tag: str) -> Q:
        """By hand, or by a rule that puts this tag."""
        key = tag_key(tag)
        by_hand = Exists(CallTag.objects.filter(key=key, call=OuterRef("pk")))
        return Q(by_hand) | self._by_rule(calls, {key})

    def _by_rule(self, calls: QuerySet[CallRow], keys: Collection[str]) -> Q:
        rules = [rule for rule in tag_rules_of(self._company.pk) if tag_key(rule.tag) in keys]
        if not rules:
            return Q(pk__in=[])
        cut = self._newest(calls, MOST_BY_RULE, "Tags by rule were looked for in the newest {} of these calls.")
        known = known_calls(cut, rules)
        ids = {one.call_id for one in known if any(tag_key(tag) in keys for tag in one.traits.tags or ())}
        return Q(pk__in=among(ids))

    def _looked_through(self, calls: QuerySet[CallRow]) -> QuerySet[CallRow]:
        """Not more of the calls than can be looked through while somebody waits."""
        newest_ms = calls.values_list("started_ms", flat=True).first()
        if newest_ms is None:
            return calls
        since_ms = newest_ms - LONGEST_DAYS * DAY_MS
        if calls.filter(started_ms__lt=since_ms).exists():
            self.notes.append(
                f"Only the {LONGEST_DAYS} days up to the newest of these calls were searched. "
                "Choose other days for the rest."
            )
            calls = calls.filter(started_ms__gte=since_ms)
        return self._newest(calls, MOST_LOOKED_THROUGH, "Only the newest {} of these calls were searched.")

    def _newest(self, calls: QuerySet[CallRow], most: int, words: str) -> QuerySet[CallRow]:
        last_ms = calls.values_list("started_ms", flat=True)[most : most + 1].first()
        if last_ms is None:
            return calls
        self.notes.append(f"{words.format(f'{most:,}')} Choose fewer days for the rest.")
        return calls.filter(started_ms__gt=last_ms)

    # What was typed into the one search box

    def _search(self, calls: QuerySet[CallRow]) -> QuerySet[CallRow]:
        text = self._filters.q
        if text.startswith("call_"):
            return calls.filter(pk__in=[text, own_call_id(self._company.pk, text)])
        digits = re.sub(r"\D", "", text)
        if _PHONE_LIKE.match(text) and len(digits) >= _FEWEST_DIGITS:
            said = self._by_digits(calls, text, digits)
            if len(digits) >= _WHOLE_DIGITS:
                return calls.filter(said)
        else:
            said = Q(pk=own_call_id(self._company.pk, text))
        looked = self._looked_through(calls)
        return with_sources(looked).filter(said | self._by_text(looked, text))

    def _by_digits(self, calls: QuerySet[CallRow], text: str, digits: str) -> Q:
        numbers = TrackingNumber.objects.filter(company=self._company, e164__contains=digits)
        e164 = try_phone(text, self._company.region)
        if e164:
            numbers |= TrackingNumber.objects.filter(company=self._company, e164=e164)
        said = Q(number__in=list(numbers.values_list("pk", flat=True))) | self._to_no_number_of_ours(e164 or text)
        if not access.may(self._user, self._company, access.Right.SEE_CALLERS):
            self.notes.append("Callers are sealed for you: only the numbers that were called were searched.")
            return said
        if e164:
            said |= self._of_caller(e164)
        return said if len(digits) >= _WHOLE_DIGITS else said | self._by_last_digits(calls, digits)

    def _of_caller(self, e164: str) -> Q:
        """Named one by one: the index of the log holds ids, and no callers."""
        theirs = CallRow.objects.filter(company=self._company, caller_hash=phone_hash(self._company.pk, e164))
        ids = list(theirs.order_by("-started_ms").values_list("pk", flat=True)[:MOST_BY_RULE])
        return Q(pk__in=among(ids))

    def _by_last_digits(self, calls: QuerySet[CallRow], digits: str) -> Q:
        """Callers are sealed one by one: those of the newest calls are opened, each once."""
        rows = calls.exclude(caller_hash=None).values_list("caller_hash", "caller_sealed")
        newest = list(islice(rows[: MOST_UNSEALED + 1], MOST_UNSEALED + 1))
        if len(newest) > MOST_UNSEALED:
            self.notes.append(
                f"The last digits were looked for among the callers of the newest {MOST_UNSEALED:,} of these calls. "
                "A whole number is found in all of them."
            )
        callers = {caller: sealed for caller, sealed in newest[:MOST_UNSEALED] if caller and sealed}
        ending = {caller for caller, sealed in callers.items() if self._opened(sealed).endswith(digits)}
        return Q(caller_hash__in=among(ending))

    def _opened(self, sealed: str) -> str:
        try:
            return str(settings.KEYS.unseal(sealed, caller_purpose(self._company.pk)))
        except BadInput:  # the key this was sealed with is gone
            return ""

    def _by_text(self, calls: QuerySet[CallRow], text: str) -> Q:
        key = tag_key(text)
        by_hand = CallTag.objects.filter(call=OuterRef("pk"), key__contains=key)
        noted = OutcomeRow.objects.filter(call=OuterRef("pk"), note__icontains=text)
        said = Q(agent__icontains=text) | by_source_text(self._company, text) | Q(Exists(by_hand)) | Q(Exists(noted))
        rules = {tag_key(rule.tag) for rule in tag_rules_of(self._company.pk)}
        keys = {rule for rule in rules if key in rule}
        return said | self._by_rule(calls, keys) if keys else said


def _of_outcome(kind: str) -> Q:
    outcomes = OutcomeRow.objects.filter(call=OuterRef("pk"))
    if kind == NONE:
        return ~Q(Exists(outcomes))
    return Q(Exists(outcomes.filter(kind=kind)))
