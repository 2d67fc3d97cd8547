-- What both definitions begin with.
WITH edges AS (
    SELECT DISTINCT company_id, key_kind, key, visitor_id FROM identities
    WHERE p >= 0.8::DOUBLE AND at_ms < (SELECT until_ms FROM asked)
), round_1 AS (
    SELECT *, min(least) OVER (PARTITION BY visitor_id) AS label
    FROM (SELECT *, min(visitor_id) OVER (PARTITION BY company_id, key_kind, key) AS least FROM edges)
), people AS (
    SELECT visitor_id, min(least_2) AS person_id
    FROM (SELECT visitor_id, min(label) OVER (PARTITION BY company_id, key_kind, key) AS least_2 FROM round_1)
    GROUP BY visitor_id
), made AS (
    SELECT response_id, min(at_ms) FILTER (kind = 'lead') AS lead_ms,
           min(at_ms) FILTER (kind = 'opportunity') AS opportunity_ms,
           bool_or(kind IN ('call', 'form', 'chat', 'store_visit', 'other')) AS counts,
           greatest(sum(value_cents) FILTER (kind = 'sale') - coalesce(sum(value_cents) FILTER (kind = 'refund'), 0),
                    CASE WHEN sum(value_cents) FILTER (kind = 'sale') IS NOT NULL THEN 0 END) AS value_cents
    FROM conversions GROUP BY response_id
), responses AS (
    SELECT r.*, m.lead_ms, m.opportunity_ms, coalesce(m.counts, false) AS counts, m.value_cents
    FROM (SELECT company_id, call_id AS response_id, 'call' AS kind, started_ms AS at_ms FROM calls
          UNION ALL
          SELECT company_id, response_id, kind, response_ms FROM conversions
          WHERE kind IN ('form', 'chat', 'store_visit', 'other')) r
    LEFT JOIN made m USING (response_id), asked
    WHERE r.at_ms >= asked.since_ms AND r.at_ms < asked.until_ms
), candidates AS (
    SELECT r.company_id, r.response_id, r.kind, r.at_ms, r.lead_ms, r.opportunity_ms, r.counts, r.value_cents,
           coalesce(p.person_id, i.visitor_id) AS person_id, sum(round(i.p * 1e12)::BIGINT)::BIGINT AS parts
    FROM responses r JOIN identities i ON i.key = r.response_id AND i.key_kind = r.kind AND i.p > 5e-13
    LEFT JOIN people p USING (visitor_id)
    GROUP BY ALL
), touches AS (
    SELECT t.touch_id, t.at_ms AS touch_ms, t.channel, coalesce(p.person_id, t.visitor_id) AS person_id, t.company_id
    FROM touchpoints t LEFT JOIN people p USING (visitor_id), asked
    WHERE t.at_ms >= asked.since_ms - asked.lookback_ms AND t.at_ms < asked.until_ms
), held AS (
    SELECT c.*, t.touch_id, t.touch_ms, t.channel
    FROM candidates c JOIN touches t USING (person_id), asked
    WHERE t.touch_ms BETWEEN c.at_ms - asked.lookback_ms AND c.at_ms
)
