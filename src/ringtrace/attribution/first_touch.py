"""First touch: all credit to what first brought the visitor."""

from __future__ import annotations

from ringtrace.attribution.model import Rule, all_on

FIRST_TOUCH = Rule("first_touch", lambda touches: all_on(touches, 0))
