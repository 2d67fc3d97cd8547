"""The country of a browser's time zone: a hint of where a visitor is, without looking at an address.

From the IANA time zone database as the `tzdata` package ships it (zone.tab, public domain). Zones that several
countries share are their principal country's; UTC and such tell nothing.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_REGION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


def region_of_zone(zone: str) -> str | None:
    """ISO 3166 country (`US`) of `America/Los_Angeles`; None for what tells no country."""
    return _countries().get(zone)


def region_said(text: str) -> str | None:
    """A region as a proxy writes it in a header (`us`, `US-CA`); None for anything else (`XX`, `T1`)."""
    region = text.strip().upper().replace("_", "-")
    return region if _REGION.fullmatch(region) and region[:2] not in ("XX", "ZZ") else None


@cache
def _countries() -> dict[str, str]:
    """By zone; old names (`US/Pacific`) by the zone they are links to."""
    folder = resources.files("tzdata").joinpath("zoneinfo")
    found: dict[str, str] = {}
    for line in folder.joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[zone] = country
    for line in folder.joinpath("tzdata.zi").read_text("utf-8").splitlines():
        if line.startswith("L "):
            _, zone, link = line.split()
            if zone in found:
                found.setdefault(link, found[zone])
    return found
