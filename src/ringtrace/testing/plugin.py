"""A pytest plugin that comes with Ringtrace: a house to test against, in the process or as `ringtrace serve`.

Fixtures: `house` (an edge with a site, a pool and a line for each carrier, on a clock that tests set) and `serving`
(a factory of running Ringtraces on free ports, each stopped at the end of the test).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ringtrace.testing.house import House, make_house
from ringtrace.testing.serving import Serving, start_serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose edge is closed at the end."""
    made = make_house(tmp_path)
    yield made
    made.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Starts `ringtrace serve` (or `demo`) with further arguments; it is up when this returns."""
    with ExitStack() as stack:

        def start(*arguments: str, command: str = "serve") -> Serving:
            return stack.enter_context(start_serving(tmp_path / "data", *arguments, command=command))

        yield start
