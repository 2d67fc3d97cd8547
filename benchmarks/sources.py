"""Who sent a visit, beside reading the same two addresses with the standard library and judging nothing.

Every call has a click id of its own, as real ads do. Rounds of ours and of the reference take turns, so that a busy
machine slows both. Memory is what a fresh interpreter grows by.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from urllib.parse import parse_qsl, urlsplit

from benchmarks.figures import Figure, alone, beside
from ringtrace.core.sources import Channel, Condition, SourceRule
from ringtrace.sources import Home, classify

ROUNDS = 15
CALLS = 5_000
LEAST_OF_READING = 1.0
SITE = "https://plumber.example"
TAGS = "utm_source=google&utm_medium=cpc&utm_campaign=emergency"

_HOME = Home(hosts=frozenset({"plumber.example"}))
_RULES = tuple(
    SourceRule(
        rule_id=f"r{n}",
        conditions=(Condition(of="campaign", how="contains", text=f"brand-{n}"),),
        set_channel=Channel.REFERRAL,
    )
    for n in range(10)
)
_RULING = Home(hosts=_HOME.hosts, rules=_RULES)
_GROWTH = """
import importlib.resources, hashlib, re, unicodedata, urllib.parse, msgspec
import ringtrace.core.errors, ringtrace.core.sources
def kilobytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4
before = kilobytes()
from ringtrace.sources import Home, classify
home = Home(hosts=frozenset({"plumber.example"}))
if sys.argv[1] == "flooded":
    for n in range(20_000):
        classify(f"https://plumber.example/{n}?utm_source=s{n}&gclid={n}", f"https://{n}.{'y' * 200}.example/", home)
print(kilobytes() - before)
"""


def run() -> list[Figure]:
    ad = "https://plumber.example/emergency?" + TAGS + "&gclid=c-"
    cases = {
        "a tagged ad from Google": (ad, "https://www.google.com/", _HOME),
        "the same, ten company rules, none fits": (ad, "https://www.google.com/", _RULING),
        "no tag, from a search engine with its words": (f"{SITE}/#", "https://www.bing.com/search?q=plumber", _HOME),
        "no tag, from a stranger": (f"{SITE}/?page=", "https://blog.example/a", _HOME),
        "escaped tags": (f"{SITE}/?utm_source=google&utm_medium=cpc&utm_campaign=Spring%20Sale&gclid=c-", "", _HOME),
    }
    figures = [_speed(name, *case) for name, case in cases.items()]
    garbage = f"{SITE}/?{'&'.join(['x=%E9'] * 1_300)}&utm_source=g"
    figures.append(alone("8 kB of garbage", _rounds(lambda n: classify(garbage + n, "", _HOME), 50), "calls/s"))
    figures.append(alone("memory of the room", [_growth("quiet")], "kB"))
    figures.append(alone("memory after 20,000 hostile visits", [_growth("flooded")], "kB"))
    return figures


def _speed(name: str, url: str, referrer: str, home: Home) -> Figure:
    ours: list[float] = []
    reading: list[float] = []
    for _ in range(ROUNDS):
        ours.append(_round(lambda n: classify(url + n, referrer, home), CALLS))
        reading.append(_round(lambda n: _read(url + n, referrer), CALLS))
    return beside(name, ours, "calls/s", "reading alone", reading, at_least=LEAST_OF_READING)


def _read(url: str, referrer: str) -> object:
    landing, came = urlsplit(url), urlsplit(referrer)
    return landing.hostname, landing.path, parse_qsl(landing.query), came.hostname, parse_qsl(came.query)


def _rounds(call: Callable[[str], object], calls: int) -> list[float]:
    return [_round(call, calls) for _ in range(ROUNDS)]


_numbers = count()


def _round(call: Callable[[str], object], calls: int) -> float:
    unique = [str(next(_numbers)) for _ in range(calls)]
    started = time.perf_counter()
    for number in unique:
        call(number)
    return calls / (time.perf_counter() - started)


def _growth(state: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", "import sys" + _GROWTH, state], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
