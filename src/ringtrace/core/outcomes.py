"""What came of a call."""

from __future__ import annotations

from enum import StrEnum


class OutcomeKind(StrEnum):
    LEAD = "lead"
    APPOINTMENT = "appointment"
    OPPORTUNITY = "opportunity"
    SALE = "sale"
