"""Says one thing of many calls at once: a tag, how they ended, spam or not. In the caller's transaction; with an undo.

The undo of the last one lies in the session: which calls were changed and from what, and for a while only. It leaves
alone what somebody changed since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, Final

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Greatest
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.qualification import check_tag, tag_key
from ringtrace.web.bulk import among
from ringtrace.web.models import CallRow, CallTag, Company, User
from ringtrace.web.months import mark_stale
from ringtrace.web.review import MOST_TAGS, check_disposition, spelling_of

MOST_AT_ONCE: Final = 2_000
_UNDO_KEY = "calls_undo"
_UNDONE_WITHIN_MS = HOUR_MS


class Done(Struct, frozen=True, kw_only=True):
    """`was`: the calls that were changed, by what they said before. `same`: said so already. `full`: had no room for
    one more tag."""

    what: str
    said: str
    was: Mapping[str, Sequence[str]]
    same: int = 0
    full: int = 0

    @property
    def count(self) -> int:
        return sum(len(ids) for ids in self.was.values())

    @property
    def words(self) -> str:
        """What was done, for the person."""
        one = f"{self.count:,} call{'' if self.count == 1 else 's'}"
        parts = [_SAID[self.what].format(calls=one, said=self.said)]
        if self.same:
            parts.append(f"{self.same:,} {'was' if self.same == 1 else 'were'} so already.")
        if self.full:
            parts.append(f"{self.full:,} had {MOST_TAGS} tags and got no more.")
        return " ".join(parts)


_SAID = {
    "tag": "Tagged {calls} “{said}”.",
    "untag": "Took the tag “{said}” off {calls}.",
    "disposition": "Set the disposition of {calls} to “{said}”.",
    "undisposed": "Took the disposition off {calls}.",
    "spam": "Marked {calls} as spam.",
    "not_spam": "{calls} no longer marked as spam.",
}
WHATS = frozenset({"tag", "untag", "disposition", "spam", "not_spam"})


def do_bulk(calls: QuerySet[CallRow], company: Company, what: str, said: str, by: User, now_ms: int) -> Done:
    """Does `what` (one of WHATS) with all of `calls`; `said` is the tag or the disposition. Raises BadInput."""
    if what not in WHATS:
        raise BadInput("It is not said what to do with these calls.", hint="Choose one of the buttons.")
    rows = list(calls.order_by().values_list("pk", "started_ms", "disposition", "is_spam")[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE:
        raise BadInput(f"That is more than {MOST_AT_ONCE:,} calls.", hint="Narrow the search, such as to fewer days.")
    if not rows:
        raise BadInput("No call was ticked.", hint="Tick some of them, then try again.")
    return _DOES[what](_Many(company, rows, by, now_ms), said)


class _Many:
    def __init__(self, company: Company, rows: Sequence[tuple[str, int, str, bool]], by: User, now_ms: int) -> None:
        self.company, self.by, self.now_ms = company, by, now_ms
        self.started = {pk: started_ms for pk, started_ms, _, _ in rows}
        self.ended = {pk: disposition for pk, _, disposition, _ in rows}
        self.spam = {pk: is_spam for pk, _, _, is_spam in rows}

    def change(self, ids: Collection[str], **fields: object) -> None:
        """Open call logs show it by themselves; the lake takes the calls' months again."""
        if not ids:
            return
        changed = Greatest(F("changed_ms") + 1, Value(self.now_ms))
        CallRow.objects.filter(pk__in=among(ids)).update(**fields, changed_ms=changed)
        mark_stale(self.company, [self.started[one] for one in ids])

    def tagged(self, key: str) -> dict[str, str]:
        """Which have a tag, and by what."""
        put = CallTag.objects.filter(key=key, call__in=among(self.started))
        return dict(put.values_list("call_id", "by"))


def _tag(many: _Many, said: str) -> Done:
    spelled = spelling_of(many.company, said)
    key, have = tag_key(spelled), many.tagged(tag_key(spelled))
    counts = CallTag.objects.filter(call__in=among(many.started)).values_list("call_id").annotate(tags=Count("pk"))
    full = {call_id for call_id, tags in counts if tags >= MOST_TAGS and call_id not in have}
    ids = [one for one in many.started if one not in have and one not in full]
    CallTag.objects.bulk_create(
        CallTag(call_id=one, tag=spelled, key=key, by="hand", user=many.by, at_ms=many.now_ms) for one in ids
    )
    many.change(ids)
    return Done(what="tag", said=spelled, was={"": ids}, same=len(have), full=len(full))


def _untag(many: _Many, said: str) -> Done:
    spelled = spelling_of(many.company, check_tag(said))
    have = many.tagged(tag_key(spelled))
    CallTag.objects.filter(key=tag_key(spelled), call__in=among(have)).delete()
    many.change(have)
    return Done(what="untag", said=spelled, was=_by_value(have), same=len(many.started) - len(have))


def _dispose(many: _Many, said: str) -> Done:
    disposition = check_disposition(many.company, said)
    was = {one: before for one, before in many.ended.items() if before != disposition}
    many.change(was, disposition=disposition)
    what = "disposition" if disposition else "undisposed"
    return Done(what=what, said=disposition, was=_by_value(was), same=len(many.started) - len(was))


def _mark_spam(many: _Many, _said: str) -> Done:
    return _spam(many, is_spam=True)


def _mark_no_spam(many: _Many, _said: str) -> Done:
    return _spam(many, is_spam=False)


def _spam(many: _Many, *, is_spam: bool) -> Done:
    ids = [one for one, before in many.spam.items() if before != is_spam]
    many.change(ids, is_spam=is_spam)
    what = "spam" if is_spam else "not_spam"
    return Done(what=what, said="", was={"": ids}, same=len(many.started) - len(ids))


_DOES: dict[str, Callable[[_Many, str], Done]] = {
    "tag": _tag,
    "untag": _untag,
    "disposition": _dispose,
    "spam": _mark_spam,
    "not_spam": _mark_no_spam,
}


def _by_value(was: Mapping[str, str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for call_id, value in was.items():
        found[value].append(call_id)
    return dict(found)


# The undo


class Undo(Struct, frozen=True, kw_only=True):
    company_id: str
    at_ms: int
    what: str
    said: str
    was: dict[str, list[str]]

    @property
    def count(self) -> int:
        return sum(len(ids) for ids in self.was.values())


def remember(session: MutableMapping[str, Any], company: Company, done: Done, now_ms: int) -> None:
    was = {value: list(ids) for value, ids in done.was.items() if ids}
    session[_UNDO_KEY] = [company.pk, now_ms, done.what, done.said, was] if was else None


def undo_of(session: MutableMapping[str, Any], company: Company, now_ms: int) -> Undo | None:
    """What can be taken back in this company; None after an hour."""
    kept = session.get(_UNDO_KEY)
    if not kept:
        return None
    undo = Undo(company_id=kept[0], at_ms=kept[1], what=kept[2], said=kept[3], was=kept[4])
    if now_ms - undo.at_ms > _UNDONE_WITHIN_MS:
        session[_UNDO_KEY] = None
        return None
    return undo if undo.company_id == company.pk else None


def forget_undo(session: MutableMapping[str, Any]) -> None:
    session[_UNDO_KEY] = None


def do_undo(calls: QuerySet[CallRow], company: Company, undo: Undo, by: User, now_ms: int) -> int:
    """Puts back what was, for those of `calls` that still say what the bulk change said; how many."""
    count = 0
    for value, ids in undo.was.items():
        rows = calls.order_by().filter(pk__in=among(ids)).values_list("pk", "started_ms", "disposition", "is_spam")
        count += _put_back(_Many(company, list(rows), by, now_ms), undo, value)
    return count


def _put_back(many: _Many, undo: Undo, value: str) -> int:
    if undo.what in ("disposition", "undisposed"):
        ids = [one for one, now in many.ended.items() if now == undo.said]
        many.change(ids, disposition=value)
    elif undo.what in ("spam", "not_spam"):
        ids = [one for one, now in many.spam.items() if now == (undo.what == "spam")]
        many.change(ids, is_spam=undo.what != "spam")
    elif undo.what == "tag":
        theirs = CallTag.objects.filter(key=tag_key(undo.said), call__in=among(many.started), at_ms=undo.at_ms)
        ids = list(theirs.values_list("call_id", flat=True))
        theirs.delete()
        many.change(ids)
    else:
        again = many.tagged(tag_key(undo.said))
        ids = [one for one in many.started if one not in again]
        CallTag.objects.bulk_create(
            CallTag(call_id=one, tag=undo.said, key=tag_key(undo.said), by=value, user=many.by, at_ms=many.now_ms)
            for one in ids
        )
        many.change(ids)
    return len(ids)
