"""How the processes log: lines for people, or a JSON object a line for machines (`RINGTRACE_LOG=json`).

Messages name things by id. No personal data goes into a log: no numbers, addresses, tokens, URLs.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any

import msgspec

_TEXT = "%(asctime)s %(levelname)s {part}: %(message)s"


class JsonLines(logging.Formatter):
    """`at` (UTC), `level`, `part` (the process), `logger`, `message`; `error` is a traceback where there is one."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": self._part,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def start_logging(part: str) -> None:
    """Logs to standard error as `RINGTRACE_LOG` says: `text` (the default) or `json`."""
    handler = logging.StreamHandler()
    as_json = os.environ.get("RINGTRACE_LOG", "text") == "json"
    handler.setFormatter(JsonLines(part) if as_json else logging.Formatter(_TEXT.format(part=part)))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
