"""How a large file comes in: written to the data directory while it is read, and only where one is expected."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler

log = logging.getLogger("ringtrace.web.uploads")

MOST_BYTES = 200_000_000
DOOR = "/imports/upload/"
_MUCH_TOO_LARGE = 10 * MOST_BYTES
_FOR_THE_FORM = 100_000


class StreamedUpload(TemporaryFileUploadHandler):
    """Files that are too large for the memory. What is refused is read and dropped, with the reason on the request
    (`upload_refused`), so that the page can say so; what is much too large is not read at all."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        length = int(self.request.META.get("CONTENT_LENGTH") or 0) if self.request else 0
        if length > _MUCH_TOO_LARGE:
            raise StopUpload(connection_reset=True)
        if why := self._refusal(length):
            self._refuse(why)
        self._digest = hashlib.sha256()
        settings.UPLOADS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._digest.update(raw_data)
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

    def _refuse(self, why: str) -> None:
        if self.request is not None:
            self.request.__dict__["upload_refused"] = why
        raise SkipFile

    def _refusal(self, content_length: int) -> str:
        """Nobody fills the disk from a page that takes no files, or without having signed in."""
        request = self.request
        if request is None or request.path != DOOR or not request.user.is_authenticated:
            return "No file is taken here."
        if content_length > MOST_BYTES + _FOR_THE_FORM:
            size = f"{content_length / 1_000_000:,.0f} MB"
            return (
                f"The file is too large: {size}, and {MOST_BYTES // 1_000_000} MB can be sent. Pack it (.zip or .gz),"
                " send it in parts, or import it on the server with “ringtrace import”."
            )
        return ""
