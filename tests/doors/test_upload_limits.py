"""Who gets a byte of a file kept, how many files at once, and how much lies there in all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import wall_clock
from ringtrace.web import upload_handler, uploads
from ringtrace.web.models import Account, Membership, Role, Upload, User
from tests.doors.cast import PASSWORD, Cast
from tests.doors.test_uploads import OUTCOMES, send, sent


@pytest.fixture(autouse=True)
def uploads_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    return tmp_path / "uploads"


def _send_as_a_browser(email: str) -> int:
    """With the form's token, for which the body is read before any page is asked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email=email))
    client.cookies["csrftoken"] = token = "t" * 32
    file = SimpleUploadedFile("deals.csv", OUTCOMES.encode())
    fields = {"csrfmiddlewaretoken": token, "what": "outcomes", "file": file}
    return client.post("/imports/upload/", fields).status_code


def test_who_may_not_upload_writes_no_byte(cast: Cast, uploads_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*_: object) -> None:
        raise AssertionError("a byte was kept")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", written)
    agent = User.objects.create_user("nora@example.com", PASSWORD)
    Membership.objects.create(user=agent, account=cast.company.account, role=Role.AGENT)
    assert [_send_as_a_browser(f"{name}@example.com") for name in ("bob", "nora")] == [403, 403]
    Account.objects.update(second_factor_needed=True)
    assert _send_as_a_browser("alice@example.com") == 302  # to where a second factor is set up
    assert not uploads_dir.exists()


def test_one_person_sends_two_at_once_and_others_go_on(
    cast: Cast, uploads_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, now_ms, alice = upload_handler.UnderWay(), wall_clock(), User.objects.get(email="alice@example.com")
    monkeypatch.setattr(upload_handler, "UNDER_WAY", under_way)
    assert [under_way.begin(way, alice.pk, 1, now_ms) for way in "ab"] == [True, True]
    answer = send(cast.alice, OUTCOMES)
    assert answer.status_code == 422
    assert "2 files of yours are coming in already" in answer.content.decode()
    assert not uploads_dir.exists()
    assert under_way.begin("c", "somebody else", 1, now_ms)
    under_way.end("a")
    assert [send(cast.alice, OUTCOMES).status_code for _ in range(3)] == [302, 302, 302]  # one after the other


def test_an_upload_that_broke_off_is_forgotten_after_a_minute() -> None:
    under_way, now_ms = upload_handler.UnderWay(patience_ms=60_000), 1_000_000
    assert [under_way.begin(way, "ann", 1, now_ms) for way in "abc"] == [True, True, False]
    under_way.go_on("a", now_ms + 50_000)
    assert [under_way.begin(way, "ann", 1, now_ms + 60_000) for way in "cd"] == [True, False]


def test_the_folder_takes_no_more_than_it_holds(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(cast, OUTCOMES)
    monkeypatch.setattr("ringtrace.web.uploads.MOST_KEPT_BYTES", uploads.kept_bytes() + 1_000)
    answer = send(cast.alice, OUTCOMES)
    assert answer.status_code == 422
    assert "is full. Take or discard files that wait" in answer.content.decode()
    assert upload_handler.UNDER_WAY.expected() == 0


def test_a_small_file_finds_the_folder_full_too(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    monkeypatch.setattr("ringtrace.web.uploads.MOST_KEPT_BYTES", 100)
    assert "is full. Take or discard" in send(cast.alice, OUTCOMES).content.decode()
    assert not Upload.objects.exists()
