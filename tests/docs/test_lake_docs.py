"""The snippets of docs/lake.md run on a lake as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ringtrace.lake.schemas import CallFact, CreditFact, columns
from ringtrace.lake.writer import LakeWriter

SNIPPETS = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "docs/lake.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("nth", range(len(SNIPPETS)))
def test_its_snippets_run(tmp_path: Path, nth: int) -> None:
    call = CallFact(
        company_id="a",
        call_id="call_1",
        number_id="num",
        started_ms=1_790_000_000_000,
        status="answered",
        ring_secs=None,
        talk_secs=None,
        caller_hash=None,
        is_first_call=None,
        attributed_by="nothing",
        visit_id=None,
        p_known=None,
    )
    nothing = dict.fromkeys(columns("credits"))
    said = {"company_id": "a", "response_id": "call_1", "kind": "call", "at_ms": call.started_ms, "p": 1.0}
    credit = CreditFact(**nothing | said | {"channel": "Email", "last_non_direct": 1.0})
    lake = LakeWriter(tmp_path / "ringtrace-data/lake")
    lake.publish({("a", "2026-09"): {"calls": [call], "credits": [credit]}}, 1)
    done = subprocess.run([sys.executable, "-c", SNIPPETS[nth]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("answered" if nth == 0 else "Email") in done.stdout
