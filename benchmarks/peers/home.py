"""Makes the peers' venv, once, and says where its Python is. Runs in the project's own venv."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(".cache/peers")
_WANTED = Path(__file__).parent / "requirements.txt"
_DONE = HOME / "installed.txt"


def peers_python() -> Path | None:
    """The interpreter of the venv; None where the peers cannot be had, as without a network."""
    if not _DONE.exists() or _DONE.read_text() != _WANTED.read_text():
        uv = Path(sys.executable).parent / "uv"
        commands = (
            ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(HOME)],
            ["pip", "install", "--quiet", "--python", str(HOME / "bin" / "python"), "--requirement", str(_WANTED)],
        )
        if any(subprocess.run([str(uv), *command], check=False).returncode for command in commands):
            return None
        _DONE.write_text(_WANTED.read_text())
    return HOME / "bin" / "python"
