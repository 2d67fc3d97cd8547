"""What counts, as the pages edit it: definitions and their versions, tag rules, dispositions, keys; who may."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import MINUTE_MS, wall_clock
from ringtrace.lake.reader import LakeReader
from ringtrace.qualification import DEFAULT, STARTERS, Leaf, Operator, TagRule, as_data
from ringtrace.web.counting import definitions_of, do_add_tag_rule, do_save_definition, main_definition
from ringtrace.web.models import CallRow, Company, DefinitionRow, DefinitionVersion, StaleMonth, TagRuleRow
from ringtrace.web.months import ledger_months
from ringtrace.web.review import do_tag
from tests.doors.cast import CALLER_SHOWN, Cast, make_call, publish

LONG = Leaf("talk_secs", Operator.AT_LEAST, 60)
ROW = {"by": "rows", "top_mode": "all", "top_0_of": "talk_secs", "top_0_how": "at_least", "top_0_value": "60"}
SAVE = ROW | {"title": "Long calls", "note": "Short ones are no enquiries", "what": "save"}


def _text(answer: HttpResponseBase) -> str:
    return html.unescape(getattr(answer, "content", b"").decode())


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return _text(answer)


def _long(company: Company) -> DefinitionRow:
    if not company.definitions.exists():
        do_save_definition(company, "long", "Long calls", LONG, wall_clock())
    return company.definitions.get(name="long")


@pytest.fixture
def lake(settings: Settings, tmp_path: Path) -> Path:
    settings.LAKE_DIR = tmp_path / "lake"
    return tmp_path / "lake"


# Definitions


def test_it_shows_the_default_of_a_company_that_made_none(cast: Cast, lake: Path) -> None:
    page = _page(cast.bob, "/settings/definitions/")
    assert "qualified-1" in page
    assert "built in" in page
    assert "Unknown: no call of these days is known yet" in page
    assert not DefinitionRow.objects.exists()


def test_it_counts_what_meets_each_definition(cast: Cast, lake: Path) -> None:
    make_call(cast.number, None, status="missed")
    _long(cast.company)
    publish(cast.company, cast.call.started_ms)
    page = _page(cast.bob, "/settings/definitions/")
    assert re.findall(r'<td class="n">(\d+)<span class="under">of (\d+)', page) == [("1", "2"), ("1", "2")]


def test_it_adds_a_definition_with_who_when_and_why(cast: Cast, lake: Path) -> None:
    assert cast.alice.post("/settings/definitions/add/", SAVE)["Location"] == "/settings/definitions/"
    version = DefinitionVersion.objects.get(definition__name="long_calls")
    assert (version.version, version.note, version.condition) == (1, SAVE["note"], as_data(LONG))
    assert str(version.made_by) == "alice@example.com"
    assert main_definition(cast.company.pk).name == "qualified"
    page = _page(cast.bob, f"/settings/definitions/{version.definition_id}/")
    assert "alice@example.com" in page
    assert "Counts what was: talked at least 1 minute." in page
    assert f"“{SAVE['note']}”" in page


def test_it_saves_a_change_as_the_next_version_and_says_what_changed(cast: Cast, lake: Path) -> None:
    row = _long(cast.company)
    address = f"/settings/definitions/{row.pk}/"
    changed = SAVE | {"title": "Longer calls", "top_0_value": "90"}
    answer = cast.alice.post(address, changed, follow=True)
    assert "Saved as long-2." in _text(answer)
    page = _page(cast.bob, address)
    assert "Asks for: talked at least 90 seconds, instead of talked at least 1 minute." in page
    assert "Longer calls" in page
    again = cast.alice.post(address, changed, follow=True)
    assert "It counts what it counted before." in _text(again)
    assert row.versions.count() == 2


def test_it_writes_the_default_down_when_it_is_changed(cast: Cast, lake: Path) -> None:
    page = _page(cast.alice, f"/settings/definitions/add/?start={DEFAULT.name}")
    assert 'value="qualified"' in page
    assert re.search(r'<option value="status"[^>]*selected', page)
    form = SAVE | {"name": DEFAULT.name, "title": "Qualified"}
    assert "All months are being counted anew." in _text(
        cast.alice.post("/settings/definitions/add/", form, follow=True)
    )
    assert main_definition(cast.company.pk).label == "qualified-2"
    assert set(StaleMonth.objects.values_list("month", flat=True)) == ledger_months(cast.company.pk)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "Long calls", "name": "long"}, "There is a definition 'long' already"),
        ({"name": "x" * 41}, "at most 40"),
        ({"top_0_value": "long"}, "not a number of seconds"),
        ({"by": "json", "json": "{"}, "not JSON"),
        ({"by": "json", "json": '{"all": [{"field": "shoe"}]}'}, "all[0]"),
    ],
)
def test_it_refuses_what_cannot_be_saved_and_keeps_what_was_typed(
    cast: Cast, lake: Path, change: dict[str, str], said: str
) -> None:
    _long(cast.company)
    before = DefinitionVersion.objects.count()
    answer = cast.alice.post("/settings/definitions/add/", SAVE | change)
    assert answer.status_code == 422
    assert said in _text(answer)
    assert DefinitionVersion.objects.count() == before
    typed = (SAVE | change)["json" if "json" in change else "top_0_value"]
    assert typed in _text(answer)


@pytest.mark.parametrize(("title", "name"), [("Über 60!", "ber_60"), ("90 days", "d_90_days"), ("???", "d")])
def test_it_makes_a_short_name_of_the_title(cast: Cast, lake: Path, title: str, name: str) -> None:
    assert cast.alice.post("/settings/definitions/add/", SAVE | {"title": title}).status_code == 302
    assert name in [one.name for one in definitions_of(cast.company.pk)]


@pytest.mark.parametrize("what", ["try", "more", "as_json", "as_rows", "", "nonsense"])
def test_it_saves_nothing_that_was_not_asked_to_be_saved(cast: Cast, lake: Path, what: str) -> None:
    answer = cast.alice.post("/settings/definitions/add/", SAVE | {"what": what})
    assert answer.status_code == 200
    assert not DefinitionRow.objects.exists()
    assert "talked at least 1 minute" in _text(answer)


def test_it_turns_rows_into_json_and_back(cast: Cast, lake: Path) -> None:
    as_json = _text(cast.alice.post("/settings/definitions/add/", SAVE | {"what": "as_json"}))
    found = re.search(r'<textarea[^>]*name="json"[^>]*>(.*?)</textarea>', as_json, re.DOTALL)
    assert found is not None
    form = {"by": "json", "json": found[1], "title": "x", "what": "as_rows"}
    as_rows = _text(cast.alice.post("/settings/definitions/add/", form))
    assert re.search(r'name="top_0_value" value="60"', as_rows)
    deep = '{"any": [{"all": [{"not": {"all": [{"field": "is_spam", "is": true}]}}]}]}'
    assert "deeper than the rows" in _text(cast.alice.post("/settings/definitions/add/", form | {"json": deep}))


@pytest.mark.parametrize("starter", STARTERS, ids=lambda one: one.name)
def test_it_begins_from_every_starter(cast: Cast, lake: Path, starter: object) -> None:
    page = _page(cast.alice, f"/settings/definitions/add/?start={getattr(starter, 'name', '')}")
    assert "Edit as JSON" in page  # the rows can show it
    assert f'value="{getattr(starter, "title", "")}"' in page


def test_it_counts_while_somebody_edits(cast: Cast, lake: Path) -> None:
    short = make_call(cast.number, None)
    CallRow.objects.filter(pk=short.pk).update(talk_secs=20.0)
    make_call(cast.number, None, status="missed")
    publish(cast.company, cast.call.started_ms)
    page = _text(cast.alice.post("/settings/definitions/count/", ROW | {"top_0_value": "15"}))
    assert re.search(r"Of <strong>3</strong> calls in the last 90 days <strong>2</strong> would count\.", page)
    row = _long(cast.company)
    page = _text(cast.alice.post("/settings/definitions/count/", ROW | {"of": row.name, "top_0_value": "15"}))
    assert re.search(r"<strong>2</strong> would count instead of 1: 0 no longer, 1 newly\.", page)
    assert f"/calls/{short.pk}/" in page
    assert f"/calls/{cast.call.pk}/" not in page
    assert "Nothing is saved yet." in page


def test_it_says_what_is_wrong_while_somebody_edits(cast: Cast, lake: Path) -> None:
    page = _text(cast.alice.post("/settings/definitions/count/", ROW | {"top_0_value": "x"}))
    assert "Some rows cannot be read." in page
    assert cast.alice.post("/settings/definitions/count/", {}).status_code == 200


def test_it_counts_history_anew_by_another_main_definition(cast: Cast, lake: Path) -> None:
    row = _long(cast.company)
    publish(cast.company, cast.call.started_ms)
    assert _labels(lake, cast.company) == {"qualified-1"}
    answer = cast.alice.post(f"/settings/definitions/{row.pk}/main/", follow=True)
    assert "All months are being counted anew" in _text(answer)
    assert set(StaleMonth.objects.values_list("month", flat=True)) == ledger_months(cast.company.pk)
    publish(cast.company)
    assert _labels(lake, cast.company) == {"long-1"}


def _labels(lake: Path, company: Company) -> set[str]:
    sql = "SELECT DISTINCT definition FROM {conversions} WHERE kind = 'call'"
    rows = LakeReader(lake, company.pk).ask(sql, {}, facts=("conversions",))
    return {row["definition"] for row in rows}


def test_it_lets_a_viewer_look_at_definitions_and_save_none(cast: Cast, lake: Path) -> None:
    row = _long(cast.company)
    page = _page(cast.bob, f"/settings/definitions/{row.pk}/")
    assert "talked at least 1 minute" in page
    assert "Save" not in page.split("<h1>")[1]
    for address in ("add/", "count/", f"{row.pk}/", f"{row.pk}/main/"):
        assert cast.bob.post(f"/settings/definitions/{address}", SAVE).status_code == 403
    assert row.versions.count() == 1


def test_it_hides_alices_definitions_and_rules_from_charlie(cast: Cast, lake: Path) -> None:
    row = _long(cast.company)
    rule = do_add_tag_rule(cast.company, TagRule(tag="Long", condition=LONG), 1)
    for address in (
        f"definitions/{row.pk}/",
        f"definitions/{row.pk}/main/",
        f"tags/{rule.pk}/remove/",
        "definitions/x/",
    ):
        assert cast.charlie.post(f"/settings/{address}", SAVE).status_code == 404
    assert "Long" not in _page(cast.charlie, "/settings/definitions/") + _page(cast.charlie, "/settings/tags/")
    page = _text(cast.charlie.post("/settings/definitions/count/", ROW | {"of": row.name}))
    assert "No call of the last 90 days is known yet" in page


def test_it_masks_callers_in_examples_for_those_who_may_not_see_them(cast: Cast, lake: Path) -> None:
    publish(cast.company, cast.call.started_ms)
    row = _long(cast.company)
    page = _text(cast.alice.post("/settings/definitions/count/", ROW | {"of": row.name, "top_0_value": "999"}))
    assert CALLER_SHOWN in page
    assert CALLER_SHOWN not in _page(cast.bob, f"/settings/definitions/{row.pk}/")


# Tags by rule, dispositions, keys


def test_it_adds_a_rule_and_takes_it_away(cast: Cast, lake: Path) -> None:
    form = ROW | {"tag": "Long call", "what": "save"}
    assert cast.alice.post("/settings/tags/add/", form)["Location"] == "/settings/tags/"
    rule = TagRuleRow.objects.get()
    assert (rule.tag, rule.condition, str(rule.made_by)) == ("Long call", as_data(LONG), "alice@example.com")
    assert "Talked at least 1 minute" in _page(cast.bob, "/settings/tags/")
    assert "by rule: talked at least 1 minute" in _page(cast.bob, f"/calls/{cast.call.pk}/")
    assert cast.alice.post(f"/settings/tags/{rule.pk}/remove/").status_code == 302
    assert not TagRuleRow.objects.exists()
    assert "by rule" not in _page(cast.bob, f"/calls/{cast.call.pk}/")


def test_it_counts_the_calls_that_a_rule_would_tag(cast: Cast, lake: Path) -> None:
    tagged = make_call(cast.number, None, started_ms=wall_clock() - 2 * MINUTE_MS)
    make_call(cast.number, None, status="missed")
    do_tag(tagged, "Long call", "hand", None, 1)
    publish(cast.company, cast.call.started_ms)
    page = _text(cast.alice.post("/settings/tags/count/", ROW | {"tag": "LONG call"}))
    assert re.search(r"Of <strong>3</strong> calls .* 1 have the tag already and <strong>1</strong> would get it", page)
    assert f"/calls/{cast.call.pk}/" in page
    assert re.search(r"<strong>2</strong> would get it", _text(cast.alice.post("/settings/tags/count/", ROW)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tag": ""}, "This field is required"),
        ({"tag": "a|b"}, "is not a tag"),
        ({"top_0_of": ""}, "not said what is asked"),
        ({"top_0_of": "", "top_0_value": ""}, "It is not said which calls"),
        ({"top_0_of": "tags", "top_0_how": "", "top_0_value": "x"}, "cannot ask for tags"),
    ],
)
def test_it_refuses_a_rule_that_cannot_be(cast: Cast, lake: Path, change: dict[str, str], said: str) -> None:
    answer = cast.alice.post("/settings/tags/add/", ROW | {"tag": "Long", "what": "save"} | change)
    assert answer.status_code == 422
    assert said in _text(answer)
    assert not TagRuleRow.objects.exists()


def test_it_saves_dispositions_and_keys(cast: Cast, lake: Path) -> None:
    assert cast.alice.post("/settings/tags/dispositions/", {"dispositions": "Won\r\n\r\n Lost "}).status_code == 302
    keys = {"keys_0": "1", "tag_0": "Warm", "disposition_0": "Won", "keys_1": "*2", "tag_1": "Cold"}
    assert cast.alice.post("/settings/tags/keypad/", keys).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.dispositions == ["Won", "Lost"]
    assert cast.company.keypad == {"1": {"tag": "Warm", "disposition": "Won"}, "*2": {"tag": "Cold"}}
    assert "disposition “Won”" in _page(cast.bob, "/settings/tags/")


@pytest.mark.parametrize(
    ("address", "form", "said"),
    [
        ("dispositions", {"dispositions": "Won\nwon"}, "there twice"),
        ("keypad", {"keys_0": "1", "tag_0": "x", "keys_1": "1", "tag_1": "y"}, "there twice"),
        ("keypad", {"tag_0": "x"}, "Say which keys"),
        ("keypad", {"keys_0": "A", "tag_0": "x"}, "cannot be pressed"),
        ("keypad", {"keys_0": "1"}, "not said what 1 means"),
        ("keypad", {"keys_0": "1", "disposition_0": "Nonsense"}, "valid choice"),
    ],
)
def test_it_refuses_dispositions_and_keys_that_cannot_be(
    cast: Cast, lake: Path, address: str, form: dict[str, str], said: str
) -> None:
    before = (cast.company.dispositions, cast.company.keypad)
    answer = cast.alice.post(f"/settings/tags/{address}/", form)
    assert answer.status_code == 422
    assert said in _text(answer)
    cast.company.refresh_from_db()
    assert (cast.company.dispositions, cast.company.keypad) == before


def test_it_lets_a_viewer_change_no_rule_and_no_key(cast: Cast, lake: Path) -> None:
    rule = do_add_tag_rule(cast.company, TagRule(tag="Long", condition=LONG), 1)
    assert "<button" not in _page(cast.bob, "/settings/tags/").split("<h1>")[1]
    for address in ("add/", "count/", "dispositions/", "keypad/", f"{rule.pk}/remove/"):
        assert cast.bob.post(f"/settings/tags/{address}", ROW | {"tag": "x", "what": "save"}).status_code == 403
    assert TagRuleRow.objects.count() == 1


def test_it_takes_no_change_without_its_token(cast: Cast, lake: Path) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.alice.cookies
    for address in ("definitions/add/", "definitions/count/", "tags/add/", "tags/dispositions/", "tags/keypad/"):
        assert strict.post(f"/settings/{address}", SAVE).status_code == 403
    assert not DefinitionRow.objects.exists()
