"""The notebooks run, from top to bottom, and print what stands in them."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs/notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_prints_what_stands_in_it(path: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in msgspec.json.decode(path.read_bytes())["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 3
    for cell in cells:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), path.name, "exec"), names)  # noqa: S102 - our own page
        stands = "".join(line for output in cell["outputs"] for line in output["text"])
        assert printed.getvalue() == stands
