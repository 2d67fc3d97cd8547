"""Ids of other systems whose people were erased: told again they are known, and lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from ringtrace.privacy.keys import caller_purpose
from ringtrace.web.customers import chunks
from ringtrace.web.models import ContactRow, OutcomeRow

ERASED = "erased:"


def erased_id(company_id: str, system: str, external_id: str) -> str:
    """What stands for another system's id of somebody who was erased."""
    if not external_id or external_id.startswith(ERASED):
        return external_id
    return ERASED + settings.KEYS.hash(f"{system}:{external_id}", caller_purpose(company_id))


def erased_ones(
    model: type[OutcomeRow] | type[ContactRow], company_id: str, system: str, external_ids: Iterable[str]
) -> set[str]:
    """Those of the ids that were erased."""
    ids = {erased_id(company_id, system, one): one for one in external_ids if one}
    found: set[str] = set()
    for some in chunks(sorted(ids)):
        rows = model._default_manager.filter(company=company_id, external_id__in=some)  # noqa: SLF001 - Django's name
        found |= {ids[external_id] for external_id in rows.values_list("external_id", flat=True)}
    return found
