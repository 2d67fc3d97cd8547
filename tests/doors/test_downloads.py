"""Any table as a file: what stands in it, who may have it, and that it is in the audit log."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, MINUTE_MS, at_from_ms, wall_clock
from ringtrace.web import tables
from ringtrace.web.call_filters import read_filters
from ringtrace.web.call_search import calls_found
from ringtrace.web.customers import phone_hash
from ringtrace.web.ledger_tables import LEDGER
from ringtrace.web.models import AuditKind, AuditRow, CallRow, CallTag, ContactRow, Membership, Role, SpendRow, User
from ringtrace.web.table_columns import column
from ringtrace.web.tables import FORMS, TABLES, csv_pieces
from tests.doors.cast import CALLER, CALLER_SHOWN, Cast, browser, make_call, make_match, mark, publish

DOCS = Path(__file__).parents[2] / "docs/pages.md"


@pytest.fixture
def full(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """Something of everything, in the ledger and in the lake."""
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    mark(cast.alice, cast.call, value="1000")
    CallTag.objects.create(call=cast.call, tag="=vip", key="vip", by="hand", at_ms=0)
    of_visit = {"company": cast.company, "visit": cast.visit}
    ContactRow.objects.create(contact_id="f1", name="quote", at_ms=cast.visit.started_ms + MINUTE_MS, **of_visit)
    today_on = at_from_ms(wall_clock()).astimezone(cast.company.zone).date()
    SpendRow.objects.create(
        company=cast.company, on_date=today_on - timedelta(days=1), source="google", medium="cpc", cost_cents=1234
    )
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    return cast


def _body(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return b"".join(answer)


def _csv(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(_body(client, address).decode("utf-8-sig"))))


def _parquet(client: Client, address: str, folder: Path) -> list[dict[str, Any]]:
    path = folder / "taken.parquet"
    path.write_bytes(_body(client, address))
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [one[0] for one in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_the_same_in_both_forms(full: Cast, table: str, tmp_path: Path) -> None:
    rows = _csv(full.alice, f"/download/{table}.csv?days=28")
    same = _parquet(full.alice, f"/download/{table}.parquet?days=28", tmp_path)
    assert len(rows) == len(same) > 0
    assert list(rows[0]) == list(same[0])
    if TABLES[table].columns:
        assert list(rows[0]) == [one.name for one in TABLES[table].columns]
    noted = AuditRow.objects.filter(kind=AuditKind.EXPORT, what="download").order_by("pk")
    assert [(row.said["form"], row.said["rows"]) for row in noted] == [("csv", len(rows)), ("parquet", len(rows))]


def test_a_call_stands_there_with_all_that_is_known_of_it(full: Cast, tmp_path: Path) -> None:
    row = _csv(full.alice, "/download/calls.csv?days=7")[0]
    local = at_from_ms(full.call.started_ms).astimezone(full.company.zone)
    assert row["started_at"] == local.isoformat(timespec="seconds")
    assert (row["status"], row["campaign"], row["landing_page"]) == ("answered", "emergency-leaks", "/leaks")
    assert (row["talk_secs"], row["is_first_call"], row["transferred"]) == ("125", "true", "")
    assert row["tags"] == "'=vip"  # no spreadsheet runs it
    assert row["called_number"] == "'+13105550101"
    same = _parquet(full.alice, "/download/calls.parquet?days=7", tmp_path)[0]
    assert (same["tags"], same["called_number"], same["talk_secs"]) == ("=vip", "+13105550101", 125.0)
    assert same["started_at"] == at_from_ms(full.call.started_ms).replace(tzinfo=None)


def test_callers_are_for_those_who_may_see_them(full: Cast) -> None:
    seen = _body(full.alice, "/download/calls.csv").decode()
    assert CALLER_SHOWN in seen
    masked = _body(full.bob, "/download/calls.csv").decode()
    assert CALLER_SHOWN not in masked
    assert CALLER not in masked
    assert "…34" in masked
    about = AuditRow.objects.filter(what="download").order_by("pk").values_list("about", "actor")
    assert list(about) == [("calls with callers", "alice@example.com"), ("calls", "bob@example.com")]


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if table.fact])
def test_the_lake_has_no_callers(full: Cast, table: str) -> None:
    taken = _body(full.alice, f"/download/{table}.csv").decode()
    assert CALLER not in taken
    assert CALLER[2:] not in taken


def test_money_is_in_the_companys_currency(full: Cast) -> None:
    assert _csv(full.alice, "/download/spend.csv")[0]["cost"] == "12.34"
    assert _csv(full.alice, "/download/outcomes.csv")[0]["value"] == "1000"


def test_an_answer_is_the_pages_own(full: Cast) -> None:
    rows = _csv(full.alice, "/download/explore.csv?days=28&metrics=calls&by=channel&filter=channel:Paid Search")
    assert [(row["row"], row["channel"]) for row in rows] == [("line", "Paid Search"), ("total", "")]
    assert float(rows[0]["calls"]) == pytest.approx(0.83)
    level = _csv(full.alice, "/download/sources.csv?days=28&channel=Paid Search&source=google&medium=cpc")
    assert level[0]["campaign"] == "emergency-leaks"
    pages = _csv(full.alice, "/download/landing_pages.csv?days=28")
    assert pages[0]["landing_page"] == "/leaks"


def test_sources_and_overview_lead_to_their_files(full: Cast) -> None:
    for address in ("/", "/sources/?days=28&channel=Paid Search"):
        page = html.unescape(full.alice.get(address).content.decode())
        links = re.findall(r'href="(/download/\w+\.(?:csv|parquet)\?[^"]*)" download', page)
        assert len(links) == 2
        for link in links:
            assert _body(full.alice, link)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/download/visits.csv?since=2026-02-30", 400, "Those dates cannot be read"),
        ("/download/visits.csv?since=2026-03-02&until=2026-03-01", 400, "The first day comes after the last"),
        ("/download/visits.parquet?since=2001-01-01&until=2026-01-01", 400, "at most two years"),
        ("/download/calls.csv?since=2026-02-30", 400, "2026-02-30"),
        ("/download/calls.csv?since=2026-03-02&until=2026-03-01", 400, "The first day comes after the last"),
        ("/download/calls.csv?status=nonsense", 400, "There is no status"),
        ("/download/calls.parquet?min_talk=x", 400, "The shortest talk in seconds"),
        ("/download/explore.csv?metrics=nonsense", 400, "There is no metric"),
        ("/download/secrets.csv", 404, "no such table"),
        ("/download/calls.exe", 404, "no such form"),
    ],
)
def test_it_says_what_cannot_be_taken_out(full: Cast, address: str, status: int, words: str) -> None:
    answer = full.alice.get(address)
    assert answer.status_code == status
    assert words in html.unescape(answer.content.decode())
    assert not AuditRow.objects.filter(what="download").exists()


def test_the_file_of_calls_holds_what_the_log_found(full: Cast, tmp_path: Path) -> None:
    early = make_call(full.number, None, caller=CALLER, status="missed", started_ms=wall_clock() - 500 * DAY_MS)
    alice = User.objects.get(email="alice@example.com")
    today_on = at_from_ms(wall_clock()).astimezone(full.company.zone).date()
    for query in (
        *("status=answered", "status=missed", "channel=Paid+Search", "campaign=emergency*", "landing_page=/leaks"),
        *("tag=%3DVIP", "q=leaks", "outcome=sale", "min_talk=120", "max_talk=10", "matched=50", "days=3650"),
        *("until=2099-01-01", "since=2020-01-01&until=2026-01-01", "spam=no&first=yes", "q=5550101"),
    ):
        found = list(calls_found(alice, full.company, read_filters(QueryDict(query), today_on)))
        ids = _with_days(query, [one.pk for one in found], early)
        assert [row["call_id"] for row in _csv(full.alice, f"/download/calls.csv?{query}")] == ids, query
        same = _parquet(full.alice, f"/download/calls.parquet?{query}", tmp_path)
        assert [row["call_id"] for row in same] == ids, query


def _with_days(query: str, ids: list[str], early: CallRow) -> list[str]:
    """Without any days a file has the last 28 alone."""
    has_days = any(f"{name}=" in query for name in ("days", "since", "until"))
    return ids if has_days else [one for one in ids if one != early.pk]


def test_the_log_leads_to_the_file_of_its_own_calls(full: Cast) -> None:
    early = make_call(full.number, None, caller=CALLER, status="missed", started_ms=wall_clock() - 500 * DAY_MS)
    for query, ids in (
        ("", [full.call.pk, early.pk]),
        ("?status=missed", [early.pk]),
        ("?campaign=emergency*&days=7", [full.call.pk]),
    ):
        page = html.unescape(full.alice.get(f"/calls/{query}").content.decode())
        link = re.search(r'href="(/download/calls\.csv\?[^"]*)"', page)
        assert link is not None, query
        assert [row["call_id"] for row in _csv(full.alice, link[1])] == ids


def test_filters_unmask_nobody(full: Cast) -> None:
    masked = _body(full.bob, "/download/calls.csv?campaign=emergency*&days=28").decode()
    assert full.call.pk in masked
    assert "…34" in masked
    assert CALLER not in masked
    assert CALLER_SHOWN not in masked
    CallRow.objects.filter(pk=full.call.pk).update(caller_hash=phone_hash(full.company.pk, CALLER))
    whole = f"/download/calls.csv?days=28&q=%2B{CALLER[1:]}"
    assert _csv(full.bob, whole) == []  # nothing is learned by asking for a caller
    assert [row["call_id"] for row in _csv(full.alice, whole)] == [full.call.pk]


def test_landing_pages_and_numbers_lead_to_their_files(full: Cast) -> None:
    for address, table in (
        ("/landing-pages/?days=28&find=leak&order=-visits", "landing_pages"),
        ("/numbers/", "numbers"),
    ):
        page = html.unescape(full.bob.get(address).content.decode())
        links = re.findall(rf'href="(/download/{table}\.(?:csv|parquet)[^"]*)" download', page)
        assert len(links) == 2
        for link in links:
            assert _body(full.bob, link)
    rows = _csv(full.bob, "/download/landing_pages.csv?days=28&filter=landing_page:contains:nowhere")
    assert [row["row"] for row in rows] == ["total"]


def test_it_refuses_more_rows_than_a_file_can_have(full: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 0)
    for table in ("calls", "credits"):
        answer = full.alice.get(f"/download/{table}.csv")
        assert answer.status_code == 400
        assert "Choose fewer days" in html.unescape(answer.content.decode())


def test_an_agent_takes_nothing_out(full: Cast) -> None:
    agent = User.objects.create_user("ann@example.com", "a long enough password")
    Membership.objects.create(user=agent, account=full.company.account, role=Role.AGENT)
    client = browser("ann@example.com")
    for address in ("/download/", "/download/calls.csv", "/download/credits.parquet"):
        assert client.get(address).status_code == 403


def test_nobody_takes_out_what_is_anothers(full: Cast) -> None:
    for table in TABLES:
        for form in FORMS:
            taken = b"".join(full.charlie.get(f"/download/{table}.{form}?days=90"))
            assert not re.search(rb"emergency-leaks|alice|5550101", taken, re.IGNORECASE), table


def test_days_bound_what_is_taken(full: Cast) -> None:
    on = at_from_ms(full.call.started_ms).astimezone(full.company.zone).date()
    later = f"since={on + timedelta(days=1)}&until={on + timedelta(days=2)}"
    for table in ("calls", "visits", "outcomes", "contacts", "spend", "credits", "touchpoints", "conversions"):
        assert _csv(full.alice, f"/download/{table}.csv?{later}") == []
    assert _csv(full.alice, f"/download/numbers.csv?{later}")


def test_csv_is_written_as_it_is_read(cast: Cast) -> None:
    """The first piece is there before the last row was read: memory does not grow with the rows."""
    read = 0

    def rows() -> Iterator[tuple[int]]:
        nonlocal read
        for nth in range(10_000):
            read += 1
            yield (nth,)

    pieces = csv_pieces((column("pages", "BIGINT"),), rows(), cast.company.zone)
    assert next(pieces).startswith("\ufeffpages\r\n0\r\n1\r\n".encode())
    assert read < 1_000
    assert sum(1 for _ in BytesIO(b"".join(pieces))) == 9_500


def test_every_cell_has_a_column(full: Cast) -> None:
    for table in LEDGER.values():
        span = (full.call.started_ms - 90 * DAY_MS, full.call.started_ms + 90 * DAY_MS)
        cells = next(table.read(table.rows(full.company, *span), may_see=True))
        assert set(cells) == {one.name for one in table.columns}


def test_every_table_and_column_is_documented() -> None:
    text = DOCS.read_text()
    for table in TABLES.values():
        assert f"### `{table.name}`" in text, table.name
        section = text[text.index(f"### `{table.name}`") :].split("\n### ")[0]
        for one in table.columns:
            assert f"| `{one.name}` | {one.kind.lower()} | {one.plain} |" in section, (table.name, one.name)


def test_the_page_explains_every_table(full: Cast) -> None:
    page = html.unescape(full.bob.get("/download/?days=7").content.decode())
    for table in TABLES.values():
        assert table.title in page
        assert f'href="/download/{table.name}.csv' in page
    assert "by their last two digits" in page
