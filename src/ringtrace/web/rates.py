"""Money of other currencies: converted by the rates that somebody gave, and by nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.core.money import MOST_CENTS
from ringtrace.web.bulk import among
from ringtrace.web.models import CallRow, Company, ContactRow, OutcomeRow
from ringtrace.web.months import mark_stale

_BATCH = 500
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
        hint=f"Give a rate: --rate {currency}=…, or set one: ringtrace rates set {currency}=….",
    )


@transaction.atomic
def do_set_rates(company: Company, rates: Mapping[str, float], now_ms: int) -> int:
    """Sets these rates beside the company's others, and values by them what outcomes told in these currencies; how many
    values changed. Spend keeps the rate that it was booked by. Raises BadInput."""
    checked = check_rates(rates)
    if company.currency in checked:
        raise BadInput(
            f"{company.name} counts in {company.currency} itself.", hint="Give rates of other currencies only."
        )
    stored = Company.objects.select_for_update().get(pk=company.pk)
    company.rates = {**stored.rates, **checked}
    company.save(update_fields=["rates"])
    changed: list[OutcomeRow] = []
    told = OutcomeRow.objects.filter(company=company, currency__in=checked, said_cents__isnull=False)
    for row in told:
        value = round((row.said_cents or 0) * checked[row.currency])
        if value > MOST_CENTS:
            raise BadInput(
                f"At {checked[row.currency]} an outcome's value would be astronomical.",
                hint=f"One {row.currency} in {company.currency}: is it the other way round?",
            )
        if value != row.value_cents:
            row.value_cents = value
            changed.append(row)
    OutcomeRow.objects.bulk_update(changed, ["value_cents"], batch_size=_BATCH)
    _revalued(company, changed, now_ms)
    return len(changed)


@transaction.atomic
def do_remove_rate(company: Company, code: str) -> None:
    """Money of this currency that comes in from now on has no value until a rate is given again; what was valued by it
    stays. Raises NotFound."""
    stored = Company.objects.select_for_update().get(pk=company.pk)
    if code not in stored.rates:
        raise NotFound(f"There is no rate for {code[:10]!r}.", hint="It may have been removed already.")
    company.rates = {other: rate for other, rate in stored.rates.items() if other != code}
    company.save(update_fields=["rates"])


def _revalued(company: Company, rows: Sequence[OutcomeRow], now_ms: int) -> None:
    """Open call logs show it by themselves; the lake takes the months of the responses again."""
    calls = CallRow.objects.filter(pk__in=among({row.call_id for row in rows if row.call_id}))
    contacts = ContactRow.objects.filter(pk__in=among({row.contact_id for row in rows if row.contact_id}))
    times_ms = [row.at_ms for row in rows if not row.call_id and not row.contact_id]
    times_ms += [*calls.values_list("started_ms", flat=True), *contacts.values_list("at_ms", flat=True)]
    calls.update(changed_ms=Greatest(F("changed_ms") + 1, Value(now_ms)))
    mark_stale(company, times_ms)
