"""Random conditions and traits, drawn so that they often meet: few values, and the awkward ones among them."""

from __future__ import annotations

from hypothesis import strategies as st

from ringtrace.qualification import FIELDS, All, Any, Condition, Field, FieldKind, Leaf, Not, Operator, Traits

TEXTS = ("a", "A", "it's", "'; DROP TABLE t; --", "\\n", '"', "é", "e\u0301", "日本", "null", "%", "50")
NUMBERS = ("+13105550100", "+442079460000")
KINDS = ("lead", "sale", "site_survey")
SECS: tuple[int | float, ...] = (0, 0.1, 0.30000000000000004, 1, 29.999, 30, 30.1, 60, 86_400, 7_776_000, 1_000_000_000)
DAYS = (1, 90, 3_650)


def texts_of(field: Field) -> tuple[str, ...]:
    """Texts that a condition may ask of the field; tags are NFC."""
    special = {"number": NUMBERS, "outcomes": KINDS, "tags": tuple(text for text in TEXTS if text != "e\u0301")}
    return special.get(field.name, field.choices or TEXTS)


def _value(field: Field, operator: Operator) -> st.SearchStrategy[tuple[str, ...] | bool | int | float]:
    if operator is Operator.FIRST_IN_DAYS:
        return st.sampled_from(DAYS)
    if field.kind is FieldKind.NUMBER:
        return st.sampled_from(SECS) | st.floats(0, 1e9).map(lambda secs: int(secs) if secs.is_integer() else secs)
    if field.kind is FieldKind.TRUTH:
        return st.booleans()
    chosen = st.lists(st.sampled_from(texts_of(field)), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda texts: tuple(sorted(texts)))


def _leaf_of(field: Field) -> st.SearchStrategy[Leaf]:
    return st.sampled_from(field.operators).flatmap(
        lambda operator: st.builds(Leaf, st.just(field.name), st.just(operator), _value(field, operator))
    )


def _group(part: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(part, max_size=3).map(tuple)
    return st.builds(All, parts) | st.builds(Any, parts) | st.builds(Not, part)


leaves: st.SearchStrategy[Leaf] = st.sampled_from(tuple(FIELDS.values())).flatmap(_leaf_of)
conditions: st.SearchStrategy[Condition] = st.deferred(
    lambda: leaves | _group(leaves) | _group(leaves | _group(leaves | _group(leaves)))
)


def _known(field: Field) -> st.SearchStrategy[object]:
    if field.name == "since_last_secs":
        near = [secs + by for secs in (0, 30, 86_400, 7_776_000, 315_360_000) for by in (-1, 0, 1)]
        return st.none() | st.sampled_from(near) | st.integers(0, 2**62)
    if field.name == "is_spam":
        return st.booleans()
    match field.kind:
        case FieldKind.NUMBER:
            return st.none() | st.sampled_from(SECS).map(float) | st.floats(0, 1e9)
        case FieldKind.TRUTH:
            return st.none() | st.booleans()
        case FieldKind.LIST:
            many = st.lists(st.sampled_from(texts_of(field)), max_size=3, unique=True)
            return st.none() | many.map(lambda texts: tuple(sorted(texts)))
        case FieldKind.TEXT:
            return st.none() | st.sampled_from(("", *texts_of(field)))


traits: st.SearchStrategy[Traits] = st.fixed_dictionaries({name: _known(field) for name, field in FIELDS.items()}).map(
    lambda known: Traits(**known)  # type: ignore[arg-type]  # drawn by the field's own kind
)
