"""The example in docs/testing.md runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ringtrace.testing.house import House

PAGE = Path(__file__).parents[2] / "docs/testing.md"


def test_its_example_passes(house: House) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found.group(1), str(PAGE), "exec"), names)  # noqa: S102 - our own page
    names["test_it_keeps_the_number_for_a_returning_visitor"](house)
