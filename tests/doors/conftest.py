"""The cast for every test of a door, and reports that answer without a lake where a test asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from ringtrace.reports.asked import Answer, Figure, MadeOf, Question
from ringtrace.reports.asked import Span as Dates
from ringtrace.reports.changes import Changes
from ringtrace.reports.overview import DayCell, Overview, Totals
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope
from ringtrace.web.pages import overview as overview_page
from ringtrace.web.pages import pop as pop_page
from ringtrace.web.pages import sources as sources_page
from ringtrace.web.pop_stream import LedgerLook, Notifier
from ringtrace.web.source_levels import Level, SourceLine
from tests.doors.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_guesses_yet() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream would wait for what does not come, in a thread of its own; tests of streams open theirs."""
    monkeypatch.setattr(pop_page, "NOTIFIER", Notifier(LedgerLook(), most=0))


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Scope, str]]:
    """Reports answer with figures made up here; returns what was asked of them."""
    questions: list[tuple[Scope, str]] = []

    def overview(scope: Scope, model: str = DEFAULT_MODEL, **_more: object) -> Overview:
        questions.append((scope, model))
        return _overview(scope)

    def level(scope: Scope, by: tuple[str, ...], *, model: str = DEFAULT_MODEL, **_more: object) -> Level:
        questions.append((scope, model))
        return _level(scope, by, model)

    def changes(scope: Scope, *_more: object, **_others: object) -> Changes:
        days = Dates(since_on=scope.since_on, until_on=scope.until_on)
        made = Made(data_version="v7")
        return Changes(
            metric="calls", span=days, compared=days, now=21, before=20, splits=(), told=(), is_chance=True, made=made
        )

    monkeypatch.setattr(overview_page, "ask_overview", overview)
    monkeypatch.setattr(overview_page, "ask_level", level)
    monkeypatch.setattr(overview_page, "ask_changes", changes)
    monkeypatch.setattr(sources_page, "ask_level", level)
    return questions


_FIGURES: dict[str, tuple[float | None, ...]] = {
    "calls": (12.34, 4.0, 2.5),
    "qualified_calls": (9.5, 3.0, 1.0),
    "sales": (2.0, 0.0, 0.0),
    "revenue": (250_000.0, 12_300.0, None),
    "spend": (61_700, None, None),
    "cost_per_qualified_call": (5000.0, None, None),
    "roas": (4.05, None, None),
}
_VALUES: tuple[dict[str, str], ...] = (
    {"channel": "Paid Search", "source": "google"},
    {"channel": "Organic Search", "source": "google"},
    {},
)


def _level(scope: Scope, by: tuple[str, ...], model: str) -> Level:
    """Two lines that are known, and one that is not."""
    figures = [
        {
            name: Figure(value=values[nth], why="" if values[nth] is not None else "No spend is known here.")
            for name, values in _FIGURES.items()
        }
        for nth in range(3)
    ]
    lines = [
        SourceLine(values={name: values.get(name) for name in by}, figures=of, share=0.3)
        for values, of in zip(_VALUES, figures, strict=True)
    ]
    question = Question(metrics=tuple(_FIGURES), by=by, model=model)
    made = MadeOf(data_version="v7", model=model, params="p1", definition="qualified-1", sql="", values={})
    dates = Dates(since_on=scope.since_on, until_on=scope.until_on)
    answer = Answer(
        question=question, span=dates, compared=None, lines=(), line_count=3, totals=figures[0], nothing={}, made=made
    )
    return Level(lines=tuple(lines), answer=answer)


def _overview(scope: Scope) -> Overview:
    now = Totals(
        visits=200,
        calls=21,
        answered=15,
        missed=4,
        abandoned=2,
        first_calls=11,
        qualified=12,
        answer_rate=0.714,
        matched_p=0.85,
        sales=2,
        revenue_cents=262_300,
        cost_cents=None,
        cost_per_call_cents=None,
        cost_per_qualified_cents=None,
        roas=None,
    )
    day = scope.until_on - timedelta(days=1)
    cells = (DayCell(on_date=day, channel="Paid Search", calls=3.5), DayCell(on_date=day, channel=None, calls=1.5))
    fields = Totals.__struct_fields__
    before = Totals(**{name: getattr(now, name) for name in fields} | {"calls": 20, "answer_rate": None})
    return Overview(
        now=now,
        before=before,
        trends=dict.fromkeys(fields, (1.0, 2.0, None, 3.0)),
        days=cells,
        by="day",
        dates=tuple(scope.since_on + timedelta(days=step) for step in range(scope.days)),
        made=Made(data_version="v7", model="last_non_direct"),
    )
