"""What people say of calls once they are over: how each ended, its tags, whether it was spam; by hand or by keypad."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.qualification import check_tag, tag_key
from ringtrace.qualification.tags import is_printed
from ringtrace.web.models import CallRow, CallTag, Company, TagRuleRow, User
from ringtrace.web.months import mark_stale

log = logging.getLogger("ringtrace.web")

LONGEST_DISPOSITION = 60
MOST_DISPOSITIONS = 40
MOST_TAGS = 50
MOST_KEYS = 50
_KEYS = re.compile(r"[0-9*#]{1,4}\Z")
_BY = frozenset({"hand", "keypad", "import", "api"})


def check_disposition(company: Company, text: str) -> str:
    """One of the company's dispositions as the company spells it; "" says none. Raises BadInput."""
    wanted = tag_key(" ".join(text.split()))
    if not wanted:
        return ""
    for known in company.dispositions:
        if tag_key(known) == wanted:
            return str(known)
    there_are = f"There are: {', '.join(company.dispositions)}." if company.dispositions else "There are none yet."
    raise BadInput(f"{text[:60]!r} is not a disposition of the company.", hint=f"{there_are} The settings can add one.")


@transaction.atomic
def do_set_disposition(call: CallRow, text: str, by: User | None, now_ms: int, *, as_was: bool = False) -> str:
    """Says how a call ended; "" takes it back. Returns the company's spelling. Raises BadInput.

    `as_was`: puts back what was there, which may have come with an import and not be one of the company's own.
    """
    is_kept = as_was or text == call.disposition
    disposition = text if is_kept else check_disposition(call.company, text)
    if disposition != call.disposition:
        _change(call, now_ms, disposition=disposition)
        log.info("Call %s: disposition by user %s", call.pk, by.pk if by else "-")
    return disposition


@transaction.atomic
def do_mark_spam(call: CallRow, is_spam: bool, by: User | None, now_ms: int) -> None:
    """Says whether a call was spam."""
    if is_spam != call.is_spam:
        _change(call, now_ms, is_spam=is_spam)
        log.info("Call %s: spam %s by user %s", call.pk, is_spam, by.pk if by else "-")


@transaction.atomic
def do_tag(call: CallRow, tag: str, by_kind: str, user: User | None, now_ms: int) -> CallTag:
    """Puts a tag on a call, as the company spelled it first. One that is there stays as it is. Raises BadInput.

    `by_kind`: hand, keypad, import or api.
    """
    if by_kind not in _BY:
        raise BadInput(f"{by_kind[:20]!r} puts no tags.", hint=f"One of {', '.join(sorted(_BY))}.")
    spelled = spelling_of(call.company, tag)
    there = call.tags.filter(key=tag_key(spelled)).first()
    if there is not None:
        return there
    if call.tags.count() >= MOST_TAGS:
        raise BadInput(f"The call has {MOST_TAGS} tags already.", hint="Remove one first.")
    put = CallTag.objects.create(call=call, tag=spelled, key=tag_key(spelled), by=by_kind, user=user, at_ms=now_ms)
    _change(call, now_ms)
    return put


@transaction.atomic
def do_untag(call: CallRow, tag: str, now_ms: int) -> CallTag:
    """Takes a tag off a call; returns what it was. Raises NotFound: a tag by rule comes off with its rule."""
    row = call.tags.filter(key=tag_key(check_tag(tag))).first()
    if row is None:
        raise NotFound(f"Nobody put {tag[:60]!r} on this call.", hint="A tag by rule goes when its rule does.")
    removed = CallTag.objects.get(pk=row.pk)
    row.delete()
    _change(call, now_ms)
    return removed


@transaction.atomic
def do_take_keys(call: CallRow, keys: str, now_ms: int) -> None:
    """Does what the company's keypad says of keys pressed after the call. Raises BadInput for keys of no meaning."""
    meant = call.company.keypad.get(keys)
    if meant is None:
        known = ", ".join(sorted(call.company.keypad)) or "none yet"
        raise BadInput(f"{keys[:20]!r} has no meaning after a call.", hint=f"Keys with a meaning: {known}.")
    if meant.get("tag"):
        do_tag(call, meant["tag"], "keypad", None, now_ms)
    if meant.get("disposition"):
        do_set_disposition(call, meant["disposition"], None, now_ms)


def check_dispositions(texts: Sequence[str]) -> list[str]:
    """In the order given: trimmed, without what is empty. Raises BadInput."""
    found: dict[str, str] = {}
    for text in texts:
        said = " ".join(text.split())
        if not said:
            continue
        if len(said) > LONGEST_DISPOSITION or not is_printed(said):
            raise BadInput(f"{said[:60]!r} cannot be a disposition.", hint=f"At most {LONGEST_DISPOSITION} characters.")
        if tag_key(said) in found:
            raise BadInput(f"{said!r} is there twice.", hint="Case makes no difference.")
        found[tag_key(said)] = said
    if len(found) > MOST_DISPOSITIONS:
        raise BadInput(f"That is more than {MOST_DISPOSITIONS} dispositions.", hint="Use tags for the finer points.")
    return list(found.values())


@transaction.atomic
def do_set_dispositions(company: Company, texts: Sequence[str]) -> list[str]:
    """What a call can end as, the first nine by the keys 1 to 9. Calls keep what was said of them. Raises BadInput."""
    checked = check_dispositions(texts)
    spelled = {tag_key(text): text for text in checked}
    keypad = {}
    for keys, meant in company.keypad.items():
        said = meant.get("disposition")
        if said and tag_key(said) not in spelled:
            raise BadInput(f"The key {keys} still means {said!r}.", hint="Change what the key means first.")
        keypad[keys] = meant | ({"disposition": spelled[tag_key(said)]} if said else {})
    company.dispositions, company.keypad = checked, keypad
    company.save(update_fields=["dispositions", "keypad"])
    return checked


@transaction.atomic
def do_set_keypad(company: Company, mapping: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What keys pressed after a call mean: {"1": {"tag": ..., "disposition": ...}}, either or both. Raises BadInput."""
    if len(mapping) > MOST_KEYS:
        raise BadInput(f"That is more than {MOST_KEYS} keys.", hint="Leave some out.")
    checked = {keys: _meaning(company, keys, meant) for keys, meant in sorted(mapping.items())}
    company.keypad = checked
    company.save(update_fields=["keypad"])
    return checked


def _meaning(company: Company, keys: str, meant: Mapping[str, str]) -> dict[str, str]:
    if not _KEYS.match(keys):
        raise BadInput(f"{keys[:20]!r} cannot be pressed on a phone.", hint="1 to 4 of the keys 0 to 9, * and #.")
    tag = (meant.get("tag") or "").strip()
    disposition = check_disposition(company, meant.get("disposition") or "")
    checked = {"tag": spelling_of(company, tag)} if tag else {}
    checked |= {"disposition": disposition} if disposition else {}
    if not checked:
        raise BadInput(f"It is not said what {keys} means.", hint="Give it a tag or a disposition.")
    return checked


def spelling_of(company: Company, tag: str) -> str:
    """The tag as the company spelled it first, on a call or in a rule. Raises BadInput."""
    checked = check_tag(tag)
    key = tag_key(checked)
    put = CallTag.objects.filter(call__company=company, key=key).order_by("at_ms", "pk").values_list("at_ms", "tag")
    rules = TagRuleRow.objects.filter(company=company).values_list("made_ms", "tag")
    firsts = [*put[:1], *(rule for rule in rules if tag_key(rule[1]) == key)]
    return min(firsts)[1] if firsts else checked


def _change(call: CallRow, now_ms: int, **fields: object) -> None:
    """Writes it; open call logs show it by themselves, and the lake takes the call's month again."""
    changed = Greatest(F("changed_ms") + 1, Value(now_ms))
    CallRow.objects.filter(pk=call.pk).update(**fields, changed_ms=changed)
    mark_stale(call.company, [call.started_ms])
    for name, value in fields.items():
        setattr(call, name, value)
