"""The edge's tables in PostgreSQL, and the one function that takes a batch: all of it in one transaction.

A slot is a tracking number with its last lease. `queue_ms` is when it may be given again, as far as the queue knows: a
renewal moves `until_ms` alone, which stands in no index, so that PostgreSQL rewrites no index for a heartbeat (a
HOT update). Whoever finds a slot at the head of the queue whose lease ends later puts it back where it belongs.

Two edges never wait for each other's free numbers (SKIP LOCKED). They wait only where they are asked for the very same
thing at once: one visit's first view (an advisory lock), one call report, one lease; in this order, and each kind in
the order of its keys, so that no two wait for each other.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS ringtrace_edge.pools (
    pool      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pool_id   text NOT NULL UNIQUE,
    target    text NOT NULL,
    names     text NOT NULL,
    hold_ms   bigint NOT NULL,
    cool_ms   bigint NOT NULL,
    called_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS ringtrace_edge.slots (
    number   bigint PRIMARY KEY,
    pool     bigint,
    tier     smallint NOT NULL,
    queue_ms bigint NOT NULL DEFAULT 0,
    from_ms  bigint NOT NULL DEFAULT 0,
    until_ms bigint NOT NULL DEFAULT 0,
    visit    uuid,
    visitor  uuid
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS slots_in_turn ON ringtrace_edge.slots (pool, tier, queue_ms, number);
CREATE INDEX IF NOT EXISTS slots_of_visit ON ringtrace_edge.slots (visit) WHERE visit IS NOT NULL;
CREATE INDEX IF NOT EXISTS slots_of_visitor ON ringtrace_edge.slots (visitor) WHERE visitor IS NOT NULL;
CREATE TABLE IF NOT EXISTS ringtrace_edge.reports (
    report uuid PRIMARY KEY,
    at_ms  bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS reports_by_age ON ringtrace_edge.reports (at_ms);

-- A lease as JSON, for `ringtrace.wire.postgres.LeaseRow`. `names` is a pool's id and target, quoted.
CREATE OR REPLACE FUNCTION ringtrace_edge.lease_row(
    nth int, number bigint, names text, from_ms bigint, until_ms bigint, visit uuid, visitor uuid
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '[' || nth || ',"+' || number || '",' || names || ',' || from_ms || ',' || until_ms
        || CASE WHEN visit IS NULL AND visitor IS NULL THEN ']' ELSE
            coalesce(',"visit_' || replace(visit::text, '-', '') || '"', ',null')
            || coalesce(',"visitor_' || replace(visitor::text, '-', '') || '"]', ',null]') END
$$;

-- Takes `size` events, packed in `bodies`. Wishes (w_) are pools that events want a number of: w_may 0 renews a lease
-- only, 1 renews or grants, 2 grants to an event that holds another lease already, for a target that none stands for.
-- Calls (c_) are reports to be taken once; with c_number the one that arrives at this number. Returns the verdict.
CREATE OR REPLACE FUNCTION ringtrace_edge.take_batch(
    size int, bodies bytea,
    w_nth int[], w_visit uuid[], w_visitor uuid[], w_pool bigint[], w_at_ms bigint[], w_may smallint[],
    c_nth int[], c_report uuid[], c_number bigint[], c_at_ms bigint[]
) RETURNS text LANGUAGE plpgsql SET search_path = ringtrace_edge AS $$
DECLARE
    told text[] := '{}';     -- leases, each as JSON
    dropped int[] := '{}';
    fresh int[];             -- calls that are new
    kept int[] := '{}';      -- wishes that were renewed
    open int[];              -- wishes that may still be granted
    granted int[];
    moved int;
    said text[];
    verdict text;
BEGIN
    IF 0 < ANY (w_may) THEN
        PERFORM pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT uuid_hash_extended(w.visit, 0) AS key FROM unnest(w_visit, w_may) AS w (visit, may)
            WHERE w.may > 0 ORDER BY key
        ) AS visits;
    END IF;

    IF cardinality(c_nth) > 0 THEN
        WITH taken AS (
            INSERT INTO reports (report, at_ms)
            SELECT c.report, c.at_ms FROM unnest(c_report, c_at_ms) AS c (report, at_ms) ORDER BY c.report
            ON CONFLICT DO NOTHING RETURNING report
        )
        SELECT coalesce(array_agg(c.nth), '{}') INTO fresh
        FROM unnest(c_nth, c_report) AS c (nth, report) JOIN taken USING (report);
        dropped := ARRAY(SELECT nth FROM unnest(c_nth) AS c (nth) WHERE nth <> ALL (fresh));
    END IF;

    IF 0 < ANY (c_number) THEN
        PERFORM FROM slots WHERE number = ANY (c_number || ARRAY(
            SELECT slots.number FROM unnest(w_visit) AS w (visit) JOIN slots ON slots.visit = w.visit
        )) ORDER BY number FOR UPDATE;
        WITH longer AS (
            UPDATE slots SET until_ms = greatest(slots.until_ms, c.at_ms + pools.called_ms)
            FROM unnest(c_nth, c_number, c_at_ms) AS c (nth, number, at_ms), pools
            WHERE slots.number = c.number AND slots.until_ms > c.at_ms AND pools.pool = slots.pool
                AND c.nth = ANY (fresh)
            RETURNING lease_row(
                c.nth, slots.number, pools.names, slots.from_ms, slots.until_ms, slots.visit, slots.visitor
            ) AS row
        )
        SELECT coalesce(array_agg(row), '{}') INTO told FROM longer;
    END IF;

    IF cardinality(w_nth) > 0 THEN
        WITH own AS (
            SELECT w.wish, w.nth, w.visit, w.visitor, w.pool, w.at_ms, slot.number
            FROM unnest(w_nth, w_visit, w_visitor, w_pool, w_at_ms) WITH ORDINALITY
                AS w (nth, visit, visitor, pool, at_ms, wish)
            CROSS JOIN LATERAL (
                SELECT slots.number FROM slots
                WHERE slots.visit = w.visit AND slots.pool = w.pool AND slots.until_ms > w.at_ms
                ORDER BY slots.from_ms DESC LIMIT 1
            ) AS slot ORDER BY slot.number
        ), renewed AS (
            UPDATE slots SET until_ms = greatest(slots.until_ms, own.at_ms + pools.hold_ms)
            FROM own JOIN pools ON pools.pool = own.pool
            WHERE slots.number = own.number AND slots.visit = own.visit AND slots.pool = own.pool
                AND slots.until_ms > own.at_ms
            RETURNING own.wish::int AS wish, lease_row(
                own.nth, slots.number, pools.names, slots.from_ms, slots.until_ms,
                NULL, CASE WHEN slots.visitor IS DISTINCT FROM own.visitor THEN slots.visitor END
            ) AS row
        )
        SELECT coalesce(array_agg(wish), '{}'), coalesce(array_agg(row), '{}') INTO kept, said FROM renewed;
        told := told || said;
        dropped := dropped || ARRAY(
            SELECT w.nth FROM unnest(w_nth, w_may) WITH ORDINALITY AS w (nth, may, wish)
            GROUP BY w.nth HAVING bool_and(w.may <> 1 AND w.wish <> ALL (kept))
        );
        open := ARRAY(
            SELECT wish FROM unnest(w_may) WITH ORDINALITY AS w (may, wish) WHERE may = 1 AND wish <> ALL (kept)
        );
        IF 2 = ANY (w_may) THEN
            open := open || ARRAY(
                SELECT w.wish FROM unnest(w_nth, w_may, w_pool) WITH ORDINALITY AS w (nth, may, pool, wish)
                JOIN pools AS wanted ON wanted.pool = w.pool
                WHERE w.may = 2 AND w.nth = ANY (SELECT w_nth[k] FROM unnest(kept) AS k) AND NOT EXISTS (
                    SELECT FROM unnest(kept) AS k JOIN pools ON pools.pool = w_pool[k]
                    WHERE w_nth[k] = w.nth AND pools.target = wanted.target
                )
            );
        END IF;
    END IF;

    IF cardinality(open) > 0 THEN
        -- The visitor's last number, while nobody else holds it: its cooldown is for others.
        WITH back AS (
            SELECT w.wish, slots.number
            FROM unnest(open) AS w (wish) CROSS JOIN LATERAL (
                SELECT number FROM slots WHERE visitor = w_visitor[w.wish] AND pool = w_pool[w.wish]
                ORDER BY from_ms DESC LIMIT 1
            ) AS last JOIN slots ON slots.number = last.number
            WHERE slots.visitor = w_visitor[w.wish] AND slots.pool = w_pool[w.wish]
                AND slots.until_ms <= w_at_ms[w.wish]
            FOR UPDATE OF slots SKIP LOCKED
        ), given AS (
            UPDATE slots SET visit = w_visit[back.wish], from_ms = w_at_ms[back.wish],
                until_ms = w_at_ms[back.wish] + pools.hold_ms,
                queue_ms = w_at_ms[back.wish] + pools.hold_ms + pools.cool_ms
            FROM back, pools
            WHERE slots.number = back.number AND pools.pool = w_pool[back.wish]
            RETURNING back.wish, lease_row(
                w_nth[back.wish], slots.number, pools.names, slots.from_ms, slots.until_ms, NULL, NULL
            ) AS row
        )
        SELECT coalesce(array_agg(wish), '{}'), coalesce(array_agg(row), '{}') INTO granted, said FROM given;
        told := told || said;
        open := ARRAY(SELECT wish FROM unnest(open) AS w (wish) WHERE wish <> ALL (granted) ORDER BY wish);
    END IF;

    -- The most alike first; of those the one free for longest. Slots whose lease was renewed since they were queued are
    -- put back, and looked for again.
    WHILE cardinality(open) > 0 LOOP
        WITH head AS (
            SELECT slot.number, slot.tier, slot.queue_ms, pools.pool, pools.names, pools.hold_ms, pools.cool_ms,
                CASE slot.until_ms WHEN 0 THEN 0 ELSE slot.until_ms + pools.cool_ms END AS free_ms, need.wishes
            FROM (
                SELECT w_pool[wish] AS pool, array_agg(wish ORDER BY wish) AS wishes, min(w_at_ms[wish]) AS at_ms
                FROM unnest(open) AS w (wish) GROUP BY 1
            ) AS need JOIN pools ON pools.pool = need.pool CROSS JOIN LATERAL (
                SELECT slots.number, slots.until_ms, slots.queue_ms, slots.tier FROM slots
                WHERE slots.pool = need.pool AND slots.queue_ms <= need.at_ms
                ORDER BY slots.tier, slots.queue_ms, slots.number LIMIT cardinality(need.wishes)
                FOR UPDATE SKIP LOCKED
            ) AS slot
        ), found AS (
            SELECT number, names, hold_ms, cool_ms, free_ms, CASE WHEN free_ms <= queue_ms THEN wishes[
                count(*) FILTER (WHERE free_ms <= queue_ms) OVER (PARTITION BY pool ORDER BY tier, queue_ms, number)
            ] END AS wish FROM head
        ), changed AS (
            UPDATE slots SET
                visit = CASE WHEN wish IS NULL THEN visit ELSE w_visit[wish] END,
                visitor = CASE WHEN wish IS NULL THEN visitor ELSE w_visitor[wish] END,
                from_ms = CASE WHEN wish IS NULL THEN from_ms ELSE w_at_ms[wish] END,
                until_ms = CASE WHEN wish IS NULL THEN until_ms ELSE w_at_ms[wish] + hold_ms END,
                queue_ms = CASE WHEN wish IS NULL THEN free_ms ELSE w_at_ms[wish] + hold_ms + cool_ms END
            FROM found WHERE slots.number = found.number
            RETURNING wish, CASE WHEN wish IS NOT NULL THEN
                lease_row(w_nth[wish], slots.number, names, from_ms, until_ms, NULL, NULL)
            END AS row
        )
        SELECT coalesce(array_agg(wish) FILTER (WHERE wish IS NOT NULL), '{}'),
            coalesce(array_agg(row) FILTER (WHERE wish IS NOT NULL), '{}'), count(*) FILTER (WHERE wish IS NULL)
        INTO granted, said, moved FROM changed;
        told := told || said;
        EXIT WHEN moved = 0;
        open := ARRAY(SELECT wish FROM unnest(open) AS w (wish) WHERE wish <> ALL (granted) ORDER BY wish);
    END LOOP;

    verdict := '[[' || array_to_string(told, ',') || '],[' || array_to_string(dropped, ',') || ']]';
    IF cardinality(dropped) < size THEN
        INSERT INTO journal (events, bodies, verdict) VALUES (size - cardinality(dropped), bodies, verdict);
    END IF;
    RETURN verdict;
END
$$;
"""
