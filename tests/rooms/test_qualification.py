"""What meets a condition, in Python and in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.qualification import (
    FIELDS,
    STARTERS,
    All,
    Any,
    Condition,
    FieldKind,
    Leaf,
    Not,
    Operator,
    Traits,
    as_data,
    field_of,
    fields_of,
    meets,
    predicate,
    read_condition,
)
from tests.rooms import qualification_worlds as worlds

TYPES = dict.fromkeys(FIELDS, "VARCHAR") | {
    "talk_secs": "DOUBLE",
    "ring_secs": "DOUBLE",
    "since_last_secs": "BIGINT",
}
TYPES |= {"is_first_call": "BOOLEAN", "is_spam": "BOOLEAN NOT NULL", "transferred": "BOOLEAN"}
TYPES |= {"tags": "VARCHAR[]", "outcomes": "VARCHAR[]"}
DAY = 86_400


class Rows:
    """Traits as rows of one table, typed as the lake's columns are."""

    def __init__(self) -> None:
        self.engine = duckdb.connect()
        self.engine.execute("SET threads = 1")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in TYPES.items())
        self.engine.execute(f"CREATE TABLE rows (id INTEGER, {columns})")

    def ask(self, rows: Sequence[Traits], condition: Condition, alias: str) -> list[bool | None]:
        self.engine.execute("DELETE FROM rows")
        holes = ", ".join("?" * (len(TYPES) + 1))
        values = [[at, *(_plain(getattr(row, name)) for name in TYPES)] for at, row in enumerate(rows)]
        self.engine.executemany(f"INSERT INTO rows VALUES ({holes})", values)  # noqa: S608
        sql = f"SELECT {predicate(condition, alias)} FROM rows AS {alias or 'rows'} ORDER BY id"  # noqa: S608
        return [answer for (answer,) in self.engine.execute(sql).fetchall()]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@pytest.fixture(scope="module")
def table() -> Iterator[Rows]:
    rows = Rows()
    yield rows
    rows.engine.close()


def is_(field: str, *texts: str) -> Leaf:
    return Leaf(field, Operator.IS, texts)


@settings(max_examples=300, deadline=None)
@given(
    condition=worlds.conditions,
    rows=st.lists(worlds.traits, min_size=1, max_size=8),
    alias=st.sampled_from(["", "c", "credits"]),
)
def test_duckdb_answers_as_python_does(table: Rows, condition: Condition, rows: list[Traits], alias: str) -> None:
    assert table.ask(rows, condition, alias) == [meets(condition, row) for row in rows]


@settings(max_examples=200, deadline=None)
@given(leaf=worlds.leaves, row=worlds.traits)
def test_not_of_a_leaf_is_met_where_the_leaf_is_not(table: Rows, leaf: Leaf, row: Traits) -> None:
    assert meets(Not(leaf), row) is not meets(leaf, row)
    assert table.ask([row], Not(leaf), "") != table.ask([row], leaf, "")


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_and_operator_can_be_met_and_can_be_missed(table: Rows, name: str) -> None:
    field = FIELDS[name]
    met: dict[FieldKind, tuple[object, object]] = {
        FieldKind.NUMBER: (DAY * 40, 0),
        FieldKind.TRUTH: (True, False),
        FieldKind.LIST: (("b", *worlds.texts_of(field)[:1]), ("b",)),
        FieldKind.TEXT: (worlds.texts_of(field)[0], worlds.texts_of(field)[1]),
    }
    asked: dict[FieldKind, object] = {FieldKind.TRUTH: True, FieldKind.NUMBER: 30}
    for operator in field.operators:
        condition = read_condition({"field": name, operator.value: asked.get(field.kind, [worlds.texts_of(field)[0]])})
        yes, no = met[field.kind][:: -1 if operator is Operator.LESS_THAN else 1]
        rows = [Traits(**{name: yes}), Traits(**{name: no})]  # type: ignore[arg-type]  # each by its kind
        assert [meets(condition, row) for row in rows] == [True, False]
        assert table.ask(rows, condition, "") == [True, False]


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "is_spam"])
def test_unknown_meets_no_leaf(name: str) -> None:
    field = FIELDS[name]
    unknown = Traits(**{name: None})  # type: ignore[arg-type]  # every field but is_spam takes None
    asked = {FieldKind.TRUTH: False, FieldKind.NUMBER: 1}.get(field.kind, worlds.texts_of(field)[:1])
    for operator in field.operators:
        condition = read_condition({"field": name, operator.value: asked})
        assert not meets(condition, unknown)
        assert meets(Not(condition), unknown)


@pytest.mark.parametrize(
    ("is_first", "since", "met"),
    [
        (True, None, True),
        (None, None, False),  # an unknown caller
        (False, None, False),
        (False, 90 * DAY, True),
        (False, 90 * DAY - 1, False),
        (True, 5, False),
    ],
)
def test_the_first_call_in_ninety_days(table: Rows, is_first: bool | None, since: int | None, met: bool) -> None:
    condition = Leaf("since_last_secs", Operator.FIRST_IN_DAYS, 90)
    row = Traits(is_first_call=is_first, since_last_secs=since)
    assert meets(condition, row) is met
    assert table.ask([row], condition, "") == [met]


def test_all_of_nothing_is_met_and_any_of_nothing_is_not(table: Rows) -> None:
    for condition, met in ((All(), True), (Any(), False), (Not(All()), False), (Not(Any()), True)):
        assert meets(condition, Traits()) is met
        assert table.ask([Traits()], condition, "") == [met]


def test_texts_are_quoted(table: Rows) -> None:
    nasty = "x') OR true; DROP TABLE rows; --"
    condition = is_("agent", nasty)
    assert table.ask([Traits(agent="y"), Traits(agent=nasty)], condition, "") == [False, True]
    assert "x'') OR" in predicate(condition)


@pytest.mark.parametrize("alias", ["a b", 'a"', "1", "a;b", "a.b"])
def test_it_refuses_an_alias_that_is_no_name(alias: str) -> None:
    with pytest.raises(BadInput, match="cannot name a table"):
        predicate(All(), alias)


@pytest.mark.parametrize("made_up", [Leaf("status", Operator.AT_LEAST, ("a",)), Leaf("talk_secs", Operator.HAS, 3)])
def test_what_was_not_read_is_refused_by_both(made_up: Leaf) -> None:
    with pytest.raises(TypeError, match="read_condition"):
        meets(made_up, Traits(status="a", talk_secs=2.0))
    with pytest.raises(TypeError, match="read_condition"):
        predicate(made_up)


def test_a_column_is_never_taken_from_what_was_sent() -> None:
    with pytest.raises(BadInput, match="is not a field"):
        predicate(is_('status" IS NULL --', "a"))


@settings(max_examples=300, deadline=None)
@given(condition=worlds.conditions)
def test_what_is_written_is_read_back(condition: Condition) -> None:
    data = as_data(condition)
    assert read_condition(data) == condition
    assert read_condition(msgspec.json.encode(data)) == condition
    assert read_condition(msgspec.json.encode(data).decode()) == condition
    assert as_data(read_condition(data)) == data


def test_what_it_names_is_known() -> None:
    condition = All((is_("status", "answered"), Not(Any((Leaf("is_spam", Operator.IS, True), All())))))
    assert fields_of(condition) == {"status", "is_spam"}


def test_traits_are_the_fields() -> None:
    assert set(msgspec.structs.asdict(Traits())) == set(FIELDS)
    assert all(field_of(name).operators and field_of(name).plain and field_of(name).title for name in FIELDS)


def test_the_starters_count_what_they_say() -> None:
    call = Traits(kind="call", status="answered", talk_secs=70.0, is_first_call=True, outcomes=("sale",))
    assert all(meets(starter.condition, call) for starter in STARTERS)
    assert not any(meets(starter.condition, Traits(kind="form")) for starter in STARTERS)
    spam = msgspec.structs.replace(call, is_spam=True, outcomes=())
    assert [starter.name for starter in STARTERS if meets(starter.condition, spam)] == ["qualified"]
