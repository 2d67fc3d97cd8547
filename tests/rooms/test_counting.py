"""Conditions in rows and as JSON, versions of definitions, and what a change would do: by the lake, and by hand."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, at_from_ms
from ringtrace.core.errors import NotFound
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.writer import LakeWriter
from ringtrace.qualification import (
    All,
    Any,
    Condition,
    Leaf,
    Not,
    Operator,
    TagRule,
    as_data,
    differences,
    in_words,
    read_condition,
)
from ringtrace.reports.asked import Question
from ringtrace.reports.explore import explore
from ringtrace.reports.questions import Scope
from ringtrace.reports.what_would_change import EXAMPLES, how_many_meet, what_would_change
from ringtrace.web.counting import do_add_tag_rule, do_make_main, do_save_definition, find_definition
from ringtrace.web.forms.conditions import Editor, as_rows, as_text
from ringtrace.web.models import Account, CallRow, Company, DefinitionVersion, StaleMonth
from ringtrace.web.months import ledger_months, mark_all_stale
from ringtrace.web.review import do_mark_spam, do_set_disposition, do_tag
from ringtrace.worker.publish import publish_stale

NOW_MS = 1_790_000_000_000
ANSWERED = Leaf("status", Operator.IS, ("answered",))
LONG = Leaf("talk_secs", Operator.AT_LEAST, 60)
BOOKED = Leaf("disposition", Operator.IS, ("Booked",))


def _long(secs: int) -> Leaf:
    return Leaf("talk_secs", Operator.AT_LEAST, secs)


# Rows and JSON

_texts = st.lists(st.sampled_from(["Ann", "Smith, Bob", 'the "boss"', "a'b", " spaced ", "x{y}", "é"]), min_size=1)
_leaves = st.one_of(
    _texts.map(lambda texts: {"field": "agent", "is": texts}),
    st.lists(st.sampled_from(["answered", "missed"]), min_size=1).map(lambda texts: {"field": "status", "is": texts}),
    st.sampled_from(["at_least", "less_than"]).flatmap(
        lambda how: st.one_of(st.integers(0, 10**9), st.floats(0, 1e9)).map(lambda n: {"field": "talk_secs", how: n})
    ),
    st.integers(1, 3_650).map(lambda days: {"field": "since_last_secs", "first_in_days": days}),
    st.booleans().map(lambda truth: {"field": "is_spam", "is": truth}),
    st.lists(st.sampled_from(["sale", "lead"]), min_size=1).map(lambda kinds: {"field": "outcomes", "has": kinds}),
)
_conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        inner.map(lambda part: {"not": part}),
        st.lists(inner, max_size=4).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=4).map(lambda parts: {"any": parts}),
    ),
    max_leaves=12,
).map(read_condition)


def _posted(editor: Editor) -> dict[str, str]:
    """What a browser sends of the editor as it is shown, its blank rows among it."""
    sent = {"by": editor.by, "json": editor.text}
    if editor.by == "json":
        return sent
    shown = editor.shown
    for group in (shown.top, *shown.groups):
        sent[f"{group.name}_mode"] = group.mode
        sent |= {f"{group.name}_not": "1"} if group.negated else {}
        for row in group.rows:
            sent |= {f"{row.name}_of": row.of, f"{row.name}_how": row.how, f"{row.name}_value": row.value}
            sent |= {f"{row.name}_not": "1"} if row.negated else {}
    return sent


@given(_conditions)
def test_it_shows_a_condition_as_rows_and_reads_it_back(condition: Condition) -> None:
    editor = Editor.posted(_posted(Editor.of(condition)))
    assert editor.condition is not None, editor.error
    assert differences(condition, editor.condition) == []


@given(_conditions)
def test_it_goes_between_rows_and_json_without_a_change(condition: Condition) -> None:
    as_json = Editor.of(condition).switched("json")
    assert (as_json.by, as_json.condition) == ("json", read_condition(as_text(as_json.condition or All())))
    again = Editor.posted(_posted(as_json)).switched("rows")
    assert again.condition is not None
    assert differences(condition, again.condition) == []
    assert (again.by == "rows") == (as_rows(as_json.condition or All()) is not None)


def test_it_shows_two_levels_with_negated_rows_and_groups_as_rows() -> None:
    condition = All((ANSWERED, Not(LONG), Any((BOOKED, LONG)), Not(All((BOOKED, Not(LONG))))))
    editor = Editor.posted(_posted(Editor.of(condition)))
    assert (editor.by, editor.condition) == ("rows", condition)
    assert editor.words == in_words(condition)


def test_it_edits_what_is_deeper_than_rows_as_json() -> None:
    deep = All((ANSWERED, Any((LONG, All((BOOKED, LONG))))))
    editor = Editor.of(deep)
    assert editor.by == "json"
    switched = Editor.posted(_posted(editor)).switched("rows")
    assert switched.by == "json"
    assert "deeper than the rows" in switched.error
    assert switched.condition == deep


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"of": "talk_secs", "how": "at_least", "value": "long"}, "not a number of seconds"),
        ({"of": "talk_secs", "how": "at_least", "value": "nan"}, "not a number of seconds"),
        ({"of": "talk_secs", "how": "first_in_days", "value": "3"}, "cannot be asked like that"),
        ({"of": "status", "how": "", "value": "asleep"}, "is no status"),
        ({"of": "is_spam", "how": "", "value": "perhaps"}, "not true or false"),
        ({"of": "agent", "how": "", "value": ""}, "it lists 0 texts"),
        ({"of": "agent", "how": "", "value": "a\nb\rc"}, ""),
        ({"of": "shoe_size", "how": "", "value": "44"}, "not said what is asked"),
        ({"of": "", "how": "", "value": "44"}, "not said what is asked"),
        ({"of": "number", "how": "", "value": "555"}, "not a phone number in full"),
    ],
)
def test_it_says_beside_a_row_what_is_wrong(row: dict[str, str], said: str) -> None:
    sent = {"by": "rows", "top_mode": "all", **{f"top_0_{name}": text for name, text in row.items()}}
    editor = Editor.posted(sent)
    assert editor.condition is None
    assert said in editor.shown.top.rows[0].error
    assert editor.shown.top.rows[0].value == row["value"]


def test_it_refuses_a_rule_that_asks_nothing() -> None:
    assert Editor.posted({"by": "rows", "top_mode": "all"}).condition == All()
    asks_nothing = Editor.posted({"by": "rows", "top_mode": "all"}, needs_one=True)
    assert (asks_nothing.condition, asks_nothing.error) == (None, "It is not said which calls. Fill in a row.")


# The ledger and the lake


@pytest.fixture
def company(db: None, settings: Settings, tmp_path: Path) -> Company:
    settings.LAKE_DIR = tmp_path / "lake"
    return Company.objects.create(account=Account.objects.create(name="A"), name="Alice’s Plumbing")


def _call(company: Company, number: int, **fields: object) -> CallRow:
    """The call of this number: each a day earlier than the one before."""
    usual: dict[str, object] = {"status": "answered", "talk_secs": 10.0, "started_ms": NOW_MS - number * DAY_MS}
    return CallRow.objects.create(call_id=f"call_{number:02}", company=company, **(usual | fields))


def _publish(company: Company) -> LakeReader:
    with closing(LakeWriter(_lake())) as writer:
        publish_stale(writer, NOW_MS)
    return LakeReader(_lake(), company.pk)


def _lake() -> Path:
    return Path(django_settings.LAKE_DIR)


def _scope(company: Company, days: int = 90) -> Scope:
    until_on = at_from_ms(NOW_MS).date()
    since_on = date.fromordinal(until_on.toordinal() - days + 1)
    return Scope(lake=_lake(), company_id=company.pk, time_zone="UTC", since_on=since_on, until_on=until_on)


def _ten_calls(company: Company) -> list[CallRow]:
    """Talk of 0, 10, … 90 seconds; the third was missed."""
    calls = [_call(company, nth, talk_secs=10.0 * nth) for nth in range(10)]
    CallRow.objects.filter(pk="call_03").update(status="missed", talk_secs=None)
    mark_all_stale(company)
    _publish(company)
    return calls


def test_it_counts_what_would_change_as_one_does_by_hand(company: Company) -> None:
    _ten_calls(company)
    change = what_would_change(_scope(company), ANSWERED, Any((_long(60), Leaf("status", Operator.IS, ("missed",)))))
    assert (change.calls, change.before, change.after) == (10, 9, 5)
    assert (change.gone, change.gone_examples) == (5, ("call_00", "call_01", "call_02", "call_04", "call_05"))
    assert (change.come, change.come_examples) == (1, ("call_03",))
    assert change.made.data_version


def test_it_gives_the_newest_calls_as_examples_and_not_too_many(company: Company) -> None:
    _ten_calls(company)
    change = what_would_change(_scope(company), Any(), All())
    assert (change.before, change.after, change.come) == (0, 10, 10)
    assert change.come_examples == tuple(f"call_{nth:02}" for nth in range(EXAMPLES))


def test_it_counts_the_days_that_were_asked_alone(company: Company) -> None:
    _ten_calls(company)
    assert what_would_change(_scope(company, days=3), ANSWERED, LONG).calls == 3
    assert how_many_meet(_scope(company, days=3), [All(), Any()]).met == (3, 0)


def test_it_counts_several_definitions_at_once(company: Company) -> None:
    _ten_calls(company)
    met = how_many_meet(_scope(company), [ANSWERED, _long(60), Not(ANSWERED)])
    assert (met.calls, met.met) == (10, (9, 4, 1))
    assert how_many_meet(_scope(company), []).calls == 10


def test_it_counts_nothing_in_a_lake_without_calls(company: Company) -> None:
    change = what_would_change(_scope(company), ANSWERED, LONG)
    assert (change.calls, change.before, change.after, change.gone_examples) == (0, 0, 0, ())


@pytest.mark.parametrize("text", ["a{b}c", "{credits}", "it's", "100 %", "$since_ms"])
def test_it_takes_any_text_that_somebody_typed(company: Company, text: str) -> None:
    _call(company, 1, agent=text)
    mark_all_stale(company)
    _publish(company)
    change = what_would_change(_scope(company), Any(), Leaf("agent", Operator.IS, (text,)))
    assert (change.after, change.come_examples) == (1, ("call_01",))


def test_it_keeps_every_version_with_who_and_when_and_why(company: Company) -> None:
    for nth, secs in enumerate((10, 20, 20, 30), 1):
        do_save_definition(company, "long", "Long", _long(secs), NOW_MS + nth, note=f"because {nth}")
    versions = DefinitionVersion.objects.filter(definition__name="long").order_by("version")
    assert [(one.version, one.made_ms - NOW_MS, one.note) for one in versions] == [
        (1, 1, "because 1"),
        (2, 2, "because 2"),
        (3, 4, "because 4"),
    ]
    assert versions[0].condition == as_data(_long(10))
    assert find_definition(company.pk, "long-2").condition == _long(20)


def test_it_counts_history_anew_by_another_main_definition_and_still_answers_the_old(company: Company) -> None:
    for nth in range(6):
        _call(company, nth * 20, talk_secs=20.0 * nth)
    mark_all_stale(company)
    assert _labels(_publish(company)) == {"qualified-1": 6}
    do_save_definition(company, "long", "Long", LONG, NOW_MS)
    assert not StaleMonth.objects.exists()
    do_make_main(company, "long", NOW_MS)
    assert set(StaleMonth.objects.values_list("month", flat=True)) == ledger_months(company.pk)
    assert _labels(_publish(company)) == {"long-1": 3}
    do_save_definition(company, "long", "Long", _long(90), NOW_MS)
    assert set(StaleMonth.objects.values_list("month", flat=True)) == ledger_months(company.pk)
    assert _labels(_publish(company)) == {"long-2": 1}
    for label, calls in (("qualified-1", 6), ("long-1", 3), ("long-2", 1), ("", 1)):
        question = Question(metrics=("qualified_calls",), definition=find_definition(company.pk, label))
        assert explore(_scope(company, 120), question).totals["qualified_calls"].value == calls, label


def _labels(lake: LakeReader) -> dict[str, int]:
    sql = "SELECT definition, count(*) AS calls FROM {conversions} WHERE kind = 'call' GROUP BY ALL"
    return {row["definition"]: row["calls"] for row in lake.ask(sql, {}, facts=("conversions",))}


def test_it_brings_what_people_say_of_a_call_to_the_lake(company: Company) -> None:
    calls = _ten_calls(company)
    do_set_disposition(calls[1], "Booked", None, NOW_MS)
    do_mark_spam(calls[2], True, None, NOW_MS)
    do_tag(calls[4], "Boiler", "hand", None, NOW_MS)
    do_add_tag_rule(company, TagRule(tag="Long", condition=LONG), NOW_MS)
    _publish(company)
    asked = [BOOKED, Leaf("is_spam", Operator.IS, True)]
    asked += [Leaf("tags", Operator.HAS, (tag,)) for tag in ("Boiler", "Long")]
    assert how_many_meet(_scope(company), asked).met == (1, 1, 1, 4)


def test_it_knows_no_definition_of_another_company(company: Company) -> None:
    charlies = Company.objects.create(account=Account.objects.create(name="C"), name="Charlie’s Heating")
    do_save_definition(charlies, "theirs", "Theirs", LONG, NOW_MS)
    with pytest.raises(NotFound, match="no definition 'theirs-1'"):
        find_definition(company.pk, "theirs-1")
