"""Money of other currencies: converted by the rates that somebody gave, and by nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ringtrace.core.errors import BadInput
from ringtrace.web.models import Company

_CODE = re.compile(r"[A-Z]{3}\Z")


def check_rates(rates: Mapping[str, float]) -> dict[str, float]:
    """{"EUR": 1.08}: what one unit is worth in the company's currency. Raises BadInput."""
    checked = {}
    for code, rate in rates.items():
        upper = code.strip().upper()
        if not _CODE.match(upper) or not math.isfinite(rate) or not 0 < rate < 1e9:
            raise BadInput(
                f"{code[:10]!r} at {rate} is not a rate.", hint="Such as EUR=1.08: one unit in your currency."
            )
        checked[upper] = float(rate)
    return checked


def rate_of(company: Company, currency: str | None, rates: Mapping[str, float] | None = None) -> float | None:
    """What one unit of `currency` is worth; 1 for the company's own or none said; None where no rate was given."""
    if not currency or currency.upper() == company.currency:
        return 1.0
    given = {**company.rates, **(rates or {})}
    rate = given.get(currency.upper())
    return None if rate is None else float(rate)


def why_no_rate(company: Company, currency: str) -> BadInput:
    return BadInput(
        f"This is in {currency}, and {company.name} counts in {company.currency}.",
        hint=f"Give a rate: --rate {currency}=…, or under Settings.",
    )
