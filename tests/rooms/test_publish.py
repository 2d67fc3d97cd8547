"""What changed reaches the lake and the edge, whatever is busy or broken meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.draft import Draft
from ringtrace.lake.manifest import Manifest
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.writer import LakeWriter
from ringtrace.web import actions
from ringtrace.web.directory import publish_if_behind
from ringtrace.web.models import (
    VisitRow,
)
from ringtrace.web.months import mark_stale
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker.publish import publish_stale
from tests.rooms.books import NOW_MS, Books, marks, new_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


class _BusyWriter(LakeWriter):
    """A lake that takes so long to write that something changes meanwhile."""

    def commit(self, draft: Draft, now_ms: int) -> Manifest:
        manifest = super().commit(draft, now_ms)
        for place in manifest.places():
            mark_stale(place.company_id, months=[place.month])
        return manifest


def test_a_change_while_a_month_is_published_is_published_again(books: Books, tmp_path: Path) -> None:
    books.write(*books.a_day())
    books.drain()
    assert publish_stale(_BusyWriter(tmp_path / "lake"), NOW_MS) is not None
    assert set(marks()) == {"2026-09"}
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is not None
    assert marks() == {}
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is None


def test_a_month_that_cannot_be_published_holds_up_no_other(
    books: Books, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    books.write(books.seen("v1"), books.seen("v2", NOW_MS - 40 * DAY_MS))
    books.drain()
    VisitRow.objects.filter(pk="v2").update(source={"channel": "no such channel"})
    assert publish_stale(LakeWriter(tmp_path / "lake"), NOW_MS) is not None
    assert set(marks()) == {"2026-08"}
    assert "month 2026-08" in caplog.text
    touched = LakeReader(tmp_path / "lake", books.company.pk).ask(
        "SELECT visit_id FROM {touchpoints}", {}, facts=("touchpoints",)
    )
    assert touched == [{"visit_id": "v1"}]


@pytest.mark.django_db(transaction=True)
def test_the_directory_reaches_the_edge_once_its_store_is_back(
    books: Books, settings: Settings, tmp_path: Path
) -> None:
    settings.EDGE_STORE = tmp_path / "away" / "edge.sqlite"
    actions.do_create_site(books.company, "second.example", ["https://second.example"])
    assert publish_fails()
    settings.EDGE_STORE = tmp_path / "edge.sqlite"
    assert publish_if_behind()
    assert not publish_if_behind()
    found = books.journal.read_directory()
    assert found is not None
    assert "https://second.example" in {origin for site in found.sites for origin in site.origins}


def publish_fails() -> bool:
    try:
        publish_if_behind()
    except StoreUnavailable:
        return True
    return False
