"""Fresh processes, measured as the system sees them: wall time from before the start to the end, CPU, memory.

A child's peak of memory begins where its parent's memory stands, so a benchmark that measures memory keeps its own
small: tables are made in other processes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from rich.progress import track

from ringtrace.core.errors import RingtraceError


class Ran(Struct, frozen=True, kw_only=True):
    """`was_cut`: it was ended at the limit; then there is no `output`. `megabytes`: millions of bytes."""

    secs: float
    cpu_secs: float
    megabytes: float
    output: str
    was_cut: bool = False


def run(command: Sequence[str], *, limit_secs: float | None = None) -> Ran:
    """Raises RingtraceError, with the last it said, for a process that fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        cut = threading.Event()
        alarm = _alarm(process, limit_secs, cut)
        _, status, used = os.wait4(process.pid, 0)
        secs = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if alarm:
            alarm.cancel()
        out.seek(0)
        err.seek(0)
        if process.returncode and not cut.is_set():
            raise RingtraceError(
                f"{' '.join(command)[:200]} failed.", hint=err.read().decode(errors="replace")[-2_000:]
            )
        return Ran(
            secs=secs,
            cpu_secs=used.ru_utime + used.ru_stime,
            megabytes=used.ru_maxrss * 1024 / 1e6,
            output="" if cut.is_set() else out.read().decode(),
            was_cut=cut.is_set(),
        )


def _alarm(process: subprocess.Popen[bytes], limit_secs: float | None, cut: threading.Event) -> threading.Timer | None:
    if limit_secs is None:
        return None

    def end() -> None:
        cut.set()
        process.kill()

    alarm = threading.Timer(limit_secs, end)
    alarm.daemon = True
    alarm.start()
    return alarm


def in_turns(name: str, sides: Mapping[str, Callable[[], Ran]], rounds: int) -> dict[str, list[Ran]]:
    """Each side as often, one after another, so that a busy machine slows all. The first round is thrown away: it
    brings files into the page cache and compiles what Python compiles once."""
    series: dict[str, list[Ran]] = {of: [] for of in sides}
    for number in track(range(rounds + 1), description=name, transient=True):
        for of, side in sides.items():
            ran = side()
            if number:
                series[of].append(ran)
    return series


def secs(series: Sequence[Ran]) -> list[float]:
    return [ran.secs for ran in series]


def megabytes(series: Sequence[Ran]) -> list[float]:
    return [ran.megabytes for ran in series]
