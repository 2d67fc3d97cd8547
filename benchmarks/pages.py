"""The pages over the simulated town: how each answers while twenty people read, and the first load of the overview in
a browser with nothing cached.

Twenty people: each opens a page, reads it for one to three seconds, and opens another; `p95` of each page beside its
own median when one person reads alone, in the same run. First load: bytes over the wire, requests, and the time until
the page answers to its reader (`loadEventEnd` and no task longer than 50 ms after it), in Chromium on loopback.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct
from playwright.sync_api import Request, sync_playwright
from rich.progress import track

from benchmarks.figures import Figure, alone, median
from ringtrace.core.errors import PartMissing, RingtraceError

PEOPLE = 20
_SECS = float(os.environ.get("RINGTRACE_BENCH_SECS", "60"))
_ALONE_ROUNDS = 7
_FIRST_LOADS = 5
_READS_SECS = (1.0, 3.0)
_MOST_MS = 500.0
_PAGES = (
    *("/?days=90", "/sources/?days=90", "/journeys/?days=90", "/landing-pages/?days=90", "/metrics/?days=90"),
    *("/metrics/hours/?days=90", "/calls/", "/calls/review/?days=90", "/numbers/", "/settings/", "/settings/people/"),
    *("/settings/audit/", "/settings/definitions/", "/outcomes/", "/pop/", "/agency/", "/download/"),
)


class Town(Struct, frozen=True, kw_only=True):
    """A running shell over the town, and how somebody signs in to it."""

    url: str
    data: Path


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "town") as town:
        paths = [path for path in _PAGES if _answers(town, path)]
        return [*_first_load(town), *_under_load(town, paths)]


@contextmanager
def _serving(data: Path) -> Iterator[Town]:
    _command("build-town", "--data", str(data), "--days", "90", "--seed", "7")
    web, edge = _free_port(), _free_port()
    url = f"http://127.0.0.1:{web}"
    ports = ["--web-port", str(web), "--edge-port", str(edge)]
    with (data / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ringtrace", "serve", "--data", str(data), *ports], stdout=log, stderr=log
        )
    try:
        _wait(url, process)
        yield Town(url=url, data=data)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _command(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "ringtrace", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RingtraceError(f"ringtrace {arguments[0]} failed.", hint=done.stderr[-2_000:])
    return done.stdout


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            httpx.get(f"{url}/login/", timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RingtraceError("The shell did not start.", hint="Run `ringtrace serve` by hand to see why.")


def _link(town: Town) -> str:
    said = _command("link", "--data", str(town.data), "--web-url", town.url)
    found = re.search(r"http://\S+", said)
    if found is None:
        raise RingtraceError("There was no link to sign in with.")
    return found[0]


def _person(town: Town) -> httpx.Client:
    person = httpx.Client(base_url=town.url, follow_redirects=True, timeout=30)
    person.get(_link(town))
    return person


def _answers(town: Town, path: str) -> bool:
    with _person(town) as person:
        return person.get(path).status_code == httpx.codes.OK


def _timed(person: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    person.get(path).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _under_load(town: Town, paths: Sequence[str]) -> Iterator[Figure]:
    with _person(town) as person:
        by_one = {
            path: [_timed(person, path) for _ in range(_ALONE_ROUNDS + 1)][1:] for path in track(paths, "one person")
        }
    by_many = _many(town, paths)
    for path in paths:
        ms = by_many[path]
        if not ms:
            continue
        p95, baseline = _percentile(ms, 0.95), median(by_one[path])
        yield Figure(
            name=f"{path}, {PEOPLE} people",
            measured=round(p95, 1),
            unit="ms p95",
            spread=(round(median(ms), 1), round(max(ms), 1)),
            against="its median for one person",
            baseline=round(baseline, 1),
            ratio=round(p95 / baseline, 2),
            target=f"< {_MOST_MS:g} ms",
            met=p95 < _MOST_MS,
        )


def _many(town: Town, paths: Sequence[str]) -> dict[str, list[float]]:
    told: defaultdict[str, list[float]] = defaultdict(list)
    people = [_person(town) for _ in track(range(PEOPLE), "signing in")]
    over = threading.Event()

    def read(nth: int) -> None:
        chance = random.Random(nth)
        while not over.wait(chance.uniform(*_READS_SECS)):
            path = chance.choice(paths)
            told[path].append(_timed(people[nth], path))

    readers = [threading.Thread(target=read, args=(nth,)) for nth in range(PEOPLE)]
    for reader in readers:
        reader.start()
    for _ in track(range(round(_SECS)), f"{PEOPLE} people read"):
        over.wait(1)
    over.set()
    for reader in readers:
        reader.join()
    for person in people:
        person.close()
    return told


def _percentile(values: Sequence[float], of: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(of * (len(ordered) - 1)))]


_READY = """() => new Promise((ready) => {
  let last = performance.getEntriesByType("navigation")[0].loadEventEnd;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) last = Math.max(last, task.startTime + task.duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => (performance.now() - last > 1000 ? ready(last) : setTimeout(look, 100));
  look();
})"""


def _first_load(town: Town) -> Iterator[Figure]:
    """Medians of several first loads, each in a browser profile of its own."""
    loads = list(_loads(town))
    for name, unit in (("bytes", "kB"), ("requests", "requests"), ("ready", "ms"), ("painted", "ms")):
        yield alone(f"overview, first load: {name}", [load[name] for load in loads], unit)


def _loads(town: Town) -> Iterator[dict[str, float]]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise PartMissing("Chromium is needed for the first load.", hint="On Debian: apt install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        signed = browser.new_context()
        signed.new_page().goto(_link(town))
        state: Any = signed.storage_state()
        for _ in track(range(_FIRST_LOADS), "first loads"):
            context = browser.new_context(storage_state=state)
            page = context.new_page()
            sizes: list[int] = []
            page.on("requestfinished", partial(_weigh, sizes))
            page.goto(f"{town.url}/?days=90", wait_until="load")
            ready = float(page.evaluate(_READY))
            painted = float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"))
            yield {"bytes": sum(sizes) / 1000, "requests": len(sizes), "ready": ready, "painted": painted}
            context.close()
        browser.close()


def _weigh(found: list[int], request: Request) -> None:
    sizes = request.sizes()
    found.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])
