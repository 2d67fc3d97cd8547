"""Takes the files that were given on the page: a slice of work at a time, so that calls never wait for them.

A file is opened, and read on to where it goes on, in a thread of its own that asks no database; rows are taken between
two drains of the journal. What was taken and how far the file has come are written together (`web/import_runs.py`):
killed at any moment, it goes on there.
"""

from __future__ import annotations

import logging
import shutil
import zipfile
import zlib
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from django.db import OperationalError, transaction
from msgspec import Struct

from ringtrace.core.clock import Clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.port import What
from ringtrace.web.import_runs import Taking, begin_run
from ringtrace.web.imports import Plan, plan_import
from ringtrace.web.models import ImportRun, RunState, Upload, UploadState
from ringtrace.web.uploads import choices_of, file_of, folder_of, rejected_of
from ringtrace.worker.poison import POISON

log = logging.getLogger("ringtrace.worker")

_SLICE_MS = 150
_BATCH = 500
_MOST_WHY = 300
_UNREADABLE = (*POISON, NotFound, EOFError, zlib.error, zipfile.BadZipFile, OSError)


class _InHand(Struct, kw_only=True):
    """The file that is taken now: it is opened, then read on to its place, then taken."""

    upload: Upload
    opening: Future[Table] | None = None
    warming: Future[None] | None = None
    plan: Plan | None = None
    taking: Taking | None = None


class Uploads:
    """One file at a time, the oldest first; one that was begun before the others."""

    def __init__(self, reader: Executor | None = None, *, slice_ms: int = _SLICE_MS, batch: int = _BATCH) -> None:
        self._reader = reader or ThreadPoolExecutor(1, thread_name_prefix="uploads")
        self._slice_ms, self._batch = slice_ms, batch
        self._hand: _InHand | None = None

    def close(self) -> None:
        self._drop()
        self._reader.shutdown(wait=False, cancel_futures=True)

    def step(self, clock: Clock) -> int:
        """Does some of what is to be done; how many rows it went through. Raises OperationalError: the ledger cannot
        be written for now, and the next step goes on from what it holds."""
        if self._hand is None:
            self._hand = self._next(clock())
        hand = self._hand
        if hand is None:
            return 0
        try:
            return self._go_on(hand, clock)
        except OperationalError:
            self._drop()
            raise
        except _UNREADABLE as error:
            self._fail(hand.upload, error, clock())
        return 0

    def _next(self, now_ms: int) -> _InHand | None:
        waiting = Upload.objects.filter(state__in=(UploadState.RUNNING, UploadState.WAITING))
        upload = waiting.select_related("company", "run", "user").order_by("state", "changed_ms").first()
        if upload is None:
            return None
        if upload.run is not None and upload.run.state == RunState.DONE:  # killed between the two
            self._finish(upload, upload.run, now_ms)
            return None
        return _InHand(upload=upload, opening=self._reader.submit(open_table, file_of(upload)))

    def _go_on(self, hand: _InHand, clock: Clock) -> int:
        if hand.opening is not None:
            if hand.opening.done():
                self._begin(hand, hand.opening.result(), clock())
            return 0
        if hand.warming is not None:
            if hand.warming.done():
                hand.warming.result()
                hand.warming = None
            return 0
        return self._take(hand, clock)

    def _begin(self, hand: _InHand, table: Table, now_ms: int) -> None:
        upload = hand.upload
        hand.opening = None
        plan = plan_import(upload.company, file_of(upload), What(upload.what), choices_of(upload), table=table)
        with transaction.atomic():
            run = begin_run(
                upload.company,
                file_of(upload),
                plan,
                now_ms,
                upload.user,
                digest=upload.choices["digest"],
                file_name=upload.file_name,
            )
            here = Upload.objects.filter(pk=upload.pk, state__in=(UploadState.RUNNING, UploadState.WAITING))
            if not here.update(state=UploadState.RUNNING, run=run, changed_ms=now_ms):
                transaction.set_rollback(True)  # discarded meanwhile
                self._hand = None
                return
        upload.run, upload.state = run, UploadState.RUNNING
        hand.plan = plan
        hand.warming = self._reader.submit(self._warm, hand, run)

    def _warm(self, hand: _InHand, run: ImportRun) -> None:
        """In the reader's thread: skipping the rows of a large file takes seconds."""
        if hand.plan is None:
            raise TypeError("a file that is read on was opened before")
        hand.taking = Taking(hand.upload.company, hand.plan, run, rejected_of(hand.upload), batch=self._batch)
        hand.taking.warm()

    def _take(self, hand: _InHand, clock: Clock) -> int:
        upload, taking = hand.upload, hand.taking
        if upload.run is None or taking is None or hand.plan is None:
            raise TypeError("a file that is taken was opened before")
        if not Upload.objects.filter(pk=upload.pk, state=UploadState.RUNNING).exists():  # discarded meanwhile
            self._drop()
            return 0
        began_ms, began_at = clock(), upload.run.place
        while taking.step(clock()):
            if clock() - began_ms >= self._slice_ms:
                self._tell(hand, clock())
                return max(1, upload.run.place - began_at)
        self._finish(upload, upload.run, clock())
        return max(1, upload.run.place - began_at)

    def _tell(self, hand: _InHand, now_ms: int) -> None:
        """How far it is, as a share of the file's bytes."""
        if hand.plan is not None:
            share = min(1.0, hand.plan.table.bytes_read / max(1, hand.plan.table.total_bytes))
            said = hand.upload.choices | {"share": round(share, 3)}
            Upload.objects.filter(pk=hand.upload.pk).update(choices=said, changed_ms=now_ms)

    def _finish(self, upload: Upload, run: ImportRun, now_ms: int) -> None:
        self._drop()
        has_rejected = run.rejected_bytes > 0
        done = Upload.objects.filter(pk=upload.pk, state=UploadState.RUNNING)
        done.update(state=UploadState.DONE, has_rejected=has_rejected, changed_ms=now_ms)
        if has_rejected:
            file_of(upload).unlink(missing_ok=True)
        else:
            shutil.rmtree(folder_of(upload.pk), ignore_errors=True)

    def _fail(self, upload: Upload, error: BaseException, now_ms: int) -> None:
        self._drop()
        if isinstance(error, BadInput | NotFound):
            why = f"{error.args[0]} {error.hint}".strip()
        elif isinstance(error, FileNotFoundError):
            why = "The file is not here any more. Send it again."
        else:
            log.exception("upload %s cannot be taken", upload.pk, exc_info=error)
            why = "The file cannot be read to its end. Export or pack it again, and send that."
        failed = Upload.objects.filter(pk=upload.pk)
        failed.update(state=UploadState.FAILED, why=why[:_MOST_WHY], changed_ms=now_ms)
        if upload.run is not None:
            ImportRun.objects.filter(pk=upload.run.pk, state=RunState.RUNNING).update(state=RunState.STOPPED)

    def _drop(self) -> None:
        hand, self._hand = self._hand, None
        if hand is not None and hand.taking is not None and hand.warming is None:
            hand.taking.__exit__()
