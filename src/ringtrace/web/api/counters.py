"""Counts by token, in the memory of this process. They lie by themselves: nobody flushes them by filling a cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

MOST_KEYS = 50_000
"""Far more than there are tokens at work; then the one that was counted longest ago is forgotten."""

_Value = TypeVar("_Value")


class Counters(Generic[_Value]):
    """A value a key; what is counted under a key is changed by one thread at a time."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._lock = Lock()
        self._values: OrderedDict[str, _Value] = OrderedDict()

    def change(self, key: str, change: Callable[[_Value | None], _Value]) -> tuple[_Value | None, _Value]:
        """What was there, and what `change` makes of it. It is asked under a lock: it only counts."""
        with self._lock:
            was = self._values.pop(key, None)
            self._values[key] = now = change(was)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
            return was, now
