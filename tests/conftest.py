"""The suite's own data directory: Django reads where it is before the first test loads."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

settings.register_profile("ringtrace", deadline=None)  # a busy machine is no failure; what hangs has the run's limit
settings.load_profile("ringtrace")

_DATA_DIR = tempfile.mkdtemp(prefix="ringtrace-tests-")
os.environ["RINGTRACE_DATA"] = _DATA_DIR
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
