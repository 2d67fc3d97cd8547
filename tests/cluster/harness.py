"""A real Apache Spark for tests, from the pyspark wheel: one master and two workers, each a process of its own.

Everything listens on free ports of loopback, is waited for until it says that it is there, and is stopped by its own
process group.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ringtrace.lake.engines.spark import SparkEngine
from ringtrace.testing.serving import free_ports

WORKERS = 2
_HOST = "127.0.0.1"
_UP_SECS = 120
_STOP_SECS = 20
_POLL_SECS = 0.05
_BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # these live a minute: compiling for the long run would not pay
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"


def need_spark_parts() -> None:
    """Skips, saying why, where Java or pyspark is missing; in CI that is a failure."""
    missing = [
        name for name, is_there in (("java", shutil.which("java")), ("pyspark", find_spec("pyspark"))) if not is_there
    ]
    if not missing:
        return
    reason = f"a Spark cluster needs {' and '.join(missing)} (Debian: openjdk-17-jre-headless; pip: pyspark)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Cluster:
    """`url` is for drivers; `state()` is what the master says of its workers and applications."""

    url: str
    folder: Path
    page: str

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = fetch(f"{self.page}/json/")
        return state

    @property
    def workers(self) -> int:
        return sum(worker["state"] == "ALIVE" for worker in self.state()["workers"])


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return msgspec.json.decode(answer.read())


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A master and two workers of one core and 1 GB each, in processes of their own."""
    port, page = free_ports(2)
    cluster = Cluster(f"spark://{_HOST}:{port}", folder, f"http://{_HOST}:{page}")
    with ExitStack() as running:
        running.enter_context(_running(folder, "master", _MASTER, "--port", str(port), "--webui-port", str(page)))
        _wait_until("the master answers", lambda: cluster.workers == 0, folder)
        for number in range(WORKERS):
            own = ("--webui-port", "0", "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}"))
            running.enter_context(_running(folder, f"worker-{number}", _WORKER, *own, cluster.url))
        _wait_until(f"{WORKERS} workers are alive", lambda: cluster.workers == WORKERS, folder)
        yield cluster


@contextmanager
def connected(cluster: Cluster) -> Iterator[SparkEngine]:
    """An engine whose driver is this process's; its bridge to Java is closed afterwards."""
    from_here = {
        "spark.driver.host": _HOST,
        "spark.driver.bindAddress": _HOST,
        "spark.driver.memory": "768m",
        "spark.executor.memory": "640m",
        "spark.executor.cores": "1",
        "spark.driver.extraJavaOptions": _BRIEF,
        "spark.executor.extraJavaOptions": _BRIEF,
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.port": "0",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(cluster.folder / "driver"),
    }
    engine = SparkEngine(cluster.url, from_here)
    try:
        yield engine
    finally:
        context = engine.session.sparkContext
        gateway = context._gateway
        engine.close()
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(_STOP_SECS)
        type(context)._gateway = type(context)._jvm = None


def tasks_by_executor(engine: SparkEngine) -> dict[str, int]:
    """How many tasks each executor has done, by what the driver's own page says."""
    context = engine.session.sparkContext
    said = fetch(f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/allexecutors")
    return {one["id"]: one["completedTasks"] for one in said if one["id"] != "driver"}


def _home() -> Path:
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@contextmanager
def _running(folder: Path, name: str, main: str, *arguments: str) -> Iterator[None]:
    home = _home()
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": _HOST,
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_DIRS": str(folder / name),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _BRIEF,
    }
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [home / "bin/spark-class", main, "--host", _HOST, *arguments],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOP_SECS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until(what: str, is_so: Any, folder: Path) -> None:
    """Polls until `is_so()`; AssertionError with all that the processes said when the deadline passes."""
    deadline = time.monotonic() + _UP_SECS
    while not _holds(is_so):
        said = "\n".join(log.read_text(errors="replace") for log in sorted(folder.glob("*.log")))
        assert time.monotonic() < deadline, f"waited {_UP_SECS} s in vain: {what}\n{said}"
        threading.Event().wait(_POLL_SECS)


def _holds(is_so: Any) -> bool:
    try:
        return bool(is_so())
    except OSError:
        return False
