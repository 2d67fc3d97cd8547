"""`ringtrace demo`: a simulated town, played through the real edge and worker, and its pages to look at."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from ringtrace.cli.serve import (
    Addresses,
    Part,
    Supervisor,
    addresses,
    held_data_dir,
    parts_of,
    prepare,
)
from ringtrace.cli.serve import (
    add_options as add_serve_options,
)
from ringtrace.cli.stores import choose_embedded
from ringtrace.cli.towns import FACTS_FILE
from ringtrace.core.errors import BadInput, RingtraceError

_BUILDING = "demo-building"
_KEPT = ("lock", "edge.lock", "worker.lock")
_MADE = re.compile(r"(?:ledger|edge)\.sqlite(?:-wal|-shm)?|lake|keys|demo\.json|demo-truth\.ndjson|demo-building")


def add_options(parser: argparse.ArgumentParser) -> None:
    add_serve_options(parser)
    parser.set_defaults(data=Path("ringtrace-data-demo"))
    parser.add_argument("--site-port", type=int, default=8200, metavar="PORT", help="port of the plumber's site (8200)")
    parser.add_argument("--seed", type=int, default=7, help="which town (7)")
    parser.add_argument("--days", type=int, default=90, help="how long it has lived (90)")
    parser.add_argument("--fresh", action="store_true", help="let go of the town in the data directory, make another")


def run(options: argparse.Namespace) -> int:
    choose_embedded()  # the town is built into it
    where = addresses(options)
    site_url = f"http://{where.host}:{options.site_port}"
    with held_data_dir(options.data):
        build_if_missing(options, where, site_url)
        prepare(options.data, where)
        parts = demo_parts(options.data, where, site_url, options.site_port)
        once = make_link(options.data, where)
        return Supervisor(parts).run(lambda: greet(where, site_url, once))


def build_if_missing(options: argparse.Namespace, where: Addresses, site_url: str) -> None:
    """Builds the town in a process of its own. One that was broken off is begun anew: it has no facts file yet."""
    facts = options.data / FACTS_FILE
    if facts.exists() and not options.fresh:
        lived_at = json.loads(facts.read_bytes())["site_url"]
        if lived_at == site_url:
            return
        raise BadInput(
            f"The town in {options.data} has its web site at {lived_at}.",
            hint=f"Use that port by --site-port, or --fresh for another town at {site_url}.",
        )
    clear(options.data)
    (options.data / _BUILDING).touch()
    command = [sys.executable, "-m", "ringtrace", "build-town", "--data", str(options.data)]
    command += ["--web-url", where.web_url, "--edge-url", where.edge_url, "--site-url", site_url]
    command += ["--seed", str(options.seed), "--days", str(options.days), "--filled"]
    if subprocess.run(command, check=False).returncode != 0:
        raise RingtraceError("The town could not be built.", hint="What went wrong is said above.")
    (options.data / _BUILDING).unlink()


def clear(data_dir: Path) -> None:
    """Takes away what a demo made in a directory. Raises BadInput, and touches nothing, where something else lies."""
    found = [path for path in data_dir.iterdir() if path.name not in _KEPT]
    strange = [path.name for path in found if not _MADE.fullmatch(path.name) or path.is_symlink()]
    is_demo = any((data_dir / mark).exists() for mark in (_BUILDING, FACTS_FILE))
    if strange or (found and not is_demo):
        raise BadInput(f"{data_dir} holds something that is no demo.", hint="Choose another directory by --data.")
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def demo_parts(data_dir: Path, where: Addresses, site_url: str, site_port: int) -> list[Part]:
    parts = [
        msgspec.structs.replace(part, arguments=(*part.arguments, "--demo-url", site_url))
        if part.name == "web"
        else part
        for part in parts_of(data_dir, where)
    ]
    arguments = ("demo-site", "--data", str(data_dir), "--web-url", where.web_url, "--edge-url", where.edge_url)
    listen = ("--host", where.host, "--port", str(site_port))
    return [*parts, Part(name="site", arguments=(*arguments, *listen), host=where.host, port=site_port)]


def make_link(data_dir: Path, where: Addresses) -> str:
    command = [sys.executable, "-m", "ringtrace", "link", "--data", str(data_dir), "--web-url", where.web_url]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.strip()


def greet(where: Addresses, site_url: str, link: str) -> None:
    lines = [
        "",
        "Harbor Plumbing has lived here for a while. Look around; it is all simulated.",
        f"  the plumber's page, with a button that rings  {site_url}/",
        f"  the edge                                      {where.edge_url}/",
        "",
        "Open Ringtrace by this link. It works once (`ringtrace link` prints another):",
        f"  {link}",
    ]
    print("\n".join(lines), flush=True)
