"""Where the edge's store is: the embedded one in the data directory, or a database named by a URL.

The URL may hold a password. So it goes to the processes we start in a variable, which only their owner can read, and
not among their arguments, which everyone on the machine can.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ringtrace.core.errors import BadInput
from ringtrace.wire.opening import is_database

VARIABLE = "RINGTRACE_EDGE_STORE"
LAKE_VARIABLE = "RINGTRACE_LAKE"


def add_store_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--edge-store",
        default="",
        metavar="URL",
        help=f"postgresql://… in place of the embedded store; better given in {VARIABLE} if it holds a password",
    )


def choose_store(options: argparse.Namespace) -> str:
    """Takes the option, else the variable, and hands it on to what this process starts. Raises BadInput.

    "" is the embedded store. What was given is not repeated in messages: it may hold a password.
    """
    where: str = options.edge_store or os.environ.get(VARIABLE, "")
    if where and not is_database(where):
        raise BadInput(
            f"--edge-store and {VARIABLE} take the address of a PostgreSQL database.",
            hint="Write it like postgresql://user@host:5432/database.",
        )
    os.environ[VARIABLE] = where
    return where


def choose_embedded() -> None:
    """For what plays with stores of its own, whatever the variables say: no town is published to a real lake."""
    os.environ[VARIABLE] = ""
    os.environ[LAKE_VARIABLE] = ""


def store_in(data_dir: Path) -> str | Path:
    return os.environ.get(VARIABLE, "") or data_dir / "edge.sqlite"
