"""The base facts of a company's month, from the ledger. One file a kind of fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from ringtrace.worker.people_facts import identities
from ringtrace.worker.response_facts import calls, conversions
from ringtrace.worker.spans import Span
from ringtrace.worker.spend_facts import spend
from ringtrace.worker.touch_facts import touchpoints

MAKERS: Mapping[str, Callable[[Span], Iterator[Struct]]] = {
    "touchpoints": touchpoints,
    "calls": calls,
    "identities": identities,
    "conversions": conversions,
    "spend": spend,
}
