"""What counts for a company: its definitions and their versions, and the rules that tag its calls."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.qualification import (
    DEFAULT,
    Condition,
    Definition,
    TagRule,
    as_data,
    check_definition,
    check_tag_rule,
    differences,
    read_condition,
    read_label,
)
from ringtrace.web.models import Company, DefinitionRow, DefinitionVersion, TagRuleRow, User
from ringtrace.web.months import mark_all_stale

MOST_DEFINITIONS = 50
MOST_TAG_RULES = 200
_LONGEST_NOTE = 200


def main_definition(company_id: str) -> Definition:
    """The definition in force by which calls are conversions; the default where the company made none."""
    versions = DefinitionVersion.objects.filter(definition__company=company_id, definition__is_main=True)
    newest = versions.select_related("definition").order_by("-version").first()
    return DEFAULT if newest is None else as_definition(newest)


def definitions_of(company_id: str) -> list[Definition]:
    """The newest version of each definition, the main one first; the default alone where there is none."""
    newest: dict[int, DefinitionVersion] = {}
    versions = DefinitionVersion.objects.filter(definition__company=company_id).select_related("definition")
    for version in versions.order_by("-definition__is_main", "definition__title", "version"):
        newest[version.definition_id] = version
    return [as_definition(version) for version in newest.values()] or [DEFAULT]


def find_definition(company_id: str, label: str = "") -> Definition:
    """By name (its newest version) or by label such as `qualified-2`; "" is the main one. Raises NotFound, BadInput."""
    if not label:
        return main_definition(company_id)
    name, number = read_label(label) if "-" in label else (label, None)
    versions = DefinitionVersion.objects.filter(definition__company=company_id, definition__name=name)
    if number is not None:
        versions = versions.filter(version=number)
    found = versions.select_related("definition").order_by("-version").first()
    if found is not None:
        return as_definition(found)
    is_default = name == DEFAULT.name and number in (None, DEFAULT.version)
    if is_default and not DefinitionRow.objects.filter(company=company_id, name=name).exists():
        return DEFAULT
    known = ", ".join(one.name for one in definitions_of(company_id))
    raise NotFound(f"There is no definition {label[:60]!r}.", hint=f"There are: {known}.")


def as_definition(version: DefinitionVersion) -> Definition:
    row = version.definition
    condition = read_condition(version.condition)
    return Definition(name=row.name, title=row.title, condition=condition, version=version.version)


@transaction.atomic
def do_save_definition(
    company: Company,
    name: str,
    title: str,
    condition: Condition,
    now_ms: int,
    *,
    by: User | None = None,
    note: str = "",
) -> Definition:
    """Writes a definition's next version; a condition that says the same makes none. The main one's history is counted
    again, as a new version of the lake. Raises BadInput."""
    wanted = check_definition(Definition(name=name, title=title, condition=condition))
    ensure_default(company, now_ms)
    row, is_new = DefinitionRow.objects.get_or_create(company=company, name=wanted.name, defaults={"title": title})
    if is_new and DefinitionRow.objects.filter(company=company).count() > MOST_DEFINITIONS:
        raise BadInput(f"There are {MOST_DEFINITIONS} definitions already.", hint="Change one of them instead.")
    if row.title != wanted.title:
        row.title = wanted.title
        row.save(update_fields=["title"])
    newest = row.versions.order_by("-version").first()
    if newest is not None and not differences(read_condition(newest.condition), wanted.condition):
        return as_definition(newest)
    version = DefinitionVersion.objects.create(
        definition=row,
        version=1 + (row.versions.aggregate(most=Max("version"))["most"] or 0),
        condition=as_data(wanted.condition),
        note=note[:_LONGEST_NOTE],
        made_by=by,
        made_ms=now_ms,
    )
    if row.is_main:
        mark_all_stale(company)
    return as_definition(version)


@transaction.atomic
def do_make_main(company: Company, name: str, now_ms: int) -> Definition:
    """From now on calls are conversions by this definition, past ones too. Raises NotFound."""
    ensure_default(company, now_ms)
    row = DefinitionRow.objects.filter(company=company, name=name).first()
    if row is None:
        raise NotFound(f"There is no definition {name[:60]!r}.", hint="Make it first.")
    if not row.is_main:
        DefinitionRow.objects.filter(company=company, is_main=True).update(is_main=False)
        row.is_main = True
        row.save(update_fields=["is_main"])
        mark_all_stale(company)
    return main_definition(company.pk)


def ensure_default(company: Company, now_ms: int) -> None:
    """The default as a row, so that it can be changed."""
    if DefinitionRow.objects.filter(company=company).exists():
        return
    row = DefinitionRow.objects.create(company=company, name=DEFAULT.name, title=DEFAULT.title, is_main=True)
    DefinitionVersion.objects.create(
        definition=row, version=DEFAULT.version, condition=as_data(DEFAULT.condition), made_ms=now_ms
    )


def tag_rules_of(company_id: str) -> list[TagRule]:
    rows = TagRuleRow.objects.filter(company=company_id).order_by("pk")
    return [TagRule(tag=row.tag, condition=read_condition(row.condition)) for row in rows]


@transaction.atomic
def do_add_tag_rule(company: Company, rule: TagRule, now_ms: int, *, by: User | None = None) -> TagRuleRow:
    """Tags every call that meets it, past ones too. Raises BadInput."""
    checked = check_tag_rule(rule)
    if TagRuleRow.objects.filter(company=company).count() >= MOST_TAG_RULES:
        raise BadInput(f"There are {MOST_TAG_RULES} rules already.", hint="Remove one first.")
    row = TagRuleRow.objects.create(
        company=company, tag=checked.tag, condition=as_data(checked.condition), made_by=by, made_ms=now_ms
    )
    mark_all_stale(company)
    return row


@transaction.atomic
def do_remove_tag_rule(row: TagRuleRow) -> None:
    row.delete()
    mark_all_stale(row.company)
