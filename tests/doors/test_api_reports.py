"""Reports by the API, against the lake that the cast's own calls make."""

from __future__ import annotations

import csv
import subprocess
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings as house
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ringtrace.cli import main
from ringtrace.core.clock import MINUTE_MS, at_from_ms, wall_clock
from ringtrace.reports.dimensions import DIMENSIONS
from ringtrace.reports.metrics.registry import METRICS
from ringtrace.web.models import ApiToken, SavedView, User
from ringtrace.web.spend import do_book_spend
from tests.doors.cast import PAID, Cast, make_call, make_cast, make_match, make_visit, publish
from tests.doors.programs import Program, alices, bobs, charlies, make_lead


@pytest.fixture
def counted(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """The cast with a matched call that became a sale, one that nobody answered, and what was spent: in the lake."""
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    strange = make_visit(cast.company, cast.site, msgspec.structs.replace(PAID, campaign="=cmd|' /C calc'!A0"))
    other = make_call(cast.number, strange, status="missed", caller=None, started_ms=wall_clock() - 2 * MINUTE_MS)
    make_match(other, strange)
    make_lead(cast.call)
    alices(cast).post(
        f"/calls/{cast.call.pk}/outcomes",
        {"kind": "sale", "at": "2026-11-24T10:00:00Z", "external_id": "crm:2", "value_cents": 123_400},
    )
    do_book_spend(cast.company, _today(cast), "google", "cpc", "emergency-leaks", 5_000)
    publish(cast.company, cast.call.started_ms, other.started_ms, cast.visit.started_ms)
    return cast


def _today(cast: Cast) -> date:
    return at_from_ms(wall_clock()).astimezone(cast.company.zone).date()


def _csv(program: Program, query: str, **headers: str) -> list[dict[str, str]]:
    answer = program.ask("GET", f"/report?{query}", **headers)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode())))


def test_it_lists_the_registry_whole(counted: Cast) -> None:
    program = alices(counted)
    metrics = program.get("/metrics")["metrics"]
    assert [each["name"] for each in metrics] == list(METRICS)
    assert {each["currency"] for each in metrics if each["unit"] == "cents"} == {"USD"}
    assert [each["name"] for each in program.get("/dimensions")["dimensions"]] == list(DIMENSIONS)


def test_it_answers_any_question(counted: Cast) -> None:
    said = alices(counted).get("/report?metrics=calls,answer_rate,revenue&by=status&days=7&intervals=1")
    assert {line["values"]["status"]: line["figures"]["calls"]["value"] for line in said["lines"]} == {
        "answered": 1,
        "missed": 1,
    }
    assert said["totals"]["answer_rate"]["value"] == 0.5
    assert said["totals"]["answer_rate"]["low"] < 0.5 < said["totals"]["answer_rate"]["high"]
    assert said["totals"]["revenue"]["value"] == 123_400
    assert (said["currency"], said["time_zone"]) == ("USD", "America/Los_Angeles")
    assert said["definition"] == "qualified-1"
    assert {"data_version", "model", "definition", "sql"} <= set(said["made"])


def test_it_filters_and_compares(counted: Cast) -> None:
    said = alices(counted).get("/report?metrics=calls&filter=status:missed&compare=before&days=7")
    assert said["totals"]["calls"] == {"value": 1, "low": None, "high": None, "why": "", "before": 0}
    assert said["filters"] == ["status:missed"]
    assert said["compared"] is not None


@pytest.mark.parametrize(
    "query",
    [
        "metrics=calls,answer_rate,revenue,cost_per_call&by=channel,campaign&days=7&intervals=1&compare=before",
        "metrics=calls,talk_time_mean&by=weekday",
        "metrics=calls&by=month&filter=-status:missed",
        "metrics=revenue,calls",
    ],
)
def test_it_says_in_csv_what_it_says_in_json(counted: Cast, query: str) -> None:
    program = alices(counted)
    said, rows = program.get(f"/report?{query}"), _csv(program, f"{query}&format=csv")
    assert rows == _csv(program, query, Accept="text/csv")
    lines = [row for row in rows if row["row"] == "line"]
    assert len(lines) == (len(said["lines"]) if said["by"] else 0)
    units = {each["name"]: each for each in said["metrics"]}
    for row, figures in [
        *zip(lines, (line["figures"] for line in said["lines"]), strict=False),
        (rows[-1], said["totals"]),
    ]:
        for name, figure in figures.items():
            _same(row, units[name], figure)
    for row, line in zip(lines, said["lines"], strict=False):
        for name, value in line["values"].items():
            assert row[name].removeprefix("'") == ("(unknown)" if value is None else value)
    assert {row["data_version"] for row in rows} == {said["made"]["data_version"]}


def _same(row: dict[str, str], metric: dict[str, Any], figure: dict[str, Any]) -> None:
    unit = {"cents": f"_{metric['currency']}", "count": ""}.get(metric["unit"], f"_{metric['unit']}")
    scale = 100 if metric["unit"] == "cents" else 1
    for part, ending in (("value", ""), ("low", "_low"), ("high", "_high"), ("before", "_before")):
        written = row.get(f"{metric['name']}{unit}{ending}")
        if written is None:
            continue
        expected = figure[part]
        assert written == "" if expected is None else float(written) * scale == pytest.approx(expected)


def test_it_writes_no_formula_into_csv(counted: Cast) -> None:
    rows = _csv(alices(counted), "metrics=calls&by=campaign&format=csv")
    cells = [cell for row in rows for cell in row.values()]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_it_says_why_down_to_the_call(counted: Cast) -> None:
    said = alices(counted).get("/report/why?metrics=calls,revenue&by=status&line=status:answered&metric=revenue")
    assert said["figure"]["value"] == 123_400
    assert [each["row"]["row_id"] for each in said["rows"]] == [counted.call.pk]
    assert said["rows"][0]["at"].startswith("20")
    assert said["parts"][0]["rows"] == 1
    assert alices(counted).refused("GET", "/report/why?metric=calls&part=7") == (400, "E100")
    assert alices(counted).refused("GET", "/report/why?metric=calls&line=status:missed") == (400, "E100")


def test_it_answers_by_hour_and_for_life(counted: Cast) -> None:
    program = alices(counted)
    said = program.get("/by-hour?metric=calls&days=7")
    assert (len(said["rows"]), {len(row) for row in said["rows"]}) == (7, {24})
    assert sum(cell["figure"]["value"] for row in said["rows"] for cell in row) == said["total"]["value"] == 2
    worth = program.get("/lifetime?days=7&months=3")
    assert (worth["months"], worth["currency"]) == (3, "USD")
    assert sum(each["people"] for each in worth["channels"]) == pytest.approx(2)
    assert program.refused("GET", "/lifetime?months=99") == (400, "E100")


def test_it_answers_charlie_of_his_own_company(counted: Cast) -> None:
    said = charlies().get("/report?metrics=calls,revenue&by=campaign")
    assert (said["lines"], said["totals"]["calls"]["value"], said["currency"]) == ([], 0, "EUR")


def test_it_lists_shared_views_and_ones_own(counted: Cast) -> None:
    views = (("alice", "Shared", True), ("alice", "Hers", False), ("bob", "His", False))
    for made_ms, (email, name, is_shared) in enumerate(views):
        user = User.objects.get(email=f"{email}@example.com")
        SavedView.objects.create(
            company=counted.company, name=name, query="by=channel", made_by=user, is_shared=is_shared, made_ms=made_ms
        )
    assert [view["name"] for view in alices(counted).get("/views")["views"]] == ["Hers", "Shared"]
    assert [view["name"] for view in bobs(counted).get("/views")["views"]] == ["His", "Shared"]
    assert charlies().get("/views")["views"] == []


# The page of the documentation, and the command line

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_it_does_with_curl_what_the_page_shows(live_server: LiveServer, settings: Settings) -> None:
    cast = make_cast()
    script = TEXT.partition("```bash\n")[2].partition("```")[0]
    script = script.replace("https://calls.example.com", live_server.url).replace("rt_YOUR_TOKEN", alices(cast).token)
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first, second = (msgspec.json.decode(line) for line in done.stdout.strip().splitlines())
    assert (first["taken"], first["rejected"]) == (1, [])
    assert second["calls"][0]["call_id"] == cast.call.pk


@pytest.mark.django_db
def test_it_makes_lists_and_revokes_tokens_by_command(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringtrace.cli.token.open_ledger", lambda _data: None)
    of_alice = ["--company", cast.company.pk, "--data", str(house.DATA_DIR)]

    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as done:
            main(["token", *words, *of_alice])
        said = capsys.readouterr()
        assert done.value.code == 0, said.err
        return said.out

    token = run("make", "Export").strip()
    assert Program(token).get("/calls")["calls"]
    assert ApiToken.objects.get().user.email == "alice@example.com"
    assert "Export  acts as alice@example.com" in run("list")
    assert token not in run("list")
    assert "Revoked Export" in run("revoke", "Export")
    assert Program(token).refused("GET", "/calls")[0] == 401
