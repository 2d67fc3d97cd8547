"""What counts: definitions and their versions."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from msgspec import Struct
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.qualification import DEFAULT, Definition, as_data, in_words, read_condition
from ringtrace.web.access import access_definitions
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.params import Id
from ringtrace.web.api.reading import Name, Word, one
from ringtrace.web.counting import as_definition, definitions_of, do_make_main, do_save_definition, main_definition
from ringtrace.web.models import Company

router = Router(tags=["definitions"])


class DefinitionBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next version of a definition, or the first. `condition`: docs/qualification.md. `is_main`: from now on calls
    are conversions by it."""

    name: Word
    title: Word
    condition: Any
    note: Name = ""
    is_main: bool = False


class DefinitionOut(Struct, frozen=True, kw_only=True):
    """`label`: `qualified-2`, as reports take it. `words`: the condition for people."""

    name: str
    title: str
    version: int
    label: str
    is_main: bool
    condition: Any
    words: str


class DefinitionList(Struct, frozen=True):
    definitions: list[DefinitionOut]


class VersionOut(Struct, frozen=True, kw_only=True):
    """`by` and `made_at` null: it is the one that comes with Ringtrace."""

    version: int
    label: str
    condition: Any
    words: str
    note: str
    by: str | None
    made_at: str | None


class VersionList(Struct, frozen=True):
    name: str
    versions: list[VersionOut]


@operation(
    router,
    "GET /definitions",
    "list_definitions",
    "Definitions of what counts",
    READS,
    answers=DefinitionList,
    rows="definitions",
)
def listed(request: ApiRequest) -> DefinitionList:
    company = company_of(request)
    return DefinitionList([_out(each, company) for each in definitions_of(company.pk)])


@operation(
    router,
    "POST /definitions",
    "save_definition",
    "Write a definition, or its next version",
    SETS,
    body=DefinitionBody,
    answers=DefinitionOut,
)
def save(request: ApiRequest) -> DefinitionOut:
    company = company_of(request)
    body = one(request, DefinitionBody)
    condition, now_ms = read_condition(body.condition), wall_clock()
    with transaction.atomic():
        saved = do_save_definition(
            company, body.name, body.title, condition, now_ms, by=user_of(request), note=body.note
        )
        if body.is_main:
            do_make_main(company, saved.name, now_ms)
    return _out(saved, company)


@operation(
    router,
    "GET /definitions/{name}/versions",
    "list_versions",
    "All versions of a definition, the newest first",
    READS,
    answers=VersionList,
    rows="versions",
)
def versions(request: ApiRequest, name: Id) -> VersionList:
    company = company_of(request)
    rows = access_definitions(user_of(request), company)
    row = rows.filter(name=name).first()
    if row is None and (name != DEFAULT.name or rows.exists()):
        raise NotFound("There is no such definition.", hint="GET /api/v1/definitions lists them.")
    if row is None:
        return VersionList(name, [_version(DEFAULT)])
    found = row.versions.select_related("definition", "made_by").order_by("-version")
    return VersionList(
        name,
        [
            _version(
                as_definition(each),
                note=each.note,
                by=each.made_by.email if each.made_by else None,
                made_at=at(each.made_ms, company.zone),
            )
            for each in found
        ],
    )


def _out(each: Definition, company: Company) -> DefinitionOut:
    return DefinitionOut(
        name=each.name,
        title=each.title,
        version=each.version,
        label=each.label,
        is_main=each.name == main_definition(company.pk).name,
        condition=as_data(each.condition),
        words=in_words(each.condition),
    )


def _version(each: Definition, *, note: str = "", by: str | None = None, made_at: str | None = None) -> VersionOut:
    return VersionOut(
        version=each.version,
        label=each.label,
        condition=as_data(each.condition),
        words=in_words(each.condition),
        note=note,
        by=by,
        made_at=made_at,
    )
