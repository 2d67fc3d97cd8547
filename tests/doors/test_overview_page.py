"""The overview: figures with what they were, what changed and why, and what somebody should look at."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, HOUR_MS, at_from_ms, wall_clock
from ringtrace.reports.questions import Scope
from ringtrace.web.drawn import nice_above, spark, stacked
from tests.doors.cast import CALLER_SHOWN, MAIL, PAID, Cast, make_call, make_match, make_visit, mark, publish

Asked = list[tuple[Scope, str]]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def test_it_shows_what_is_unknown_as_a_dash_that_says_why(cast: Cast, asked: Asked) -> None:
    page = _text(cast.alice, "/")
    figure = re.search(r"<dt[^>]*>Cost</dt>.*?</dd>", page, re.DOTALL)
    assert figure is not None
    assert "Unknown: no spend is known for these days" in figure[0]
    assert "$0" not in figure[0]


def test_it_compares_with_the_span_before(cast: Cast, asked: Asked) -> None:
    assert re.search(r"<dt[^>]*>Calls</dt>.*?21.*?\+5 %.*?was.*?20", _text(cast.alice, "/"), re.DOTALL)


def test_it_gives_every_figure_its_trend_without_a_script(cast: Cast, asked: Asked) -> None:
    page = _text(cast.alice, "/")
    assert page.count('class="trend"') == 12
    assert "echarts" not in page
    assert "<style" not in page
    assert not re.search(r'\sstyle="', page)


def test_it_gives_the_chart_and_its_table_the_same_numbers(cast: Cast, asked: Asked) -> None:
    page = _text(cast.alice, "/?days=7")
    assert re.findall(r"<title>(.*?)</title>", page.split("</head>")[1], re.DOTALL) == [
        f"{_yesterday(asked)}: 5 calls\nPaid Search 3.5\nUnknown 1.5"
    ]
    row = re.search(rf'<th scope="row">{_yesterday(asked)}</th>(.*?)</tr>', page)
    assert row is not None
    assert re.findall(r">([\d.]+)<", row[1]) == ["3.5", "1.5"]
    table = page[page.index("Calls by day and channel</caption>") :]
    assert table[: table.index("</table>")].count('<th scope="row">') == 7


def _yesterday(asked: Asked) -> str:
    return f"{asked[0][0].until_on - timedelta(days=1):%-d %b}"


@pytest.mark.parametrize(
    ("query", "days"), [("", 28), ("?days=7", 7), ("?days=90", 90), ("?days=12", 28), ("?days=-1", 28)]
)
def test_it_asks_about_the_days_in_the_address(cast: Cast, asked: Asked, query: str, days: int) -> None:
    cast.alice.get(f"/{query}")
    scope = asked[0][0]
    assert scope.until_on - scope.since_on == timedelta(days=days - 1)
    assert scope.time_zone == "America/Los_Angeles"


@pytest.mark.parametrize(
    "dates", ["since=2026-13-01", "since=x&until=y", "since=2026-03-02&until=2026-03-01", "since=0001-01-01"]
)
def test_it_says_when_dates_make_no_sense(cast: Cast, asked: Asked, dates: str) -> None:
    assert 'role="alert"' in _text(cast.alice, f"/?{dates}")


def test_it_answers_from_a_lake_that_is_still_empty(cast: Cast) -> None:
    page = _text(cast.alice, "/?since=2026-01-01&until=2026-01-31")
    assert "No calls in these days" in page
    assert "Calls: 0, as before. Nothing stands out." in page


@pytest.fixture
def told(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """Four weeks of a call a day by ads and one by mail, then a week of mail alone."""
    settings.LAKE_DIR = tmp_path / "lake"
    times = []
    for day in range(1, 36):
        ago_ms = day * DAY_MS
        for source in (PAID, MAIL) if day > 14 else (MAIL,):
            for nth in range(3):
                visit = make_visit(cast.company, cast.site, source, ago_ms=ago_ms + nth * HOUR_MS)
                call = make_call(cast.number, visit, started_ms=visit.started_ms + HOUR_MS // 2)
                make_match(call, visit, 0.99)
                times += [visit.started_ms, call.started_ms]
    mark(cast.alice, cast.call, value="1000")
    publish(cast.company, *times, cast.call.started_ms)
    return cast


def test_it_says_what_changed_most_and_why(told: Cast) -> None:
    today = wall_clock()
    days = "&".join(f"{name}={_on(told, today - ago * DAY_MS)}" for name, ago in (("since", 14), ("until", 1)))
    page = _text(told.alice, f"/?{days}")
    said = re.search(r'<ul class="news"><li>(.*?) <a href="([^"]+)"', page)
    assert said is not None
    assert re.fullmatch(
        r"Paid Search brought \d\d fewer calls \(\d\d, now \d.*\).*it has no visits any more\.", said[1]
    )
    closer = told.alice.get(said[2])
    assert closer.status_code == 200
    assert "Channel is Paid Search" in html.unescape(closer.content.decode())
    for metric in ("qualified_calls", "visits", "revenue", "nonsense"):
        assert "What changed most" in _text(told.alice, f"/?{days}&change={metric}&compare=before")


def test_it_compares_with_nothing_where_there_was_nothing(told: Cast) -> None:
    page = _text(told.alice, "/?days=28&compare=year")
    assert "there is nothing to compare these days with" in page
    assert ">was " not in page


def test_its_figures_lead_to_why_they_are(told: Cast) -> None:
    found = re.findall(r'<strong><a href="(/metrics/why/\?[^"]+)"', _text(told.alice, "/"))
    assert len(found) == 12
    for address in found:
        assert told.alice.get(address).status_code == 200


def _on(cast: Cast, ms: int) -> str:
    """The day as the company has it."""
    return at_from_ms(ms).astimezone(cast.company.zone).date().isoformat()


def test_it_masks_callers_of_the_last_calls_for_a_viewer(cast: Cast, asked: Asked) -> None:
    assert CALLER_SHOWN in _text(cast.alice, "/")
    assert CALLER_SHOWN not in _text(cast.bob, "/")


def test_a_line_is_broken_where_nothing_is_known() -> None:
    assert spark([1.0, 2.0, None, 2.0, 0.0]) == "M0 12L25 1M75 1L100 23"
    assert spark([1.0]) == spark([None, None]) == ""


def test_bars_stand_on_each_other_and_fit_their_box() -> None:
    drawn = stacked([[1.0, 2.0], [1.0, 0.0]])
    assert (drawn.top, drawn.width) == (2, 20)
    assert drawn.paths == ("M1.4 50h7.2v50h-7.2zM11.4 0h7.2v100h-7.2z", "M1.4 0h7.2v50h-7.2z")
    assert [nice_above(value) for value in (0, 1, 3, 21, 99, 101, 1000)] == [1, 1, 5, 25, 100, 200, 1000]
