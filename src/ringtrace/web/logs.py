"""What the log says of requests that anybody can send: one line each, and nothing the sender chose."""

from __future__ import annotations

import logging


class StrangeHost(logging.Formatter):
    """A line for a Host header that is not ours, without its value and without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{self.formatTime(record)} {record.levelname} web: refused a request for a host that is not --web-url's"
