, placed AS (
    SELECT *, row_number() OVER journey AS position, count(*) OVER whole AS length,
           count(*) OVER (PARTITION BY response_id, person_id, channel) AS repeats
    FROM held
    WINDOW journey AS (PARTITION BY response_id, person_id ORDER BY touch_ms, touch_id),
           whole AS (PARTITION BY response_id, person_id)
), steps AS (
    SELECT p.*, p.parts / 1e12 AS p,
           max(CASE WHEN channel <> 'Direct' THEN position ELSE 0 END) OVER whole AS last_sent,
           max(CASE WHEN channel IN ('Cross-network', 'Paid Shopping', 'Paid Search', 'Paid Social', 'Paid Video', 'Display', 'Paid Other') THEN position ELSE 0 END) OVER whole AS last_paid,
           max(CASE WHEN touch_ms <= lead_ms THEN position ELSE 0 END) OVER whole AS lead,
           max(CASE WHEN touch_ms <= opportunity_ms THEN position ELSE 0 END) OVER whole AS opportunity,
           sum(1.0::DOUBLE / repeats) OVER whole AS players,
           pow(2, -((at_ms - touch_ms) / 86400000.0::DOUBLE) / 7) AS decay,
           e.markov / repeats AS markov_part, e.markov_2 / repeats AS markov_2_part, e.shapley / repeats AS shapley_part
    FROM placed p LEFT JOIN (
        SELECT company_id, player, max(effect) FILTER (model = 'markov') AS markov,
               max(effect) FILTER (model = 'markov_2') AS markov_2, max(effect) FILTER (model = 'shapley') AS shapley
        FROM effects GROUP BY ALL
    ) e ON e.company_id = p.company_id AND e.player = p.channel
    WINDOW whole AS (PARTITION BY response_id, person_id)
), anchored AS (
    SELECT *, coalesce(nullif(last_sent, 0), length) AS sent,
           CASE WHEN position = 1 THEN 0.4::DOUBLE ELSE 0 END + CASE WHEN position = length THEN 0.4::DOUBLE ELSE 0 END AS u,
           CASE WHEN position = 1 THEN 0.3::DOUBLE ELSE 0 END + CASE WHEN position = lead THEN 0.3::DOUBLE ELSE 0 END
             + CASE WHEN position = length THEN 0.3::DOUBLE ELSE 0 END AS w,
           CASE WHEN position = 1 THEN 0.225::DOUBLE ELSE 0 END + CASE WHEN position = lead THEN 0.225::DOUBLE ELSE 0 END
             + CASE WHEN position = opportunity THEN 0.225::DOUBLE ELSE 0 END
             + CASE WHEN position = length THEN 0.225::DOUBLE ELSE 0 END AS full_anchor,
           length - 1 - (length > 1)::INT AS u_others,
           length - 1 - (length > 1)::INT - (lead > 1 AND lead < length)::INT AS w_others,
           length - 1 - (length > 1)::INT - (lead > 1 AND lead < length)::INT
             - (opportunity > 1 AND opportunity < length AND opportunity <> lead)::INT AS full_others
    FROM steps
), weighed AS (
    SELECT *, CASE WHEN u > 0 THEN u ELSE 0.2::DOUBLE / greatest(u_others, 1) END AS u_weight,
           CASE WHEN w > 0 THEN w ELSE 0.1::DOUBLE / greatest(w_others, 1) END AS w_weight,
           CASE WHEN full_anchor > 0 THEN full_anchor ELSE 0.1::DOUBLE / greatest(full_others, 1) END AS full_weight
    FROM anchored
), shared AS (
    SELECT *, p * u_weight / sum(u_weight) OVER whole AS position_based, p * w_weight / sum(w_weight) OVER whole AS w_shaped,
           p * full_weight / sum(full_weight) OVER whole AS full_path, p * decay / sum(decay) OVER whole AS time_decay,
           p * markov_part / sum(markov_part) OVER whole AS markov,
           p * markov_2_part / sum(markov_2_part) OVER whole AS markov_2,
           p * shapley_part / sum(shapley_part) OVER whole AS shapley
    FROM weighed WINDOW whole AS (PARTITION BY response_id, person_id)
), touched AS (
    SELECT s.company_id, s.response_id, s.kind, s.at_ms, s.touch_id, t.visit_id, s.touch_ms, s.channel, t.source, t.medium,
           t.campaign, t.ad_group, t.keyword, t.content, t.landing_page, t.referrer_host, t.device, t.region,
           s.position, s.length, s.p,
           CASE WHEN position = 1 THEN p ELSE 0 END AS first_touch, CASE WHEN position = length THEN p ELSE 0 END AS last_touch,
           CASE WHEN position = sent THEN p ELSE 0 END AS last_non_direct,
           CASE WHEN position = coalesce(nullif(last_paid, 0), sent) THEN p ELSE 0 END AS last_paid, p / length AS linear,
           s.time_decay, s.position_based, s.w_shaped, s.full_path, p / repeats / players AS shapley_sum,
           s.markov, s.markov_2, s.shapley, NULL AS reason
    FROM shared s JOIN touchpoints t USING (touch_id)
), known AS (
    SELECT response_id, sum(parts) AS parts FROM candidates GROUP BY ALL
), reached AS (
    SELECT response_id, sum(parts) AS parts FROM placed WHERE position = 1 GROUP BY ALL
), rest AS (
    SELECT r.*, 1e12 - coalesce(k.parts, 0) AS unknown, coalesce(k.parts, 0) - coalesce(h.parts, 0) AS no_touches
    FROM responses r LEFT JOIN known k USING (response_id) LEFT JOIN reached h USING (response_id)
), credited AS (
    SELECT * FROM touched
    UNION ALL BY NAME
    SELECT company_id, response_id, kind, at_ms, p, p AS first_touch, p AS last_touch, p AS last_non_direct, p AS last_paid,
           p AS linear, p AS time_decay, p AS position_based, p AS w_shaped, p AS full_path, p AS shapley_sum,
           p AS markov, p AS markov_2, p AS shapley, reason
    FROM (SELECT *, parts / 1e12 AS p FROM rest UNPIVOT (parts FOR reason IN (unknown, no_touches))) WHERE parts > 1000
), headed AS (
    SELECT *, row_number() OVER (PARTITION BY response_id ORDER BY reason NULLS FIRST, touch_ms, touch_id) = 1 AS head
    FROM credited
), came AS (
    SELECT response_id, max(person) FILTER (WHERE kind IN ('form', 'chat', 'store_visit', 'other')) AS contact,
           list_sort(list(DISTINCT kind) FILTER (WHERE kind NOT IN ('call', 'form', 'chat', 'store_visit', 'other')))
           AS outcomes,
           count(*) FILTER (WHERE kind = 'lead') AS leads, count(*) FILTER (WHERE kind = 'appointment') AS appointments,
           count(*) FILTER (WHERE kind = 'show') AS shows, count(*) FILTER (WHERE kind = 'no_show') AS no_shows,
           count(*) FILTER (WHERE kind = 'opportunity') AS opportunities, count(*) FILTER (WHERE kind = 'sale') AS sales,
           count(*) FILTER (WHERE kind = 'refund') AS refunds, sum(value_cents) FILTER (WHERE kind = 'sale') AS sale_cents,
           sum(value_cents) FILTER (WHERE kind = 'refund') AS refund_cents,
           sum(value_cents) FILTER (WHERE is_open) AS pipeline_cents
    FROM conversions GROUP BY ALL
)
SELECT h.*, coalesce(k.person, m.contact) AS person, k.number_id, k.number, k.pool, k.status, k.ring_secs, k.talk_secs,
       k.is_first_call, k.since_last_secs, k.caller_region, k.line_type, k.agent, k.flow_branch, k.menu_keys,
       k.disposition, k.tags, coalesce(k.is_spam, false) AS is_spam, k.transferred, k.attributed_by, k.p_known,
       m.outcomes, coalesce(m.leads, 0) AS leads, coalesce(m.appointments, 0) AS appointments,
       coalesce(m.shows, 0) AS shows, coalesce(m.no_shows, 0) AS no_shows,
       coalesce(m.opportunities, 0) AS opportunities, coalesce(m.sales, 0) AS sales, coalesce(m.refunds, 0) AS refunds,
       m.sale_cents, m.refund_cents, m.pipeline_cents
FROM headed h LEFT JOIN calls k ON h.response_id = k.call_id LEFT JOIN came m USING (response_id)
ORDER BY at_ms, response_id, reason NULLS FIRST, touch_ms, touch_id
