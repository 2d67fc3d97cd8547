"""The day that reports are tested on by hand, as Alice's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from pytest_django import Settings

from ringtrace.lake.writer import LakeWriter
from ringtrace.reports.questions import Scope
from tests.doors.cast import Cast
from tests.rooms.metric_lakes import DAY, MODEL

DAYS = f"since={DAY}&until={DAY}&model={MODEL}"


def publish_facts(
    cast: Cast, settings: Settings, lake: Path, facts: Mapping[str, Any], month: str = "2026-10"
) -> Scope:
    """These facts are all that Alice's lake has."""
    settings.LAKE_DIR = lake
    company = cast.company
    mine = {fact: [msgspec.structs.replace(row, company_id=company.pk) for row in rows] for fact, rows in facts.items()}
    LakeWriter(lake).publish({(company.pk, month): mine}, 1, definitions="as it was")
    return Scope(lake=lake, company_id=company.pk, time_zone=company.time_zone, since_on=DAY, until_on=DAY)
