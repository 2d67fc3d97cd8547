"""Opens the ledger for a command: Django reads its settings from variables that the command sets first."""

from __future__ import annotations

import os
from pathlib import Path

import django


def open_ledger(data_dir: Path, *, web_url: str = "", edge_url: str = "", demo_url: str = "") -> None:
    """Points Django at this data directory. Once a process; importing `ringtrace.web` parts comes after.

    The models cannot be imported before: commands that need them import their module through `import_module`.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "ringtrace.web.settings"
    os.environ["RINGTRACE_DATA"] = str(data_dir.absolute())
    for name, url in (("WEB", web_url), ("EDGE", edge_url), ("DEMO", demo_url)):
        if url:
            os.environ[f"RINGTRACE_{name}_URL"] = url
    django.setup()
