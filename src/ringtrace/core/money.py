"""Amounts of money as people write them."""

from __future__ import annotations

import re

from ringtrace.core.errors import BadInput

MOST_CENTS = 10**13
_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")
_DECIMAL_COMMA = re.compile(r",[0-9]{1,2}\Z")
_MOST_DIGITS = len(str(MOST_CENTS))
_MOST_SHOWN = 40


def read_cents(text: str) -> int:
    """Cents of `420`, `420.5`, `420.50` or `1,420.50`, at most 10**13. Raises BadInput.

    `1,50` is refused: half the world means 1.50 by it, and a wrong guess would be a hundredfold.
    """
    plain = text.strip()
    shown = repr(plain[:_MOST_SHOWN])
    if _DECIMAL_COMMA.search(plain):
        raise BadInput(
            f"{shown} is not an amount: its comma may stand before cents or between thousands.",
            hint="Write cents after a point, such as 1.50 or 1,420.50.",
        )
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise BadInput(f"{shown} is not an amount.", hint="Write digits alone, such as 420, 420.50 or 1,420.50.")
    whole, fraction = found[1].replace(",", "").lstrip("0"), (found[2] or "").ljust(2, "0")
    if len(whole) > _MOST_DIGITS or int(whole + fraction) > MOST_CENTS:
        raise BadInput(f"{shown} is not an amount anybody pays.", hint="Check how many digits it has.")
    return int(whole + fraction)
