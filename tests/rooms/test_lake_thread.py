"""The thread that writes the lake: one that fails holds up no call, and is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringtrace.core.clock import SECOND_MS, SetClock
from ringtrace.core.errors import StoreUnavailable
from ringtrace.worker import lake_thread
from ringtrace.worker.lake_thread import LakeThread


def test_a_lake_that_fails_is_tried_again_after_a_while_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    goes: list[int] = []
    clock = SetClock(1_000_000)

    def fail(_writer: object) -> None:
        goes.append(clock.now_ms)
        raise StoreUnavailable("The disk is away.")

    monkeypatch.setattr(lake_thread, "mark_behind", fail)
    thread = LakeThread(tmp_path)
    for _ in range(4):
        thread.step(clock)
        going = thread._go_on
        assert going is not None
        assert isinstance(going.exception(timeout=10), StoreUnavailable)
        thread.step(clock)  # raises nothing, and begins nothing yet
        assert thread._go_on is None
        clock.now_ms += 2 * SECOND_MS
    thread.close()
    assert len(goes) == 4
    assert caplog.text.count("the lake cannot be published") == 1
