"""The metrics as CSV and PDF: the same answer as the page, and no name that breaks or runs."""

from __future__ import annotations

import csv
import html
import re
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings
from reportlab.platypus import Paragraph

from ringtrace.reports.asked import Answer, Figure, Line, MadeOf, Question
from ringtrace.reports.asked import Span as Dates
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import read_filter
from ringtrace.reports.metrics.registry import METRICS
from ringtrace.reports.questions import Scope
from ringtrace.web import pdf
from ringtrace.web.csv import guarded
from ringtrace.web.shown import write_figure
from tests.doors.cast import Cast
from tests.doors.metric_days import DAYS, publish_facts
from tests.rooms.metric_lakes import DAY, MODEL, day_facts, google, response


@pytest.fixture
def day(cast: Cast, settings: Settings, tmp_path: Path) -> Scope:
    """The hand-made day is Alice's."""
    return publish_facts(cast, settings, tmp_path / "lake", day_facts())


def _csv(cast: Cast, query: str) -> list[dict[str, str]]:
    answer = cast.alice.get(f"/metrics/?{query}&format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_csv_says_what_the_page_says(cast: Cast, day: Scope) -> None:
    rows = _csv(cast, f"{DAYS}&metrics=calls,revenue,cost_per_call&by=channel&compare=before&intervals=1")
    question = Question(
        metrics=("calls", "revenue", "cost_per_call"), by=("channel",), model=MODEL, compare="before", intervals=True
    )
    answer = explore(day, question)
    assert [row["row"] for row in rows] == ["line"] * len(answer.lines) + ["total"]
    for row, line in zip(rows, answer.lines, strict=False):
        assert row["channel"] == (line.values[0] or "(unknown)")
        assert float(row["calls"]) == pytest.approx(line.figures["calls"].value)
        revenue = line.figures["revenue"].value
        assert (
            row["revenue_USD"] == "" if revenue is None else float(row["revenue_USD"]) == pytest.approx(revenue / 100)
        )
        assert (row["cost_per_call_USD"] == "") == bool(row["cost_per_call_unknown_because"])
        assert row["data_version"] == answer.made.data_version
        assert row["definition"] == "qualified-1"
    assert float(rows[-1]["calls"]) == 5


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_no_file_leaves_a_filter_out_in_silence(cast: Cast, day: Scope, kind: str) -> None:
    answer = cast.alice.get(f"/metrics/?{DAYS}&filter=nonsense&format={kind}")
    assert answer.status_code == 400
    assert "attachment" not in answer.get("Content-Disposition", "")


_HOSTILE = (
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\tx",
    "  =1",
    "＝1+1",
    'a"b,c\nd',
    "<b>&amp;",
    "משה",
    "日本語",
    "\u202eabc",
    "𝔘",
)


def _hostile(cast: Cast, settings: Settings, tmp_path: Path) -> Scope:
    touches = [
        response(f"r{nth}", [msgspec.structs.replace(google(), campaign=name)]) for nth, name in enumerate(_HOSTILE)
    ]
    return publish_facts(cast, settings, tmp_path / "lake", {"credits": [row for rows in touches for row in rows]})


def test_csv_runs_no_formula_of_a_name(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    _hostile(cast, settings, tmp_path)
    names = {row["campaign"] for row in _csv(cast, f"{DAYS}&metrics=calls&by=campaign")}
    assert not [name for name in names if name.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "＝")]
    assert {guarded(name) for name in _HOSTILE} <= names
    assert "日本語" in names


def test_the_page_shows_hostile_names_as_text(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    _hostile(cast, settings, tmp_path)
    page = cast.alice.get(f"/metrics/?{DAYS}&metrics=calls&by=campaign").content.decode()
    assert "<b>" not in page
    for link in re.findall(r'class="why-link" href="([^"]+)"', page):
        assert cast.alice.get(html.unescape(link)).status_code == 200


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that goes to the paper: the files have glyphs of a cut-down font, which no plain search finds."""
    texts: list[str] = []

    def said(text: str, style: object) -> object:
        texts.append(html.unescape(text))
        return Paragraph(text, style)

    monkeypatch.setattr(pdf, "Paragraph", said)
    return texts


def _pages(cast: Cast, query: str) -> int:
    answer = cast.alice.get(f"/metrics/?{query}&format=pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    found = re.search(rb"/Count (\d+)", answer.content)
    assert found is not None
    return int(found[1])


def test_pdf_has_title_company_span_filters_and_table(cast: Cast, day: Scope, printed: list[str]) -> None:
    query = f"{DAYS}&metrics=calls,answer_rate&by=channel&filter=-device:tablet&compare=before&intervals=1"
    assert _pages(cast, query) == 1
    answer = explore(
        day, Question(metrics=("calls",), by=("channel",), model=MODEL, filters=(read_filter("-device:tablet"),))
    )
    text = "\n".join(printed)
    for said in ("Alice’s Plumbing", "5 Oct 2026", "Device is not tablet", "Paid Search", "Answer rate", "qualified-1"):
        assert said in text
    assert answer.made.data_version in text
    assert write_figure(METRICS["calls"], answer.totals["calls"].value, "USD") in text


def test_pdf_takes_any_name(cast: Cast, settings: Settings, tmp_path: Path, printed: list[str]) -> None:
    _hostile(cast, settings, tmp_path)
    assert _pages(cast, f"{DAYS}&metrics=calls&by=campaign") == 1
    assert {"<b>&amp;", "משה", "日本語", '=HYPERLINK("http://evil.example")'} <= set(printed)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=[]), max_size=400))
def test_pdf_takes_any_text(name: str) -> None:
    figure = {"calls": Figure(value=1)}
    made = MadeOf(data_version="v", model="linear", params=name, definition="q-1", sql="", values={})
    answer = Answer(
        question=Question(metrics=("calls",), by=("campaign",), model="linear"),
        span=Dates(since_on=DAY, until_on=DAY),
        compared=None,
        lines=(Line(values=(name,), figures=figure),),
        line_count=1,
        totals=figure,
        nothing=figure,
        made=made,
    )
    assert pdf.answer_pdf(answer, pdf.Told(company=name, time_zone="UTC", currency=name[:3])).startswith(b"%PDF-")


def test_pdf_has_room_for_every_metric_at_once(cast: Cast, day: Scope, printed: list[str]) -> None:
    assert _pages(cast, f"{DAYS}&metrics={','.join(METRICS)}&by=channel,device,campaign") > 1
    assert all(one.title in printed for one in METRICS.values())
