, laid AS (
    SELECT company_id, response_id || '/' || person_id AS journey, touch_ms, touch_id, channel,
           CASE WHEN counts THEN (parts + 500000) // 1000000 ELSE 0 END AS ppm,
           CASE WHEN counts THEN ((parts + 500000) // 1000000 * coalesce(value_cents, 0) + 500000) // 1000000 ELSE 0 END AS cents
    FROM held
    UNION ALL
    SELECT company_id, person_id, touch_ms, touch_id, channel, 0, 0
    FROM touches ANTI JOIN held USING (touch_id), asked WHERE touch_ms >= asked.since_ms
), journeys AS (
    SELECT company_id, string_agg(channel, ' > ' ORDER BY touch_ms, touch_id) AS path, max(ppm) AS ppm, max(cents) AS cents
    FROM laid GROUP BY company_id, journey
)
SELECT company_id, path, count(*) AS journeys, sum(ppm) AS converted_ppm, sum(cents) AS value_cents
FROM journeys GROUP BY ALL ORDER BY company_id, path
