"""What counts: conditions on calls as data, the same in Python and in SQL."""

from ringtrace.qualification.conditions import (
    All,
    Any,
    Condition,
    Leaf,
    Not,
    Traits,
    as_data,
    fields_of,
    meets,
)
from ringtrace.qualification.definitions import (
    DEFAULT,
    STARTERS,
    Definition,
    TagRule,
    check_definition,
    check_tag_rule,
    read_label,
    tags_by_rule,
)
from ringtrace.qualification.fields import FIELDS, RESPONSE_KINDS, Field, FieldKind, Operator, field_of
from ringtrace.qualification.reading import read_condition
from ringtrace.qualification.sql import predicate
from ringtrace.qualification.tags import check_tag, tag_key
from ringtrace.qualification.words import differences, in_words

__all__ = [
    "DEFAULT",
    "FIELDS",
    "RESPONSE_KINDS",
    "STARTERS",
    "All",
    "Any",
    "Condition",
    "Definition",
    "Field",
    "FieldKind",
    "Leaf",
    "Not",
    "Operator",
    "TagRule",
    "Traits",
    "as_data",
    "check_definition",
    "check_tag",
    "check_tag_rule",
    "differences",
    "field_of",
    "fields_of",
    "in_words",
    "meets",
    "predicate",
    "read_condition",
    "read_label",
    "tag_key",
    "tags_by_rule",
]
