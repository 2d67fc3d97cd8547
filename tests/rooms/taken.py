"""A company that takes things in, for tests: who called when, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, ms_from_at
from ringtrace.intake.port import CallIn, ContactIn, ContactKind, OutcomeIn, PersonIn
from ringtrace.privacy.keys import caller_purpose
from ringtrace.web import actions
from ringtrace.web.customers import phone_hash
from ringtrace.web.import_runs import Imported, do_import
from ringtrace.web.imports import Choices, plan_import
from ringtrace.web.models import (
    CallRow,
    CallTag,
    Company,
    ContactRow,
    Customer,
    CustomerKey,
    ImportRun,
    OutcomeRow,
    SpendRow,
    StaleMonth,
)

__all__ = ["DAY_MS", "HOUR_MS", "MINUTE_MS"]

NOW_MS = ms_from_at(datetime(2026, 9, 15, 12, tzinfo=UTC))
ANN, BEN, CAT = "+13105550177", "+13105550178", "+13105550179"


def new_company(name: str = "Alice's Plumbing") -> Company:
    return actions.do_create_owner(f"{name[:3].lower()}@example.com", None, name, "America/Los_Angeles", "USD")


def called(company: Company, call_id: str, started_ms: int, phone: str | None = ANN, **more: Any) -> CallRow:
    purpose = caller_purpose(company.pk)
    return CallRow.objects.create(
        call_id=call_id,
        company=company,
        status="answered",
        started_ms=started_ms,
        caller_hash=phone_hash(company.pk, phone) if phone else None,
        caller_sealed=settings.KEYS.seal(phone, purpose) if phone else None,
        **more,
    )


def outcome(external_id: str = "", kind: str = "sale", at_ms: int = NOW_MS, **more: Any) -> OutcomeIn:
    who = {name: more.pop(name) for name in ("phone_e164", "email", "crm_id", "name") if name in more}
    return OutcomeIn(kind=kind, at_ms=at_ms, external_id=external_id, person=PersonIn(**who), **more)


def contact(external_id: str, at_ms: int = NOW_MS, **more: Any) -> ContactIn:
    who = {name: more.pop(name) for name in ("phone_e164", "email", "crm_id") if name in more}
    return ContactIn(kind=ContactKind.FORM, at_ms=at_ms, external_id=external_id, person=PersonIn(**who), **more)


def call(external_id: str, started_ms: int = NOW_MS, caller: str | None = ANN, **more: Any) -> CallIn:
    said = {"status": CallStatus.ANSWERED, "called_e164": "+13105550140", "talk_secs": 60.0, **more}
    return CallIn(system="callrail", external_id=external_id, started_ms=started_ms, caller_e164=caller, **said)


def state() -> dict[str, list[dict[str, Any]]]:
    """All that is taken in, without what is drawn by chance or tells the time of taking."""
    left_out = {
        "outcome_id",
        "customer_id",
        "contact_id",
        "id",
        "run_id",
        "began_ms",
        "changed_ms",
        "made_ms",
        "since_ms",
    }
    left_out |= {"caller_sealed", "name_sealed", "mark"}
    found: dict[str, list[dict[str, Any]]] = {}
    models: list[Any] = [OutcomeRow, ContactRow, SpendRow, CallRow, CallTag]
    models += [Customer, CustomerKey, ImportRun, StaleMonth]
    for model in models:
        told = [{name: row[name] for name in row if name not in left_out} for row in model.objects.values()]
        found[model.__name__] = sorted(told, key=str)
    return found


def marks() -> dict[str, int]:
    return dict(StaleMonth.objects.values_list("month", "mark"))


@contextmanager
def marked(*months: str) -> Iterator[None]:
    """Exactly these months are marked meanwhile."""
    before = marks()
    yield
    after = marks()
    assert sorted(month for month in after if after[month] != before.get(month)) == sorted(months)


def take_file(company: Company, path: Path, choices: Choices | None = None, what: Any = None, **more: Any) -> Imported:
    plan = plan_import(company, path, what, choices)
    rejected = more.pop("rejected_path", path.with_name(f"{path.name}.rejected.csv"))
    return do_import(company, path, plan, lambda: NOW_MS, rejected_path=rejected, **more)


def values(row: Any, *names: str) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in names}
