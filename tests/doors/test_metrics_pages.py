"""The metrics pages: their figures are explore()'s, no address breaks them, and every figure is explained."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from ringtrace.attribution.registry import LAKE_MODELS
from ringtrace.core.clock import at_from_ms
from ringtrace.qualification import DEFAULT
from ringtrace.reports.asked import Question
from ringtrace.reports.asked import Span as Dates
from ringtrace.reports.dimensions import DIMENSIONS, DimensionValue, ValueKind
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.registry import METRICS
from ringtrace.reports.questions import Scope
from ringtrace.web.models import Membership, SavedView, User
from ringtrace.web.questions import Asked, question_of, question_pairs, to_address
from ringtrace.web.shown import write_figure
from ringtrace.web.templatetags.show import DASH
from tests.doors.cast import Cast, browser
from tests.doors.metric_days import DAYS, publish_facts
from tests.rooms.metric_lakes import DAY, MODEL, day_facts, google, nobody, response

TODAY = date(2026, 10, 5)


@pytest.fixture
def day(cast: Cast, settings: Settings, tmp_path: Path) -> Scope:
    """The hand-made day is Alice's."""
    return publish_facts(cast, settings, tmp_path / "lake", day_facts())


def _text(cast: Cast, address: str) -> str:
    answer = cast.alice.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def _words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def _rows(page: str) -> list[list[str]]:
    """The cells of the figures' table, row by row, as words."""
    table = re.search(r'<table class="table keeps-first metrics-table">(.*?)</table>', page, re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table[1], re.DOTALL)
    return [[_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


# The page


@pytest.mark.parametrize("name", METRICS)
def test_it_shows_every_metric_as_explore_answers_it(cast: Cast, day: Scope, name: str) -> None:
    rows = [row for row in _rows(_text(cast, f"/metrics/?{DAYS}&metrics={name}&by=channel")) if row[1:]]
    answer = explore(day, Question(metrics=(name,), by=("channel",), model=MODEL))
    expected = [
        ((line.values[0] or "Unknown"), line.figures[name].value, line.figures[name].why) for line in answer.lines
    ]
    expected.append(("Total", answer.totals[name].value, answer.totals[name].why))
    assert len(rows) == len(expected) + 1
    for row, (label, value, why) in zip(rows[1:], expected, strict=True):
        assert row[0].startswith(str(label))
        shown = write_figure(METRICS[name], value, "USD")
        assert row[1] == (f"{DASH} Unknown: {why}" if value is None else shown)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_it_splits_by_every_dimension(cast: Cast, day: Scope, name: str) -> None:
    page = _text(cast, f"/metrics/?{DAYS}&metrics=calls&by={name}&compare=before&intervals=1")
    answer = explore(day, Question(metrics=("calls",), by=(name,), model=MODEL))
    assert len(_rows(page)) == len(answer.lines) + 2
    assert 'role="alert"' not in page


def test_it_compares_and_says_whether_that_is_good(cast: Cast, day: Scope) -> None:
    yesterday = DAY - timedelta(days=1)
    page = _text(cast, f"/metrics/?since={yesterday}&until={yesterday}&metrics=calls,spend&compare={DAY}..{DAY}")
    assert re.search(r'class="change bad" title="was 5">−100 %<', page)
    assert f"{DAY:%-d %b %Y}" in page


def test_it_shows_intervals_as_small_text(cast: Cast, day: Scope) -> None:
    page = _text(cast, f"/metrics/?{DAYS}&metrics=calls,answer_rate&by=channel&intervals=1")
    assert re.search(r'class="interval"><span class="sr">95 % interval </span>\([\d.]+ – [\d.]+\)', page)


def test_it_adds_a_filter_by_its_form_and_makes_the_address_plain(cast: Cast, day: Scope) -> None:
    form = f"ask=1&{DAYS}&metrics=calls&metrics=sales&by=channel&by=&by=&compare=&add=device&how=not&what=mobile"
    answer = cast.alice.get(f"/metrics/?{form}")
    assert answer.status_code == 302
    said = dict(parse_qsl(answer["Location"].partition("?")[2]))
    assert (said["metrics"], said["by"], said["filter"]) == ("calls,sales", "channel", "-device:mobile")
    assert "Device is not mobile" in _text(cast, answer["Location"])


def test_it_offers_each_value_alone_and_all_but_it(cast: Cast, day: Scope) -> None:
    page = _text(cast, f"/metrics/?{DAYS}&metrics=calls&by=channel")
    only = next(url for url in re.findall(r'href="(\?[^"]+)"', page) if "filter=channel:Paid" in url)
    rows = _rows(_text(cast, f"/metrics/{only}"))
    assert [row[0].split(" only")[0] for row in rows[1:]] == ["Paid Search", "Total"]
    away = next(url for url in re.findall(r'href="(\?[^"]+)"', page) if "filter=-channel:Paid" in url)
    assert "Paid Search" not in {row[0].split(" only")[0] for row in _rows(_text(cast, f"/metrics/{away}"))[1:]}


def test_it_sorts_by_a_column(cast: Cast, day: Scope) -> None:
    page = _text(cast, f"/metrics/?{DAYS}&metrics=calls&by=channel&order=channel")
    labels = [row[0].split(" only")[0] for row in _rows(page)[1:-1]]
    assert [one for one in labels if one != "Unknown"] == sorted(one for one in labels if one != "Unknown")
    assert 'aria-sort="ascending"' in page


@pytest.mark.parametrize(
    "part",
    [
        "metrics=nonsense",
        "by=nonsense",
        "by=channel,device,source,medium",
        "filter=nonsense",
        "filter=weekday:Someday",
        "model=astrology",
        "definition=qualified-99",
        "definition=x y",
        "compare=never",
        "compare=2026-10-09..2026-10-01",
        "days=0",
        "days=9999999999",
        "since=2026-13-01",
        "limit=-1",
        "limit=abc",
        "order=nonsense",
        "filter=" + "x" * 3000,
        "filter=channel:" + ",".join(map(str, range(101))),
        "by=channel%00",
        "metrics=%ff%fe",
        "metric=calls&line=nonsense",
    ],
)
def test_it_tells_what_it_cannot_read_and_shows_the_rest(cast: Cast, day: Scope, part: str) -> None:
    page = _text(cast, f"/metrics/?{part}")
    assert "Metrics" in page
    assert ('role="alert"' in page) != part.startswith("metric=")
    assert cast.alice.get(f"/metrics/hours/?{part}").status_code == 200


def test_it_starts_with_something_to_see_on_an_empty_lake(cast: Cast) -> None:
    page = _text(cast, "/metrics/")
    assert "Nothing to split in these days" in page
    assert "No spend is known here." in page


def test_it_tells_what_every_metric_and_dimension_is(cast: Cast) -> None:
    page = _text(cast, "/metrics/list/")
    for one in METRICS.values():
        assert f'id="m-{one.name}"' in page
        assert one.plain in page
    assert all(one.plain in page for one in DIMENSIONS.values())


# The address


def _values(kind: ValueKind) -> st.SearchStrategy[DimensionValue]:
    days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
    strategies: dict[ValueKind, st.SearchStrategy[DimensionValue]] = {
        ValueKind.TEXT: texts,
        ValueKind.HOUR: st.integers(0, 23),
        ValueKind.WEEKDAY: st.integers(1, 7),
        ValueKind.DAY: days,
        ValueKind.WEEK: days.map(lambda on: on - timedelta(days=on.weekday())),
        ValueKind.MONTH: days.map(lambda on: on.replace(day=1)),
    }
    return st.none() | strategies[kind]


@st.composite
def _filters(draw: st.DrawFn) -> Filter:
    name = draw(st.sampled_from(sorted(DIMENSIONS)))
    operation = draw(st.sampled_from([Operation.IS_IN, Operation.IS_NOT_IN]))
    values = draw(st.lists(_values(DIMENSIONS[name].value), min_size=1, max_size=3, unique=True))
    return Filter(name, operation, tuple(values))


@st.composite
def _questions(draw: st.DrawFn) -> Question:
    metrics = tuple(draw(st.lists(st.sampled_from(sorted(METRICS)), min_size=1, max_size=6, unique=True)))
    by = tuple(draw(st.lists(st.sampled_from(sorted(DIMENSIONS)), max_size=3, unique=True)))
    order = draw(st.sampled_from(["", *(f"{sign}{name}" for sign in ("", "-") for name in (*metrics, *by))]))
    own = Dates(since_on=date(2025, 3, 1), until_on=date(2025, 3, 31))
    return Question(
        metrics=metrics,
        by=by,
        filters=tuple(draw(st.lists(_filters(), max_size=4, unique=True))),
        model=draw(st.sampled_from(LAKE_MODELS)),
        compare=draw(st.sampled_from([None, "before", "year", own])),
        intervals=draw(st.booleans()),
        order=order,
        limit=draw(st.integers(0, 5000)),
    )


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(question=_questions(), days=st.integers(1, 700), is_preset=st.booleans())
def test_a_question_comes_back_from_its_address(cast: Cast, question: Question, days: int, is_preset: bool) -> None:
    since = TODAY - timedelta(days=days - 1)
    span = [("days", str(days))] if is_preset else [("since", str(since)), ("until", str(TODAY))]
    address = to_address([*span, *question_pairs(question)])
    asked = question_of(cast.company, parse_qsl(address), TODAY)
    assert asked.problems == ()
    assert asked.question == question
    assert (asked.scope.since_on, asked.scope.until_on) == (since, TODAY)
    assert _again(cast, asked) == asked


def _again(cast: Cast, asked: Asked) -> Asked:
    return question_of(cast.company, parse_qsl(asked.query), TODAY)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                ["metrics", "by", "filter", "days", "since", "until", "compare", "order", "limit", "model"]
            ),
            st.text(max_size=40),
        ),
        max_size=6,
    )
)
def test_no_address_breaks_it_and_what_it_understood_is_stable(cast: Cast, pairs: list[tuple[str, str]]) -> None:
    asked = question_of(cast.company, pairs, TODAY)
    again = _again(cast, asked)
    assert (again.question, again.scope, again.problems) == (asked.question, asked.scope, ())


def test_the_definition_in_force_follows_and_a_named_one_stays(cast: Cast) -> None:
    asked = question_of(cast.company, [("definition", DEFAULT.label)], TODAY)
    assert "definition=qualified-1" in asked.query
    assert "definition" not in question_of(cast.company, [("days", "7")], TODAY).query


# Why this number


@pytest.mark.parametrize("name", METRICS)
def test_it_explains_every_figure_by_rows_that_sum_to_it(cast: Cast, day: Scope, name: str) -> None:
    page = _text(cast, f"/metrics/?{DAYS}&metrics={name}&by=channel")
    links = re.findall(r'class="why-link" href="(/metrics/why/[^"]+)"', page)
    answer = explore(day, Question(metrics=(name,), by=("channel",), model=MODEL))
    figures = [*(line.figures[name] for line in answer.lines), answer.totals[name]]
    assert len(links) == len(figures)
    for link, figure in zip(links, figures, strict=True):
        told = _text(cast, link)
        assert METRICS[name].plain in told
        assert METRICS[name].formula_in_words in told
        big = re.search(r'class="big-figure">(.*?)</p>', told, re.DOTALL)
        assert big is not None
        shown = write_figure(METRICS[name], figure.value, "USD")
        assert _words(big[1]).startswith(shown if figure.value is not None else DASH)


def test_the_rows_of_a_part_sum_to_it_on_the_page(cast: Cast, day: Scope) -> None:
    told = _text(cast, f"/metrics/why/?{DAYS}&metrics=calls&by=channel&metric=calls&line=channel:Paid%20Search")
    adds = [float(one) for one in re.findall(r'<td class="n">([\d.]+)</td></tr>', told.split('id="rows"')[1])]
    answer = explore(day, Question(metrics=("calls",), by=("channel",), model=MODEL))
    figure = next(line.figures["calls"].value for line in answer.lines if line.values == ("Paid Search",))
    assert sum(adds) == pytest.approx(figure, abs=0.002)
    assert "Channel is Paid Search" in told
    assert "SELECT" in told


def test_a_row_leads_to_the_page_of_its_call(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    at_ms = cast.call.started_ms
    facts = {"credits": response(cast.call.pk, [google(p=0.8, linear=0.8), nobody(0.2)], at_ms=at_ms)}
    publish_facts(cast, settings, tmp_path / "lake", facts, f"{at_from_ms(at_ms):%Y-%m}")
    told = _text(cast, "/metrics/why/?days=7&metrics=calls&metric=calls")
    assert f'href="/calls/{cast.call.pk}/"' in told
    assert cast.alice.get(f"/calls/{cast.call.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("metric=nonsense", 404),
        ("", 200),
        ("metric=calls&part=9", 400),
        ("metric=calls&p=999", 400),
        ("metric=calls&by=channel&line=device:x", 400),
        ("metric=calls&by=channel&line=nonsense", 400),
        ("metric=calls&by=channel,device&line=channel:x", 400),
        ("metric=calls&part=x&p=y", 200),
    ],
)
def test_it_refuses_to_explain_what_is_not_there(cast: Cast, day: Scope, query: str, status: int) -> None:
    assert cast.alice.get(f"/metrics/why/?{DAYS}&{query}").status_code == status


# Hours and life-time value


@pytest.mark.parametrize("name", ["calls", "answer_rate", "revenue", "cost_per_call", "talk_time_mean"])
def test_it_shades_hours_and_links_each_to_its_reason(cast: Cast, day: Scope, name: str) -> None:
    page = _text(cast, f"/metrics/hours/?{DAYS}&metrics={name}")
    assert page.count('class="n shade-') == 7 * 24
    answer = explore(day, Question(metrics=(name,), by=("weekday", "hour"), model=MODEL))
    if answer.lines[0].figures[name].value:
        assert "Monday 12:00" in page
        assert cast.alice.get(re.search(r'href="(/metrics/why/[^"]*hour:12[^"]*)"', page)[1]).status_code == 200  # type: ignore[index]


@pytest.mark.parametrize(
    "query", ["", "since=2026-01&until=2026-10", "since=x", "since=2026-10&until=2026-01", "since=0001-01&model=y"]
)
def test_it_shows_what_customers_are_worth(cast: Cast, day: Scope, query: str) -> None:
    page = _text(cast, f"/metrics/lifetime/?{query}")
    assert "Life-time value" in page
    if query.startswith("since=2026-01"):
        assert "First response in October 2026" in page


# Saved views


def _save(client: object, **form: str) -> None:
    usual = {"name": "Mine", "query": "days=7&metrics=calls&by=channel"}
    client.post("/metrics/views/save/", usual | form)  # type: ignore[attr-defined]


def test_a_view_is_saved_opened_renamed_and_removed(cast: Cast) -> None:
    _save(cast.alice, name="Weekly", shared="1")
    view = SavedView.objects.get()
    assert (view.name, view.is_shared, view.company) == ("Weekly", True, cast.company)
    assert "Weekly" in _text(cast, "/metrics/views/")
    assert cast.alice.get(f"/metrics/views/{view.pk}/")["Location"] == "/metrics/?days=7&metrics=calls&by=channel"
    cast.alice.post(f"/metrics/views/{view.pk}/name/", {"name": " Every  week "})
    assert SavedView.objects.get().name == "Every week"
    cast.alice.post(f"/metrics/views/{view.pk}/remove/")
    assert not SavedView.objects.exists()


def test_somebody_who_only_reads_keeps_views_of_ones_own_that_nobody_else_sees(cast: Cast) -> None:
    _save(cast.bob, name="Bob’s", shared="1")
    view = SavedView.objects.get()
    assert not view.is_shared
    assert "Bob’s" in cast.bob.get("/metrics/views/").content.decode()
    assert "Bob’s" not in _text(cast, "/metrics/views/")
    assert cast.alice.get(f"/metrics/views/{view.pk}/").status_code == 404
    assert cast.alice.post(f"/metrics/views/{view.pk}/remove/").status_code == 404
    cast.bob.post(f"/metrics/views/{view.pk}/name/", {"name": "Bob’s own"})
    assert SavedView.objects.get().name == "Bob’s own"


def test_shared_views_are_not_changed_by_those_who_only_read(cast: Cast) -> None:
    _save(cast.alice, shared="1")
    view = SavedView.objects.get()
    assert cast.bob.get(f"/metrics/views/{view.pk}/").status_code == 302
    assert cast.bob.post(f"/metrics/views/{view.pk}/name/", {"name": "Bob’s"}).status_code == 403
    assert cast.bob.post(f"/metrics/views/{view.pk}/remove/").status_code == 403
    assert SavedView.objects.get().name == "Mine"


def test_a_view_of_the_hours_opens_the_hours(cast: Cast) -> None:
    _save(cast.alice, query="page=hours&days=90&metrics=calls")
    address = cast.alice.get(f"/metrics/views/{SavedView.objects.get().pk}/")["Location"]
    assert address == "/metrics/hours/?days=90&metrics=calls"


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "x" * 121}, {"name": "a\0b"}, {"query": "x=" + "y" * 9000}])
def test_a_view_that_cannot_be_kept_is_told(cast: Cast, form: dict[str, str]) -> None:
    _save(cast.alice, **form)
    assert not SavedView.objects.exists()
    assert 'class="notice"' in _text(cast, "/metrics/views/")


def test_two_views_do_not_share_a_name(cast: Cast) -> None:
    _save(cast.alice)
    _save(cast.alice)
    assert SavedView.objects.count() == 1
    assert "There is a view" in _text(cast, "/metrics/")


def test_a_view_leads_nowhere_else(cast: Cast) -> None:
    _save(cast.alice, query="//evil.example/?page=https://evil.example")
    place = cast.alice.get(f"/metrics/views/{SavedView.objects.get().pk}/")["Location"]
    assert place.startswith("/metrics/?")


# Whose figures


def test_charlie_sees_nothing_of_alices(cast: Cast, day: Scope) -> None:
    _save(cast.alice, shared="1")
    view = SavedView.objects.get()
    assert cast.charlie.get(f"/metrics/views/{view.pk}/").status_code == 404
    assert cast.charlie.post(f"/metrics/views/{view.pk}/remove/").status_code == 404
    for address in ("/metrics/?", "/metrics/hours/?", "/metrics/why/?metric=calls&", "/metrics/?format=csv&"):
        page = cast.charlie.get(f"{address}{DAYS}&metrics=calls&by=channel").content.decode()
        assert "Paid Search" not in page
        assert "emergency" not in page


def test_it_needs_a_company(cast: Cast) -> None:
    Membership.objects.filter(user__email="bob@example.com").delete()
    assert cast.bob.get("/metrics/").status_code == 404
    assert cast.bob.post("/metrics/views/save/", {"name": "x", "query": ""}).status_code == 404
    assert browser("alice@example.com").get("/metrics/").status_code == 200
    assert User.objects.filter(email="bob@example.com").exists()
