"""The cast for every test of a door, and reports that answer without a lake where a test asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from ringtrace.reports.by_source import BySource, SourceLine
from ringtrace.reports.overview import DayCell, Overview, Totals
from ringtrace.reports.questions import Made, Scope
from ringtrace.web.pages import overview as overview_page
from ringtrace.web.pages import pop as pop_page
from ringtrace.web.pages import sources as sources_page
from ringtrace.web.pop_stream import LedgerLook, Notifier
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

    def overview(scope: Scope, model: str = "last_non_direct") -> Overview:
        questions.append((scope, model))
        return _overview(scope)

    def by_source(scope: Scope, model: str = "last_non_direct") -> BySource:
        questions.append((scope, model))
        return BySource(lines=_LINES, made=Made(data_version="v7", model=model, params="p1"))

    monkeypatch.setattr(overview_page, "ask_overview", overview)
    monkeypatch.setattr(overview_page, "ask_by_source", by_source)
    monkeypatch.setattr(sources_page, "ask_by_source", by_source)
    return questions


def _line(**fields: object) -> SourceLine:
    usual: dict[str, object] = dict.fromkeys(SourceLine.__struct_fields__)
    usual |= {"calls": 0.0, "answered": 0.0, "first_calls": 0.0, "sales": 0.0, "unknown": False}
    return SourceLine(**(usual | fields))  # type: ignore[arg-type]


_LINES = (
    _line(
        channel="Paid Search",
        source="google",
        medium="cpc",
        campaign="summer-sale",
        visits=120,
        calls=12.34,
        answered=9.5,
        sales=2.0,
        revenue_cents=250_000.0,
        cost_cents=61_700,
        cost_per_call_cents=5000.0,
        roas=4.05,
    ),
    _line(channel="Organic Search", source="google", medium="organic", visits=80, calls=4.0, revenue_cents=12_300.0),
    _line(calls=2.5, unknown=True),
)


def _overview(scope: Scope) -> Overview:
    now = Totals(
        visits=200,
        calls=21,
        answered=15,
        missed=4,
        abandoned=2,
        first_calls=11,
        answer_rate=0.714,
        matched_p=0.85,
        sales=2,
        revenue_cents=262_300,
        cost_cents=None,
        cost_per_call_cents=None,
        roas=None,
    )
    day = scope.until_on - timedelta(days=1)
    cells = (DayCell(on_date=day, channel="Paid Search", calls=3.5), DayCell(on_date=day, channel=None, calls=1.5))
    before = Totals(
        **{name: getattr(now, name) for name in Totals.__struct_fields__} | {"calls": 20, "answer_rate": None}
    )
    return Overview(now=now, before=before, days=cells, made=Made(data_version="v7", model="last_non_direct"))
