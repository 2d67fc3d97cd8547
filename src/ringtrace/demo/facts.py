"""What ties a built town to its truth: which of the town's calls and visits became which of the house's."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

FACTS_FILE = "demo.json"
TRUTH_FILE = "demo-truth.ndjson"


class TownFacts(Struct, frozen=True, kw_only=True):
    """What was built: where its rows are, and the house's ids of the town's calls and visits by the town's own."""

    site_url: str
    company_id: str
    site_id: str
    site_key: str
    connection_id: str
    call_ids: dict[str, str]
    visit_ids: dict[str, str]


def load_facts(data_dir: Path) -> TownFacts:
    """Raises OSError where no whole town is."""
    return msgspec.json.decode((data_dir / FACTS_FILE).read_bytes(), type=TownFacts)
