"""What happens in the town, as the player feeds it to the real edge. Times are ms since 1970, in order."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from ringtrace.core.outcomes import OutcomeKind


class Dials(StrEnum):
    """How the caller knows the number. The player turns it into digits."""

    SHOWN = "shown"  # what `visit` was shown, moments or minutes ago
    REMEMBERED = "remembered"  # what `visit` was shown, hours to weeks ago: a note, a screenshot, a saved contact
    STATIC = "static"  # the printed number called `static`
    PASTED = "pasted"  # number `pool_index` of the pool, from a page it was once copied to
    SPAM = "spam"  # number `pool_index` of the pool, by chance


class Scenario(StrEnum):
    """What becomes of the call at the business."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    HANGS_UP = "caller_hangs_up"  # before anybody answers
    BUSY = "busy"


class PageView(Struct, frozen=True, kw_only=True):
    """A page with the snippet is opened. `browser` is the visitor's token and `visit` the visit's, as the snippet
    would make them; `is_first` for the view that begins the visit."""

    at_ms: int
    person: str
    browser: str
    visit: str
    url: str
    referrer: str
    user_agent: str
    is_first: bool


class Beat(Struct, frozen=True, kw_only=True):
    """The page is still open and says so."""

    at_ms: int
    browser: str
    visit: str


class Tap(Struct, frozen=True, kw_only=True):
    """The number on the page is tapped."""

    at_ms: int
    browser: str
    visit: str


class Dial(Struct, frozen=True, kw_only=True):
    """Somebody calls. A visit that was shown no number dials the printed one: that call never reaches us.

    `caller_e164` None: withheld. `pool_index` may exceed the pool: take it modulo the pool's size. `ring_secs` is
    until the answer, the hang-up or the time-out; `talk_secs` is 0 unless answered.
    """

    at_ms: int
    call_key: str
    caller_e164: str | None
    dials: Dials
    browser: str | None
    visit: str | None
    static: str | None
    pool_index: int | None
    scenario: Scenario
    ring_secs: float
    talk_secs: float


class OutcomeMarked(Struct, frozen=True, kw_only=True):
    """The business notes what came of a call. `value_cents` for sales, refunds and opportunities only."""

    at_ms: int
    call_key: str
    kind: OutcomeKind
    value_cents: int | None


class SpendBooked(Struct, frozen=True, kw_only=True):
    """What one campaign cost on one local day, known the night after."""

    at_ms: int
    on_date: date
    source: str
    medium: str
    campaign: str | None
    cost_cents: int


Action = PageView | Beat | Tap | Dial | OutcomeMarked | SpendBooked
