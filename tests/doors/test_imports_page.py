"""The pages of what came in by file, and of names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ringtrace.intake.port import What
from ringtrace.web.models import NameRuleRow
from ringtrace.web.spend import do_book_spend
from tests.doors.cast import Cast
from tests.rooms.taken import take_file


@pytest.fixture
def _came_in(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "<b>deals.csv"
    path.write_text("id,phone,outcome,date,amount\n<i>7,+13105550199,sale,2026-09-01,250\n8,no,sale,2026-09-01,1\n")
    take_file(cast.company, path, what=What.OUTCOMES)
    do_book_spend(cast.company, date(2026, 9, 1), "google", "cpc", "Emergency Leaks 24h", 12_345)


@pytest.mark.usefixtures("_came_in")
class TestThePages:
    def test_it_lists_files_and_what_matched_nothing(self, cast: Cast) -> None:
        page = cast.alice.get("/imports/").content.decode()
        for text in ("&lt;b&gt;deals.csv", "&lt;i&gt;7", "Nobody called from this number.", "$250", "Done"):
            assert text in page
        assert "<b>deals" not in page

    def test_one_click_brings_two_names_together(self, cast: Cast) -> None:
        page = cast.alice.get("/imports/names/").content.decode()
        for text in ("Emergency Leaks 24h", "emergency-leaks", "$123.45", "They are one"):
            assert text in page
        said = {"said": "Emergency Leaks 24h", "means": "emergency-leaks"}
        assert cast.alice.post("/imports/names/align/", said)["Location"] == "/imports/names/"
        after = cast.alice.get("/imports/names/").content.decode()
        assert "They are one" not in after
        rule = NameRuleRow.objects.get()
        cast.alice.post(f"/imports/names/{rule.pk}/remove/")
        assert not NameRuleRow.objects.exists()

    def test_a_viewer_sees_no_buttons(self, cast: Cast) -> None:
        assert "They are one" not in cast.bob.get("/imports/names/").content.decode()

    def test_a_rule_of_nothing_is_refused(self, cast: Cast) -> None:
        assert cast.alice.post("/imports/names/align/", {"said": "x"}).status_code == 400
        assert cast.alice.post("/imports/names/align/", {"said": "x", "means": "y" * 250}).status_code == 400
