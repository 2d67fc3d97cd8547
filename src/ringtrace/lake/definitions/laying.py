"""How journeys are laid out: which touches they hold, and by what they are credited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringtrace.core.errors import BadInput

Level = Literal["visitor", "session", "campaign"]
LEVELS: tuple[Level, ...] = ("visitor", "session", "campaign")
PLAYERS = ("channel", "source", "medium", "campaign", "ad_group", "keyword", "content", "landing_page", "device")
_WITHIN = "within:"


@dataclass(frozen=True)
class Laying:
    """One way to lay out journeys.

    `level`: `visitor` holds all touches of the person, `session` only those of the visit that made the response,
    `campaign` the last touch of each source, medium and campaign. `dedupe`: `none`; `consecutive` keeps the first touch
    of a run with the same channel; `within:30` leaves out a touch that comes at most 30 minutes after one before it
    from the same channel, source, medium and campaign. The level is taken first. `by` is the player of data-driven
    models. Raises BadInput.
    """

    level: Level = "visitor"
    dedupe: str = "none"
    by: str = "channel"

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise BadInput(f"There is no level {self.level}.", hint=f"There are {', '.join(LEVELS)}.")
        if self.by not in PLAYERS:
            raise BadInput(f"No journey is credited by {self.by}.", hint=f"There are {', '.join(PLAYERS)}.")
        if self.dedupe not in ("none", "consecutive") and self.within_ms is None:
            raise BadInput(f"There is no rule {self.dedupe}.", hint="There are none, consecutive and within:MINUTES.")

    @property
    def within_ms(self) -> int | None:
        """The milliseconds of `within:MINUTES`; None by another rule."""
        minutes = self.dedupe.removeprefix(_WITHIN)
        return int(minutes) * 60_000 if self.dedupe.startswith(_WITHIN) and minutes.isdecimal() else None


DEFAULT = Laying()
