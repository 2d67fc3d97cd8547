"""What came of a call or a contact."""

from __future__ import annotations

import re
from enum import StrEnum

from ringtrace.core.errors import BadInput

_SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_TAKEN = frozenset({"call", "form", "chat", "store_visit", "other"})


class OutcomeKind(StrEnum):
    """The kinds that metrics know. A company may have kinds of its own beside them."""

    LEAD = "lead"
    APPOINTMENT = "appointment"
    SHOW = "show"  # whoever had an appointment came
    NO_SHOW = "no_show"
    OPPORTUNITY = "opportunity"
    SALE = "sale"
    REFUND = "refund"


def check_kind(text: str) -> str:
    """A kind's name: one of OutcomeKind, or a company's own. Raises BadInput."""
    kind = text.strip().lower().replace(" ", "_").replace("-", "_")
    if not _SLUG.match(kind) or kind in _TAKEN:
        raise BadInput(
            f"{text[:60]!r} is not a kind of outcome.",
            hint=f"Use {', '.join(OutcomeKind)}, or a name of your own in small letters, such as site_survey.",
        )
    return kind
