"""No lost edits: what a form showed is compared, when it is posted, with what its row holds by then.

A form carries a field `seen`: a short digest of each value it showed (`{% seen form %}`). Where somebody changed one of
them meanwhile nothing is saved, and the person is asked: both values stand side by side. A post without `seen`, which
no page of ours sends, is saved as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from django import forms
from django.db.models import Model, Q
from django.forms import BaseForm, BoundField
from django.http import HttpResponse
from django.shortcuts import render
from msgspec import Struct

from ringtrace.core.errors import NotFound
from ringtrace.web.gate import CompanyRequest
from ringtrace.web.models import AuditKind, AuditRow

SEEN = "seen"
_DIGEST_BYTES = 5
_NEVER_POSTED_AGAIN = frozenset({"csrfmiddlewaretoken"})
Pairs = tuple[tuple[str, str], ...]


class Value(Struct, frozen=True, kw_only=True):
    """One value of a row. `posted`: as a form posts it; `text`: as people read it."""

    label: str
    posted: tuple[str, ...]
    text: str
    is_secret: bool = False


class ClashLine(Struct, frozen=True, kw_only=True):
    """A value that differs. `is_both`: both people changed it, and one of them has to give way."""

    label: str
    mine: str
    theirs: str
    is_both: bool


class Clash(Struct, frozen=True, kw_only=True):
    """What two people did to one row. `mine`, `merged`: what to post to save the one or the other."""

    lines: tuple[ClashLine, ...]
    mine: Pairs
    merged: Pairs | None
    lost_secret: bool
    change: AuditRow | None


def find_clash(request: CompanyRequest, row: Model, form: BaseForm, make: Callable[[], BaseForm]) -> Clash | None:
    """What clashes with a valid `form` about to be saved to `row`; None where nothing does.

    Reads the row anew, so that it must be called in the transaction that saves it. `make` gives the form as it would
    be shown now. Raises NotFound where the row is gone.
    """
    refresh(row)
    said = str(form.data.get(form.add_prefix(SEEN), ""))
    return clash_of(request, row, said, values_of(form), values_of(make()), form.add_prefix)


def refresh(row: Model) -> None:
    """Reads the row anew and keeps it as it is until the transaction ends."""
    manager = type(row)._default_manager  # noqa: SLF001  # Django's documented name for it
    try:
        row.refresh_from_db(from_queryset=manager.select_for_update())
    except type(row).DoesNotExist as error:  # type: ignore[attr-defined]
        raise NotFound("It was removed while you edited it.", hint="Make it again if it is still needed.") from error


def clash_of(
    request: CompanyRequest,
    row: Model,
    said: str,
    mine: Mapping[str, Value],
    theirs: Mapping[str, Value],
    name_of: Callable[[str], str] = str,
    *,
    may_merge: bool = True,
) -> Clash | None:
    """`said`: the field `seen` as it was posted; `name_of`: how a value's field is called in the form; `may_merge`: one
    field holds one value, so that fields of both make one form."""
    shown = _read(said)
    by_them = {name for name, value in theirs.items() if not value.is_secret and shown.get(name, "") != _digest(value)}
    differ = [name for name in theirs if name in mine and mine[name].posted != theirs[name].posted]
    if not said or not by_them or by_them.isdisjoint(differ):
        return None
    by_me = {name for name, value in mine.items() if shown.get(name, "") != _digest(value)}
    both = by_them & by_me & set(differ)
    posted = _posted(request, mine, theirs, name_of)
    return Clash(
        lines=tuple(
            ClashLine(label=theirs[name].label, mine=mine[name].text, theirs=theirs[name].text, is_both=name in both)
            for name in differ
        ),
        mine=posted,
        merged=None if both or not may_merge else _merged(posted, {name_of(name): theirs[name] for name in by_them}),
        lost_secret=any(value.is_secret and value.posted != ("",) for value in mine.values()),
        change=_last_change(request, row),
    )


def show_clash(request: CompanyRequest, clash: Clash, *, title: str, back: str) -> HttpResponse:
    """The page that asks; `back`: where the row is shown as it is now."""
    context = {"clash": clash, "title": title, "back": back, "is_own": _is_own(request, clash.change)}
    return render(request, "web/clash.html", context, status=HTTPStatus.CONFLICT)


def seen_of(values: Mapping[str, Value]) -> str:
    """The field `seen` for these values."""
    return " ".join(f"{name}={_digest(value)}" for name, value in values.items() if not value.is_secret)


def seen_by(form: BaseForm) -> str:
    """What a form shows; of one that comes back with mistakes, what it showed at first."""
    if form.is_bound:
        return str(form.data.get(form.add_prefix(SEEN), ""))
    return seen_of(values_of(form))


def values_of(form: BaseForm) -> dict[str, Value]:
    """By the names of the fields, without the form's prefix."""
    return {field.name: _value(field) for field in form}


def plain(label: str, text: str, posted: str | None = None) -> Value:
    """A value that no Django form holds."""
    return Value(label=label, posted=(text if posted is None else posted,), text=text)


def _value(field: BoundField) -> Value:
    raw = field.value()
    is_secret = isinstance(field.field.widget, forms.PasswordInput)
    posted = _texts(raw)
    text = "a new one" if is_secret and any(posted) else _in_words(field.field, raw, posted)
    return Value(label=str(field.label), posted=posted, text=text, is_secret=is_secret)


def _texts(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, bool):
        return ("on",) if raw else ()
    if isinstance(raw, list | tuple):
        return tuple(sorted(str(each) for each in raw))
    return ("" if raw is None else "\n".join(str(raw).splitlines()),)


def _in_words(field: forms.Field, raw: Any, posted: Iterable[str]) -> str:
    if isinstance(field, forms.BooleanField):
        return "yes" if raw in (True, "on") else "no"
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        names = {str(value): str(label) for value, label in choices}
        return ", ".join(names.get(text, text) for text in posted)
    return ", ".join(posted)


def _digest(value: Value) -> str:
    return blake2b("\0".join(value.posted).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _read(said: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in said.split())
    return {name: digest for name, _, digest in pairs}


def _posted(
    request: CompanyRequest,
    mine: Mapping[str, Value],
    theirs: Mapping[str, Value],
    name_of: Callable[[str], str],
) -> Pairs:
    """What was posted, with `seen` of what the row holds now. Secrets stand in no page."""
    left_out = {name_of(name) for name, value in mine.items() if value.is_secret} | _NEVER_POSTED_AGAIN
    seen = name_of(SEEN)
    pairs = [
        (name, text)
        for name in request.POST
        for text in request.POST.getlist(name)
        if name not in left_out and name != seen
    ]
    return (*pairs, (seen, seen_of(theirs)))


def _merged(posted: Pairs, theirs: Mapping[str, Value]) -> Pairs:
    kept = [(name, text) for name, text in posted if name not in theirs]
    return (*kept, *((name, text) for name, value in theirs.items() for text in value.posted))


def _last_change(request: CompanyRequest, row: Model) -> AuditRow | None:
    """The newest line of the audit log about the row: by its id where that is one of its own kind, else by what was
    done too."""
    row_id = str(row.pk)
    lines = AuditRow.objects.filter(company=request.company, kind=AuditKind.CHANGE)
    matched = request.resolver_match
    what = matched.url_name if matched else ""
    if row == request.company:
        found = lines.filter(about="", what=what)
    elif "_" in row_id:
        found = lines.filter(Q(about=row_id) | Q(about__startswith=f"{row_id} "))
    else:
        found = lines.filter(about=row_id, what=what)
    return found.order_by("-at_ms", "-pk").select_related("user").first()


def _is_own(request: CompanyRequest, change: AuditRow | None) -> bool:
    return change is not None and change.user_id == request.user.pk
