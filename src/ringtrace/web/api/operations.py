"""Every operation is declared here: its address, what it takes and answers, and which scope and right it needs.

What holds for all of them is done here too: scope and right are checked, parameters nobody knows are refused, `fields`
picks from what is read, and what writes runs in one transaction with its line in the audit log, once for each
Idempotency-Key.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from msgspec import Struct
from ninja import Router
from pydantic import Field
from pydantic.fields import FieldInfo

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web.access import Right, role_of
from ringtrace.web.api.answers import answer
from ringtrace.web.api.auditing import note_change
from ringtrace.web.api.bearing import ApiRequest, NoScope
from ringtrace.web.api.describing import described
from ringtrace.web.api.keeping import HEADER, answered_once
from ringtrace.web.api.picking import known_fields, picked
from ringtrace.web.tokens import Scope

READING = "GET"
FIELDS = "fields"
_View = TypeVar("_View", bound=Callable[..., Any])
_FIELDS_PARAM = inspect.Parameter(
    FIELDS,
    inspect.Parameter.KEYWORD_ONLY,
    default="",
    annotation=Annotated[str, Field(max_length=1_000, description="Names with commas between: only these.")],
)


class Needs(Struct, frozen=True):
    """What it takes to use an operation: a scope of the token, and a right of its person in the token's company."""

    scope: Scope
    right: Right


READS = Needs(Scope.READ, Right.SEE)
READS_CALLS = Needs(Scope.READ, Right.SEE_CALLS)
READS_SETTINGS = Needs(Scope.READ, Right.CHANGE)
"""Of what only those see who may change it."""
TELLS_CALLS = Needs(Scope.CALLS, Right.CHANGE)
WORKS = Needs(Scope.CALLS, Right.WORK)
TELLS_OUTCOMES = Needs(Scope.OUTCOMES, Right.CHANGE)
MARKS = Needs(Scope.OUTCOMES, Right.WORK)
TELLS_SPEND = Needs(Scope.SPEND, Right.CHANGE)
SETS = Needs(Scope.SETTINGS, Right.CHANGE)
KEEPS = Needs(Scope.SETTINGS, Right.SEE)
"""One's own; the operation itself says what belongs to all."""
MEMBERS = Needs(Scope.PEOPLE, Right.SEE)
PEOPLE = Needs(Scope.PEOPLE, Right.CHANGE)


class Operation(Struct, frozen=True, kw_only=True):
    """`name`: of the operation in openapi.json and in the audit log. `rows`: the list in its answer that `fields` are
    of; "": they are of the answer itself. `words`: what each parameter of the address is."""

    name: str
    method: str
    path: str
    needs: Needs
    answers: Any
    rows: str = ""
    words: dict[str, str] = {}

    @property
    def writes(self) -> bool:
        return self.method != READING


OPERATIONS: dict[str, Operation] = {}
"""By name: what there is."""


def operation(
    router: Router,
    address: str,
    name: str,
    summary: str,
    needs: Needs,
    *,
    answers: Any,
    body: Any = None,
    rows: str = "",
    takes: Mapping[str, Any] | None = None,
    csv: bool = False,
) -> Callable[[_View], _View]:
    """Declares the view below it. `address`: `GET /calls/{call_id}`; `takes`: parameters that the view reads from the
    address itself, by type."""
    method, _, path = address.partition(" ")
    declared = Operation(name=name, method=method, path=path, needs=needs, answers=answers, rows=rows)

    def declare(view: _View) -> _View:
        guarded = _guarded(view, declared, takes or {})
        OPERATIONS[name] = msgspec.structs.replace(declared, words=_words(inspect.signature(guarded)))
        router.api_operation(
            [method],
            path,
            **described(
                name,
                summary,
                scope=needs.scope,
                body=body,
                answers=answers,
                csv=csv,
                writes=declared.writes,
                fields=known_fields(answers, rows),
            ),
        )(guarded)
        return view

    return declare


def _guarded(view: Callable[..., Any], declared: Operation, takes: Mapping[str, Any]) -> Callable[..., HttpResponse]:
    signature = inspect.signature(view, eval_str=True)
    extra = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default="", annotation=kind)
        for each, kind in takes.items()
    ]
    if not declared.writes:
        extra.append(_FIELDS_PARAM)
    known = {each.name for each in (*signature.parameters.values(), *extra)} - {"request"}
    in_path = {piece.split(":")[-1].rstrip("}") for piece in declared.path.split("{")[1:]}
    in_path = {each.partition("}")[0] for each in in_path}

    @wraps(view)
    def guarded(request: ApiRequest, **said: Any) -> HttpResponse:
        check_may(request, declared)
        _check_known(request, known - in_path)
        chosen = said.pop(FIELDS, "")
        run = partial(view, request, **{each: value for each, value in said.items() if each not in takes})
        if not declared.writes:
            return _read(run, declared, chosen)
        ids = [str(said[each]) for each in said if each in in_path]
        return _write(request, run, declared, ids)

    guarded.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *extra], return_annotation=HttpResponse
    )
    return guarded


def _words(signature: inspect.Signature) -> dict[str, str]:
    """What the types of parameters say of them."""
    found = {}
    for each in signature.parameters.values():
        known = (part.description for part in get_args(each.annotation) if isinstance(part, FieldInfo))
        found[each.name] = next((words for words in known if words), "")
    return found


def check_may(request: ApiRequest, declared: Operation) -> None:
    """Raises NoScope for a token without the scope, PermissionDenied for a person without the right."""
    if not request.auth.has(declared.needs.scope):
        raise NoScope(declared.needs.scope)
    if role_of(request.auth.user, request.auth.company) not in declared.needs.right.roles:
        raise PermissionDenied


def _check_known(request: ApiRequest, known: set[str]) -> None:
    strange = sorted(set(request.GET) - known)
    if strange:
        hint = f"There are: {', '.join(sorted(known))}." if known else "This operation takes none."
        raise BadInput(f"There is no parameter {strange[0][:40]!r}.", hint=hint)


def _read(run: Callable[[], Any], declared: Operation, chosen: str) -> HttpResponse:
    said = run()
    if not isinstance(said, HttpResponse):
        return answer(picked(said, declared.answers, declared.rows, chosen) if chosen else said)
    if chosen:
        raise BadInput("fields picks from JSON.", hint="Leave it out, or ask for JSON.")
    return said


def _write(request: ApiRequest, run: Callable[[], Any], declared: Operation, ids: list[str]) -> HttpResponse:
    once = partial(_changed, request, run, declared, ids)
    key = request.headers.get(HEADER)
    return once() if key is None else answered_once(request, key, once, wall_clock())


@transaction.atomic
def _changed(request: ApiRequest, run: Callable[[], Any], declared: Operation, ids: list[str]) -> HttpResponse:
    said = run()
    note_change(request, declared.name, ids, wall_clock())
    return said if isinstance(said, HttpResponse) else answer(said)
