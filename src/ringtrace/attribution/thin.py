"""When data are too thin for a data-driven model, and what would be enough."""

from __future__ import annotations

from ringtrace.attribution.statistics import Statistics
from ringtrace.core.errors import TooThin

LEAST_CONVERSIONS = 20
A_PLAYER = 3  # conversions for each player beyond that


def check_enough(statistics: Statistics, least: int | None = None) -> None:
    """Raises TooThin where there are fewer conversions than `least` (20, or 3 a player where that is more), none at
    all, or no journey with two players, from which nothing can be learned about playing together."""
    if least is None:
        least = max(LEAST_CONVERSIONS, A_PLAYER * len(statistics.players))
    if statistics.converted_ppm <= 0:
        raise TooThin(f"No journey converted: {max(least, 1)} that do would be enough.", hint="Take a longer span.")
    if statistics.conversions < least:
        raise TooThin(
            f"{statistics.conversions:,.6g} conversions are too few to learn from with {len(statistics.players)} "
            f"players: {least} would be enough.",
            hint="A longer span or fewer players (top=) bring that; least_conversions=0 takes what there is.",
        )


def one_touch_note(statistics: Statistics) -> tuple[str, ...]:
    """A word where every journey has one player: then all models agree, and nothing was learned."""
    if statistics.has_interplay:
        return ()
    return ("Every journey has one player only: all models say the same, and no interplay could be learned.",)
