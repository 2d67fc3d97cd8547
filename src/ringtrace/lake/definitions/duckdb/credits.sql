WITH "responses" AS (
  SELECT
    "t35"."company_id",
    "t35"."response_id",
    "t35"."kind",
    "t35"."at_ms",
    "t35"."lead_ms",
    "t35"."opportunity_ms",
    COALESCE("t35"."counts", FALSE) AS "counts",
    "t35"."value_cents"
  FROM (
    SELECT
      "t29"."company_id",
      "t29"."response_id",
      "t29"."kind",
      "t29"."at_ms",
      "t33"."of",
      "t33"."lead_ms",
      "t33"."opportunity_ms",
      "t33"."counts",
      "t33"."value_cents"
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
    ) AS "t33"
      ON "t29"."response_id" = "t33"."of"
  ) AS "t35"
), "people" AS (
  SELECT DISTINCT
    "t41"."visitor_id",
    "t41"."person_id"
  FROM (
    SELECT
      "t38"."company_id",
      "t38"."key_kind",
      "t38"."key",
      "t38"."visitor_id",
      MIN("t38"."person_id") OVER (
        PARTITION BY "t38"."visitor_id"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "person_id"
    FROM (
      SELECT
        "t36"."company_id",
        "t36"."key_kind",
        "t36"."key",
        "t36"."visitor_id",
        MIN("t36"."person_id") OVER (
          PARTITION BY "t36"."company_id", "t36"."key_kind", "t36"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t34"."company_id",
          "t34"."key_kind",
          "t34"."key",
          "t34"."visitor_id",
          MIN("t34"."person_id") OVER (
            PARTITION BY "t34"."visitor_id"
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
        ) AS "t34"
      ) AS "t36"
    ) AS "t38"
  ) AS "t41"
), "person_touches" AS (
  SELECT
    "t49"."company_id",
    "t49"."touch_id",
    "t49"."visitor_id",
    "t49"."channel",
    "t49"."touch_visit_id",
    "t49"."touch_ms",
    COALESCE("t49"."known_as", "t49"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t27"."company_id",
      "t27"."touch_id",
      "t27"."visitor_id",
      "t27"."channel",
      "t27"."touch_visit_id",
      "t27"."touch_ms",
      "t47"."known_id",
      "t47"."known_as"
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
        "t44"."visitor_id" AS "known_id",
        "t44"."person_id" AS "known_as"
      FROM "people" AS "t44"
    ) AS "t47"
      ON "t27"."visitor_id" = "t47"."known_id"
  ) AS "t49"
), "candidates" AS (
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
    "t57"."p_parts",
    "t57"."visit_id",
    ROW_NUMBER() OVER (
      PARTITION BY "t57"."response_id"
      ORDER BY "t57"."person_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "candidate"
  FROM (
    SELECT
      "t56"."company_id",
      "t56"."response_id",
      "t56"."kind",
      "t56"."at_ms",
      "t56"."lead_ms",
      "t56"."opportunity_ms",
      "t56"."counts",
      "t56"."value_cents",
      "t56"."person_id",
      SUM("t56"."p_parts") AS "p_parts",
      MAX("t56"."visit_id") FILTER(WHERE
        "t56"."rank" = 0) AS "visit_id"
    FROM (
      SELECT
        "t52"."company_id",
        "t52"."response_id",
        "t52"."kind",
        "t52"."at_ms",
        "t52"."lead_ms",
        "t52"."opportunity_ms",
        "t52"."counts",
        "t52"."value_cents",
        "t52"."key",
        "t52"."key_kind",
        "t52"."visitor_id",
        "t52"."visit_id",
        "t52"."p",
        "t52"."p_parts",
        "t52"."person_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t52"."response_id", "t52"."person_id"
          ORDER BY "t52"."p_parts" DESC, "t52"."visitor_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "rank"
      FROM (
        SELECT
          "t50"."company_id",
          "t50"."response_id",
          "t50"."kind",
          "t50"."at_ms",
          "t50"."lead_ms",
          "t50"."opportunity_ms",
          "t50"."counts",
          "t50"."value_cents",
          "t50"."key",
          "t50"."key_kind",
          "t50"."visitor_id",
          "t50"."visit_id",
          "t50"."p",
          "t50"."p_parts",
          COALESCE("t50"."known_as", "t50"."visitor_id") AS "person_id"
        FROM (
          SELECT
            "t48"."company_id",
            "t48"."response_id",
            "t48"."kind",
            "t48"."at_ms",
            "t48"."lead_ms",
            "t48"."opportunity_ms",
            "t48"."counts",
            "t48"."value_cents",
            "t48"."key",
            "t48"."key_kind",
            "t48"."visitor_id",
            "t48"."visit_id",
            "t48"."p",
            "t48"."p_parts",
            "t47"."known_id",
            "t47"."known_as"
          FROM (
            SELECT
              "t42"."company_id",
              "t42"."response_id",
              "t42"."kind",
              "t42"."at_ms",
              "t42"."lead_ms",
              "t42"."opportunity_ms",
              "t42"."counts",
              "t42"."value_cents",
              "t42"."key",
              "t42"."key_kind",
              "t42"."visitor_id",
              "t42"."visit_id",
              "t42"."p",
              CAST(ROUND("t42"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
            FROM (
              SELECT
                "t40"."company_id",
                "t40"."response_id",
                "t40"."kind",
                "t40"."at_ms",
                "t40"."lead_ms",
                "t40"."opportunity_ms",
                "t40"."counts",
                "t40"."value_cents",
                "t20"."key",
                "t20"."key_kind",
                "t20"."visitor_id",
                "t20"."visit_id",
                "t20"."p"
              FROM "responses" AS "t40"
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
                ON "t40"."response_id" = "t20"."key" AND "t40"."kind" = "t20"."key_kind"
            ) AS "t42"
            WHERE
              CAST(ROUND("t42"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t48"
          LEFT OUTER JOIN (
            SELECT
              "t44"."visitor_id" AS "known_id",
              "t44"."person_id" AS "known_as"
            FROM "people" AS "t44"
          ) AS "t47"
            ON "t48"."visitor_id" = "t47"."known_id"
        ) AS "t50"
      ) AS "t52"
    ) AS "t56"
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
  ) AS "t57"
), "held" AS (
  SELECT
    *
  FROM (
    SELECT
      "t60"."company_id",
      "t60"."response_id",
      "t60"."kind",
      "t60"."at_ms",
      "t60"."lead_ms",
      "t60"."opportunity_ms",
      "t60"."counts",
      "t60"."value_cents",
      "t60"."person_id",
      "t60"."p_parts",
      "t60"."visit_id",
      "t60"."candidate",
      "t55"."touch_id",
      "t55"."visitor_id",
      "t55"."channel",
      "t55"."touch_visit_id",
      "t55"."touch_ms"
    FROM "candidates" AS "t60"
    INNER JOIN (
      SELECT
        "t53"."touch_id",
        "t53"."visitor_id",
        "t53"."channel",
        "t53"."touch_visit_id",
        "t53"."touch_ms",
        "t53"."person_id"
      FROM "person_touches" AS "t53"
    ) AS "t55"
      ON "t60"."person_id" = "t55"."person_id"
  ) AS "t63"
  WHERE
    (
      "t63"."at_ms" - "t63"."touch_ms"
    ) >= 0
    AND (
      "t63"."at_ms" - "t63"."touch_ms"
    ) <= (
      SELECT
        "t4"."lookback_ms"
      FROM "asked" AS "t4"
    )
), "steps" AS (
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
    "t67"."position",
    "t67"."length",
    "t67"."repeats",
    "t67"."lead",
    "t67"."opportunity",
    (
      "t67"."at_ms" - "t67"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t67"."channel" <> 'Direct' THEN "t67"."position" ELSE 0 END) OVER (
      PARTITION BY "t67"."response_id", "t67"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t67"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t67"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t67"."response_id", "t67"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    "t67"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
      "t66"."player",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t66"."response_id", "t66"."candidate"
          ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) + 1 AS "position",
      COUNT(*) OVER (
        PARTITION BY "t66"."response_id", "t66"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "length",
      COUNT(*) OVER (
        PARTITION BY "t66"."response_id", "t66"."candidate", "t66"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      SUM(CASE WHEN "t66"."touch_ms" <= "t66"."lead_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t66"."response_id", "t66"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      SUM(CASE WHEN "t66"."touch_ms" <= "t66"."opportunity_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t66"."response_id", "t66"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity"
    FROM (
      SELECT
        "t65"."company_id",
        "t65"."response_id",
        "t65"."kind",
        "t65"."at_ms",
        "t65"."lead_ms",
        "t65"."opportunity_ms",
        "t65"."counts",
        "t65"."value_cents",
        "t65"."person_id",
        "t65"."p_parts",
        "t65"."visit_id",
        "t65"."candidate",
        "t65"."touch_id",
        "t65"."visitor_id",
        "t65"."channel",
        "t65"."touch_visit_id",
        "t65"."touch_ms",
        COALESCE("t65"."channel", '(none)') AS "player"
      FROM "held" AS "t65"
    ) AS "t66"
  ) AS "t67"
), "t75" AS (
  SELECT
    "t40"."company_id",
    "t40"."response_id",
    "t40"."kind",
    "t40"."at_ms",
    "t40"."lead_ms",
    "t40"."opportunity_ms",
    "t40"."counts",
    "t40"."value_cents",
    "t62"."said_id",
    "t62"."known_parts",
    "t74"."held_id",
    "t74"."held_parts"
  FROM "responses" AS "t40"
  LEFT OUTER JOIN (
    SELECT
      "t59"."response_id" AS "said_id",
      SUM("t59"."p_parts") AS "known_parts"
    FROM "candidates" AS "t59"
    GROUP BY
      1
  ) AS "t62"
    ON "t40"."response_id" = "t62"."said_id"
  LEFT OUTER JOIN (
    SELECT
      "t71"."response_id" AS "held_id",
      SUM("t71"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "steps" AS "t69"
      WHERE
        "t69"."position" = 1
    ) AS "t71"
    GROUP BY
      1
  ) AS "t74"
    ON "t40"."response_id" = "t74"."held_id"
)
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
  COALESCE("t92"."caller", "t92"."contact") AS "person",
  "t92"."number_id",
  "t92"."number",
  "t92"."pool",
  "t92"."status",
  "t92"."ring_secs",
  "t92"."talk_secs",
  "t92"."is_first_call",
  "t92"."since_last_secs",
  "t92"."caller_region",
  "t92"."line_type",
  "t92"."agent",
  "t92"."flow_branch",
  "t92"."menu_keys",
  "t92"."disposition",
  "t92"."tags",
  COALESCE("t92"."spam", FALSE) AS "is_spam",
  "t92"."transferred",
  "t92"."attributed_by",
  "t92"."p_known",
  "t92"."outcomes",
  COALESCE("t92"."leads", 0) AS "leads",
  COALESCE("t92"."appointments", 0) AS "appointments",
  COALESCE("t92"."shows", 0) AS "shows",
  COALESCE("t92"."no_shows", 0) AS "no_shows",
  COALESCE("t92"."opportunities", 0) AS "opportunities",
  COALESCE("t92"."sales", 0) AS "sales",
  COALESCE("t92"."refunds", 0) AS "refunds",
  "t92"."sale_cents",
  "t92"."refund_cents",
  "t92"."pipeline_cents"
FROM (
  SELECT
    "t91"."company_id",
    "t91"."response_id",
    "t91"."kind",
    "t91"."at_ms",
    "t91"."touch_id",
    "t91"."visit_id",
    "t91"."touch_ms",
    "t91"."channel",
    "t91"."source",
    "t91"."medium",
    "t91"."campaign",
    "t91"."ad_group",
    "t91"."keyword",
    "t91"."content",
    "t91"."landing_page",
    "t91"."referrer_host",
    "t91"."device",
    "t91"."region",
    "t91"."position",
    "t91"."length",
    "t91"."p",
    "t91"."first_touch",
    "t91"."last_touch",
    "t91"."last_non_direct",
    "t91"."last_paid",
    "t91"."linear",
    "t91"."time_decay",
    "t91"."position_based",
    "t91"."w_shaped",
    "t91"."full_path",
    "t91"."shapley_sum",
    "t91"."markov",
    "t91"."markov_2",
    "t91"."shapley",
    "t91"."reason",
    "t91"."head",
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
    "t32"."made_id",
    "t32"."contact",
    "t32"."outcomes",
    "t32"."leads",
    "t32"."appointments",
    "t32"."shows",
    "t32"."no_shows",
    "t32"."opportunities",
    "t32"."sales",
    "t32"."refunds",
    "t32"."sale_cents",
    "t32"."refund_cents",
    "t32"."pipeline_cents"
  FROM (
    SELECT
      "t89"."company_id",
      "t89"."response_id",
      "t89"."kind",
      "t89"."at_ms",
      "t89"."touch_id",
      "t89"."visit_id",
      "t89"."touch_ms",
      "t89"."channel",
      "t89"."source",
      "t89"."medium",
      "t89"."campaign",
      "t89"."ad_group",
      "t89"."keyword",
      "t89"."content",
      "t89"."landing_page",
      "t89"."referrer_host",
      "t89"."device",
      "t89"."region",
      "t89"."position",
      "t89"."length",
      "t89"."p",
      "t89"."first_touch",
      "t89"."last_touch",
      "t89"."last_non_direct",
      "t89"."last_paid",
      "t89"."linear",
      "t89"."time_decay",
      "t89"."position_based",
      "t89"."w_shaped",
      "t89"."full_path",
      "t89"."shapley_sum",
      "t89"."markov",
      "t89"."markov_2",
      "t89"."shapley",
      "t89"."reason",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t89"."response_id"
          ORDER BY "t89"."reason" ASC NULLS FIRST, "t89"."touch_ms" ASC, "t89"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) = 0 AS "head"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t87"."company_id",
          "t87"."response_id",
          "t87"."kind",
          "t87"."at_ms",
          "t87"."touch_id",
          "t87"."visit_id",
          "t87"."touch_ms",
          "t87"."channel",
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
          "t87"."position",
          "t87"."length",
          "t87"."p",
          "t87"."first_touch",
          "t87"."last_touch",
          "t87"."last_non_direct",
          "t87"."last_paid",
          "t87"."linear",
          "t87"."time_decay",
          "t87"."position_based",
          "t87"."w_shaped",
          "t87"."full_path",
          "t87"."shapley_sum",
          "t87"."markov",
          "t87"."markov_2",
          "t87"."shapley",
          "t87"."reason"
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
            "t83"."person_id",
            "t83"."p_parts",
            "t83"."touch_visit_id" AS "visit_id",
            "t83"."candidate",
            "t83"."touch_id",
            "t83"."visitor_id",
            "t83"."channel",
            "t83"."touch_visit_id",
            "t83"."touch_ms",
            "t83"."player",
            "t83"."position",
            "t83"."length",
            "t83"."repeats",
            "t83"."lead",
            "t83"."opportunity",
            "t83"."days_before",
            "t83"."last_sent",
            CASE
              WHEN "t83"."total_last_paid" > 0
              THEN "t83"."last_paid" / "t83"."total_last_paid"
              WHEN "t83"."total_last_paid" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "last_paid",
            "t83"."p",
            CASE
              WHEN "t83"."total_markov" > 0
              THEN "t83"."markov" / "t83"."total_markov"
              WHEN "t83"."total_markov" = 0
              THEN "t83"."one_each" / "t83"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "markov",
            CASE
              WHEN "t83"."total_markov_2" > 0
              THEN "t83"."markov_2" / "t83"."total_markov_2"
              WHEN "t83"."total_markov_2" = 0
              THEN "t83"."one_each" / "t83"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "markov_2",
            CASE
              WHEN "t83"."total_shapley" > 0
              THEN "t83"."shapley" / "t83"."total_shapley"
              WHEN "t83"."total_shapley" = 0
              THEN "t83"."one_each" / "t83"."total_one_each"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "shapley",
            CASE
              WHEN "t83"."total_first_touch" > 0
              THEN "t83"."first_touch" / "t83"."total_first_touch"
              WHEN "t83"."total_first_touch" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "first_touch",
            CASE
              WHEN "t83"."total_last_touch" > 0
              THEN "t83"."last_touch" / "t83"."total_last_touch"
              WHEN "t83"."total_last_touch" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "last_touch",
            CASE
              WHEN "t83"."total_last_non_direct" > 0
              THEN "t83"."last_non_direct" / "t83"."total_last_non_direct"
              WHEN "t83"."total_last_non_direct" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "last_non_direct",
            CASE
              WHEN "t83"."total_linear" > 0
              THEN "t83"."linear" / "t83"."total_linear"
              WHEN "t83"."total_linear" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "linear",
            CASE
              WHEN "t83"."total_time_decay" > 0
              THEN "t83"."time_decay" / "t83"."total_time_decay"
              WHEN "t83"."total_time_decay" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "time_decay",
            CASE
              WHEN "t83"."total_position_based" > 0
              THEN "t83"."position_based" / "t83"."total_position_based"
              WHEN "t83"."total_position_based" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "position_based",
            CASE
              WHEN "t83"."total_w_shaped" > 0
              THEN "t83"."w_shaped" / "t83"."total_w_shaped"
              WHEN "t83"."total_w_shaped" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "w_shaped",
            CASE
              WHEN "t83"."total_full_path" > 0
              THEN "t83"."full_path" / "t83"."total_full_path"
              WHEN "t83"."total_full_path" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "full_path",
            CASE
              WHEN "t83"."total_shapley_sum" > 0
              THEN "t83"."shapley_sum" / "t83"."total_shapley_sum"
              WHEN "t83"."total_shapley_sum" = 0
              THEN CAST('1.0' AS DOUBLE) / "t83"."length"
              ELSE CAST(NULL AS DOUBLE)
            END * "t83"."p" AS "shapley_sum",
            CAST(NULL AS TEXT) AS "reason"
          FROM (
            SELECT
              "t79"."company_id",
              "t79"."response_id",
              "t79"."kind",
              "t79"."at_ms",
              "t79"."lead_ms",
              "t79"."opportunity_ms",
              "t79"."counts",
              "t79"."value_cents",
              "t79"."person_id",
              "t79"."p_parts",
              "t79"."visit_id",
              "t79"."candidate",
              "t79"."touch_id",
              "t79"."visitor_id",
              "t79"."channel",
              "t79"."touch_visit_id",
              "t79"."touch_ms",
              "t79"."player",
              (
                ROW_NUMBER() OVER (
                  PARTITION BY "t79"."response_id", "t79"."candidate"
                  ORDER BY "t79"."touch_ms" ASC, "t79"."touch_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1
              ) + 1 AS "position",
              "t79"."length",
              "t79"."repeats",
              "t79"."lead",
              "t79"."opportunity",
              "t79"."days_before",
              "t79"."last_sent",
              "t79"."last_paid",
              "t79"."p",
              "t79"."markov",
              "t79"."markov_2",
              "t79"."shapley",
              "t79"."first_touch",
              "t79"."last_touch",
              "t79"."last_non_direct",
              "t79"."linear",
              "t79"."time_decay",
              "t79"."position_based",
              "t79"."w_shaped",
              "t79"."full_path",
              "t79"."shapley_sum",
              "t79"."one_each",
              SUM("t79"."first_touch") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_first_touch",
              SUM("t79"."last_touch") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_touch",
              SUM("t79"."last_non_direct") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_non_direct",
              SUM("t79"."last_paid") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_last_paid",
              SUM("t79"."linear") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_linear",
              SUM("t79"."time_decay") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_time_decay",
              SUM("t79"."position_based") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_position_based",
              SUM("t79"."w_shaped") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_w_shaped",
              SUM("t79"."full_path") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_full_path",
              SUM("t79"."shapley_sum") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_shapley_sum",
              SUM("t79"."markov") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_markov",
              SUM("t79"."markov_2") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_markov_2",
              SUM("t79"."shapley") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_shapley",
              SUM("t79"."one_each") OVER (
                PARTITION BY "t79"."response_id", "t79"."candidate"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "total_one_each"
            FROM (
              SELECT
                "t72"."company_id",
                "t72"."response_id",
                "t72"."kind",
                "t72"."at_ms",
                "t72"."lead_ms",
                "t72"."opportunity_ms",
                "t72"."counts",
                "t72"."value_cents",
                "t72"."person_id",
                "t72"."p_parts",
                "t72"."visit_id",
                "t72"."candidate",
                "t72"."touch_id",
                "t72"."visitor_id",
                "t72"."channel",
                "t72"."touch_visit_id",
                "t72"."touch_ms",
                "t72"."player",
                "t72"."position",
                "t72"."length",
                "t72"."repeats",
                "t72"."lead",
                "t72"."opportunity",
                "t72"."days_before",
                "t72"."last_sent",
                CASE
                  WHEN "t72"."position" = CASE
                    WHEN "t72"."last_paid" > 0
                    THEN "t72"."last_paid"
                    ELSE CASE WHEN "t72"."last_sent" > 0 THEN "t72"."last_sent" ELSE "t72"."length" END
                  END
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_paid",
                "t72"."p",
                CASE
                  WHEN "t72"."has_markov"
                  THEN COALESCE("t72"."markov", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t72"."repeats" AS "markov",
                CASE
                  WHEN "t72"."has_markov_2"
                  THEN COALESCE("t72"."markov_2", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t72"."repeats" AS "markov_2",
                CASE
                  WHEN "t72"."has_shapley"
                  THEN COALESCE("t72"."shapley", CAST('0.0' AS DOUBLE))
                  ELSE CAST(NULL AS DOUBLE)
                END / "t72"."repeats" AS "shapley",
                CASE
                  WHEN "t72"."position" = 1
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "first_touch",
                CASE
                  WHEN "t72"."position" = "t72"."length"
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_touch",
                CASE
                  WHEN "t72"."position" = CASE WHEN "t72"."last_sent" > 0 THEN "t72"."last_sent" ELSE "t72"."length" END
                  THEN CAST('1.0' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END AS "last_non_direct",
                CAST('1.0' AS DOUBLE) / "t72"."length" AS "linear",
                POWER(
                  CAST('2.0' AS DOUBLE),
                  (
                    -(
                      "t72"."days_before"
                    ) / CAST('7.0' AS DOUBLE)
                  )
                ) AS "time_decay",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t72"."position" = 1
                      THEN CAST('0.4' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."length"
                      THEN CAST('0.4' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t72"."position" = 1
                    THEN CAST('0.4' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."length"
                    THEN CAST('0.4' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                    WHEN (
                      (
                        "t72"."length" - 1
                      ) - CASE
                        WHEN "t72"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                      END
                    ) > 0
                    THEN (
                      "t72"."length" - 1
                    ) - CASE
                      WHEN "t72"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                    END
                    ELSE 1
                  END
                END AS "position_based",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t72"."position" = 1
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."lead"
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."length"
                      THEN CAST('0.3' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t72"."position" = 1
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."lead"
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."length"
                    THEN CAST('0.3' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                    WHEN (
                      (
                        (
                          "t72"."length" - 1
                        ) - CASE
                          WHEN "t72"."lead" = 1
                          THEN 0
                          ELSE CASE WHEN "t72"."lead" > 0 THEN 1 ELSE 0 END
                        END
                      ) - CASE
                        WHEN "t72"."length" = "t72"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t72"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    ) > 0
                    THEN (
                      (
                        "t72"."length" - 1
                      ) - CASE
                        WHEN "t72"."lead" = 1
                        THEN 0
                        ELSE CASE WHEN "t72"."lead" > 0 THEN 1 ELSE 0 END
                      END
                    ) - CASE
                      WHEN "t72"."length" = "t72"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t72"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                      END
                    END
                    ELSE 1
                  END
                END AS "w_shaped",
                CASE
                  WHEN (
                    CAST('0.0' AS DOUBLE) + CASE
                      WHEN "t72"."position" = 1
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."lead"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."opportunity"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END + CASE
                      WHEN "t72"."position" = "t72"."length"
                      THEN CAST('0.225' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END
                  ) > CAST('0.0' AS DOUBLE)
                  THEN CAST('0.0' AS DOUBLE) + CASE
                    WHEN "t72"."position" = 1
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."lead"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."opportunity"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END + CASE
                    WHEN "t72"."position" = "t72"."length"
                    THEN CAST('0.225' AS DOUBLE)
                    ELSE CAST('0.0' AS DOUBLE)
                  END
                  ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                    WHEN (
                      (
                        (
                          (
                            "t72"."length" - 1
                          ) - CASE
                            WHEN "t72"."lead" = 1
                            THEN 0
                            ELSE CASE WHEN "t72"."lead" > 0 THEN 1 ELSE 0 END
                          END
                        ) - CASE
                          WHEN "t72"."opportunity" = "t72"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t72"."opportunity" = 1
                            THEN 0
                            ELSE CASE WHEN "t72"."opportunity" > 0 THEN 1 ELSE 0 END
                          END
                        END
                      ) - CASE
                        WHEN "t72"."length" = "t72"."opportunity"
                        THEN 0
                        ELSE CASE
                          WHEN "t72"."length" = "t72"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t72"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                          END
                        END
                      END
                    ) > 0
                    THEN (
                      (
                        (
                          "t72"."length" - 1
                        ) - CASE
                          WHEN "t72"."lead" = 1
                          THEN 0
                          ELSE CASE WHEN "t72"."lead" > 0 THEN 1 ELSE 0 END
                        END
                      ) - CASE
                        WHEN "t72"."opportunity" = "t72"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t72"."opportunity" = 1
                          THEN 0
                          ELSE CASE WHEN "t72"."opportunity" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    ) - CASE
                      WHEN "t72"."length" = "t72"."opportunity"
                      THEN 0
                      ELSE CASE
                        WHEN "t72"."length" = "t72"."lead"
                        THEN 0
                        ELSE CASE
                          WHEN "t72"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t72"."length" > 0 THEN 1 ELSE 0 END
                        END
                      END
                    END
                    ELSE 1
                  END
                END AS "full_path",
                CAST('1.0' AS DOUBLE) / "t72"."repeats" AS "shapley_sum",
                CAST('1.0' AS DOUBLE) / "t72"."repeats" AS "one_each"
              FROM (
                SELECT
                  "t70"."company_id",
                  "t70"."response_id",
                  "t70"."kind",
                  "t70"."at_ms",
                  "t70"."lead_ms",
                  "t70"."opportunity_ms",
                  "t70"."counts",
                  "t70"."value_cents",
                  "t70"."person_id",
                  "t70"."p_parts",
                  "t70"."visit_id",
                  "t70"."candidate",
                  "t70"."touch_id",
                  "t70"."visitor_id",
                  "t70"."channel",
                  "t70"."touch_visit_id",
                  "t70"."touch_ms",
                  "t70"."player",
                  "t70"."position",
                  "t70"."length",
                  "t70"."repeats",
                  "t70"."lead",
                  "t70"."opportunity",
                  "t70"."days_before",
                  "t70"."last_sent",
                  "t70"."last_paid",
                  "t70"."p",
                  "t22"."has_markov",
                  "t22"."has_markov_2",
                  "t22"."has_shapley",
                  "t23"."by_company",
                  "t23"."by_player",
                  "t23"."markov",
                  "t23"."markov_2",
                  "t23"."shapley"
                FROM "steps" AS "t70"
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
                  ON "t70"."company_id" = "t22"."fitted_company"
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
                  ON "t70"."company_id" = "t23"."by_company" AND "t70"."player" = "t23"."by_player"
              ) AS "t72"
            ) AS "t79"
          ) AS "t83"
        ) AS "t87"
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
          ON "t87"."touch_id" = "t14"."touch_id"
      ) AS "t88"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t84"."company_id",
          "t84"."response_id",
          "t84"."kind",
          "t84"."at_ms",
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
          "t84"."p",
          "t84"."p" AS "first_touch",
          "t84"."p" AS "last_touch",
          "t84"."p" AS "last_non_direct",
          "t84"."p" AS "last_paid",
          "t84"."p" AS "linear",
          "t84"."p" AS "time_decay",
          "t84"."p" AS "position_based",
          "t84"."p" AS "w_shaped",
          "t84"."p" AS "full_path",
          "t84"."p" AS "shapley_sum",
          CASE WHEN "t84"."has_markov" THEN "t84"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
          CASE WHEN "t84"."has_markov_2" THEN "t84"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
          CASE WHEN "t84"."has_shapley" THEN "t84"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
          "t84"."reason"
        FROM (
          SELECT
            "t82"."company_id",
            "t82"."response_id",
            "t82"."kind",
            "t82"."at_ms",
            "t82"."lead_ms",
            "t82"."opportunity_ms",
            "t82"."counts",
            "t82"."value_cents",
            "t82"."said_id",
            "t82"."known_parts",
            "t82"."held_id",
            "t82"."held_parts",
            "t82"."reason",
            "t82"."parts",
            "t82"."p",
            "t22"."has_markov",
            "t22"."has_markov_2",
            "t22"."has_shapley"
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
              "t80"."said_id",
              "t80"."known_parts",
              "t80"."held_id",
              "t80"."held_parts",
              "t80"."reason",
              "t80"."parts",
              "t80"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t76"."company_id",
                  "t76"."response_id",
                  "t76"."kind",
                  "t76"."at_ms",
                  "t76"."lead_ms",
                  "t76"."opportunity_ms",
                  "t76"."counts",
                  "t76"."value_cents",
                  "t76"."said_id",
                  "t76"."known_parts",
                  "t76"."held_id",
                  "t76"."held_parts",
                  'unknown' AS "reason",
                  1000000000000 - COALESCE("t76"."known_parts", 0) AS "parts"
                FROM "t75" AS "t76"
              ) AS "t77"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t76"."company_id",
                  "t76"."response_id",
                  "t76"."kind",
                  "t76"."at_ms",
                  "t76"."lead_ms",
                  "t76"."opportunity_ms",
                  "t76"."counts",
                  "t76"."value_cents",
                  "t76"."said_id",
                  "t76"."known_parts",
                  "t76"."held_id",
                  "t76"."held_parts",
                  'no_touches' AS "reason",
                  COALESCE("t76"."known_parts", 0) - COALESCE("t76"."held_parts", 0) AS "parts"
                FROM "t75" AS "t76"
              ) AS "t78"
            ) AS "t80"
            WHERE
              "t80"."parts" > 1000
          ) AS "t82"
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
            ON "t82"."company_id" = "t22"."fitted_company"
        ) AS "t84"
      ) AS "t86"
    ) AS "t89"
  ) AS "t91"
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
    ON "t91"."response_id" = "t12"."trait_id"
  LEFT OUTER JOIN (
    SELECT
      "t21"."response_id" AS "made_id",
      MAX("t21"."someone") AS "contact",
      LIST_SORT(ARRAY_AGG(DISTINCT "t21"."outcome") FILTER(WHERE
        "t21"."outcome" IS NOT NULL)) AS "outcomes",
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
  ) AS "t32"
    ON "t91"."response_id" = "t32"."made_id"
) AS "t92"
ORDER BY
  "t92"."at_ms" ASC,
  "t92"."response_id" ASC,
  "t92"."reason" ASC NULLS FIRST,
  "t92"."touch_ms" ASC,
  "t92"."touch_id" ASC
