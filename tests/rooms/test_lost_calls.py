"""A call whose end no carrier told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ringtrace.core.clock import MINUTE_MS
from ringtrace.web.models import CallRow, StaleMonth
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker.lost_calls import LOST_AFTER_MS, close_lost_calls
from tests.rooms.books import NOW_MS, Books, marks, new_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


def test_it_is_closed_as_what_is_known_of_it(books: Books) -> None:
    arrived, ringing, answered, _ = books.answered("talked", NOW_MS)
    books.write(arrived, ringing, answered, *books.answered("rang", NOW_MS)[:2], *books.answered("whole", NOW_MS))
    books.drain()
    StaleMonth.objects.all().delete()
    assert close_lost_calls(NOW_MS + LOST_AFTER_MS) == 0
    assert close_lost_calls(NOW_MS + LOST_AFTER_MS + 1) == 2
    found = dict(CallRow.objects.values_list("call_id", "status"))
    assert found == {"talked": "answered", "rang": "failed", "whole": "answered"}
    assert CallRow.objects.get(pk="talked").talk_secs is None
    assert set(marks()) == {"2026-09"}
    assert close_lost_calls(NOW_MS + 2 * LOST_AFTER_MS) == 0


def test_it_is_made_of_its_reports_again_when_the_end_still_comes(books: Books) -> None:
    *before, end = books.answered("late", NOW_MS)
    books.write(*before)
    books.drain()
    close_lost_calls(NOW_MS + LOST_AFTER_MS + MINUTE_MS)
    books.write(end)
    books.drain()
    call = CallRow.objects.get()
    assert (call.status, call.talk_secs) == ("answered", 60)
