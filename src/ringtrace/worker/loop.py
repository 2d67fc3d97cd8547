"""The worker's loop: drain, publish, wait. Stops between steps when told."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from threading import Event

from django.db import OperationalError, close_old_connections

from ringtrace.core.clock import MINUTE_MS, Clock
from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.home import LakeHome
from ringtrace.web.directory import publish_if_behind
from ringtrace.web.uploads import do_sweep_uploads
from ringtrace.wire.opening import open_wire
from ringtrace.worker.drain import drain
from ringtrace.worker.lake_thread import LakeThread
from ringtrace.worker.lost_calls import close_lost_calls
from ringtrace.worker.mail import forget_old_mail
from ringtrace.worker.misses import retry_misses
from ringtrace.worker.reclassify import reclassify_step
from ringtrace.worker.uploads import Uploads

log = logging.getLogger("ringtrace.worker")

_IDLE_SECS = 0.1
_TROUBLE_SECS = 2.0
_SWEEP_EVERY_MS = 10 * MINUTE_MS


def run(edge_store: str | Path, lake: LakeHome | Path, clock: Clock, stop: Event) -> None:
    """Runs until `stop` is set. A disk or database that fails is tried again, and said once each time it begins."""
    in_trouble = False
    with (
        closing(open_wire(edge_store)) as store,
        closing(LakeThread(lake)) as publishing,
        closing(Uploads()) as uploads,
    ):
        swept_ms = 0
        while not stop.is_set():
            try:
                publish_if_behind()
                moved = drain(store, clock()) + reclassify_step(clock()) + uploads.step(clock)
                publishing.step(clock)
                if clock() - swept_ms > _SWEEP_EVERY_MS:
                    swept_ms = clock()
                    close_lost_calls(clock())
                    retry_misses(clock())
                    do_sweep_uploads(clock())
                    forget_old_mail(clock())
            except (OperationalError, StoreUnavailable, OSError):
                if not in_trouble:
                    log.exception("the worker cannot go on for now; it keeps trying")
                in_trouble = True
                close_old_connections()
                stop.wait(_TROUBLE_SECS)
                continue
            in_trouble = False
            if not moved:
                stop.wait(_IDLE_SECS)
