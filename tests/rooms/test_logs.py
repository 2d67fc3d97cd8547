"""What the processes log, as people and as machines read it."""

from __future__ import annotations

import logging
import sys

import msgspec
import pytest

from ringtrace.cli.logs import JsonLines, start_logging


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("ringtrace.edge", logging.WARNING, __file__, 1, message, values, None)


def test_it_writes_one_object_a_line() -> None:
    line = JsonLines("edge").format(record("commit of %d events\nwas slow", 7))
    assert "\n" not in line
    said = msgspec.json.decode(line)
    assert said.pop("at").endswith("+00:00")
    assert said == {
        "level": "warning",
        "part": "edge",
        "logger": "ringtrace.edge",
        "message": "commit of 7 events\nwas slow",
    }


def test_it_tells_what_went_wrong() -> None:
    told = record("failed")
    try:
        raise LookupError("nothing there")
    except LookupError:
        told.exc_info = sys.exc_info()
    said = msgspec.json.decode(JsonLines("edge").format(told))
    assert said["error"].endswith("LookupError: nothing there")


@pytest.mark.parametrize(("asked", "kind"), [("json", JsonLines), ("text", logging.Formatter)])
def test_it_logs_as_it_is_told(monkeypatch: pytest.MonkeyPatch, asked: str, kind: type) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setenv("RINGTRACE_LOG", asked)
    start_logging("edge")
    assert [type(handler.formatter) for handler in root.handlers] == [kind]
