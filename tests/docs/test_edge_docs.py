"""What docs/edge.md says of the doors is what the doors do."""

from __future__ import annotations

import re
from pathlib import Path

from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.edge.app import PAGE_DOORS
from ringtrace.edge.http import refuse
from ringtrace.edge.posts import PagePost

TEXT = (Path(__file__).parents[2] / "docs/edge.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", TEXT, flags=re.MULTILINE))


def test_it_lists_every_refusal_and_no_other() -> None:
    assert set(ROWS) == {refusal.value for refusal in Refusal}


def test_it_gives_the_status_that_the_doors_give() -> None:
    assert {refusal.value: str(refuse(refusal).status) for refusal in Refusal} == ROWS


def test_it_lists_every_door_and_every_field_of_a_post() -> None:
    assert [door for door in PAGE_DOORS if f"`POST {door}`" not in TEXT] == []
    assert [name for name in PagePost.__struct_fields__ if f"`{name}`" not in TEXT] == []


def test_it_has_a_hint_for_every_refusal() -> None:
    assert set(HINTS) == set(Refusal)
