"""What somebody who answers is told to do with a call."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.qualification import in_words, read_condition
from ringtrace.web.access import access_pop_hint, access_pop_hints
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.params import Id
from ringtrace.web.api.reading import one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.models import PopHint
from ringtrace.web.pop_hints import LONGEST_HINT, do_move_hint, do_remove_hint, do_save_hint

router = Router(tags=["screen pop"])
Words = Annotated[str, Meta(min_length=1, max_length=LONGEST_HINT)]


class HintBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `condition`: which calls it is for (docs/qualification.md)."""

    text: Words | UnsetType = UNSET
    condition: Any = UNSET


class NewHintBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    text: Words
    condition: Any


class HintMoveBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One place `up` or `down`."""

    step: Literal["up", "down"]


class HintOut(Struct, frozen=True, kw_only=True):
    """`words`: its condition, for people."""

    hint_id: str
    text: str
    condition: Any
    words: str


class HintList(Struct, frozen=True):
    hints: list[HintOut]


@operation(
    router, "GET /pop-hints", "list_pop_hints", "What agents are told, in order", READS, answers=HintList, rows="hints"
)
def listed(request: ApiRequest) -> HintList:
    return HintList([_out(row) for row in access_pop_hints(user_of(request), company_of(request))])


@operation(
    router, "POST /pop-hints", "make_pop_hint", "Tell agents what to do", SETS, body=NewHintBody, answers=HintOut
)
def make(request: ApiRequest) -> HintOut:
    body = one(request, NewHintBody)
    condition = read_condition(body.condition)
    row = do_save_hint(company_of(request), body.text, condition, user_of(request), wall_clock())
    say_about(request, row.pk)
    return _out(row)


@operation(
    router, "PATCH /pop-hints/{hint_id}", "change_pop_hint", "Change a hint", SETS, body=HintBody, answers=HintOut
)
def change(request: ApiRequest, hint_id: Id) -> HintOut:
    row, body = _hint(request, hint_id), one(request, HintBody)
    refresh(row)
    condition = read_condition(row.condition if body.condition is UNSET else body.condition)
    text = or_else(body.text, row.text)
    return _out(do_save_hint(company_of(request), text, condition, user_of(request), wall_clock(), row=row))


@operation(
    router,
    "POST /pop-hints/{hint_id}/move",
    "move_pop_hint",
    "Move a hint one place",
    SETS,
    body=HintMoveBody,
    answers=HintList,
)
def move(request: ApiRequest, hint_id: Id) -> HintList:
    do_move_hint(_hint(request, hint_id), up=one(request, HintMoveBody).step == "up")
    return listed(request)


@operation(router, "DELETE /pop-hints/{hint_id}", "remove_pop_hint", "Remove a hint", SETS, answers=Gone)
def remove(request: ApiRequest, hint_id: Id) -> Gone:
    do_remove_hint(_hint(request, hint_id))
    return Gone(hint_id)


def _hint(request: ApiRequest, hint_id: str) -> PopHint:
    return own(request, access_pop_hint(user_of(request), hint_id), "hint")


def _out(row: PopHint) -> HintOut:
    return HintOut(
        hint_id=row.pk, text=row.text, condition=row.condition, words=in_words(read_condition(row.condition))
    )
