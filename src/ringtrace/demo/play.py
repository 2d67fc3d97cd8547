"""Plays a town through a real edge, at the town's own time: every visit, beat, tap and ring is a request to its doors.

Nothing is written to any store from here. The player sees only what a browser or a phone would: the numbers that
the edge answered with.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, MutableMapping
from itertools import count
from typing import Any

import msgspec
from msgspec import Struct
