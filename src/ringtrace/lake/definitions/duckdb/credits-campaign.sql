WITH "responses" AS (
  SELECT
    "t30"."company_id",
    "t30"."response_id",
    "t30"."kind",
    "t30"."at_ms",
    "t30"."lead_ms",
    "t30"."opportunity_ms",
    COALESCE("t30"."counts", FALSE) AS "counts",
    "t30"."value_cents"
  FROM (
    SELECT
      "t28"."company_id",
      "t28"."response_id",
      "t28"."kind",
      "t28"."at_ms",
      "t25"."of",
      "t25"."lead_ms",
      "t25"."opportunity_ms",
      "t25"."counts",
      "t25"."value_cents"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t2"."company_id",
            "t2"."call_id" AS "response_id",
            'call' AS "kind",
            "t2"."started_ms" AS "at_ms"
          FROM "calls" AS "t2"
        ) AS "t7"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t3"."company_id",
            "t3"."response_id",
            "t3"."kind",
            "t3"."response_ms" AS "at_ms"
          FROM "conversions" AS "t3"
          WHERE
            "t3"."kind" = 'form'
        ) AS "t12"
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
    ) AS "t28"
    LEFT OUTER JOIN (
      SELECT
        "t17"."response_id" AS "of",
        "t17"."lead_ms",
        "t17"."opportunity_ms",
        "t17"."counts",
        "t17"."value_cents"
      FROM (
        SELECT
          "t3"."response_id",
          MIN("t3"."at_ms") FILTER(WHERE
            "t3"."kind" = 'lead') AS "lead_ms",
          MIN("t3"."at_ms") FILTER(WHERE
            "t3"."kind" = 'opportunity') AS "opportunity_ms",
          BOOL_OR(CAST("t3"."kind" IN ('call', 'form') AS BOOLEAN)) AS "counts",
          SUM("t3"."value_cents") FILTER(WHERE
            "t3"."kind" = 'sale') AS "value_cents"
        FROM "conversions" AS "t3"
        GROUP BY
          1
      ) AS "t17"
    ) AS "t25"
      ON "t28"."response_id" = "t25"."of"
  ) AS "t30"
), "people" AS (
  SELECT DISTINCT
    "t37"."visitor_id",
    "t37"."person_id"
  FROM (
    SELECT
      "t35"."company_id",
      "t35"."key_kind",
      "t35"."key",
      "t35"."visitor_id",
      MIN("t35"."person_id") OVER (
        PARTITION BY "t35"."visitor_id"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "person_id"
    FROM (
      SELECT
        "t32"."company_id",
        "t32"."key_kind",
        "t32"."key",
        "t32"."visitor_id",
        MIN("t32"."person_id") OVER (
          PARTITION BY "t32"."company_id", "t32"."key_kind", "t32"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t29"."company_id",
          "t29"."key_kind",
          "t29"."key",
          "t29"."visitor_id",
          MIN("t29"."person_id") OVER (
            PARTITION BY "t29"."visitor_id"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "person_id"
        FROM (
          SELECT
            "t26"."company_id",
            "t26"."key_kind",
            "t26"."key",
            "t26"."visitor_id",
            MIN("t26"."person_id") OVER (
              PARTITION BY "t26"."company_id", "t26"."key_kind", "t26"."key"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "person_id"
          FROM (
            SELECT
              "t21"."company_id",
              "t21"."key_kind",
              "t21"."key",
              "t21"."visitor_id",
              "t21"."visitor_id" AS "person_id"
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
            ) AS "t21"
          ) AS "t26"
        ) AS "t29"
      ) AS "t32"
    ) AS "t35"
  ) AS "t37"
), "person_touches" AS (
  SELECT
    "t45"."company_id",
    "t45"."touch_id",
    "t45"."visitor_id",
    "t45"."channel",
    "t45"."source",
    "t45"."medium",
    "t45"."campaign",
    "t45"."touch_visit_id",
    "t45"."touch_ms",
    COALESCE("t45"."known_as", "t45"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t27"."company_id",
      "t27"."touch_id",
      "t27"."visitor_id",
      "t27"."channel",
      "t27"."source",
      "t27"."medium",
      "t27"."campaign",
      "t27"."touch_visit_id",
      "t27"."touch_ms",
      "t43"."known_id",
      "t43"."known_as"
    FROM (
      SELECT
        "t0"."company_id",
        "t0"."touch_id",
        "t0"."visitor_id",
        "t0"."channel",
        "t0"."source",
        "t0"."medium",
        "t0"."campaign",
        "t0"."visit_id" AS "touch_visit_id",
        "t0"."at_ms" AS "touch_ms"
      FROM "touchpoints" AS "t0"
      WHERE
        "t0"."at_ms" >= (
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
        AND "t0"."at_ms" < (
          SELECT
            "t4"."until_ms"
          FROM "asked" AS "t4"
        )
    ) AS "t27"
    LEFT OUTER JOIN (
      SELECT
        "t40"."visitor_id" AS "known_id",
        "t40"."person_id" AS "known_as"
      FROM "people" AS "t40"
    ) AS "t43"
      ON "t27"."visitor_id" = "t43"."known_id"
  ) AS "t45"
), "candidates" AS (
  SELECT
    "t52"."company_id",
    "t52"."response_id",
    "t52"."kind",
    "t52"."at_ms",
    "t52"."lead_ms",
    "t52"."opportunity_ms",
    "t52"."counts",
    "t52"."value_cents",
    "t52"."person_id",
    "t52"."p_parts",
    "t52"."visit_id",
    ROW_NUMBER() OVER (
      PARTITION BY "t52"."response_id"
      ORDER BY "t52"."person_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "candidate"
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
      "t50"."person_id",
      SUM("t50"."p_parts") AS "p_parts",
      MAX("t50"."visit_id") FILTER(WHERE
        "t50"."rank" = 0) AS "visit_id"
    FROM (
      SELECT
        "t46"."company_id",
        "t46"."response_id",
        "t46"."kind",
        "t46"."at_ms",
        "t46"."lead_ms",
        "t46"."opportunity_ms",
        "t46"."counts",
        "t46"."value_cents",
        "t46"."key",
        "t46"."key_kind",
        "t46"."visitor_id",
        "t46"."visit_id",
        "t46"."p",
        "t46"."p_parts",
        "t46"."person_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t46"."response_id", "t46"."person_id"
          ORDER BY "t46"."p_parts" DESC, "t46"."visitor_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "rank"
      FROM (
        SELECT
          "t44"."company_id",
          "t44"."response_id",
          "t44"."kind",
          "t44"."at_ms",
          "t44"."lead_ms",
          "t44"."opportunity_ms",
          "t44"."counts",
          "t44"."value_cents",
          "t44"."key",
          "t44"."key_kind",
          "t44"."visitor_id",
          "t44"."visit_id",
          "t44"."p",
          "t44"."p_parts",
          COALESCE("t44"."known_as", "t44"."visitor_id") AS "person_id"
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
            "t41"."key",
            "t41"."key_kind",
            "t41"."visitor_id",
            "t41"."visit_id",
            "t41"."p",
            "t41"."p_parts",
            "t43"."known_id",
            "t43"."known_as"
          FROM (
            SELECT
              "t36"."company_id",
              "t36"."response_id",
              "t36"."kind",
              "t36"."at_ms",
              "t36"."lead_ms",
              "t36"."opportunity_ms",
              "t36"."counts",
              "t36"."value_cents",
              "t36"."key",
              "t36"."key_kind",
              "t36"."visitor_id",
              "t36"."visit_id",
              "t36"."p",
              CAST(ROUND("t36"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
            FROM (
              SELECT
                "t34"."company_id",
                "t34"."response_id",
                "t34"."kind",
                "t34"."at_ms",
                "t34"."lead_ms",
                "t34"."opportunity_ms",
                "t34"."counts",
                "t34"."value_cents",
                "t18"."key",
                "t18"."key_kind",
                "t18"."visitor_id",
                "t18"."visit_id",
                "t18"."p"
              FROM "responses" AS "t34"
              INNER JOIN (
                SELECT
                  "t5"."key",
                  "t5"."key_kind",
                  "t5"."visitor_id",
                  "t5"."visit_id",
                  "t5"."p"
                FROM "identities" AS "t5"
                WHERE
                  "t5"."key_kind" IN ('call', 'form')
              ) AS "t18"
                ON "t34"."response_id" = "t18"."key" AND "t34"."kind" = "t18"."key_kind"
            ) AS "t36"
            WHERE
              CAST(ROUND("t36"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t41"
          LEFT OUTER JOIN (
            SELECT
              "t40"."visitor_id" AS "known_id",
              "t40"."person_id" AS "known_as"
            FROM "people" AS "t40"
          ) AS "t43"
            ON "t41"."visitor_id" = "t43"."known_id"
        ) AS "t44"
      ) AS "t46"
    ) AS "t50"
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
  ) AS "t52"
), "held" AS (
  SELECT
    *
  FROM (
    SELECT
      "t55"."company_id",
      "t55"."response_id",
      "t55"."kind",
      "t55"."at_ms",
      "t55"."lead_ms",
      "t55"."opportunity_ms",
      "t55"."counts",
      "t55"."value_cents",
      "t55"."person_id",
      "t55"."p_parts",
      "t55"."visit_id",
      "t55"."candidate",
      "t51"."touch_id",
      "t51"."visitor_id",
      "t51"."channel",
      "t51"."source",
      "t51"."medium",
      "t51"."campaign",
      "t51"."touch_visit_id",
      "t51"."touch_ms"
    FROM "candidates" AS "t55"
    INNER JOIN (
      SELECT
        "t48"."touch_id",
        "t48"."visitor_id",
        "t48"."channel",
        "t48"."source",
        "t48"."medium",
        "t48"."campaign",
        "t48"."touch_visit_id",
        "t48"."touch_ms",
        "t48"."person_id"
      FROM "person_touches" AS "t48"
    ) AS "t51"
      ON "t55"."person_id" = "t51"."person_id"
  ) AS "t58"
  WHERE
    (
      "t58"."at_ms" - "t58"."touch_ms"
    ) >= 0
    AND (
      "t58"."at_ms" - "t58"."touch_ms"
    ) <= (
      SELECT
        "t4"."lookback_ms"
      FROM "asked" AS "t4"
    )
), "steps" AS (
  SELECT
    "t63"."company_id",
    "t63"."response_id",
    "t63"."kind",
    "t63"."at_ms",
    "t63"."lead_ms",
    "t63"."opportunity_ms",
    "t63"."counts",
    "t63"."value_cents",
    "t63"."person_id",
    "t63"."p_parts",
    "t63"."visit_id",
    "t63"."candidate",
    "t63"."touch_id",
    "t63"."visitor_id",
    "t63"."channel",
    "t63"."source",
    "t63"."medium",
    "t63"."campaign",
    "t63"."touch_visit_id",
    "t63"."touch_ms",
    "t63"."player",
    "t63"."position",
    "t63"."length",
    "t63"."repeats",
    "t63"."lead",
    "t63"."opportunity",
    (
      "t63"."at_ms" - "t63"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t63"."channel" <> 'Direct' THEN "t63"."position" ELSE 0 END) OVER (
      PARTITION BY "t63"."response_id", "t63"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t63"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t63"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t63"."response_id", "t63"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    "t63"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
  FROM (
    SELECT
      "t62"."company_id",
      "t62"."response_id",
      "t62"."kind",
      "t62"."at_ms",
      "t62"."lead_ms",
      "t62"."opportunity_ms",
      "t62"."counts",
      "t62"."value_cents",
      "t62"."person_id",
      "t62"."p_parts",
      "t62"."visit_id",
      "t62"."candidate",
      "t62"."touch_id",
      "t62"."visitor_id",
      "t62"."channel",
      "t62"."source",
      "t62"."medium",
      "t62"."campaign",
      "t62"."touch_visit_id",
      "t62"."touch_ms",
      "t62"."player",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t62"."response_id", "t62"."candidate"
          ORDER BY "t62"."touch_ms" ASC, "t62"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) + 1 AS "position",
      COUNT(*) OVER (
        PARTITION BY "t62"."response_id", "t62"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "length",
      COUNT(*) OVER (
        PARTITION BY "t62"."response_id", "t62"."candidate", "t62"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      SUM(CASE WHEN "t62"."touch_ms" <= "t62"."lead_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t62"."response_id", "t62"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      SUM(CASE WHEN "t62"."touch_ms" <= "t62"."opportunity_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t62"."response_id", "t62"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity"
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
        "t61"."touch_id",
        "t61"."visitor_id",
        "t61"."channel",
        "t61"."source",
        "t61"."medium",
        "t61"."campaign",
        "t61"."touch_visit_id",
        "t61"."touch_ms",
        COALESCE("t61"."channel", '(none)') AS "player"
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
          "t60"."touch_id",
          "t60"."visitor_id",
          "t60"."channel",
          "t60"."source",
          "t60"."medium",
          "t60"."campaign",
          "t60"."touch_visit_id",
          "t60"."touch_ms",
          ROW_NUMBER() OVER (
            PARTITION BY "t60"."response_id", "t60"."candidate", "t60"."source", "t60"."medium", "t60"."campaign"
            ORDER BY "t60"."touch_ms" DESC, "t60"."touch_id" DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1 AS "nth"
        FROM "held" AS "t60"
      ) AS "t61"
      WHERE
        "t61"."nth" = 0
    ) AS "t62"
  ) AS "t63"
), "t71" AS (
  SELECT
    "t34"."company_id",
    "t34"."response_id",
    "t34"."kind",
    "t34"."at_ms",
    "t34"."lead_ms",
    "t34"."opportunity_ms",
    "t34"."counts",
    "t34"."value_cents",
    "t57"."said_id",
    "t57"."known_parts",
    "t70"."held_id",
    "t70"."held_parts"
  FROM "responses" AS "t34"
  LEFT OUTER JOIN (
    SELECT
      "t54"."response_id" AS "said_id",
      SUM("t54"."p_parts") AS "known_parts"
    FROM "candidates" AS "t54"
    GROUP BY
      1
  ) AS "t57"
    ON "t34"."response_id" = "t57"."said_id"
  LEFT OUTER JOIN (
    SELECT
      "t67"."response_id" AS "held_id",
      SUM("t67"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "steps" AS "t65"
      WHERE
        "t65"."position" = 1
    ) AS "t67"
    GROUP BY
      1
  ) AS "t70"
    ON "t34"."response_id" = "t70"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t83"."company_id",
      "t83"."response_id",
      "t83"."kind",
      "t83"."at_ms",
      "t83"."touch_id",
      "t83"."visit_id",
      "t83"."touch_ms",
      "t83"."channel",
      "t83"."source",
      "t83"."medium",
      "t83"."campaign",
      "t11"."ad_group",
      "t11"."keyword",
      "t11"."content",
      "t11"."landing_page",
      "t11"."referrer_host",
      "t11"."device",
      "t11"."region",
      "t83"."position",
      "t83"."length",
      "t83"."p",
      "t83"."first_touch",
      "t83"."last_touch",
      "t83"."last_non_direct",
      "t83"."last_paid",
      "t83"."linear",
      "t83"."time_decay",
      "t83"."position_based",
      "t83"."w_shaped",
      "t83"."full_path",
      "t83"."shapley_sum",
      "t83"."markov",
      "t83"."markov_2",
      "t83"."shapley",
      "t83"."reason"
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
        "t79"."touch_visit_id" AS "visit_id",
        "t79"."candidate",
        "t79"."touch_id",
        "t79"."visitor_id",
        "t79"."channel",
        "t79"."source",
        "t79"."medium",
        "t79"."campaign",
        "t79"."touch_visit_id",
        "t79"."touch_ms",
        "t79"."player",
        "t79"."position",
        "t79"."length",
        "t79"."repeats",
        "t79"."lead",
        "t79"."opportunity",
        "t79"."days_before",
        "t79"."last_sent",
        CASE
          WHEN "t79"."total_last_paid" > 0
          THEN "t79"."last_paid" / "t79"."total_last_paid"
          WHEN "t79"."total_last_paid" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "last_paid",
        "t79"."p",
        CASE
          WHEN "t79"."total_markov" > 0
          THEN "t79"."markov" / "t79"."total_markov"
          WHEN "t79"."total_markov" = 0
          THEN "t79"."one_each" / "t79"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "markov",
        CASE
          WHEN "t79"."total_markov_2" > 0
          THEN "t79"."markov_2" / "t79"."total_markov_2"
          WHEN "t79"."total_markov_2" = 0
          THEN "t79"."one_each" / "t79"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "markov_2",
        CASE
          WHEN "t79"."total_shapley" > 0
          THEN "t79"."shapley" / "t79"."total_shapley"
          WHEN "t79"."total_shapley" = 0
          THEN "t79"."one_each" / "t79"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "shapley",
        CASE
          WHEN "t79"."total_first_touch" > 0
          THEN "t79"."first_touch" / "t79"."total_first_touch"
          WHEN "t79"."total_first_touch" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "first_touch",
        CASE
          WHEN "t79"."total_last_touch" > 0
          THEN "t79"."last_touch" / "t79"."total_last_touch"
          WHEN "t79"."total_last_touch" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "last_touch",
        CASE
          WHEN "t79"."total_last_non_direct" > 0
          THEN "t79"."last_non_direct" / "t79"."total_last_non_direct"
          WHEN "t79"."total_last_non_direct" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "last_non_direct",
        CASE
          WHEN "t79"."total_linear" > 0
          THEN "t79"."linear" / "t79"."total_linear"
          WHEN "t79"."total_linear" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "linear",
        CASE
          WHEN "t79"."total_time_decay" > 0
          THEN "t79"."time_decay" / "t79"."total_time_decay"
          WHEN "t79"."total_time_decay" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "time_decay",
        CASE
          WHEN "t79"."total_position_based" > 0
          THEN "t79"."position_based" / "t79"."total_position_based"
          WHEN "t79"."total_position_based" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "position_based",
        CASE
          WHEN "t79"."total_w_shaped" > 0
          THEN "t79"."w_shaped" / "t79"."total_w_shaped"
          WHEN "t79"."total_w_shaped" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "w_shaped",
        CASE
          WHEN "t79"."total_full_path" > 0
          THEN "t79"."full_path" / "t79"."total_full_path"
          WHEN "t79"."total_full_path" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "full_path",
        CASE
          WHEN "t79"."total_shapley_sum" > 0
          THEN "t79"."shapley_sum" / "t79"."total_shapley_sum"
          WHEN "t79"."total_shapley_sum" = 0
          THEN CAST('1.0' AS DOUBLE) / "t79"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t79"."p" AS "shapley_sum",
        CAST(NULL AS TEXT) AS "reason"
      FROM (
        SELECT
          "t75"."company_id",
          "t75"."response_id",
          "t75"."kind",
          "t75"."at_ms",
          "t75"."lead_ms",
          "t75"."opportunity_ms",
          "t75"."counts",
          "t75"."value_cents",
          "t75"."person_id",
          "t75"."p_parts",
          "t75"."visit_id",
          "t75"."candidate",
          "t75"."touch_id",
          "t75"."visitor_id",
          "t75"."channel",
          "t75"."source",
          "t75"."medium",
          "t75"."campaign",
          "t75"."touch_visit_id",
          "t75"."touch_ms",
          "t75"."player",
          (
            ROW_NUMBER() OVER (
              PARTITION BY "t75"."response_id", "t75"."candidate"
              ORDER BY "t75"."touch_ms" ASC, "t75"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1
          ) + 1 AS "position",
          "t75"."length",
          "t75"."repeats",
          "t75"."lead",
          "t75"."opportunity",
          "t75"."days_before",
          "t75"."last_sent",
          "t75"."last_paid",
          "t75"."p",
          "t75"."markov",
          "t75"."markov_2",
          "t75"."shapley",
          "t75"."first_touch",
          "t75"."last_touch",
          "t75"."last_non_direct",
          "t75"."linear",
          "t75"."time_decay",
          "t75"."position_based",
          "t75"."w_shaped",
          "t75"."full_path",
          "t75"."shapley_sum",
          "t75"."one_each",
          SUM("t75"."first_touch") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_first_touch",
          SUM("t75"."last_touch") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_touch",
          SUM("t75"."last_non_direct") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_non_direct",
          SUM("t75"."last_paid") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_paid",
          SUM("t75"."linear") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_linear",
          SUM("t75"."time_decay") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_time_decay",
          SUM("t75"."position_based") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_position_based",
          SUM("t75"."w_shaped") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_w_shaped",
          SUM("t75"."full_path") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_full_path",
          SUM("t75"."shapley_sum") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_shapley_sum",
          SUM("t75"."markov") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_markov",
          SUM("t75"."markov_2") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_markov_2",
          SUM("t75"."shapley") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_shapley",
          SUM("t75"."one_each") OVER (
            PARTITION BY "t75"."response_id", "t75"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_one_each"
        FROM (
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
            "t68"."source",
            "t68"."medium",
            "t68"."campaign",
            "t68"."touch_visit_id",
            "t68"."touch_ms",
            "t68"."player",
            "t68"."position",
            "t68"."length",
            "t68"."repeats",
            "t68"."lead",
            "t68"."opportunity",
            "t68"."days_before",
            "t68"."last_sent",
            CASE
              WHEN "t68"."position" = CASE
                WHEN "t68"."last_paid" > 0
                THEN "t68"."last_paid"
                ELSE CASE WHEN "t68"."last_sent" > 0 THEN "t68"."last_sent" ELSE "t68"."length" END
              END
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_paid",
            "t68"."p",
            CASE
              WHEN "t68"."has_markov"
              THEN COALESCE("t68"."markov", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t68"."repeats" AS "markov",
            CASE
              WHEN "t68"."has_markov_2"
              THEN COALESCE("t68"."markov_2", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t68"."repeats" AS "markov_2",
            CASE
              WHEN "t68"."has_shapley"
              THEN COALESCE("t68"."shapley", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t68"."repeats" AS "shapley",
            CASE
              WHEN "t68"."position" = 1
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "first_touch",
            CASE
              WHEN "t68"."position" = "t68"."length"
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_touch",
            CASE
              WHEN "t68"."position" = CASE WHEN "t68"."last_sent" > 0 THEN "t68"."last_sent" ELSE "t68"."length" END
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_non_direct",
            CAST('1.0' AS DOUBLE) / "t68"."length" AS "linear",
            POWER(
              CAST('2.0' AS DOUBLE),
              (
                -(
                  "t68"."days_before"
                ) / CAST('7.0' AS DOUBLE)
              )
            ) AS "time_decay",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t68"."position" = 1
                  THEN CAST('0.4' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."length"
                  THEN CAST('0.4' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t68"."position" = 1
                THEN CAST('0.4' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."length"
                THEN CAST('0.4' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                WHEN (
                  (
                    "t68"."length" - 1
                  ) - CASE
                    WHEN "t68"."length" = 1
                    THEN 0
                    ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                  END
                ) > 0
                THEN (
                  "t68"."length" - 1
                ) - CASE
                  WHEN "t68"."length" = 1
                  THEN 0
                  ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                END
                ELSE 1
              END
            END AS "position_based",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t68"."position" = 1
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."lead"
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."length"
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t68"."position" = 1
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."lead"
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."length"
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                WHEN (
                  (
                    (
                      "t68"."length" - 1
                    ) - CASE
                      WHEN "t68"."lead" = 1
                      THEN 0
                      ELSE CASE WHEN "t68"."lead" > 0 THEN 1 ELSE 0 END
                    END
                  ) - CASE
                    WHEN "t68"."length" = "t68"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t68"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                    END
                  END
                ) > 0
                THEN (
                  (
                    "t68"."length" - 1
                  ) - CASE
                    WHEN "t68"."lead" = 1
                    THEN 0
                    ELSE CASE WHEN "t68"."lead" > 0 THEN 1 ELSE 0 END
                  END
                ) - CASE
                  WHEN "t68"."length" = "t68"."lead"
                  THEN 0
                  ELSE CASE
                    WHEN "t68"."length" = 1
                    THEN 0
                    ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                  END
                END
                ELSE 1
              END
            END AS "w_shaped",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t68"."position" = 1
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."lead"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."opportunity"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t68"."position" = "t68"."length"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t68"."position" = 1
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."lead"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."opportunity"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t68"."position" = "t68"."length"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                WHEN (
                  (
                    (
                      (
                        "t68"."length" - 1
                      ) - CASE
                        WHEN "t68"."lead" = 1
                        THEN 0
                        ELSE CASE WHEN "t68"."lead" > 0 THEN 1 ELSE 0 END
                      END
                    ) - CASE
                      WHEN "t68"."opportunity" = "t68"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t68"."opportunity" = 1
                        THEN 0
                        ELSE CASE WHEN "t68"."opportunity" > 0 THEN 1 ELSE 0 END
                      END
                    END
                  ) - CASE
                    WHEN "t68"."length" = "t68"."opportunity"
                    THEN 0
                    ELSE CASE
                      WHEN "t68"."length" = "t68"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t68"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                      END
                    END
                  END
                ) > 0
                THEN (
                  (
                    (
                      "t68"."length" - 1
                    ) - CASE
                      WHEN "t68"."lead" = 1
                      THEN 0
                      ELSE CASE WHEN "t68"."lead" > 0 THEN 1 ELSE 0 END
                    END
                  ) - CASE
                    WHEN "t68"."opportunity" = "t68"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t68"."opportunity" = 1
                      THEN 0
                      ELSE CASE WHEN "t68"."opportunity" > 0 THEN 1 ELSE 0 END
                    END
                  END
                ) - CASE
                  WHEN "t68"."length" = "t68"."opportunity"
                  THEN 0
                  ELSE CASE
                    WHEN "t68"."length" = "t68"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t68"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t68"."length" > 0 THEN 1 ELSE 0 END
                    END
                  END
                END
                ELSE 1
              END
            END AS "full_path",
            CAST('1.0' AS DOUBLE) / "t68"."repeats" AS "shapley_sum",
            CAST('1.0' AS DOUBLE) / "t68"."repeats" AS "one_each"
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
              "t66"."source",
              "t66"."medium",
              "t66"."campaign",
              "t66"."touch_visit_id",
              "t66"."touch_ms",
              "t66"."player",
              "t66"."position",
              "t66"."length",
              "t66"."repeats",
              "t66"."lead",
              "t66"."opportunity",
              "t66"."days_before",
              "t66"."last_sent",
              "t66"."last_paid",
              "t66"."p",
              "t19"."has_markov",
              "t19"."has_markov_2",
              "t19"."has_shapley",
              "t20"."by_company",
              "t20"."by_player",
              "t20"."markov",
              "t20"."markov_2",
              "t20"."shapley"
            FROM "steps" AS "t66"
            LEFT OUTER JOIN (
              SELECT
                "t1"."company_id" AS "fitted_company",
                BOOL_OR(CAST("t1"."model" = 'markov' AS BOOLEAN)) AS "has_markov",
                BOOL_OR(CAST("t1"."model" = 'markov_2' AS BOOLEAN)) AS "has_markov_2",
                BOOL_OR(CAST("t1"."model" = 'shapley' AS BOOLEAN)) AS "has_shapley"
              FROM "effects" AS "t1"
              GROUP BY
                1
            ) AS "t19"
              ON "t66"."company_id" = "t19"."fitted_company"
            LEFT OUTER JOIN (
              SELECT
                "t1"."company_id" AS "by_company",
                "t1"."player" AS "by_player",
                MAX("t1"."effect") FILTER(WHERE
                  "t1"."model" = 'markov') AS "markov",
                MAX("t1"."effect") FILTER(WHERE
                  "t1"."model" = 'markov_2') AS "markov_2",
                MAX("t1"."effect") FILTER(WHERE
                  "t1"."model" = 'shapley') AS "shapley"
              FROM "effects" AS "t1"
              GROUP BY
                1,
                2
            ) AS "t20"
              ON "t66"."company_id" = "t20"."by_company" AND "t66"."player" = "t20"."by_player"
          ) AS "t68"
        ) AS "t75"
      ) AS "t79"
    ) AS "t83"
    INNER JOIN (
      SELECT
        "t0"."touch_id",
        "t0"."ad_group",
        "t0"."keyword",
        "t0"."content",
        "t0"."landing_page",
        "t0"."referrer_host",
        "t0"."device",
        "t0"."region"
      FROM "touchpoints" AS "t0"
    ) AS "t11"
      ON "t83"."touch_id" = "t11"."touch_id"
  ) AS "t84"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t80"."company_id",
      "t80"."response_id",
      "t80"."kind",
      "t80"."at_ms",
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
      "t80"."p",
      "t80"."p" AS "first_touch",
      "t80"."p" AS "last_touch",
      "t80"."p" AS "last_non_direct",
      "t80"."p" AS "last_paid",
      "t80"."p" AS "linear",
      "t80"."p" AS "time_decay",
      "t80"."p" AS "position_based",
      "t80"."p" AS "w_shaped",
      "t80"."p" AS "full_path",
      "t80"."p" AS "shapley_sum",
      CASE WHEN "t80"."has_markov" THEN "t80"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
      CASE WHEN "t80"."has_markov_2" THEN "t80"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
      CASE WHEN "t80"."has_shapley" THEN "t80"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
      "t80"."reason"
    FROM (
      SELECT
        "t78"."company_id",
        "t78"."response_id",
        "t78"."kind",
        "t78"."at_ms",
        "t78"."lead_ms",
        "t78"."opportunity_ms",
        "t78"."counts",
        "t78"."value_cents",
        "t78"."said_id",
        "t78"."known_parts",
        "t78"."held_id",
        "t78"."held_parts",
        "t78"."reason",
        "t78"."parts",
        "t78"."p",
        "t19"."has_markov",
        "t19"."has_markov_2",
        "t19"."has_shapley"
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
          "t76"."reason",
          "t76"."parts",
          "t76"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
        FROM (
          SELECT
            *
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
              "t72"."said_id",
              "t72"."known_parts",
              "t72"."held_id",
              "t72"."held_parts",
              'unknown' AS "reason",
              1000000000000 - COALESCE("t72"."known_parts", 0) AS "parts"
            FROM "t71" AS "t72"
          ) AS "t73"
          UNION ALL
          SELECT
            *
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
              "t72"."said_id",
              "t72"."known_parts",
              "t72"."held_id",
              "t72"."held_parts",
              'no_touches' AS "reason",
              COALESCE("t72"."known_parts", 0) - COALESCE("t72"."held_parts", 0) AS "parts"
            FROM "t71" AS "t72"
          ) AS "t74"
        ) AS "t76"
        WHERE
          "t76"."parts" > 1000
      ) AS "t78"
      LEFT OUTER JOIN (
        SELECT
          "t1"."company_id" AS "fitted_company",
          BOOL_OR(CAST("t1"."model" = 'markov' AS BOOLEAN)) AS "has_markov",
          BOOL_OR(CAST("t1"."model" = 'markov_2' AS BOOLEAN)) AS "has_markov_2",
          BOOL_OR(CAST("t1"."model" = 'shapley' AS BOOLEAN)) AS "has_shapley"
        FROM "effects" AS "t1"
        GROUP BY
          1
      ) AS "t19"
        ON "t78"."company_id" = "t19"."fitted_company"
    ) AS "t80"
  ) AS "t82"
) AS "t85"
ORDER BY
  "t85"."at_ms" ASC,
  "t85"."response_id" ASC,
  "t85"."reason" ASC NULLS FIRST,
  "t85"."touch_ms" ASC,
  "t85"."touch_id" ASC
