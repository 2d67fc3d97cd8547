"""All outcomes as their page lists them: filters in its address, and a line for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import try_phone
from ringtrace.privacy.keys import caller_purpose
from ringtrace.web import access
from ringtrace.web.call_filters import read_filters
from ringtrace.web.call_search import day_starts_ms
from ringtrace.web.customers import phone_hash
from ringtrace.web.models import Company, OutcomeRow, User
from ringtrace.web.outcomes import BY_HAND, MISSES, Miss, own_call_id

HOWS: Mapping[str, str] = {
    "call_id": "by the call’s id",
    "contact_id": "by the contact’s id",
    "caller_time": "by the caller’s number and the time",
    "person": "by who the person is",
    BY_HAND: "by hand",
}
TO_DO: Mapping[Miss, str] = {
    Miss.UNKNOWN_CALL: "Tell the call first, or correct the id in the other system; it is tried again by itself.",
    Miss.UNKNOWN_CONTACT: "Tell the contact first, or correct the id; it is tried again by itself.",
    Miss.NOBODY: "Let the other system send a call id, a phone number or an e-mail address with it.",
    Miss.NO_SUCH_CALLER: "Whoever bought may have called from another phone: look for the call by its time.",
    Miss.NONE_NEAR: "The time may be of another zone or of the booking: look for the caller’s call by hand.",
    Miss.UNKNOWN_PERSON: "The phone of this person is not known: send it with the outcome, or choose the call by hand.",
}
MISSED = "missed"
_NAMES = ("q", "days", "since", "until", "kind", "how", "system", "miss")
_LONGEST = 200


class OutcomeFilters(Struct, frozen=True, kw_only=True):
    """`how`: one of HOWS, or `missed`; `miss`: one reason; `system`: its name, or `hand`."""

    q: str = ""
    days: int | None = None
    since_on: date | None = None
    until_on: date | None = None
    kind: str = ""
    how: str = ""
    system: str = ""
    miss: str = ""
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        asked = QueryDict(mutable=True)
        dates = {"since": self.since_on, "until": self.until_on} if not self.days else {}
        said = {name: getattr(self, name, None) for name in _NAMES} | {"days": self.days} | dates
        for name in _NAMES:
            if said.get(name):
                asked[name] = str(said[name])
        return asked.urlencode()


class OutcomeLine(Struct, frozen=True, kw_only=True):
    """One outcome. `of`: what it came of, in words; `customer`: the person's name, for those who may see callers."""

    row: OutcomeRow
    how: str
    why: str
    to_do: str
    customer: str
    may_assign: bool


def read_outcome_filters(asked: QueryDict, today_on: date) -> OutcomeFilters:
    dated = read_filters(_only(asked, "days", "since", "until"), today_on)
    problems = list(dated.problems)
    said = {name: asked.get(name, "").replace("\0", " ").strip()[:_LONGEST] for name in ("q", "kind", "system")}
    for name, known in (("how", (*HOWS, MISSED)), ("miss", tuple(Miss))):
        text = asked.get(name, "")
        said[name] = text if text in known else ""
        if text and text not in known:
            problems.append(f"There is no {text[:40]!r} to choose by. It is left out.")
    return OutcomeFilters(
        **said, days=dated.days, since_on=dated.since_on, until_on=dated.until_on, problems=tuple(problems)
    )


def _only(asked: QueryDict, *names: str) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in names:
        kept.setlist(name, asked.getlist(name))
    return kept


def outcomes_found(user: User, company: Company, filters: OutcomeFilters) -> QuerySet[OutcomeRow]:
    """Newest first, with their call, contact and who marked them."""
    rows = access.access_all_outcomes(user, company)
    if filters.since_on is not None:
        rows = rows.filter(at_ms__gte=day_starts_ms(company, filters.since_on))
    if filters.until_on is not None:
        rows = rows.filter(at_ms__lt=day_starts_ms(company, date.fromordinal(filters.until_on.toordinal() + 1)))
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.how:
        rows = rows.exclude(miss="") if filters.how == MISSED else rows.filter(how=filters.how)
    if filters.miss:
        rows = rows.filter(miss=filters.miss)
    if filters.system:
        rows = rows.filter(system="" if filters.system == BY_HAND else filters.system)
    if filters.q:
        rows = rows.filter(_texts(user, company, filters.q))
    return rows.select_related("call", "contact", "customer", "marked_by")


def _texts(user: User, company: Company, text: str) -> Q:
    said = Q(external_id__icontains=text) | Q(note__icontains=text) | Q(stage__icontains=text)
    said |= Q(named_id__icontains=text) | Q(call__in=[text, own_call_id(company.pk, text)])
    e164 = try_phone(text, company.region)
    if e164 and access.may(user, company, access.Right.SEE_CALLERS):
        said |= Q(caller_hash=phone_hash(company.pk, e164)) | Q(call__caller_hash=phone_hash(company.pk, e164))
    return said


def outcome_lines(user: User, company: Company, rows: list[OutcomeRow]) -> list[OutcomeLine]:
    rights = access.rights_of(user, company)
    may_assign = access.Right.WORK in rights and access.Right.SEE in rights
    may_see = access.Right.SEE_CALLERS in rights
    return [_line(company, row, may_assign=may_assign, may_see=may_see) for row in rows]


def _line(company: Company, row: OutcomeRow, *, may_assign: bool, may_see: bool) -> OutcomeLine:
    miss = Miss(row.miss) if row.miss in tuple(Miss) else None
    return OutcomeLine(
        row=row,
        how=HOWS.get(row.how, row.how.replace("_", " ")),
        why=MISSES[miss] if miss else row.miss,
        to_do=TO_DO[miss] if miss else "",
        customer=_name(company, row) if may_see else "",
        may_assign=may_assign and (bool(row.miss) or row.how == BY_HAND),
    )


def _name(company: Company, row: OutcomeRow) -> str:
    if row.customer is None or row.customer.name_sealed is None:
        return ""
    try:
        return str(settings.KEYS.unseal(row.customer.name_sealed, caller_purpose(company.pk)))
    except BadInput:  # the key this was sealed with is gone
        return ""


def outcome_choices(user: User, company: Company) -> dict[str, Any]:
    """What the filters offer; kinds and systems are those of the newest outcomes."""
    newest = list(access.access_all_outcomes(user, company).values_list("kind", "system")[:2_000])
    own = sorted({kind for kind, _ in newest if kind not in tuple(OutcomeKind)})
    return {
        "kinds": [(kind, kind.replace("_", " ")) for kind in (*(each.value for each in OutcomeKind), *own)],
        "systems": sorted({system for _, system in newest if system}),
        "hows": list(HOWS.items()),
        "misses": list(MISSES.items()),
    }
