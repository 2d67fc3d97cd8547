"""Brings the tables of pools and slots up to a directory. Only what differs is written."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import msgspec

from ringtrace.edge.store.postgres_batch import number_of
from ringtrace.edge.store.postgres_link import Connection
from ringtrace.pools.likeness import likeness
from ringtrace.wire.directory import PoolEntry

_POOLS_LOCK = 0x52696E6703
_TEMPORARY = """
CREATE TEMPORARY TABLE new_pools (
    pool_id text PRIMARY KEY, target text, names text, hold_ms bigint, cool_ms bigint, called_ms bigint
) ON COMMIT DROP;
CREATE TEMPORARY TABLE new_slots (number bigint PRIMARY KEY, pool_id text, tier smallint) ON COMMIT DROP
"""
_NEW_POOLS = """
INSERT INTO new_pools SELECT * FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[]
)
"""
_NEW_SLOTS = "INSERT INTO new_slots SELECT * FROM unnest(%s::bigint[], %s::text[], %s::smallint[])"
_POOLS = """
UPDATE pools SET target = n.target, names = n.names, hold_ms = n.hold_ms, cool_ms = n.cool_ms, called_ms = n.called_ms
FROM new_pools AS n WHERE pools.pool_id = n.pool_id
    AND (pools.target, pools.hold_ms, pools.cool_ms, pools.called_ms)
        IS DISTINCT FROM (n.target, n.hold_ms, n.cool_ms, n.called_ms);
INSERT INTO pools (pool_id, target, names, hold_ms, cool_ms, called_ms)
SELECT * FROM new_pools AS n WHERE NOT EXISTS (SELECT FROM pools WHERE pools.pool_id = n.pool_id)
"""
# A number that moves, and one whose pool cools for another time, is queued anew; its lease stays.
_SLOTS = """
INSERT INTO slots (number, pool, tier)
SELECT n.number, pools.pool, n.tier FROM new_slots AS n JOIN pools USING (pool_id)
WHERE NOT EXISTS (SELECT FROM slots WHERE slots.number = n.number);
UPDATE slots SET pool = pools.pool, tier = n.tier,
    queue_ms = CASE slots.until_ms WHEN 0 THEN 0 ELSE slots.until_ms + pools.cool_ms END
FROM new_slots AS n JOIN pools USING (pool_id)
WHERE slots.number = n.number AND (
    (slots.pool, slots.tier) IS DISTINCT FROM (pools.pool, n.tier)
    OR slots.until_ms > 0 AND slots.queue_ms > slots.until_ms + pools.cool_ms
);
UPDATE slots SET pool = NULL
WHERE pool IS NOT NULL AND NOT EXISTS (SELECT FROM new_slots AS n WHERE n.number = slots.number);
DELETE FROM pools WHERE NOT EXISTS (SELECT FROM new_pools AS n WHERE n.pool_id = pools.pool_id)
"""
_MARKS = """
INSERT INTO marks (name, value) SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


async def bring_up_to(connection: Connection, pools: Sequence[PoolEntry], version: int) -> dict[str, int]:
    """Takes the pools of the directory `version` (0: unknown, and newer than any); the database's number of each pool.

    Whoever comes with an older directory than was taken already changes nothing. Raises psycopg.Error.
    """
    checksum = zlib.crc32(msgspec.msgpack.encode(list(pools)))
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_POOLS_LOCK,))
        cursor = await connection.execute("SELECT name, value FROM marks WHERE name IN ('pools', 'pools_version')")
        marks = {str(name): int(value) for name, value in await cursor.fetchall()}
        is_older = 0 < version < marks.get("pools_version", 0)
        if not is_older and marks.get("pools") != checksum:
            await _write(connection, pools)
        if not is_older:
            newest = max(version, marks.get("pools_version", 0))
            await connection.execute(_MARKS, (["pools", "pools_version"], [checksum, newest]))
        cursor = await connection.execute("SELECT pool_id, pool FROM pools")
        return {str(pool_id): int(pool) for pool_id, pool in await cursor.fetchall()}


async def _write(connection: Connection, pools: Sequence[PoolEntry]) -> None:
    await connection.execute(_TEMPORARY)
    await connection.execute(_NEW_POOLS, _columns(map(_pool_row, pools), 6))
    slots = {number: (number, pool.pool_id, tier) for pool in pools for number, tier in _slots_of(pool)}
    await connection.execute(_NEW_SLOTS, _columns(iter(slots.values()), 3))
    await connection.execute("ANALYZE new_slots")
    await connection.execute(_POOLS)
    await connection.execute(_SLOTS)
    await connection.execute("ANALYZE slots")


def _pool_row(pool: PoolEntry) -> tuple[object, ...]:
    names = ",".join(msgspec.json.encode(name).decode() for name in (pool.pool_id, pool.target_e164))
    secs = (pool.hold_secs, pool.cooldown_secs, pool.called_hold_secs)
    return (pool.pool_id, pool.target_e164, names, *(1000 * one for one in secs))


def _slots_of(pool: PoolEntry) -> Iterator[tuple[int, int]]:
    return ((number_of(e164), likeness(pool.target_e164, e164)) for e164 in pool.numbers if number_of(e164))


def _columns(rows: Iterator[tuple[object, ...]], width: int) -> list[list[object]]:
    found = list(rows)
    return [[row[n] for row in found] for n in range(width)]
