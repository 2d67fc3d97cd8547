"""Linear: every touch the same."""

from __future__ import annotations

from ringtrace.attribution.model import Rule

LINEAR = Rule("linear", lambda touches: (1.0,) * len(touches))
