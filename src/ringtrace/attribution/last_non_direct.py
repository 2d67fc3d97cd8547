"""Last non-direct touch: all credit to the last visit that somebody sent; to the last visit if all were direct."""

from __future__ import annotations

from collections.abc import Sequence

from ringtrace.attribution.journeys import Touch
from ringtrace.attribution.model import Rule, all_on
from ringtrace.core.sources import Channel


def _weigh(touches: Sequence[Touch]) -> tuple[float, ...]:
    sent = [index for index, touch in enumerate(touches) if touch.source.channel is not Channel.DIRECT]
    return all_on(touches, sent[-1] if sent else -1)


LAST_NON_DIRECT = Rule("last_non_direct", _weigh)
