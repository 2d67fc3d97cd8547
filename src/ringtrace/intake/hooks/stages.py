"""From a CRM's stage to a kind of outcome: the company's own map first, then what the system means by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind, check_kind
from ringtrace.intake.hooks.port import LOST, NOTHING, HookSettings


class Meaning(NamedTuple):
    kind: str
    is_lost: bool = False


LEAD = Meaning(OutcomeKind.LEAD)
APPOINTMENT = Meaning(OutcomeKind.APPOINTMENT)
OPPORTUNITY = Meaning(OutcomeKind.OPPORTUNITY)
SALE = Meaning(OutcomeKind.SALE)
LOST_OPPORTUNITY = Meaning(OutcomeKind.OPPORTUNITY, is_lost=True)

_OF_A_DEAL = (OutcomeKind.APPOINTMENT, OutcomeKind.OPPORTUNITY, OutcomeKind.SALE)


def check_kinds(kinds: Mapping[str, str]) -> None:
    """Raises BadInput for a map that names no kind, `lost` or nothing: for the page where it is made."""
    for stage, kind in kinds.items():
        if not stage.strip():
            raise BadInput("A stage has no name.", hint="Write it as the CRM does, such as closedwon.")
        if kind not in (LOST, NOTHING):
            check_kind(kind)


def meaning_of(settings: HookSettings, default: Meaning | None, *names: str) -> Meaning | None:
    """Of the first name that the company's map has, else the default; None means nothing to us. Raises BadInput."""
    said = {name.strip().lower(): kind for name, kind in settings.kinds.items()}
    for name in names:
        kind = said.get(name.strip().lower())
        if kind is not None:
            return _meaning(kind)
    return default


def _meaning(kind: str) -> Meaning | None:
    if kind == NOTHING:
        return None
    return LOST_OPPORTUNITY if kind == LOST else Meaning(check_kind(kind))


def kinds_of_a_deal(settings: HookSettings) -> list[str]:
    """Every kind that a deal may have been told as: what has to go when it is deleted."""
    own = {meaning.kind for kind in settings.kinds.values() if (meaning := _meaning(kind)) is not None}
    return sorted({*_OF_A_DEAL, *own} - {OutcomeKind.LEAD})
