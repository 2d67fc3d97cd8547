"""What people say of calls: by hand, by keypad, one call after the other; and what is told of it."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import Leaf, Operator, TagRule
from ringtrace.web.counting import do_add_tag_rule, do_save_definition
from ringtrace.web.models import CallRow, CallTag, Company, Membership, OutcomeRow, Role, StaleMonth
from ringtrace.web.months import month_of
from ringtrace.web.review import (
    do_mark_spam,
    do_set_disposition,
    do_set_dispositions,
    do_set_keypad,
    do_tag,
    do_take_keys,
    do_untag,
)
from ringtrace.web.standing import standings, tags_of, traits_of
from tests.doors.cast import CALLER_SHOWN, Cast, browser, make_call

LONG = Leaf("talk_secs", Operator.AT_LEAST, 60)


def _text(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def _again(call: CallRow) -> CallRow:
    return CallRow.objects.get(pk=call.pk)


def _stale() -> set[str]:
    return set(StaleMonth.objects.values_list("month", flat=True))


# Actions


def test_it_takes_a_disposition_in_the_companys_spelling_and_tells_the_lake(cast: Cast) -> None:
    before_ms, now_ms = cast.call.changed_ms, wall_clock()
    assert do_set_disposition(cast.call, " booked ", None, now_ms) == "Booked"
    call = _again(cast.call)
    assert (call.disposition, call.changed_ms) == ("Booked", max(before_ms + 1, now_ms))
    assert _stale() == {month_of(call.started_ms)}


@pytest.mark.parametrize("text", ["Won the lottery", "x" * 100])
def test_it_refuses_a_disposition_that_the_company_does_not_have(cast: Cast, text: str) -> None:
    with pytest.raises(BadInput, match="is not a disposition") as refused:
        do_set_disposition(cast.call, text, None, 1)
    assert "Booked" in refused.value.hint
    assert _stale() == set()


def test_it_changes_nothing_where_nothing_changes(cast: Cast) -> None:
    do_set_disposition(cast.call, "", None, wall_clock())
    do_mark_spam(cast.call, False, None, wall_clock())
    assert _again(cast.call).changed_ms == cast.call.changed_ms
    assert _stale() == set()


def test_it_keeps_the_first_spelling_of_a_tag(cast: Cast) -> None:
    other = make_call(cast.number, None)
    do_tag(cast.call, "Water heater", "hand", None, 10)
    assert do_tag(other, " WATER  heater", "api", None, 20).tag == "Water heater"
    do_tag(other, "water heater", "hand", None, 30)
    assert list(CallTag.objects.filter(call=other).values_list("tag", "by")) == [("Water heater", "api")]


def test_it_takes_the_spelling_of_a_rule_that_was_there_first(cast: Cast) -> None:
    do_add_tag_rule(cast.company, TagRule(tag="Long call", condition=LONG), 5)
    assert do_tag(cast.call, "LONG CALL", "hand", None, 10).tag == "Long call"


def test_it_knows_nothing_of_the_spelling_of_others(cast: Cast) -> None:
    charlies = Company.objects.get(name="Charlie’s Heating")
    do_add_tag_rule(charlies, TagRule(tag="LONG", condition=LONG), 5)
    assert do_tag(cast.call, "Long", "hand", None, 10).tag == "Long"


def test_it_takes_a_tag_off_once(cast: Cast) -> None:
    do_tag(cast.call, "Boiler", "hand", None, 10)
    StaleMonth.objects.all().delete()
    do_untag(cast.call, "boiler", 20)
    assert not cast.call.tags.exists()
    assert _stale() == {month_of(cast.call.started_ms)}
    with pytest.raises(NotFound, match="Nobody put"):
        do_untag(cast.call, "boiler", 30)


def test_it_does_what_keys_mean(cast: Cast) -> None:
    do_set_keypad(cast.company, {"1": {"tag": "Warm", "disposition": "booked"}, "21": {"tag": "Cold"}})
    do_take_keys(cast.call, "1", 10)
    do_take_keys(cast.call, "21", 20)
    assert _again(cast.call).disposition == "Booked"
    assert list(cast.call.tags.order_by("pk").values_list("tag", "by")) == [("Warm", "keypad"), ("Cold", "keypad")]


@pytest.mark.parametrize("keys", ["2", "", "11", "x"])
def test_it_refuses_keys_without_a_meaning(cast: Cast, keys: str) -> None:
    do_set_keypad(cast.company, {"1": {"tag": "Warm"}})
    with pytest.raises(BadInput, match="no meaning after a call") as refused:
        do_take_keys(cast.call, keys, 10)
    assert "1" in refused.value.hint
    assert not cast.call.tags.exists()


@pytest.mark.parametrize(
    "mapping", [{"A": {"tag": "x"}}, {"1": {}}, {"1": {"disposition": "Lost"}}, {"1": {"tag": "a|b"}}]
)
def test_it_refuses_a_keypad_that_cannot_be(cast: Cast, mapping: dict[str, dict[str, str]]) -> None:
    with pytest.raises(BadInput):
        do_set_keypad(cast.company, mapping)
    cast.company.refresh_from_db()
    assert cast.company.keypad == {}


def test_it_keeps_dispositions_that_a_key_means(cast: Cast) -> None:
    do_set_keypad(cast.company, {"1": {"disposition": "Booked"}})
    with pytest.raises(BadInput, match="key 1 still means 'Booked'"):
        do_set_dispositions(cast.company, ["Quoted"])
    assert do_set_dispositions(cast.company, ["BOOKED", "", "  New   one "]) == ["BOOKED", "New one"]
    assert cast.company.keypad == {"1": {"disposition": "BOOKED"}}


def test_it_refuses_a_disposition_that_is_there_twice(cast: Cast) -> None:
    with pytest.raises(BadInput, match="there twice"):
        do_set_dispositions(cast.company, ["Booked", "booked"])


# How a call stands


def test_it_says_where_a_tag_comes_from(cast: Cast) -> None:
    do_add_tag_rule(cast.company, TagRule(tag="Long call", condition=LONG), 5)
    do_tag(cast.call, "Boiler", "hand", cast.company.account.memberships.get(role="owner").user, 10)
    lines = tags_of(cast.call, traits_of(cast.call))
    assert [(line.tag, line.how, line.by_rule) for line in lines] == [
        ("Boiler", "by hand, alice@example.com", False),
        ("Long call", "by rule: talked at least 1 minute", True),
    ]


def test_it_says_why_a_call_does_not_count(cast: Cast) -> None:
    do_save_definition(cast.company, "long", "Long rings", Leaf("ring_secs", Operator.AT_LEAST, 60), 1)
    CallRow.objects.filter(pk=cast.call.pk).update(ring_secs=None)
    main, long = standings(cast.call, traits_of(cast.call))
    assert (main.label, main.is_main, main.meets) == ("qualified-1", True, True)
    assert (long.meets, long.lacking, long.unknown) == (False, "rang at least 1 minute", ("ring time",))
    page = _text(cast.alice, f"/calls/{cast.call.pk}/")
    assert "It would have to be: rang at least 1 minute. Nobody knows its ring time." in page


def test_it_shows_the_callers_name_to_those_alone_who_may_see_callers(cast: Cast) -> None:
    sealed = settings.KEYS.seal("Dora Caller", caller_purpose(cast.company.pk))
    CallRow.objects.filter(pk=cast.call.pk).update(name_sealed=sealed)
    for address in (f"/calls/{cast.call.pk}/", "/calls/review/"):
        assert "Dora Caller" in _text(cast.alice, address)
        seen_by_bob = _text(cast.bob, address)
        assert "Dora Caller" not in seen_by_bob
        assert "sealed: only for those who may see callers" in seen_by_bob
        assert CALLER_SHOWN not in seen_by_bob


# The call's page


def test_it_tags_and_marks_a_call_on_its_page(cast: Cast) -> None:
    address = f"/calls/{cast.call.pk}/"
    for what, form in (
        ("disposition", {"disposition": "Booked"}),
        ("spam", {"spam": "yes"}),
        ("tag", {"tag": "Boiler"}),
    ):
        assert cast.alice.post(f"{address}{what}/", form)["Location"] == address
    call = _again(cast.call)
    assert (call.disposition, call.is_spam, call.tags.get().by) == ("Booked", True, "hand")
    page = _text(cast.alice, address)
    assert re.search(r'value="Booked"[^>]*aria-pressed="true"', page)
    assert re.search(r'role="switch" aria-checked="true"', page)
    cast.alice.post(f"{address}untag/", {"tag": "Boiler"})
    cast.alice.post(f"{address}disposition/", {"disposition": ""})
    assert (_again(call).disposition, call.tags.count()) == ("", 0)


def test_it_says_what_it_does_not_take(cast: Cast) -> None:
    address = f"/calls/{cast.call.pk}/"
    for what, form, said in (
        ("disposition", {"disposition": "Lost"}, "is not a disposition"),
        ("tag", {"tag": "a|b"}, "is not a tag"),
    ):
        assert said in html.unescape(cast.alice.post(f"{address}{what}/", form, follow=True).content.decode())


def test_it_lets_a_viewer_look_and_say_nothing(cast: Cast) -> None:
    page = _text(cast.bob, f"/calls/{cast.call.pk}/") + _text(cast.bob, "/calls/review/")
    assert "Not marked as spam." in page
    assert "disposition/" not in page
    for what in ("disposition", "spam", "tag", "untag", "reviewed/outcome"):
        assert cast.bob.post(f"/calls/{cast.call.pk}/{what}/", {"tag": "x"}).status_code == 403
        assert cast.charlie.post(f"/calls/{cast.call.pk}/{what}/", {"tag": "x"}).status_code == 404


# The review


def _three(cast: Cast) -> list[CallRow]:
    """Calls of the last hours, the newest first; the cast's own is set apart."""
    CallRow.objects.filter(pk=cast.call.pk).update(started_ms=wall_clock() - 200 * DAY_MS)
    now_ms = wall_clock()
    return [make_call(cast.number, None, started_ms=now_ms - hour * 3_600_000) for hour in (1, 2, 3)]


def _shown(answer: object) -> str:
    """The call that the review shows."""
    found = re.search(r'href="/calls/(call_\w+)/">Open the call', answer if isinstance(answer, str) else "")
    assert found is not None
    return found[1]


def _form(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form of that action."""
    found = re.search(rf'action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert found is not None, action
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def _say(cast: Cast, page: str, call: CallRow, what: str, **fields: str) -> str:
    """Posts a form of the review as a browser without scripts does; the page that comes."""
    action = f"/calls/{call.pk}/{what}/"
    answer = cast.alice.post(action, _form(page, action) | fields, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_it_shows_calls_without_a_disposition_first_then_the_newest(cast: Cast) -> None:
    newest, second, third = _three(cast)
    do_set_disposition(newest, "Booked", None, wall_clock() - 1)
    page = _text(cast.alice, f"/calls/review/?sitting={wall_clock() + 1}")
    assert _shown(page) == second.pk
    assert re.search(r"Call <strong>1</strong> of 3 · <strong>2</strong> without a disposition", page)
    later = re.search(r'href="([^"]+)"[^>]*rel="next"', page)
    assert later is not None
    assert parse_qs(urlsplit(later[1]).query)["call"] == [third.pk]
    assert 'rel="prev"' not in page


def test_it_goes_on_after_a_disposition_and_finds_the_call_again(cast: Cast) -> None:
    """What was said leaves a call in its place for this sitting."""
    newest, second, _ = _three(cast)
    page = _text(cast.alice, f"/calls/review/?days=7&sitting={wall_clock() - 1_000}")
    page = _say(cast, page, newest, "disposition", disposition="Quoted")
    assert _shown(page) == second.pk
    assert "Marked “Quoted”." in page
    assert re.search(r"Call <strong>2</strong> of 3 · <strong>2</strong> without", page)
    page = _say(cast, page, second, "tag", tag="Boiler")
    assert _shown(page) == second.pk
    earlier = re.search(r'href="([^"]+)"[^>]*rel="prev"', page)
    assert earlier is not None
    assert "days=7" in earlier[1]
    assert _shown(_text(cast.alice, earlier[1])) == newest.pk
    assert _shown(_text(cast.alice, f"/calls/review/?sitting={wall_clock() + 1_000}")) == second.pk


def test_it_undoes_what_was_said_in_turn(cast: Cast) -> None:
    newest, second, _ = _three(cast)
    page = _text(cast.alice, "/calls/review/")
    assert "review/undo" not in page
    page = _say(cast, page, newest, "disposition", disposition="Quoted")
    page = _say(cast, page, second, "spam", spam="yes")
    page = _say(cast, page, second, "tag", tag="Boiler")
    page = _say(cast, page, second, "untag", tag="Boiler")
    for shown, tags, is_spam, said in (
        (second, 1, True, "Quoted"),
        (second, 0, True, "Quoted"),
        (second, 0, False, "Quoted"),
        (newest, 0, False, ""),
    ):
        answer = cast.alice.post("/calls/review/undo/", _form(page, "/calls/review/undo/"), follow=True)
        page = html.unescape(answer.content.decode())
        assert _shown(page) == shown.pk
        assert (second.tags.count(), _again(second).is_spam, _again(newest).disposition) == (tags, is_spam, said)
    assert "review/undo" not in page
    answer = cast.alice.post("/calls/review/undo/", {}, follow=True)
    assert "There is nothing to undo." in answer.content.decode()


def test_it_puts_back_a_disposition_that_came_with_an_import(cast: Cast) -> None:
    CallRow.objects.filter(pk=cast.call.pk).update(disposition="Elsewhere")
    page = _text(cast.alice, "/calls/review/")
    assert re.search(r'value="Elsewhere"[^>]*aria-pressed="true"', page)
    assert "Marked “Elsewhere”." in _say(cast, page, cast.call, "disposition", disposition="Elsewhere")
    page = _say(cast, page, cast.call, "disposition", disposition="Booked")
    cast.alice.post("/calls/review/undo/", _form(page, "/calls/review/undo/"))
    assert _again(cast.call).disposition == "Elsewhere"


def test_it_undoes_nothing_at_a_company_that_was_left(cast: Cast) -> None:
    page = _text(cast.alice, "/calls/review/")
    _say(cast, page, cast.call, "spam", spam="yes")
    Membership.objects.filter(account=cast.company.account, role=Role.OWNER).delete()
    answer = cast.alice.post("/calls/review/undo/", {})
    assert answer.status_code == 404
    assert _again(cast.call).is_spam


def test_it_marks_an_outcome_without_leaving_the_review(cast: Cast) -> None:
    page = _text(cast.alice, "/calls/review/")
    action = f"/calls/{cast.call.pk}/reviewed/outcome/"
    form = _form(page, action) | {"kind": "sale", "value": "12.50"}
    answer = cast.alice.post(action, form)
    assert answer["Location"].startswith("/calls/review/?")
    assert cast.alice.post(action, form).status_code == 302
    assert OutcomeRow.objects.get().value_cents == 1_250
    wrong = cast.alice.post(action, form | {"value": "a lot"})
    assert wrong.status_code == 422
    assert _shown(wrong.content.decode()) == cast.call.pk


def test_it_answers_a_script_with_the_panel_alone(cast: Cast) -> None:
    panel = _text(cast.alice, "/calls/review/", HX_Request="true")
    assert panel.lstrip().startswith('<div id="review"')
    assert "<html" not in panel


def test_it_reviews_answered_calls_alone_where_asked(cast: Cast) -> None:
    newest, second, _ = _three(cast)
    CallRow.objects.filter(pk=newest.pk).update(status="missed")
    make_call(cast.number, None, status="ringing")
    assert _shown(_text(cast.alice, "/calls/review/")) == newest.pk
    assert _shown(_text(cast.alice, "/calls/review/?show=answered")) == second.pk
    assert " of 3 " in _text(cast.alice, "/calls/review/?show=nonsense")


def test_it_says_where_there_is_nothing_to_review(cast: Cast) -> None:
    assert "There is no call to review" in _text(cast.charlie, "/calls/review/")


def test_it_reviews_the_company_at_hand_alone(cast: Cast) -> None:
    assert cast.charlie.get(f"/calls/review/?call={cast.call.pk}").status_code == 404
    roofs = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    alice = browser("alice@example.com")
    alice.post("/company/", {"company": roofs.pk})
    assert alice.get(f"/calls/review/?call={cast.call.pk}").status_code == 404


@pytest.mark.parametrize("query", ["sitting=x", "sitting=99999999999999999999", "days=x&call=", "since=2026-13-01"])
def test_it_takes_any_address_for_a_review(cast: Cast, query: str) -> None:
    assert cast.alice.get(f"/calls/review/?{query}").status_code == 200
