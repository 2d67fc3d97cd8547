"""Files given on the page: kept in the data directory, looked at without reading all of them, and taken by the worker.

A look reads the first megabyte, unpacked: it costs the same for a file of two rows and for one that unpacks to a
thousand times its size.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.core.errors import BadInput, NotFound, UnreadableBody
from ringtrace.intake.files.opening import Bytes, find_encoding
from ringtrace.intake.port import Problem, What
from ringtrace.web.import_runs import Taking, begin_run
from ringtrace.web.imports import Choices, Plan, plan_import
from ringtrace.web.models import Company, ImportRun, RunState, Upload, UploadState, User

MOST_WAITING = 20
MOST_KEPT_BYTES = 2_000_000_000
"""Of all companies together, what comes in just now among them."""

TOO_FULL = (
    f"The server keeps {MOST_KEPT_BYTES // 1_000_000_000} GB of uploaded files, and is full.",
    "Take or discard files that wait, or import this one on the server with “ringtrace import”.",
)
TRIED_ROWS = 100
KEPT_MS = DAY_MS
"""How long a file stays that is not confirmed, or failed."""

REJECTED_KEPT_MS = 7 * DAY_MS
_HEAD_BYTES = 1_000_000
_MOST_SAMPLES = 5
_MOST_NAME = 255
_OPEN = (UploadState.LOOKED_AT, UploadState.WAITING, UploadState.RUNNING)


class Look(Struct, frozen=True, kw_only=True):
    """What a file is, and what would become of its first rows. `plan` None: it cannot be read so, `words` says why.

    `tried`: how many rows were tried, of which so many would be taken, are there as they are, match nothing yet, and
    cannot be taken. `before`: the run that took the same file already.
    """

    plan: Plan | None = None
    words: tuple[str, ...] = ()
    samples: tuple[Mapping[str, str], ...] = ()
    tried: int = 0
    taken: int = 0
    unchanged: int = 0
    missed: int = 0
    rejected: int = 0
    problems: tuple[Problem, ...] = ()
    before: Any = None

    @property
    def is_ready(self) -> bool:
        return self.plan is not None and not self.words


DISCARDED = "discarded"
"""Among the choices of a run that somebody stopped on purpose."""


def folder_of(upload_id: str) -> Path:
    folder: Path = settings.UPLOADS_DIR / upload_id
    return folder


def file_of(upload: Upload) -> Path:
    return folder_of(upload.pk) / "file"


def rejected_of(upload: Upload) -> Path:
    return folder_of(upload.pk) / "rejected.csv"


def choices_of(upload: Upload) -> Choices:
    """How it shall be read."""
    return msgspec.convert(upload.choices.get("read", {}), Choices)


def kept_bytes() -> int:
    """What lies in the folder, coming in or waiting."""
    total = 0
    for folder, _, names in os.walk(settings.UPLOADS_DIR):
        for name in names:
            with suppress(FileNotFoundError):  # done with meanwhile
                total += (Path(folder) / name).stat().st_size
    return total


@transaction.atomic
def do_keep_upload(company: Company, user: User, what: What, given: UploadedFile[Any], now_ms: int) -> Upload:
    """Keeps a file until it is confirmed. Raises BadInput for what is no table, and for too many at once."""
    if not given.size:
        raise UnreadableBody("The file is empty.", hint="Export it again, and look whether it has rows.")
    if Upload.objects.filter(company=company, state__in=_OPEN).count() >= MOST_WAITING:
        raise BadInput(f"{MOST_WAITING} files wait already.", hint="Confirm or discard one first.")
    if not _is_on_disk(given) and kept_bytes() + given.size > MOST_KEPT_BYTES:
        raise BadInput(TOO_FULL[0], hint=TOO_FULL[1])
    upload = Upload(
        company=company,
        user=user,
        what=what,
        file_name=_name(given),
        size=given.size,
        choices={"digest": _digest(given)},
        made_ms=now_ms,
        changed_ms=now_ms,
    )
    folder_of(upload.pk).mkdir(mode=0o700, parents=True)
    try:
        _put(given, file_of(upload))
        plan_import(company, _head(file_of(upload))[0], what)
        upload.save(force_insert=True)
    except BaseException:
        shutil.rmtree(folder_of(upload.pk), ignore_errors=True)
        raise
    return upload


def _name(given: UploadedFile[Any]) -> str:
    said = "".join(char for char in (given.name or "") if char.isprintable()).strip()
    return said[-_MOST_NAME:] or "file"


def _digest(given: UploadedFile[Any]) -> str:
    known = given.__dict__.get("digest")
    if known is not None:
        return str(known)
    hashed = hashlib.sha256()
    for chunk in given.chunks():
        hashed.update(chunk)
    return hashed.hexdigest()


def _is_on_disk(given: UploadedFile[Any]) -> bool:
    return isinstance(given, TemporaryUploadedFile)


def _put(given: UploadedFile[Any], path: Path) -> None:
    """Moved where it was written to the disk already."""
    if isinstance(given, TemporaryUploadedFile):
        Path(given.temporary_file_path()).replace(path)
        path.chmod(0o600)
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in given.chunks():
            file.write(chunk)


def _head(path: Path) -> tuple[io.BytesIO, bool]:
    """The first whole lines, unpacked, and whether there is more. Raises UnreadableBody."""
    stream, _ = Bytes(path).open()
    try:
        with stream:
            head = stream.read(_HEAD_BYTES)
            more = bool(stream.read(1))
    except Exception as error:  # zlib, gzip and zip each have errors of their own
        raise UnreadableBody("The packed file is damaged.", hint="Download or pack it again.") from error
    if not more:
        return io.BytesIO(head), False
    return io.BytesIO(_whole_lines(head)), True


def _whole_lines(head: bytes) -> bytes:
    name = find_encoding(Bytes(io.BytesIO(head))).name
    end = "\n".encode(name)
    at = head.rfind(end)
    while at > 0 and at % len(end):  # half of one character and half of the next
        at = head.rfind(end, 0, at)
    return head[: at + len(end)] if at > 0 else head


def look(upload: Upload, choices: Choices, now_ms: int) -> Look:
    """What the file is when it is read by `choices`, and what would become of its first rows; nothing is kept."""
    try:
        head, _ = _head(file_of(upload))
        plan = plan_import(upload.company, head, What(upload.what), choices)
    except FileNotFoundError:
        return Look(words=("The file is not here any more. Send it again.",))
    except (BadInput, NotFound) as error:
        return Look(words=(_words(error),))
    seen = Look(plan=plan, samples=tuple(plan.table.samples(_MOST_SAMPLES)), before=taken_before(upload))
    if plan.complaints:
        return msgspec.structs.replace(seen, words=plan.complaints)
    try:
        return _tried(upload, plan, seen, now_ms)
    except (BadInput, NotFound) as error:
        return msgspec.structs.replace(seen, words=(_words(error),))


def _tried(upload: Upload, plan: Plan, seen: Look, now_ms: int) -> Look:
    run = begin_run(upload.company, file_of(upload), plan, now_ms, None, dry=True, digest=upload.choices["digest"])
    with Taking(upload.company, plan, run, rejected_of(upload), dry=True, batch=TRIED_ROWS) as taking:
        taking.step(now_ms)
        done = taking.imported()
    return msgspec.structs.replace(
        seen,
        tried=run.place,
        taken=done.taken,
        unchanged=done.unchanged,
        missed=done.missed,
        rejected=done.rejected,
        problems=done.first_problems,
    )


def taken_before(upload: Upload) -> ImportRun | None:
    """The run that took the same file, if one did."""
    runs = ImportRun.objects.filter(company=upload.company, what=upload.what, digest=upload.choices["digest"])
    return runs.filter(state=RunState.DONE).order_by("-changed_ms").first()


def _words(error: BadInput | NotFound) -> str:
    return f"{error.args[0]} {error.hint}".strip()


@transaction.atomic
def do_confirm(upload: Upload, choices: Choices, now_ms: int) -> None:
    """Gives the file to the worker. Raises BadInput where it cannot be read so, or somebody confirmed it meanwhile."""
    seen = look(upload, choices, now_ms)
    if not seen.is_ready:
        raise BadInput(" ".join(seen.words), hint="Answer this, then take the file.")
    kept = upload.choices | {"read": msgspec.to_builtins(choices)}
    free = Upload.objects.filter(pk=upload.pk, state__in=(UploadState.LOOKED_AT, UploadState.FAILED))
    if not free.update(state=UploadState.WAITING, choices=kept, why="", changed_ms=now_ms):
        raise BadInput("Somebody confirmed this file already.", hint="Look at its progress.")


@transaction.atomic
def do_discard(upload: Upload) -> None:
    """Forgets a file. One that is under way stops after the rows that it took; they stay. Raises BadInput once all of
    it was taken."""
    if not Upload.objects.filter(pk=upload.pk).exclude(state=UploadState.DONE).delete()[0]:
        raise BadInput("This file was taken already.", hint="What came in stays.")
    if upload.run is not None:
        stopped = upload.run.choices | {DISCARDED: True}  # by somebody who knows: no alert
        running = ImportRun.objects.filter(pk=upload.run.pk, state=RunState.RUNNING)
        running.update(state=RunState.STOPPED, choices=stopped)
    transaction.on_commit(lambda: shutil.rmtree(folder_of(upload.pk), ignore_errors=True))


def do_sweep_uploads(now_ms: int) -> None:
    """Deletes files that nobody confirmed or that failed, after a day; rejected rows after a week; and what is left of
    an upload that is gone."""
    before_ms = now_ms - KEPT_MS
    for upload in Upload.objects.filter(state=UploadState.FAILED, changed_ms__lt=before_ms):
        file_of(upload).unlink(missing_ok=True)
    for upload in Upload.objects.filter(state=UploadState.LOOKED_AT, changed_ms__lt=before_ms):
        do_discard(upload)
    old = Upload.objects.filter(has_rejected=True, changed_ms__lt=now_ms - REJECTED_KEPT_MS)
    for upload in old.filter(state=UploadState.DONE):
        rejected_of(upload).unlink(missing_ok=True)
        Upload.objects.filter(pk=upload.pk).update(has_rejected=False)
    for path in _nobodys(now_ms):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _nobodys(now_ms: int) -> Iterator[Path]:
    """What lies there and is no upload's, an hour after it was written: one may be coming in just now."""
    folder: Path = settings.UPLOADS_DIR
    known = set(Upload.objects.values_list("pk", flat=True))
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known and path.stat().st_mtime * 1000 < now_ms - HOUR_MS:
            yield path
