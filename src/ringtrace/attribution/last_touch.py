"""Last touch: all credit to the visit before the call."""

from __future__ import annotations

from ringtrace.attribution.model import Rule, all_on

LAST_TOUCH = Rule("last_touch", lambda touches: all_on(touches, -1))
