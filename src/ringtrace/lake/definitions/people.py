"""Which visitors are one person: those who share a phone, an e-mail address, a form or a customer record.

Label propagation: every visitor begins as a person of its own; twice, each visitor takes the least label found on any
key that it shares. Visitors at most two keys away from the least of them are joined for certain; longer chains stay in
pieces, so that one key used by a whole office cannot draw a town together. Only evidence of the span or before it
counts: what is learned later changes the months after, not this one.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.numbers import number, without
from ringtrace.lake.definitions.tables import IDENTITIES, until_ms

LEAST_P = 0.8
ROUNDS = 2


def people() -> Table:
    """visitor_id, person_id: every visitor with a key that likely enough is theirs; all others are their own person."""
    keys = IDENTITIES.filter(IDENTITIES.p >= number(LEAST_P), IDENTITIES.at_ms < until_ms())
    labels = keys.select("company_id", "key_kind", "key", "visitor_id").distinct()
    labels = labels.mutate(person_id=labels.visitor_id)
    for _ in range(ROUNDS):
        of_key = labels.mutate(
            person_id=labels.person_id.min().over(ibis.window(group_by=["company_id", "key_kind", "key"]))
        )
        labels = of_key.mutate(person_id=of_key.person_id.min().over(ibis.window(group_by="visitor_id")))
    return labels.select("visitor_id", "person_id").distinct().alias("people")


def with_person(table: Table) -> Table:
    """The table with a `person_id` for its `visitor_id`."""
    known = people().rename(known_id="visitor_id", known_as="person_id")
    joined = table.left_join(known, table.visitor_id == known.known_id)
    joined = joined.mutate(person_id=joined.known_as.coalesce(joined.visitor_id))
    return without(joined, "known_id", "known_as")
