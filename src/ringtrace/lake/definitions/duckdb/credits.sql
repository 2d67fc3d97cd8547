WITH "responses" AS (
  SELECT
    "t36"."company_id",
    "t36"."response_id",
    "t36"."kind",
    "t36"."at_ms",
    "t36"."lead_ms",
    "t36"."opportunity_ms",
    COALESCE("t36"."counts", FALSE) AS "counts",
    "t36"."value_cents"
  FROM (
    SELECT
      "t29"."company_id",
      "t29"."response_id",
      "t29"."kind",
      "t29"."at_ms",
      "t32"."of",
      "t32"."lead_ms",
      "t32"."opportunity_ms",
      "t32"."counts",
      "t32"."value_cents"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t0"."company_id",
            "t0"."call_id" AS "response_id",
            'call' AS "kind",
            "t0"."started_ms" AS "at_ms"
          FROM "calls" AS "t0"
        ) AS "t7"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t1"."company_id",
            "t1"."response_id",
            "t1"."kind",
            "t1"."response_ms" AS "at_ms"
          FROM "conversions" AS "t1"
          WHERE
            "t1"."kind" IN ('form', 'chat', 'store_visit', 'other')
        ) AS "t13"
      ) AS "t16"
      WHERE
        "t16"."at_ms" >= (
          SELECT
            "t4"."since_ms"
          FROM "asked" AS "t4"
        )
        AND "t16"."at_ms" < (
          SELECT
            "t4"."until_ms"
          FROM "asked" AS "t4"
        )
    ) AS "t29"
    LEFT OUTER JOIN (
      SELECT
        "t17"."response_id" AS "of",
        "t17"."lead_ms",
        "t17"."opportunity_ms",
        "t17"."counts",
        CASE
          WHEN (
            "t17"."sold" - COALESCE("t17"."refunded", 0)
          ) < 0
          THEN 0
          ELSE "t17"."sold" - COALESCE("t17"."refunded", 0)
        END AS "value_cents"
      FROM (
        SELECT
          "t1"."response_id",
          MIN("t1"."at_ms") FILTER(WHERE
            "t1"."kind" = 'lead') AS "lead_ms",
          MIN("t1"."at_ms") FILTER(WHERE
            "t1"."kind" = 'opportunity') AS "opportunity_ms",
          BOOL_OR(CAST("t1"."kind" IN ('call', 'form', 'chat', 'store_visit', 'other') AS BOOLEAN)) AS "counts",
          SUM("t1"."value_cents") FILTER(WHERE
            "t1"."kind" = 'sale') AS "sold",
          SUM("t1"."value_cents") FILTER(WHERE
            "t1"."kind" = 'refund') AS "refunded"
        FROM "conversions" AS "t1"
        GROUP BY
          1
      ) AS "t17"
    ) AS "t32"
      ON "t29"."response_id" = "t32"."of"
  ) AS "t36"
), "people" AS (
  SELECT DISTINCT
    "t42"."visitor_id",
    "t42"."person_id"
  FROM (
    SELECT
      "t39"."company_id",
      "t39"."key_kind",
      "t39"."key",
      "t39"."visitor_id",
      MIN("t39"."person_id") OVER (
        PARTITION BY "t39"."visitor_id"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "person_id"
    FROM (
      SELECT
        "t37"."company_id",
        "t37"."key_kind",
        "t37"."key",
        "t37"."visitor_id",
        MIN("t37"."person_id") OVER (
          PARTITION BY "t37"."company_id", "t37"."key_kind", "t37"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t33"."company_id",
          "t33"."key_kind",
          "t33"."key",
          "t33"."visitor_id",
          MIN("t33"."person_id") OVER (
            PARTITION BY "t33"."visitor_id"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "person_id"
        FROM (
          SELECT
            "t28"."company_id",
            "t28"."key_kind",
            "t28"."key",
            "t28"."visitor_id",
            MIN("t28"."person_id") OVER (
              PARTITION BY "t28"."company_id", "t28"."key_kind", "t28"."key"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "person_id"
          FROM (
            SELECT
              "t24"."company_id",
              "t24"."key_kind",
              "t24"."key",
              "t24"."visitor_id",
              "t24"."visitor_id" AS "person_id"
            FROM (
              SELECT DISTINCT
                "t5"."company_id",
                "t5"."key_kind",
                "t5"."key",
                "t5"."visitor_id"
              FROM "identities" AS "t5"
              WHERE
                "t5"."p" >= CAST('0.8' AS DOUBLE)
                AND "t5"."at_ms" < (
                  SELECT
                    "t4"."until_ms"
                  FROM "asked" AS "t4"
                )
            ) AS "t24"
          ) AS "t28"
        ) AS "t33"
      ) AS "t37"
    ) AS "t39"
  ) AS "t42"
), "person_touches" AS (
  SELECT
    "t50"."company_id",
    "t50"."touch_id",
    "t50"."visitor_id",
    "t50"."channel",
    "t50"."touch_visit_id",
    "t50"."touch_ms",
    COALESCE("t50"."known_as", "t50"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t27"."company_id",
      "t27"."touch_id",
      "t27"."visitor_id",
      "t27"."channel",
      "t27"."touch_visit_id",
      "t27"."touch_ms",
      "t48"."known_id",
      "t48"."known_as"
    FROM (
      SELECT
        "t2"."company_id",
        "t2"."touch_id",
        "t2"."visitor_id",
        "t2"."channel",
        "t2"."visit_id" AS "touch_visit_id",
        "t2"."at_ms" AS "touch_ms"
      FROM "touchpoints" AS "t2"
      WHERE
        "t2"."at_ms" >= (
          (
            SELECT
              "t4"."since_ms"
            FROM "asked" AS "t4"
          ) - (
            SELECT
              "t4"."lookback_ms"
            FROM "asked" AS "t4"
          )
        )
        AND "t2"."at_ms" < (
          SELECT
            "t4"."until_ms"
          FROM "asked" AS "t4"
        )
    ) AS "t27"
    LEFT OUTER JOIN (
      SELECT
        "t45"."visitor_id" AS "known_id",
        "t45"."person_id" AS "known_as"
      FROM "people" AS "t45"
    ) AS "t48"
      ON "t27"."visitor_id" = "t48"."known_id"
  ) AS "t50"
), "candidates" AS (
  SELECT
    "t58"."company_id",
    "t58"."response_id",
    "t58"."kind",
    "t58"."at_ms",
    "t58"."lead_ms",
    "t58"."opportunity_ms",
    "t58"."counts",
    "t58"."value_cents",
    "t58"."person_id",
    "t58"."p_parts",
    "t58"."visit_id",
    ROW_NUMBER() OVER (
      PARTITION BY "t58"."response_id"
      ORDER BY "t58"."person_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "candidate"
  FROM (
    SELECT
      "t57"."company_id",
      "t57"."response_id",
      "t57"."kind",
      "t57"."at_ms",
      "t57"."lead_ms",
      "t57"."opportunity_ms",
      "t57"."counts",
      "t57"."value_cents",
      "t57"."person_id",
      SUM("t57"."p_parts") AS "p_parts",
      MAX("t57"."visit_id") FILTER(WHERE
        "t57"."rank" = 0) AS "visit_id"
    FROM (
      SELECT
        "t53"."company_id",
        "t53"."response_id",
        "t53"."kind",
        "t53"."at_ms",
        "t53"."lead_ms",
        "t53"."opportunity_ms",
        "t53"."counts",
        "t53"."value_cents",
        "t53"."key",
        "t53"."key_kind",
        "t53"."visitor_id",
        "t53"."visit_id",
        "t53"."p",
        "t53"."p_parts",
        "t53"."person_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t53"."response_id", "t53"."person_id"
          ORDER BY "t53"."p_parts" DESC, "t53"."visitor_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "rank"
      FROM (
        SELECT
          "t51"."company_id",
          "t51"."response_id",
          "t51"."kind",
          "t51"."at_ms",
          "t51"."lead_ms",
          "t51"."opportunity_ms",
          "t51"."counts",
          "t51"."value_cents",
          "t51"."key",
          "t51"."key_kind",
          "t51"."visitor_id",
          "t51"."visit_id",
          "t51"."p",
          "t51"."p_parts",
          COALESCE("t51"."known_as", "t51"."visitor_id") AS "person_id"
        FROM (
          SELECT
            "t49"."company_id",
            "t49"."response_id",
            "t49"."kind",
            "t49"."at_ms",
            "t49"."lead_ms",
            "t49"."opportunity_ms",
            "t49"."counts",
            "t49"."value_cents",
            "t49"."key",
            "t49"."key_kind",
            "t49"."visitor_id",
            "t49"."visit_id",
            "t49"."p",
            "t49"."p_parts",
            "t48"."known_id",
            "t48"."known_as"
          FROM (
            SELECT
              "t43"."company_id",
              "t43"."response_id",
              "t43"."kind",
              "t43"."at_ms",
              "t43"."lead_ms",
              "t43"."opportunity_ms",
              "t43"."counts",
              "t43"."value_cents",
              "t43"."key",
              "t43"."key_kind",
              "t43"."visitor_id",
              "t43"."visit_id",
              "t43"."p",
              CAST(ROUND("t43"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
            FROM (
              SELECT
                "t41"."company_id",
                "t41"."response_id",
                "t41"."kind",
                "t41"."at_ms",
                "t41"."lead_ms",
                "t41"."opportunity_ms",
                "t41"."counts",
                "t41"."value_cents",
                "t20"."key",
                "t20"."key_kind",
                "t20"."visitor_id",
                "t20"."visit_id",
                "t20"."p"
              FROM "responses" AS "t41"
              INNER JOIN (
                SELECT
                  "t5"."key",
                  "t5"."key_kind",
                  "t5"."visitor_id",
                  "t5"."visit_id",
                  "t5"."p"
                FROM "identities" AS "t5"
                WHERE
                  "t5"."key_kind" IN ('call', 'form', 'chat', 'store_visit', 'other')
              ) AS "t20"
                ON "t41"."response_id" = "t20"."key" AND "t41"."kind" = "t20"."key_kind"
            ) AS "t43"
            WHERE
              CAST(ROUND("t43"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t49"
          LEFT OUTER JOIN (
            SELECT
              "t45"."visitor_id" AS "known_id",
              "t45"."person_id" AS "known_as"
            FROM "people" AS "t45"
          ) AS "t48"
            ON "t49"."visitor_id" = "t48"."known_id"
        ) AS "t51"
      ) AS "t53"
    ) AS "t57"
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9
  ) AS "t58"
), "held" AS (
  SELECT
    *
  FROM (
    SELECT
      "t61"."company_id",
      "t61"."response_id",
      "t61"."kind",
      "t61"."at_ms",
      "t61"."lead_ms",
      "t61"."opportunity_ms",
      "t61"."counts",
      "t61"."value_cents",
      "t61"."person_id",
      "t61"."p_parts",
      "t61"."visit_id",
      "t61"."candidate",
      "t56"."touch_id",
      "t56"."visitor_id",
      "t56"."channel",
      "t56"."touch_visit_id",
      "t56"."touch_ms"
    FROM "candidates" AS "t61"
    INNER JOIN (
      SELECT
        "t54"."touch_id",
        "t54"."visitor_id",
        "t54"."channel",
        "t54"."touch_visit_id",
        "t54"."touch_ms",
        "t54"."person_id"
      FROM "person_touches" AS "t54"
    ) AS "t56"
      ON "t61"."person_id" = "t56"."person_id"
  ) AS "t64"
  WHERE
    (
      "t64"."at_ms" - "t64"."touch_ms"
    ) >= 0
    AND (
      "t64"."at_ms" - "t64"."touch_ms"
    ) <= (
      SELECT
        "t4"."lookback_ms"
      FROM "asked" AS "t4"
    )
), "steps" AS (
  SELECT
    "t68"."company_id",
    "t68"."response_id",
    "t68"."kind",
    "t68"."at_ms",
    "t68"."lead_ms",
    "t68"."opportunity_ms",
    "t68"."counts",
    "t68"."value_cents",
    "t68"."person_id",
    "t68"."p_parts",
    "t68"."visit_id",
    "t68"."candidate",
    "t68"."touch_id",
    "t68"."visitor_id",
    "t68"."channel",
    "t68"."touch_visit_id",
    "t68"."touch_ms",
    "t68"."player",
    "t68"."position",
    "t68"."length",
    "t68"."repeats",
    "t68"."lead",
    "t68"."opportunity",
    (
      "t68"."at_ms" - "t68"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t68"."channel" <> 'Direct' THEN "t68"."position" ELSE 0 END) OVER (
      PARTITION BY "t68"."response_id", "t68"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t68"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t68"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t68"."response_id", "t68"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    "t68"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
  FROM (
    SELECT
      "t67"."company_id",
      "t67"."response_id",
      "t67"."kind",
      "t67"."at_ms",
      "t67"."lead_ms",
      "t67"."opportunity_ms",
      "t67"."counts",
      "t67"."value_cents",
      "t67"."person_id",
      "t67"."p_parts",
      "t67"."visit_id",
      "t67"."candidate",
      "t67"."touch_id",
      "t67"."visitor_id",
      "t67"."channel",
      "t67"."touch_visit_id",
      "t67"."touch_ms",
      "t67"."player",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t67"."response_id", "t67"."candidate"
          ORDER BY "t67"."touch_ms" ASC, "t67"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) + 1 AS "position",
      COUNT(*) OVER (
        PARTITION BY "t67"."response_id", "t67"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "length",
      COUNT(*) OVER (
        PARTITION BY "t67"."response_id", "t67"."candidate", "t67"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      SUM(CASE WHEN "t67"."touch_ms" <= "t67"."lead_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t67"."response_id", "t67"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      SUM(CASE WHEN "t67"."touch_ms" <= "t67"."opportunity_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t67"."response_id", "t67"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity"
    FROM (
      SELECT
        "t66"."company_id",
        "t66"."response_id",
        "t66"."kind",
        "t66"."at_ms",
        "t66"."lead_ms",
        "t66"."opportunity_ms",
        "t66"."counts",
        "t66"."value_cents",
        "t66"."person_id",
        "t66"."p_parts",
        "t66"."visit_id",
        "t66"."candidate",
        "t66"."touch_id",
        "t66"."visitor_id",
        "t66"."channel",
        "t66"."touch_visit_id",
        "t66"."touch_ms",
        COALESCE("t66"."channel", '(none)') AS "player"
      FROM "held" AS "t66"
    ) AS "t67"
  ) AS "t68"
), "t76" AS (
  SELECT
    "t41"."company_id",
    "t41"."response_id",
    "t41"."kind",
    "t41"."at_ms",
    "t41"."lead_ms",
    "t41"."opportunity_ms",
    "t41"."counts",
    "t41"."value_cents",
    "t63"."said_id",
    "t63"."known_parts",
    "t75"."held_id",
    "t75"."held_parts"
  FROM "responses" AS "t41"
  LEFT OUTER JOIN (
    SELECT
      "t60"."response_id" AS "said_id",
      SUM("t60"."p_parts") AS "known_parts"
    FROM "candidates" AS "t60"
    GROUP BY
      1
  ) AS "t63"
    ON "t41"."response_id" = "t63"."said_id"
  LEFT OUTER JOIN (
    SELECT
      "t72"."response_id" AS "held_id",
      SUM("t72"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "steps" AS "t70"
      WHERE
        "t70"."position" = 1
    ) AS "t72"
    GROUP BY
      1
  ) AS "t75"
    ON "t41"."response_id" = "t75"."held_id"
)
SELECT
  "t93"."company_id",
  "t93"."response_id",
  "t93"."kind",
  "t93"."at_ms",
  "t93"."touch_id",
  "t93"."visit_id",
  "t93"."touch_ms",
  "t93"."channel",
  "t93"."source",
  "t93"."medium",
  "t93"."campaign",
  "t93"."ad_group",
  "t93"."keyword",
  "t93"."content",
  "t93"."landing_page",
  "t93"."referrer_host",
  "t93"."device",
  "t93"."region",
  "t93"."position",
  "t93"."length",
  "t93"."p",
  "t93"."first_touch",
  "t93"."last_touch",
  "t93"."last_non_direct",
  "t93"."last_paid",
  "t93"."linear",
  "t93"."time_decay",
  "t93"."position_based",
  "t93"."w_shaped",
  "t93"."full_path",
  "t93"."shapley_sum",
  "t93"."markov",
  "t93"."markov_2",
  "t93"."shapley",
  "t93"."reason",
  "t93"."head",
  COALESCE("t93"."caller", "t93"."contact") AS "person",
  "t93"."number_id",
  "t93"."number",
  "t93"."pool",
  "t93"."status",
  "t93"."ring_secs",
  "t93"."talk_secs",
  "t93"."is_first_call",
  "t93"."since_last_secs",
  "t93"."caller_region",
  "t93"."line_type",
  "t93"."agent",
  "t93"."flow_branch",
  "t93"."menu_keys",
  "t93"."disposition",
  "t93"."tags",
  COALESCE("t93"."spam", FALSE) AS "is_spam",
  "t93"."transferred",
  "t93"."attributed_by",
  "t93"."p_known",
  "t93"."outcomes",
  COALESCE("t93"."leads", 0) AS "leads",
  COALESCE("t93"."appointments", 0) AS "appointments",
  COALESCE("t93"."shows", 0) AS "shows",
  COALESCE("t93"."no_shows", 0) AS "no_shows",
  COALESCE("t93"."opportunities", 0) AS "opportunities",
  COALESCE("t93"."sales", 0) AS "sales",
  COALESCE("t93"."refunds", 0) AS "refunds",
  "t93"."sale_cents",
  "t93"."refund_cents",
  "t93"."pipeline_cents"
FROM (
  SELECT
    "t92"."company_id",
    "t92"."response_id",
    "t92"."kind",
    "t92"."at_ms",
    "t92"."touch_id",
    "t92"."visit_id",
    "t92"."touch_ms",
    "t92"."channel",
    "t92"."source",
    "t92"."medium",
    "t92"."campaign",
    "t92"."ad_group",
    "t92"."keyword",
    "t92"."content",
    "t92"."landing_page",
    "t92"."referrer_host",
    "t92"."device",
    "t92"."region",
    "t92"."position",
    "t92"."length",
    "t92"."p",
    "t92"."first_touch",
    "t92"."last_touch",
    "t92"."last_non_direct",
    "t92"."last_paid",
    "t92"."linear",
    "t92"."time_decay",
    "t92"."position_based",
    "t92"."w_shaped",
    "t92"."full_path",
    "t92"."shapley_sum",
    "t92"."markov",
    "t92"."markov_2",
    "t92"."shapley",
    "t92"."reason",
    "t92"."head",
    "t12"."caller",
    "t12"."number_id",
    "t12"."number",
    "t12"."pool",
    "t12"."status",
    "t12"."ring_secs",
    "t12"."talk_secs",
    "t12"."is_first_call",
    "t12"."since_last_secs",
    "t12"."caller_region",
    "t12"."line_type",
    "t12"."agent",
    "t12"."flow_branch",
    "t12"."menu_keys",
    "t12"."disposition",
    "t12"."tags",
    "t12"."spam",
    "t12"."transferred",
    "t12"."attributed_by",
    "t12"."p_known",
    "t12"."trait_id",
    "t35"."made_id",
    "t35"."contact",
    "t35"."outcomes",
    "t35"."leads",
    "t35"."appointments",
    "t35"."shows",
    "t35"."no_shows",
    "t35"."opportunities",
    "t35"."sales",
    "t35"."refunds",
    "t35"."sale_cents",
    "t35"."refund_cents",
    "t35"."pipeline_cents"
  FROM (
    SELECT
      "t90"."company_id",
      "t90"."response_id",
      "t90"."kind",
      "t90"."at_ms",
      "t90"."touch_id",
      "t90"."visit_id",
      "t90"."touch_ms",
      "t90"."channel",
      "t90"."source",
      "t90"."medium",
      "t90"."campaign",
      "t90"."ad_group",
      "t90"."keyword",
      "t90"."content",
      "t90"."landing_page",
      "t90"."referrer_host",
      "t90"."device",
      "t90"."region",
      "t90"."position",
      "t90"."length",
      "t90"."p",
      "t90"."first_touch",
      "t90"."last_touch",
      "t90"."last_non_direct",
      "t90"."last_paid",
      "t90"."linear",
      "t90"."time_decay",
      "t90"."position_based",
      "t90"."w_shaped",
      "t90"."full_path",
      "t90"."shapley_sum",
      "t90"."markov",
      "t90"."markov_2",
      "t90"."shapley",
      "t90"."reason",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t90"."response_id"
          ORDER BY "t90"."reason" ASC NULLS FIRST, "t90"."touch_ms" ASC, "t90"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) = 0 AS "head"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t88"."company_id",
          "t88"."response_id",
          "t88"."kind",
          "t88"."at_ms",
          "t88"."touch_id",
          "t88"."visit_id",
          "t88"."touch_ms",
          "t88"."channel",
          "t14"."source",
          "t14"."medium",
          "t14"."campaign",
          "t14"."ad_group",
          "t14"."keyword",
          "t14"."content",
          "t14"."landing_page",
          "t14"."referrer_host",
          "t14"."device",
          "t14"."region",
          "t88"."position",
          "t88"."length",
          "t88"."p",
          "t88"."first_touch",
          "t88"."last_touch",
          "t88"."last_non_direct",
          "t88"."last_paid",
          "t88"."linear",
          "t88"."time_decay",
          "t88"."position_based",
          "t88"."w_shaped",
          "t88"."full_path",
          "t88"."shapley_sum",
          "t88"."markov",
          "t88"."markov_2",
          "t88"."shapley",
          "t88"."reason"
        FROM (
          SELECT
            "t84"."company_id",
            "t84"."response_id",
            "t84"."kind",
            "t84"."at_ms",
            "t84"."lead_ms",
            "t84"."opportunity_ms",
            "t84"."counts",
            "t84"."value_cents",
            "t84"."person_id",
            "t84"."p_parts",
            "t84"."touch_visit_id" AS "visit_id",
            "t84"."candidate",
            "t84"."touch_id",
            "t84"."visitor_id",
            "t84"."channel",
            "t84"."touch_visit_id",
            "t84"."touch_ms",
            "t84"."player",
            "t84"."position",
            "t84"."length",
            "t84"."repeats",
            "t84"."lead",
            "t84"."opportunity",
            "t84"."days_before",
            "t84"."last_sent",
            CASE
              WHEN "t84"."total_last_paid" > 0
              THEN "t84"."last_paid" / "t84"."total_last_paid"
              WHEN "t84"."total_last_paid" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "last_paid",
            "t84"."p",
            CASE
              WHEN "t84"."total_markov" > 0
              THEN "t84"."markov" / "t84"."total_markov"
              WHEN "t84"."total_markov" = 0
              THEN "t84"."one_each" / "t84"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "markov",
            CASE
              WHEN "t84"."total_markov_2" > 0
              THEN "t84"."markov_2" / "t84"."total_markov_2"
              WHEN "t84"."total_markov_2" = 0
              THEN "t84"."one_each" / "t84"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "markov_2",
            CASE
              WHEN "t84"."total_shapley" > 0
              THEN "t84"."shapley" / "t84"."total_shapley"
              WHEN "t84"."total_shapley" = 0
              THEN "t84"."one_each" / "t84"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "shapley",
            CASE
              WHEN "t84"."total_first_touch" > 0
              THEN "t84"."first_touch" / "t84"."total_first_touch"
              WHEN "t84"."total_first_touch" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "first_touch",
            CASE
              WHEN "t84"."total_last_touch" > 0
              THEN "t84"."last_touch" / "t84"."total_last_touch"
              WHEN "t84"."total_last_touch" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "last_touch",
            CASE
              WHEN "t84"."total_last_non_direct" > 0
              THEN "t84"."last_non_direct" / "t84"."total_last_non_direct"
              WHEN "t84"."total_last_non_direct" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "last_non_direct",
            CASE
              WHEN "t84"."total_linear" > 0
              THEN "t84"."linear" / "t84"."total_linear"
              WHEN "t84"."total_linear" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "linear",
            CASE
              WHEN "t84"."total_time_decay" > 0
              THEN "t84"."time_decay" / "t84"."total_time_decay"
              WHEN "t84"."total_time_decay" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "time_decay",
            CASE
              WHEN "t84"."total_position_based" > 0
              THEN "t84"."position_based" / "t84"."total_position_based"
              WHEN "t84"."total_position_based" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "position_based",
            CASE
              WHEN "t84"."total_w_shaped" > 0
              THEN "t84"."w_shaped" / "t84"."total_w_shaped"
              WHEN "t84"."total_w_shaped" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "w_shaped",
            CASE
              WHEN "t84"."total_full_path" > 0
              THEN "t84"."full_path" / "t84"."total_full_path"
              WHEN "t84"."total_full_path" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "full_path",
            CASE
              WHEN "t84"."total_shapley_sum" > 0
              THEN "t84"."shapley_sum" / "t84"."total_shapley_sum"
              WHEN "t84"."total_shapley_sum" = 0
              THEN CAST('1.0' AS DOUBLE) / "t84"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t84"."p" AS "shapley_sum",
            CAST(NULL AS TEXT) AS "reason"
          FROM (
            SELECT
              "t80"."company_id",
              "t80"."response_id",
              "t80"."kind",
              "t80"."at_ms",
              "t80"."lead_ms",
              "t80"."opportunity_ms",
              "t80"."counts",
              "t80"."value_cents",
              "t80"."person_id",
              "t80"."p_parts",
              "t80"."visit_id",
              "t80"."candidate",
              "t80"."touch_id",
              "t80"."visitor_id",
              "t80"."channel",
              "t80"."touch_visit_id",
              "t80"."touch_ms",
              "t80"."player",
              (
                ROW_NUMBER() OVER (
                  PARTITION BY "t80"."response_id", "t80"."candidate"
                  ORDER BY "t80"."touch_ms" ASC, "t80"."touch_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1
              ) + 1 AS "position",
              "t80"."length",
              "t80"."repeats",
              "t80"."lead",
              "t80"."opportunity",
              "t80"."days_before",
              "t80"."last_sent",
              "t80"."last_paid",
              "t80"."p",
              "t80"."markov",
              "t80"."markov_2",
              "t80"."shapley",
              "t80"."first_touch",
              "t80"."last_touch",
              "t80"."last_non_direct",
              "t80"."linear",
              "t80"."time_decay",
              "t80"."position_based",
              "t80"."w_shaped",
              "t80"."full_path",
              "t80"."shapley_sum",
              "t80"."one_each",
              SUM("t80"."first_touch") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_first_touch",
              SUM("t80"."last_touch") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_touch",
              SUM("t80"."last_non_direct") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_non_direct",
              SUM("t80"."last_paid") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_paid",
              SUM("t80"."linear") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_linear",
              SUM("t80"."time_decay") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_time_decay",
              SUM("t80"."position_based") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_position_based",
              SUM("t80"."w_shaped") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_w_shaped",
              SUM("t80"."full_path") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_full_path",
              SUM("t80"."shapley_sum") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_shapley_sum",
              SUM("t80"."markov") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_markov",
              SUM("t80"."markov_2") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_markov_2",
              SUM("t80"."shapley") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_shapley",
              SUM("t80"."one_each") OVER (
                PARTITION BY "t80"."response_id", "t80"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_one_each"
            FROM (
              SELECT
                "t73"."company_id",
                "t73"."response_id",
                "t73"."kind",
                "t73"."at_ms",
                "t73"."lead_ms",
                "t73"."opportunity_ms",
                "t73"."counts",
                "t73"."value_cents",
                "t73"."person_id",
                "t73"."p_parts",
                "t73"."visit_id",
                "t73"."candidate",
                "t73"."touch_id",
                "t73"."visitor_id",
                "t73"."channel",
                "t73"."touch_visit_id",
                "t73"."touch_ms",
                "t73"."player",
                "t73"."position",
                "t73"."length",
                "t73"."repeats",
                "t73"."lead",
                "t73"."opportunity",
                "t73"."days_before",
                "t73"."last_sent",
                CASE
                  WHEN "t73"."position" = CASE
                    WHEN "t73"."last_paid" > 0
                    THEN "t73"."last_paid"
                    ELSE CASE WHEN "t73"."last_sent" > 0 THEN "t73"."last_sent" ELSE "t73"."length" END
                  END
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_paid",
                "t73"."p",
                CASE
                  WHEN "t73"."has_markov"
                  THEN COALESCE("t73"."markov", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t73"."repeats" AS "markov",
                CASE
                  WHEN "t73"."has_markov_2"
                  THEN COALESCE("t73"."markov_2", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t73"."repeats" AS "markov_2",
                CASE
                  WHEN "t73"."has_shapley"
                  THEN COALESCE("t73"."shapley", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t73"."repeats" AS "shapley",
                CASE
                  WHEN "t73"."position" = 1
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "first_touch",
                CASE
                  WHEN "t73"."position" = "t73"."length"
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_touch",
                CASE
                  WHEN "t73"."position" = CASE WHEN "t73"."last_sent" > 0 THEN "t73"."last_sent" ELSE "t73"."length" END
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_non_direct",
                CAST('1.0' AS DOUBLE) / "t73"."length" AS "linear",
                POWER(
                  CAST('2.0' AS DOUBLE),
                  (
                    -(
                      "t73"."days_before"
                    ) / CAST('7.0' AS DOUBLE)
                  )
                ) AS "time_decay",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t73"."position" = 1
                      THEN CAST('0.4' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."length"
                      THEN CAST('0.4' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t73"."position" = 1
                    THEN CAST('0.4' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."length"
                    THEN CAST('0.4' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                    WHEN (
                      (
                        "t73"."length" - 1
                      ) - CASE
                        WHEN "t73"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                      END
                    ) > 0
                    THEN (
                      "t73"."length" - 1
                    ) - CASE
                      WHEN "t73"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                    END
                    ELSE 1
                  END
                END AS "position_based",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t73"."position" = 1
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."lead"
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."length"
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t73"."position" = 1
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."lead"
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."length"
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                    WHEN (
                      (
                        (
                          "t73"."length" - 1
                        ) - CASE
                          WHEN "t73"."lead" = 1
                          THEN 0
                          ELSE CASE WHEN "t73"."lead" > 0 THEN 1 ELSE 0 END
                        END
                      ) - CASE
                        WHEN "t73"."length" = "t73"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t73"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    ) > 0
                    THEN (
                      (
                        "t73"."length" - 1
                      ) - CASE
                        WHEN "t73"."lead" = 1
                        THEN 0
                        ELSE CASE WHEN "t73"."lead" > 0 THEN 1 ELSE 0 END
                      END
                    ) - CASE
                      WHEN "t73"."length" = "t73"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t73"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                      END
                    END
                    ELSE 1
                  END
                END AS "w_shaped",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t73"."position" = 1
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."lead"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."opportunity"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t73"."position" = "t73"."length"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t73"."position" = 1
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."lead"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."opportunity"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t73"."position" = "t73"."length"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                    WHEN (
                      (
                        (
                          (
                            "t73"."length" - 1
                          ) - CASE
                            WHEN "t73"."lead" = 1
                            THEN 0
                            ELSE CASE WHEN "t73"."lead" > 0 THEN 1 ELSE 0 END
                          END
                        ) - CASE
                          WHEN "t73"."opportunity" = "t73"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t73"."opportunity" = 1
                            THEN 0
                            ELSE CASE WHEN "t73"."opportunity" > 0 THEN 1 ELSE 0 END
                          END
                        END
                      ) - CASE
                        WHEN "t73"."length" = "t73"."opportunity"
                        THEN 0
                        ELSE CASE
                          WHEN "t73"."length" = "t73"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t73"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                          END
                        END
                      END
                    ) > 0
                    THEN (
                      (
                        (
                          "t73"."length" - 1
                        ) - CASE
                          WHEN "t73"."lead" = 1
                          THEN 0
                          ELSE CASE WHEN "t73"."lead" > 0 THEN 1 ELSE 0 END
                        END
                      ) - CASE
                        WHEN "t73"."opportunity" = "t73"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t73"."opportunity" = 1
                          THEN 0
                          ELSE CASE WHEN "t73"."opportunity" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    ) - CASE
                      WHEN "t73"."length" = "t73"."opportunity"
                      THEN 0
                      ELSE CASE
                        WHEN "t73"."length" = "t73"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t73"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t73"."length" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    END
                    ELSE 1
                  END
                END AS "full_path",
                CAST('1.0' AS DOUBLE) / "t73"."repeats" AS "shapley_sum",
                CAST('1.0' AS DOUBLE) / "t73"."repeats" AS "one_each"
              FROM (
                SELECT
                  "t71"."company_id",
                  "t71"."response_id",
                  "t71"."kind",
                  "t71"."at_ms",
                  "t71"."lead_ms",
                  "t71"."opportunity_ms",
                  "t71"."counts",
                  "t71"."value_cents",
                  "t71"."person_id",
                  "t71"."p_parts",
                  "t71"."visit_id",
                  "t71"."candidate",
                  "t71"."touch_id",
                  "t71"."visitor_id",
                  "t71"."channel",
                  "t71"."touch_visit_id",
                  "t71"."touch_ms",
                  "t71"."player",
                  "t71"."position",
                  "t71"."length",
                  "t71"."repeats",
                  "t71"."lead",
                  "t71"."opportunity",
                  "t71"."days_before",
                  "t71"."last_sent",
                  "t71"."last_paid",
                  "t71"."p",
                  "t22"."has_markov",
                  "t22"."has_markov_2",
                  "t22"."has_shapley",
                  "t23"."by_company",
                  "t23"."by_player",
                  "t23"."markov",
                  "t23"."markov_2",
                  "t23"."shapley"
                FROM "steps" AS "t71"
                LEFT OUTER JOIN (
                  SELECT
                    "t3"."company_id" AS "fitted_company",
                    BOOL_OR(CAST("t3"."model" = 'markov' AS BOOLEAN)) AS "has_markov",
                    BOOL_OR(CAST("t3"."model" = 'markov_2' AS BOOLEAN)) AS "has_markov_2",
                    BOOL_OR(CAST("t3"."model" = 'shapley' AS BOOLEAN)) AS "has_shapley"
                  FROM "effects" AS "t3"
                  GROUP BY
                    1
                ) AS "t22"
                  ON "t71"."company_id" = "t22"."fitted_company"
                LEFT OUTER JOIN (
                  SELECT
                    "t3"."company_id" AS "by_company",
                    "t3"."player" AS "by_player",
                    MAX("t3"."effect") FILTER(WHERE
                      "t3"."model" = 'markov') AS "markov",
                    MAX("t3"."effect") FILTER(WHERE
                      "t3"."model" = 'markov_2') AS "markov_2",
                    MAX("t3"."effect") FILTER(WHERE
                      "t3"."model" = 'shapley') AS "shapley"
                  FROM "effects" AS "t3"
                  GROUP BY
                    1,
                    2
                ) AS "t23"
                  ON "t71"."company_id" = "t23"."by_company" AND "t71"."player" = "t23"."by_player"
              ) AS "t73"
            ) AS "t80"
          ) AS "t84"
        ) AS "t88"
        INNER JOIN (
          SELECT
            "t2"."touch_id",
            "t2"."source",
            "t2"."medium",
            "t2"."campaign",
            "t2"."ad_group",
            "t2"."keyword",
            "t2"."content",
            "t2"."landing_page",
            "t2"."referrer_host",
            "t2"."device",
            "t2"."region"
          FROM "touchpoints" AS "t2"
        ) AS "t14"
          ON "t88"."touch_id" = "t14"."touch_id"
      ) AS "t89"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t85"."company_id",
          "t85"."response_id",
          "t85"."kind",
          "t85"."at_ms",
          CAST(NULL AS TEXT) AS "touch_id",
          CAST(NULL AS TEXT) AS "visit_id",
          CAST(NULL AS BIGINT) AS "touch_ms",
          CAST(NULL AS TEXT) AS "channel",
          CAST(NULL AS TEXT) AS "source",
          CAST(NULL AS TEXT) AS "medium",
          CAST(NULL AS TEXT) AS "campaign",
          CAST(NULL AS TEXT) AS "ad_group",
          CAST(NULL AS TEXT) AS "keyword",
          CAST(NULL AS TEXT) AS "content",
          CAST(NULL AS TEXT) AS "landing_page",
          CAST(NULL AS TEXT) AS "referrer_host",
          CAST(NULL AS TEXT) AS "device",
          CAST(NULL AS TEXT) AS "region",
          CAST(NULL AS BIGINT) AS "position",
          CAST(NULL AS BIGINT) AS "length",
          "t85"."p",
          "t85"."p" AS "first_touch",
          "t85"."p" AS "last_touch",
          "t85"."p" AS "last_non_direct",
          "t85"."p" AS "last_paid",
          "t85"."p" AS "linear",
          "t85"."p" AS "time_decay",
          "t85"."p" AS "position_based",
          "t85"."p" AS "w_shaped",
          "t85"."p" AS "full_path",
          "t85"."p" AS "shapley_sum",
          CASE WHEN "t85"."has_markov" THEN "t85"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
          CASE WHEN "t85"."has_markov_2" THEN "t85"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
          CASE WHEN "t85"."has_shapley" THEN "t85"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
          "t85"."reason"
        FROM (
          SELECT
            "t83"."company_id",
            "t83"."response_id",
            "t83"."kind",
            "t83"."at_ms",
            "t83"."lead_ms",
            "t83"."opportunity_ms",
            "t83"."counts",
            "t83"."value_cents",
            "t83"."said_id",
            "t83"."known_parts",
            "t83"."held_id",
            "t83"."held_parts",
            "t83"."reason",
            "t83"."parts",
            "t83"."p",
            "t22"."has_markov",
            "t22"."has_markov_2",
            "t22"."has_shapley"
          FROM (
            SELECT
              "t81"."company_id",
              "t81"."response_id",
              "t81"."kind",
              "t81"."at_ms",
              "t81"."lead_ms",
              "t81"."opportunity_ms",
              "t81"."counts",
              "t81"."value_cents",
              "t81"."said_id",
              "t81"."known_parts",
              "t81"."held_id",
              "t81"."held_parts",
              "t81"."reason",
              "t81"."parts",
              "t81"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t77"."company_id",
                  "t77"."response_id",
                  "t77"."kind",
                  "t77"."at_ms",
                  "t77"."lead_ms",
                  "t77"."opportunity_ms",
                  "t77"."counts",
                  "t77"."value_cents",
                  "t77"."said_id",
                  "t77"."known_parts",
                  "t77"."held_id",
                  "t77"."held_parts",
                  'unknown' AS "reason",
                  1000000000000 - COALESCE("t77"."known_parts", 0) AS "parts"
                FROM "t76" AS "t77"
              ) AS "t78"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t77"."company_id",
                  "t77"."response_id",
                  "t77"."kind",
                  "t77"."at_ms",
                  "t77"."lead_ms",
                  "t77"."opportunity_ms",
                  "t77"."counts",
                  "t77"."value_cents",
                  "t77"."said_id",
                  "t77"."known_parts",
                  "t77"."held_id",
                  "t77"."held_parts",
                  'no_touches' AS "reason",
                  COALESCE("t77"."known_parts", 0) - COALESCE("t77"."held_parts", 0) AS "parts"
                FROM "t76" AS "t77"
              ) AS "t79"
            ) AS "t81"
            WHERE
              "t81"."parts" > 1000
          ) AS "t83"
          LEFT OUTER JOIN (
            SELECT
              "t3"."company_id" AS "fitted_company",
              BOOL_OR(CAST("t3"."model" = 'markov' AS BOOLEAN)) AS "has_markov",
              BOOL_OR(CAST("t3"."model" = 'markov_2' AS BOOLEAN)) AS "has_markov_2",
              BOOL_OR(CAST("t3"."model" = 'shapley' AS BOOLEAN)) AS "has_shapley"
            FROM "effects" AS "t3"
            GROUP BY
              1
          ) AS "t22"
            ON "t83"."company_id" = "t22"."fitted_company"
        ) AS "t85"
      ) AS "t87"
    ) AS "t90"
  ) AS "t92"
  LEFT OUTER JOIN (
    SELECT
      "t0"."person" AS "caller",
      "t0"."number_id",
      "t0"."number",
      "t0"."pool",
      "t0"."status",
      "t0"."ring_secs",
      "t0"."talk_secs",
      "t0"."is_first_call",
      "t0"."since_last_secs",
      "t0"."caller_region",
      "t0"."line_type",
      "t0"."agent",
      "t0"."flow_branch",
      "t0"."menu_keys",
      "t0"."disposition",
      "t0"."tags",
      "t0"."is_spam" AS "spam",
      "t0"."transferred",
      "t0"."attributed_by",
      "t0"."p_known",
      "t0"."call_id" AS "trait_id"
    FROM "calls" AS "t0"
  ) AS "t12"
    ON "t92"."response_id" = "t12"."trait_id"
  LEFT OUTER JOIN (
    SELECT
      "t30"."made_id",
      "t30"."contact",
      CASE WHEN "t30"."told" > 0 THEN "t30"."outcomes" ELSE CAST(NULL AS TEXT[]) END AS "outcomes",
      "t30"."leads",
      "t30"."appointments",
      "t30"."shows",
      "t30"."no_shows",
      "t30"."opportunities",
      "t30"."sales",
      "t30"."refunds",
      "t30"."sale_cents",
      "t30"."refund_cents",
      "t30"."pipeline_cents"
    FROM (
      SELECT
        "t21"."response_id" AS "made_id",
        MAX("t21"."someone") AS "contact",
        LIST_SORT(ARRAY_AGG(DISTINCT "t21"."outcome") FILTER(WHERE
          "t21"."outcome" IS NOT NULL)) AS "outcomes",
        COUNT("t21"."outcome") AS "told",
        SUM(CASE WHEN "t21"."kind" = 'lead' THEN 1 ELSE 0 END) AS "leads",
        SUM(CASE WHEN "t21"."kind" = 'appointment' THEN 1 ELSE 0 END) AS "appointments",
        SUM(CASE WHEN "t21"."kind" = 'show' THEN 1 ELSE 0 END) AS "shows",
        SUM(CASE WHEN "t21"."kind" = 'no_show' THEN 1 ELSE 0 END) AS "no_shows",
        SUM(CASE WHEN "t21"."kind" = 'opportunity' THEN 1 ELSE 0 END) AS "opportunities",
        SUM(CASE WHEN "t21"."kind" = 'sale' THEN 1 ELSE 0 END) AS "sales",
        SUM(CASE WHEN "t21"."kind" = 'refund' THEN 1 ELSE 0 END) AS "refunds",
        SUM("t21"."value_cents") FILTER(WHERE
          "t21"."kind" = 'sale') AS "sale_cents",
        SUM("t21"."value_cents") FILTER(WHERE
          "t21"."kind" = 'refund') AS "refund_cents",
        SUM("t21"."value_cents") FILTER(WHERE
          "t21"."is_open") AS "pipeline_cents"
      FROM (
        SELECT
          "t1"."company_id",
          "t1"."conversion_id",
          "t1"."kind",
          "t1"."response_id",
          "t1"."call_id",
          "t1"."at_ms",
          "t1"."response_ms",
          "t1"."value_cents",
          "t1"."definition",
          "t1"."person",
          "t1"."stage",
          "t1"."is_open",
          CASE
            WHEN NOT (
              "t1"."kind" IN ('call', 'form', 'chat', 'store_visit', 'other')
            )
            THEN "t1"."kind"
            ELSE CAST(NULL AS TEXT)
          END AS "outcome",
          CASE
            WHEN NOT (
              "t1"."kind" IN ('call', 'form', 'chat', 'store_visit', 'other')
            )
            THEN CAST(NULL AS TEXT)
            ELSE "t1"."person"
          END AS "someone"
        FROM "conversions" AS "t1"
      ) AS "t21"
      GROUP BY
        1
    ) AS "t30"
  ) AS "t35"
    ON "t92"."response_id" = "t35"."made_id"
) AS "t93"
ORDER BY
  "t93"."at_ms" ASC,
  "t93"."response_id" ASC,
  "t93"."reason" ASC NULLS FIRST,
  "t93"."touch_ms" ASC,
  "t93"."touch_id" ASC
