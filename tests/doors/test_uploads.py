"""Files given on the page: from the form to the worker, and what is said of those that cannot be read."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, SetClock, wall_clock
from ringtrace.web import upload_handler
from ringtrace.web.import_runs import Taking
from ringtrace.web.models import AuditKind, AuditRow, CallRow, ImportRun, OutcomeRow, SpendRow, Upload, UploadState
from ringtrace.web.uploads import do_sweep_uploads, file_of, folder_of
from ringtrace.worker.uploads import Uploads
from tests.doors.cast import CALLER, Cast

OUTCOMES = "id,phone,outcome,date,amount\n" + "".join(
    f"o{n},{'nonsense' if n % 10 == 7 else CALLER},sale,2026-09-1{n % 5},{n}.50\n" for n in range(60)
)
SPEND = "Day,Source,Medium,Campaign,Cost\n2026-09-01,google,cpc,Brand,12.50\n2026-09-02,google,cpc,Brand,7.25\n"
CALLS = (
    "Call Status,Tracking Number,Start Time,Duration (seconds),Phone Number,Source\n"
    "Answered Call,+13105550101,2026-09-01 10:00:00,61,+13105557734,Google Ads\n"
)


class AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as every executor does
            done.set_exception(error)
        return done


@pytest.fixture(autouse=True)
def uploads_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def hired() -> Iterator[Callable[..., Uploads]]:
    """Workers, each of which knows nothing of the one before."""
    all_of_them: list[Uploads] = []

    def hire(slice_ms: int = 0, batch: int = 10) -> Uploads:
        all_of_them.append(Uploads(AtOnce(), slice_ms=slice_ms, batch=batch))
        return all_of_them[-1]

    yield hire
    for one in all_of_them:
        one.close()


@pytest.fixture
def worker(hired: Callable[..., Uploads]) -> Uploads:
    return hired()


def send(client: Client, text: str | bytes, what: str = "outcomes", name: str = "deals.csv") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/imports/upload/", {"what": what, "file": SimpleUploadedFile(name, content)})


def sent(cast: Cast, text: str | bytes, what: str = "outcomes") -> Upload:
    answer = send(cast.alice, text, what)
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.latest("made_ms")


def page_of(cast: Cast, upload: Upload) -> str:
    return cast.alice.get(f"/imports/upload/{upload.pk}/").content.decode()


def take(cast: Cast, upload: Upload, **fields: str) -> Any:
    """Confirms it as the page shows it, but for `fields`."""
    answer = cast.alice.get(f"/imports/upload/{upload.pk}/")
    form = {field.html_name: field.value() or "" for field in answer.context["form"]}
    form = {name: value for name, value in form.items() if value is not False}
    return cast.alice.post(f"/imports/upload/{upload.pk}/", form | {"what": "take"} | fields)


def work(worker: Uploads, upload: Upload, most: int = 100) -> Upload:
    """Lets the worker go on until the file is done."""
    for _ in range(most):
        worker.step(wall_clock)
        upload.refresh_from_db()
        if upload.state in (UploadState.DONE, UploadState.FAILED):
            break
    return upload


class TestTheWayThrough:
    def test_a_file_is_looked_at_confirmed_and_taken(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        page = page_of(cast, upload)
        for text in ("deals.csv", "amount (0.50)", "first 60 rows", "54 would be taken", "6 cannot be taken", "Line 9"):
            assert text in page
        assert not OutcomeRow.objects.exists()
        assert take(cast, upload).status_code == 302
        assert work(worker, upload).state == UploadState.DONE
        run = ImportRun.objects.get()
        assert (run.taken, run.rejected, run.file_name, run.by) == (54, 6, "deals.csv", upload.user)
        assert OutcomeRow.objects.count() == 54
        done = page_of(cast, upload)
        assert "Download the rejected rows" in done
        assert "hx-get" not in done
        assert not file_of(upload).exists()

    def test_rejected_rows_are_taken_along_and_that_is_written_down(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        work(worker, upload)
        answer = cast.alice.get(f"/imports/upload/{upload.pk}/rejected.csv")
        assert 'filename="deals.csv.rejected.csv"' in answer["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert [row["id"] for row in rows] == ["o7", "o17", "o27", "o37", "o47", "o57"]
        line = AuditRow.objects.get(kind=AuditKind.EXPORT)
        assert (line.what, line.about, line.said) == ("upload_rejected", upload.pk, {"rows": 6, "form": "csv"})
        assert cast.bob.get(f"/imports/upload/{upload.pk}/rejected.csv").status_code == 403

    def test_the_rejected_rows_go_after_a_week(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        work(worker, upload)
        do_sweep_uploads(wall_clock() + 6 * DAY_MS)
        assert cast.alice.get(f"/imports/upload/{upload.pk}/rejected.csv").status_code == 200
        do_sweep_uploads(wall_clock() + 8 * DAY_MS)
        assert cast.alice.get(f"/imports/upload/{upload.pk}/rejected.csv").status_code == 404
        assert "not kept any more" in page_of(cast, upload)

    @pytest.mark.parametrize(("what", "text"), [("spend", SPEND), ("calls", CALLS)])
    def test_spend_and_calls_come_in_too(self, cast: Cast, worker: Uploads, what: str, text: str) -> None:
        before = SpendRow.objects.count() + CallRow.objects.count()
        upload = sent(cast, text, what)
        answer = take(cast, upload)
        assert answer.status_code == 302, answer.context["look"].words or answer.context["form"].errors
        assert work(worker, upload).state == UploadState.DONE, upload.why
        assert SpendRow.objects.count() + CallRow.objects.count() > before
        assert not folder_of(upload.pk).exists()

    def test_the_same_file_twice_is_said_and_harmless(self, cast: Cast, worker: Uploads) -> None:
        take(cast, first := sent(cast, OUTCOMES))
        work(worker, first)
        again = sent(cast, OUTCOMES)
        page = page_of(cast, again)
        assert "This very file was taken on" in page
        assert "54 are here already" in page
        take(cast, again)
        work(worker, again)
        assert OutcomeRow.objects.count() == 54
        assert ImportRun.objects.latest("began_ms").unchanged == 54

    def test_a_header_we_do_not_know_is_mapped_by_hand(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES.replace("id,phone,outcome,date,amount", "A,B,C,D,E"))
        assert "It cannot be taken yet" in page_of(cast, upload)
        assert take(cast, upload).status_code == 422
        columns = {"external_id": "A", "phone": "B", "kind": "C", "at": "D", "value": "E"}
        fields = {f"column_{field}": column for field, column in columns.items()}
        looked = cast.alice.post(f"/imports/upload/{upload.pk}/", fields | {"what": "look"})
        assert "54 would be taken" in looked.content.decode()
        assert take(cast, upload, **fields).status_code == 302
        work(worker, upload)
        assert OutcomeRow.objects.get(external_id="o1").value_cents == 150

    def test_a_column_that_was_guessed_can_be_left_out(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload, column_value="")
        work(worker, upload)
        assert set(OutcomeRow.objects.values_list("value_cents", flat=True)) == {None}

    def test_words_of_their_own_get_a_meaning(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES.replace(",sale,", ",Hurray,"))
        assert "cannot be taken" in page_of(cast, upload)
        assert take(cast, upload, kinds="Hurray").status_code == 422
        assert take(cast, upload, kinds="Hurray = sale").status_code == 302
        work(worker, upload)
        assert OutcomeRow.objects.filter(kind="sale").count() == 54

    def test_looking_writes_nothing_down(self, cast: Cast) -> None:
        upload = sent(cast, OUTCOMES)
        lines = AuditRow.objects.count()
        cast.alice.post(f"/imports/upload/{upload.pk}/", {"what": "look"})
        assert AuditRow.objects.count() == lines
        assert not ImportRun.objects.exists()

    def test_it_shows_how_far_it_is(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        assert "It waits for its turn" in page_of(cast, upload)
        for _ in range(5):
            worker.step(wall_clock)
        part = cast.alice.get(f"/imports/upload/{upload.pk}/progress/").content.decode()
        assert "It is being taken" in part
        assert 'hx-trigger="every 1s"' in part
        assert 0 < ImportRun.objects.get().place < 60


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "The file is empty."),
            (b"%PDF-1.7 \x00\x01", "not a table of text"),
            (b"\xd0\xcf\x11\xe0 old workbook", "old Excel workbook"),
            (gzip.compress(OUTCOMES.encode())[:-40], "damaged"),
            (b"PK\x03\x04 broken", "damaged"),
        ],
    )
    def test_it_says_why_and_keeps_nothing(self, cast: Cast, uploads_dir: Path, content: bytes, words: str) -> None:
        answer = send(cast.alice, content)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Upload.objects.exists()
        assert list(uploads_dir.glob("*")) == []

    def test_a_workbook_is_told_what_to_do(self, cast: Cast) -> None:
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w") as archive:
            archive.writestr("[Content_Types].xml", "<x/>")
            archive.writestr("xl/workbook.xml", "<x/>")
        assert "save the sheet as CSV" in send(cast.alice, book.getvalue()).content.decode()

    def test_no_file_is_told(self, cast: Cast) -> None:
        assert cast.alice.post("/imports/upload/", {"what": "outcomes"}).status_code == 422

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
    def test_other_encodings_are_read(self, cast: Cast, worker: Uploads, encoding: str) -> None:
        many = OUTCOMES + "".join(f"ö{n},{CALLER},sale,2026-09-11,1.00\n" for n in range(30_000))
        upload = sent(cast, many.encode(encoding))
        assert "54 would be taken" in page_of(cast, upload) or "94 would be taken" in page_of(cast, upload)

    def test_a_bomb_costs_nothing_to_look_at(self, cast: Cast) -> None:
        bomb = io.BytesIO()
        with gzip.GzipFile(fileobj=bomb, mode="wb") as packed:
            packed.write(OUTCOMES.encode())
            for _ in range(30):
                packed.write(b"," * 1_000_000)
        upload = sent(cast, bomb.getvalue())
        assert "54 would be taken" in page_of(cast, upload) or "cannot be taken" in page_of(cast, upload)

    def test_what_is_damaged_further_down_fails_with_words(self, cast: Cast, worker: Uploads) -> None:
        noise = "".join(f"n{n},{CALLER},sale,2026-09-11,{os.urandom(8).hex()}\n" for n in range(60_000))
        whole = gzip.compress((OUTCOMES + noise).encode())
        upload = sent(cast, whole[:-2_000])
        assert take(cast, upload).status_code == 302
        assert work(worker, upload).state == UploadState.FAILED
        assert "damaged" in upload.why
        assert file_of(upload).exists()
        assert "It stopped" in page_of(cast, upload)
        do_sweep_uploads(wall_clock() + 2 * DAY_MS)
        assert not file_of(upload).exists()
        assert "It stopped" in page_of(cast, upload)

    def test_a_name_that_is_html_or_a_path_is_text(self, cast: Cast, uploads_dir: Path) -> None:
        send(cast.alice, OUTCOMES, name="../../<b>deals.csv")
        upload = Upload.objects.get()
        assert upload.file_name == "<b>deals.csv"
        assert "&lt;b&gt;deals.csv" in page_of(cast, upload)
        assert file_of(upload).parent.parent == uploads_dir


class TestLargeFiles:
    @pytest.fixture(autouse=True)
    def _small_memory(self, settings: Settings) -> None:
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100

    def test_it_is_written_where_it_stays_for_its_owner_alone(self, cast: Cast, uploads_dir: Path) -> None:
        upload = sent(cast, OUTCOMES)
        assert file_of(upload).read_text() == OUTCOMES
        assert file_of(upload).stat().st_mode & 0o777 == 0o600
        assert uploads_dir.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in uploads_dir.iterdir()] == [upload.pk]

    def test_what_is_too_large_is_told_and_not_kept(
        self, cast: Cast, uploads_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(upload_handler, "MOST_BYTES", 1_000)
        monkeypatch.setattr(upload_handler, "_FOR_THE_FORM", 100)
        answer = send(cast.alice, OUTCOMES)
        assert answer.status_code == 422
        assert "too large" in answer.content.decode()
        assert not Upload.objects.exists()
        assert not uploads_dir.exists()

    @pytest.mark.parametrize("address", ["/login/", "/settings/tags/dispositions/", "/imports/upload/"])
    def test_nobody_fills_the_disk_elsewhere_or_unasked(self, cast: Cast, uploads_dir: Path, address: str) -> None:
        client = cast.nobody if address != "/settings/tags/dispositions/" else cast.alice
        client.post(address, {"what": "outcomes", "file": SimpleUploadedFile("x.csv", OUTCOMES.encode())})
        assert not uploads_dir.exists()

    def test_a_disk_that_is_full_is_told(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError("no space left on device")

        monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
        answer = send(cast.alice, OUTCOMES)
        assert answer.status_code == 422
        assert "Make room" in answer.content.decode()


class TestTheWorker:
    def test_killed_it_goes_on_where_it_stopped(self, cast: Cast, hired: Callable[..., Uploads]) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        killed = hired()
        for _ in range(5):
            killed.step(wall_clock)
        place = ImportRun.objects.get().place
        assert 0 < place < 60
        assert work(hired(), upload).state == UploadState.DONE
        run = ImportRun.objects.get()
        assert (run.place, run.taken, run.rejected, OutcomeRow.objects.count()) == (60, 54, 6, 54)
        rejected = cast.alice.get(f"/imports/upload/{upload.pk}/rejected.csv").content.decode()
        assert len(rejected.splitlines()) == 7

    def test_killed_between_the_last_row_and_the_word_that_it_is_done(
        self, cast: Cast, hired: Callable[..., Uploads]
    ) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        work(hired(), upload)
        Upload.objects.filter(pk=upload.pk).update(state=UploadState.RUNNING)
        assert work(hired(), upload).state == UploadState.DONE
        assert ImportRun.objects.count() == 1

    def test_a_ledger_that_is_busy_is_tried_again(
        self, cast: Cast, worker: Uploads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        usual = Taking.step
        refused: list[int] = []

        def step(self: Taking, now_ms: int) -> bool:
            if len(refused) < 2:
                refused.append(now_ms)
                raise OperationalError("database is locked")
            return usual(self, now_ms)

        monkeypatch.setattr(Taking, "step", step)
        for _ in range(2):
            with pytest.raises(OperationalError):
                work(worker, upload)
        assert work(worker, upload).state == UploadState.DONE
        assert OutcomeRow.objects.count() == 54

    def test_a_slice_ends_in_time(self, cast: Cast, hired: Callable[..., Uploads]) -> None:
        """Each look at the clock moves it by ten: a slice of fifteen holds two batches."""
        clock = SetClock(wall_clock())

        def moving() -> int:
            clock.now_ms += 10
            return clock.now_ms

        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        worker = hired(slice_ms=15, batch=5)
        taken = [worker.step(moving) for _ in range(5)]
        assert max(taken) <= 10
        assert any(taken)

    def test_one_that_is_discarded_stops(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        for _ in range(5):
            worker.step(wall_clock)
        cast.alice.post(f"/imports/upload/{upload.pk}/discard/")
        there = OutcomeRow.objects.count()
        for _ in range(3):
            assert worker.step(wall_clock) == 0
        assert OutcomeRow.objects.count() == there > 0
        assert ImportRun.objects.get().state == "stopped"

    def test_what_nobody_confirmed_goes_after_a_day(self, cast: Cast, uploads_dir: Path) -> None:
        upload = sent(cast, OUTCOMES)
        (uploads_dir / "left.upload").write_text("half a file")
        do_sweep_uploads(wall_clock())
        assert file_of(upload).exists()
        do_sweep_uploads(wall_clock() + 2 * DAY_MS)
        assert not Upload.objects.exists()
        assert list(uploads_dir.iterdir()) == [folder_of(upload.pk)] or list(uploads_dir.iterdir()) == []


class TestWhoMay:
    @pytest.mark.parametrize("rest", ["", "progress/", "rejected.csv"])
    def test_viewers_and_strangers_see_none(self, cast: Cast, rest: str) -> None:
        upload = sent(cast, OUTCOMES)
        assert cast.bob.get(f"/imports/upload/{upload.pk}/{rest}").status_code == 403
        assert cast.charlie.get(f"/imports/upload/{upload.pk}/{rest}").status_code == 404

    def test_they_upload_and_discard_none(self, cast: Cast, uploads_dir: Path) -> None:
        upload = sent(cast, OUTCOMES)
        assert send(cast.bob, OUTCOMES).status_code == 403
        for client, status in ((cast.bob, 403), (cast.charlie, 404)):
            assert client.post(f"/imports/upload/{upload.pk}/discard/").status_code == status
            assert client.post(f"/imports/upload/{upload.pk}/", {"what": "take"}).status_code == status
        assert [path.name for path in uploads_dir.iterdir()] == [upload.pk]
        assert "Upload a file" not in cast.bob.get("/imports/").content.decode()

    def test_a_discard_that_comes_too_late_leaves_no_line(self, cast: Cast, worker: Uploads) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        work(worker, upload)
        assert cast.alice.post(f"/imports/upload/{upload.pk}/discard/").status_code == 302
        assert not AuditRow.objects.filter(what="upload_discard").exists()

    def test_too_many_at_once_are_refused(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ringtrace.web.uploads.MOST_WAITING", 1)
        sent(cast, OUTCOMES)
        assert "wait already" in send(cast.alice, SPEND, "spend").content.decode()

    def test_of_two_who_confirm_one_file_the_second_is_told(self, cast: Cast) -> None:
        upload = sent(cast, OUTCOMES)
        take(cast, upload)
        answer = cast.alice.post(f"/imports/upload/{upload.pk}/", {"what": "take"})
        assert "It waits for its turn" in answer.content.decode()
        assert Upload.objects.get().state == UploadState.WAITING
