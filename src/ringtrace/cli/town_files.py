"""Files that other systems of the demo's companies gave: the plumber's jobs, and the calls of a heating company."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from ringtrace.core.clock import DAY_MS, HOUR_MS, SetClock, at_from_ms
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.demo.town import Town
from ringtrace.demo.town_actions import Dial, OutcomeMarked
from ringtrace.demo.town_chance import Chance
from ringtrace.demo.town_hours import OFFICE, Day, days_between, moment
from ringtrace.intake.port import What
from ringtrace.web.import_runs import do_import
from ringtrace.web.imports import Choices, plan_import
from ringtrace.web.models import Company, User
from ringtrace.web.spend import do_book_spend

_MOST_JOBS = 14
_STRANGER = "+13105550188"
"""Somebody who came by the yard, and never called a number of ours."""

_HEATING_DAYS, _HEATING_CALLS = 58, 1.6
_NEAR_CALGARY = ("368", "403", "587", "780", "825")
_HEATING_E164 = "+14035550170"
_HEATING_ANSWERED, _HEATING_SOLD = 0.78, 0.16
_HEATING_SALE_CENTS, _HEATING_SPEND_CENTS = 61_000, 4_200
_HEATED_BY = (
    (("google", "cpc", "furnace-repair"), 0.45),
    (("google", "organic", ""), 0.3),
    (("newsletter", "email", "autumn-check"), 0.1),
    (("", "", ""), 0.15),
)


def take_file(company: Company, text: str, what: What, name: str, by: User, now_ms: int, choices: Choices) -> None:
    """As if somebody had given it then."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text)
        plan = plan_import(company, path, what, choices)
        do_import(company, path, plan, SetClock(now_ms), rejected_path=Path(folder, "rejected.csv"), by=by)


def job_file(town: Town) -> str:
    """Yearly service plans that customers took after their job, and the job of somebody who never called."""
    phones = {one.call_key: one.caller_e164 for one in town.actions if isinstance(one, Dial)}
    sold = [one for one in town.actions if isinstance(one, OutcomeMarked) and one.kind is OutcomeKind.SALE]
    rows: list[Sequence[str]] = []
    for nth, sale in enumerate(sold[-2 * _MOST_JOBS :: 2], start=1):
        phone, at_ms = phones.get(sale.call_key), sale.at_ms + 3 * HOUR_MS
        if phone and at_ms < town.truth.end_ms:
            rows.append((f"P-{nth:03d}", "service plan", _moment(at_ms), phone, "149.00", "yearly service plan"))
    came_ms = town.truth.end_ms - DAY_MS
    rows.append(("J-201", "sale", _moment(came_ms), _STRANGER, "640.00", "came by the yard: new kitchen tap"))
    return _csv(("Job", "Outcome", "Date", "Phone", "Amount", "Note"), rows)


def book_heating(company: Company, by: User, seed: int, end_ms: int) -> None:
    """A company without tracking numbers yet: the log of the telephone system it has, and what it spent."""
    chance = Chance(f"heating of town {seed}")
    days = list(days_between(end_ms - _HEATING_DAYS * DAY_MS, end_ms - DAY_MS))
    rows = [row for day in days for row in _heating_day(chance, day)]
    head = ("Id", "Started", "To", "From", "Status", "Talk time", "Source", "Medium", "Campaign", "Amount")
    choices = Choices(system="generic", fixed={"system": "phone_system"}, columns={"value": "Amount"})
    take_file(company, _csv(head, rows), What.CALLS, "phone-log.csv", by, end_ms - HOUR_MS, choices)
    with transaction.atomic():
        for day in days:
            cost_cents = round(_HEATING_SPEND_CENTS * chance.around(1, 0.2))
            do_book_spend(company, day.on, "google", "cpc", "furnace-repair", cost_cents)


def _heating_day(chance: Chance, day: Day) -> Iterator[Sequence[str]]:
    for nth in range(chance.count(_HEATING_CALLS * day.busyness)):
        is_answered, is_sold = chance.happens(_HEATING_ANSWERED), chance.happens(_HEATING_SOLD)
        yield (
            f"{day.on:%m%d}-{nth}",
            _moment(moment(chance, day, OFFICE)),
            _HEATING_E164,
            f"+1{chance.choice(_NEAR_CALGARY)}555{chance.randrange(100, 200):04d}",
            "answered" if is_answered else "missed",
            str(round(chance.around(140, 0.7))) if is_answered else "0",
            *chance.among(_HEATED_BY),
            f"{chance.around(_HEATING_SALE_CENTS, 0.5) / 100:.2f}" if is_answered and is_sold else "",
        )


def _moment(at_ms: int) -> str:
    return at_from_ms(at_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows((head, *rows))
    return text.getvalue()
