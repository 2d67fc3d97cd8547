"""Tracking numbers and who holds them."""

from __future__ import annotations

from msgspec import Struct


class Lease(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pooled number held by one visit from `from_ms` until `until_ms` (renewed by signs of life)."""

    lease_id: str
    e164: str
    pool_id: str
    target_e164: str  # the printed number it stands in for
    visit_id: str
    visitor_id: str
    from_ms: int
    until_ms: int
