"""Why a public door did less than it was asked. Every member is counted and shown to whoever can mend it."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """A typed reason. The value is what the reason header and the metrics carry."""

    UNREADABLE = "unreadable"  # the body is not what this door reads
    TOO_LARGE = "too_large"
    NO_SUCH_DOOR = "no_such_door"
    UNKNOWN_SITE = "unknown_site"
    WRONG_ORIGIN = "wrong_origin"  # the page is not one of the site's own
    BOT = "bot"
    TOO_MANY = "too_many"  # rate limit
    NO_CONSENT = "no_consent"
    NO_TARGET = "no_target"  # the page prints no number that a pool stands in for
    NO_POOL = "no_pool"  # the site has no pool for this visit: the page is left alone
    POOL_EMPTY = "pool_empty"  # every number is held or cooling: the page is left alone
    BURST = "burst"  # too many new visits from one address: it gets no numbers of its own
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_CONNECTION = "unknown_connection"
    UNSIGNED = "unsigned"  # no signature where one is needed
    FORGED = "forged"  # a signature that does not prove it
    STALE = "stale"  # signed, but too long ago
    DUPLICATE = "duplicate"  # taken before: answered the same, recorded once
    UNKNOWN_NUMBER = "unknown_number"
    STORE_DOWN = "store_down"  # the disk did not take it: nothing was promised
    OVERLOADED = "overloaded"  # more is waiting than the bound allows


HINTS: dict[Refusal, str] = {
    Refusal.UNREADABLE: "Send the JSON or form that this door documents.",
    Refusal.TOO_LARGE: "The body is over the door's limit.",
    Refusal.NO_SUCH_DOOR: "There is nothing at this address.",
    Refusal.UNKNOWN_SITE: "Copy the script tag again from Settings, Sites.",
    Refusal.WRONG_ORIGIN: "Add this page's address to the site's origins in Settings, Sites.",
    Refusal.BOT: "Automated visitors get no number.",
    Refusal.TOO_MANY: "Slow down and try again.",
    Refusal.NO_CONSENT: "The visitor has not agreed; the page keeps its printed number.",
    Refusal.NO_TARGET: "The page prints none of the numbers that are set up to be swapped.",
    Refusal.NO_POOL: "Add a pool of numbers for this site.",
    Refusal.POOL_EMPTY: "Every number of the pool is in use; add numbers or shorten the hold.",
    Refusal.BURST: "Too many new visits from one address; the page keeps its printed number.",
    Refusal.UNKNOWN_VISIT: "The visit is over; the next page view starts another.",
    Refusal.UNKNOWN_CONNECTION: "Copy the webhook address again from Numbers, Connections.",
    Refusal.UNSIGNED: "The carrier must sign its requests.",
    Refusal.FORGED: "The signature does not match: check the secret and the public URL of the connection.",
    Refusal.STALE: "The request was signed too long ago: check the clocks.",
    Refusal.DUPLICATE: "Already taken.",
    Refusal.UNKNOWN_NUMBER: "This number is not set up here; add it under Numbers.",
    Refusal.STORE_DOWN: "Nothing was recorded; try again.",
    Refusal.OVERLOADED: "Nothing was recorded; try again in a moment.",
}
