"""A PostgreSQL of one's own: made in a temporary directory, on a free port of loopback, gone when it is closed.

It writes as safely as a real one (`fsync` on) unless told otherwise, so that tests of durability mean something.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from ringtrace.core.errors import PartMissing, RingtraceError
from ringtrace.testing.serving import free_ports

OLDEST = 15
_START_SECS = 60
_USER = "ringtrace"
_UNPRIVILEGED = ("postgres", "nobody")  # who runs it where we are root: PostgreSQL refuses root


def find_programs() -> Path:
    """The folder of the newest initdb and pg_ctl, 15 or newer. Raises PartMissing."""
    on_path = shutil.which("initdb")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(on_path).resolve().parent] if on_path else [])]
    found = [(_version(folder), folder) for folder in folders if (folder / "pg_ctl").exists()]
    newest = max(found, default=(0, Path()))
    if newest[0] < OLDEST:
        raise PartMissing(
            f"There is no PostgreSQL {OLDEST} or newer on this machine.", hint="On Debian: apt-get install postgresql."
        )
    return newest[1]


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    return int("".join(digit if digit.isdecimal() else " " for digit in said).split()[0])


class PostgresServer:
    """Running from the start. `url(database)` is where a database is; stop it hard, start it again."""

    def __init__(self, *, fsync: bool = True, settings: tuple[str, ...] = ()) -> None:
        self._programs = find_programs()
        self._user = _unprivileged_user()
        self.folder = Path(tempfile.mkdtemp(prefix="ringtrace-pg-"))
        self._data = self.folder / "data"
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        [self.port] = free_ports(1)
        self._options = [
            *("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)),
            *("-F",) * (not fsync),
            *(part for setting in ("max_connections=60", *settings) for part in ("-c", setting)),
        ]
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def execute(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Runs one statement by itself, as the owner; its rows, if it gives any."""
        psycopg = import_module("psycopg")  # here alone: who tests without PostgreSQL need not load it
        with psycopg.connect(url or self.url(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
            return rows

    def run_client(self, program: str, *arguments: str, given: str = "") -> str:
        """One of PostgreSQL's own programs (`pg_dump`, `psql`); what it prints. Raises CalledProcessError."""
        command = [str(self._programs / program), *arguments]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout

    @property
    def pid(self) -> int:
        """Of the server's first process. Raises OSError when it does not run."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        log = ("-l", str(self.folder / "log"), "-t", str(_START_SECS))
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), *log, "-o", " ".join(self._options))

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """`immediate` lets go of everything at once, as a crash does: it recovers from its log when it starts."""
        self._run("pg_ctl", "stop", "-w", "-D", str(self._data), "-m", mode)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self.stop(mode)
        self.start()

    def freeze(self, *, frozen: bool = True) -> None:
        """Stops all its processes where they stand (or lets them go on): it neither answers nor hangs up."""
        sign = signal.SIGSTOP if frozen else signal.SIGCONT
        for pid in self.pids():
            os.kill(pid, sign)

    def pids(self) -> list[int]:
        """The first process and all it started."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def close(self) -> None:
        """Ends it and takes its files away; a second time does nothing."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # the server would inherit a pipe
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RingtraceError(f"{program} {arguments[0]} did not work: {done.stdout or self._said()}")

    def _said(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace")[-2_000:] if path.exists() else ""


def _unprivileged_user() -> str | None:
    """Whom to run as; None for the user we are."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in known)


@cache
def shared_server() -> PostgresServer:
    """One for the whole process, made when it is first asked for. Raises PartMissing."""
    server = PostgresServer()
    atexit.register(server.close)
    return server
