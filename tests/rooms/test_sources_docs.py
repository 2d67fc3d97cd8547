"""docs/sources.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringtrace.sources import CHANNEL_RULES
from ringtrace.sources.clicks import CLICK_IDS
from ringtrace.sources.links import OF_AN_AD, UTM
from ringtrace.sources.places import GA4_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CLICK_IDS)
def test_it_documents_every_click_id(name: str) -> None:
    assert f"`{name}`" in PAGE.partition("## Click ids")[2].partition("## What is ignored")[0]


@pytest.mark.parametrize("name", [name for name in UTM if name != "utm_ad_group"])
def test_it_documents_every_tag(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_it_documents_the_channels_in_their_order() -> None:
    rows = re.findall(
        r"^\| ([A-Z][^|]+) \|", PAGE.partition("## Channels")[2].partition("A paid medium")[0], re.MULTILINE
    )
    assert [name for row in rows for name in row.split(", ")] == [rule.channel.value for rule in CHANNEL_RULES]


def test_it_counts_googles_sources_right() -> None:
    assert f"{len(GA4_KINDS)} entries" in PAGE


def test_every_parameter_of_an_ad_fills_a_field_that_a_tag_can_fill() -> None:
    assert set(OF_AN_AD.values()) - {"network"} <= set(UTM.values())
