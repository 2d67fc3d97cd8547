"""How a large file comes in: written to the data directory while it is read, and only where one is expected, from
somebody who may. The gate stands behind this: it is asked once the file is here.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from ringtrace.core.clock import MINUTE_MS, wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web import uploads
from ringtrace.web.access import Right, may
from ringtrace.web.gate import current_company
from ringtrace.web.sign_in.factors import lacks_factor

log = logging.getLogger("ringtrace.web.uploads")

MOST_BYTES = 200_000_000
DOOR = "/imports/upload/"
MOST_AT_ONCE = 2
"""Of one person."""

_MUCH_TOO_LARGE = 10 * MOST_BYTES
_FOR_THE_FORM = 100_000


class UnderWay:
    """What comes in just now, in this process. One of which nothing came for a while has broken off."""

    def __init__(self, patience_ms: int = MINUTE_MS) -> None:
        self._patience_ms = patience_ms
        self._lock = Lock()
        self._ways: dict[object, tuple[object, int, int]] = {}  # whose, how large, when something came last

    def begin(self, way: object, person_id: object, size: int, now_ms: int) -> bool:
        """Whether this person may send one more; the same `way` again is no more."""
        with self._lock:
            self._ways = {
                each: said for each, said in self._ways.items() if now_ms - said[2] < self._patience_ms and each != way
            }
            if sum(whose == person_id for whose, _, _ in self._ways.values()) >= MOST_AT_ONCE:
                return False
            self._ways[way] = (person_id, size, now_ms)
            return True

    def go_on(self, way: object, now_ms: int) -> None:
        with self._lock:
            if way in self._ways:
                self._ways[way] = (*self._ways[way][:2], now_ms)

    def end(self, way: object) -> None:
        with self._lock:
            self._ways.pop(way, None)

    def expected(self) -> int:
        """Bytes."""
        with self._lock:
            return sum(size for _, size, _ in self._ways.values())


UNDER_WAY = UnderWay()


class StreamedUpload(TemporaryFileUploadHandler):
    """Files that are too large for the memory. What is refused is read and dropped, with the reason on the request
    (`upload_refused`), so that the page can say so; what is much too large is not read at all."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._way = object()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        length = int(self.request.META.get("CONTENT_LENGTH") or 0) if self.request else 0
        if length > _MUCH_TOO_LARGE:
            raise StopUpload(connection_reset=True)
        if why := self._refusal(length) or self._begin(length):
            self._refuse(why)
        self._digest = hashlib.sha256()
        settings.UPLOADS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._digest.update(raw_data)
        UNDER_WAY.go_on(self._way, wall_clock())
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            log.exception("an upload cannot be written")
            Path(self.file.temporary_file_path()).unlink(missing_ok=True)
            self._refuse("The server’s disk did not take the file. Make room there, and send it again.")

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        done = super().file_complete(file_size)
        if done is not None:
            done.__dict__["digest"] = self._digest.hexdigest()
        return done

    def upload_complete(self) -> None:
        UNDER_WAY.end(self._way)

    def upload_interrupted(self) -> None:
        UNDER_WAY.end(self._way)
        super().upload_interrupted()

    def _refuse(self, why: str) -> None:
        if self.request is not None:
            self.request.__dict__["upload_refused"] = why
        raise SkipFile

    def _refusal(self, content_length: int) -> str:
        """Nobody fills the disk from a page that takes no files, or without the right to."""
        request = self.request
        if request is None or request.path != DOOR or not _may_send(request):
            return "No file is taken here."
        if content_length > MOST_BYTES + _FOR_THE_FORM:
            size = f"{content_length / 1_000_000:,.0f} MB"
            return (
                f"The file is too large: {size}, and {MOST_BYTES // 1_000_000} MB can be sent. Pack it (.zip or .gz),"
                " send it in parts, or import it on the server with “ringtrace import”."
            )
        return ""

    def _begin(self, content_length: int) -> str:
        """Counts it as under way; why not, or ""."""
        person_id = self.request.user.pk if self.request else None
        if not UNDER_WAY.begin(self._way, person_id, content_length, wall_clock()):
            return f"{MOST_AT_ONCE} files of yours are coming in already. Wait until one is here, and send this again."
        if uploads.kept_bytes() + UNDER_WAY.expected() > uploads.MOST_KEPT_BYTES:
            UNDER_WAY.end(self._way)
            return " ".join(uploads.TOO_FULL)
        return ""


def _may_send(request: HttpRequest) -> bool:
    """Whether the gate will let this person in."""
    user = request.user
    if not user.is_authenticated:
        return False
    try:
        company = current_company(request)
    except NotFound:
        return False
    return may(user, company, Right.CHANGE) and not lacks_factor(user, company)
