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
            "t27"."company_id",
            "t27"."key_kind",
            "t27"."key",
            "t27"."visitor_id",
            MIN("t27"."person_id") OVER (
              PARTITION BY "t27"."company_id", "t27"."key_kind", "t27"."key"
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
          ) AS "t27"
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
    "t45"."touch_visit_id",
    "t45"."touch_ms",
    COALESCE("t45"."known_as", "t45"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t26"."company_id",
      "t26"."touch_id",
      "t26"."visitor_id",
      "t26"."channel",
      "t26"."touch_visit_id",
      "t26"."touch_ms",
      "t43"."known_id",
      "t43"."known_as"
    FROM (
      SELECT
        "t0"."company_id",
        "t0"."touch_id",
        "t0"."visitor_id",
        "t0"."channel",
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
    ) AS "t26"
    LEFT OUTER JOIN (
      SELECT
        "t40"."visitor_id" AS "known_id",
        "t40"."person_id" AS "known_as"
      FROM "people" AS "t40"
    ) AS "t43"
      ON "t26"."visitor_id" = "t43"."known_id"
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
      "t51"."touch_visit_id",
      "t51"."touch_ms"
    FROM "candidates" AS "t55"
    INNER JOIN (
      SELECT
        "t48"."touch_id",
        "t48"."visitor_id",
        "t48"."channel",
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
    "t62"."touch_visit_id",
    "t62"."touch_ms",
    "t62"."player",
    "t62"."position",
    "t62"."length",
    "t62"."repeats",
    "t62"."lead",
    "t62"."opportunity",
    (
      "t62"."at_ms" - "t62"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t62"."channel" <> 'Direct' THEN "t62"."position" ELSE 0 END) OVER (
      PARTITION BY "t62"."response_id", "t62"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t62"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t62"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t62"."response_id", "t62"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    "t62"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
      "t61"."touch_visit_id",
      "t61"."touch_ms",
      "t61"."player",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t61"."response_id", "t61"."candidate"
          ORDER BY "t61"."touch_ms" ASC, "t61"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) + 1 AS "position",
      COUNT(*) OVER (
        PARTITION BY "t61"."response_id", "t61"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "length",
      COUNT(*) OVER (
        PARTITION BY "t61"."response_id", "t61"."candidate", "t61"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      SUM(CASE WHEN "t61"."touch_ms" <= "t61"."lead_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t61"."response_id", "t61"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      SUM(CASE WHEN "t61"."touch_ms" <= "t61"."opportunity_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t61"."response_id", "t61"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity"
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
        "t60"."touch_visit_id",
        "t60"."touch_ms",
        COALESCE("t60"."channel", '(none)') AS "player"
      FROM "held" AS "t60"
    ) AS "t61"
  ) AS "t62"
), "t70" AS (
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
    "t69"."held_id",
    "t69"."held_parts"
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
      "t66"."response_id" AS "held_id",
      SUM("t66"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "steps" AS "t64"
      WHERE
        "t64"."position" = 1
    ) AS "t66"
    GROUP BY
      1
  ) AS "t69"
    ON "t34"."response_id" = "t69"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t82"."company_id",
      "t82"."response_id",
      "t82"."kind",
      "t82"."at_ms",
      "t82"."touch_id",
      "t82"."visit_id",
      "t82"."touch_ms",
      "t82"."channel",
      "t11"."source",
      "t11"."medium",
      "t11"."campaign",
      "t11"."ad_group",
      "t11"."keyword",
      "t11"."content",
      "t11"."landing_page",
      "t11"."referrer_host",
      "t11"."device",
      "t11"."region",
      "t82"."position",
      "t82"."length",
      "t82"."p",
      "t82"."first_touch",
      "t82"."last_touch",
      "t82"."last_non_direct",
      "t82"."last_paid",
      "t82"."linear",
      "t82"."time_decay",
      "t82"."position_based",
      "t82"."w_shaped",
      "t82"."full_path",
      "t82"."shapley_sum",
      "t82"."markov",
      "t82"."markov_2",
      "t82"."shapley",
      "t82"."reason"
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
        "t78"."person_id",
        "t78"."p_parts",
        "t78"."touch_visit_id" AS "visit_id",
        "t78"."candidate",
        "t78"."touch_id",
        "t78"."visitor_id",
        "t78"."channel",
        "t78"."touch_visit_id",
        "t78"."touch_ms",
        "t78"."player",
        "t78"."position",
        "t78"."length",
        "t78"."repeats",
        "t78"."lead",
        "t78"."opportunity",
        "t78"."days_before",
        "t78"."last_sent",
        CASE
          WHEN "t78"."total_last_paid" > 0
          THEN "t78"."last_paid" / "t78"."total_last_paid"
          WHEN "t78"."total_last_paid" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "last_paid",
        "t78"."p",
        CASE
          WHEN "t78"."total_markov" > 0
          THEN "t78"."markov" / "t78"."total_markov"
          WHEN "t78"."total_markov" = 0
          THEN "t78"."one_each" / "t78"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "markov",
        CASE
          WHEN "t78"."total_markov_2" > 0
          THEN "t78"."markov_2" / "t78"."total_markov_2"
          WHEN "t78"."total_markov_2" = 0
          THEN "t78"."one_each" / "t78"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "markov_2",
        CASE
          WHEN "t78"."total_shapley" > 0
          THEN "t78"."shapley" / "t78"."total_shapley"
          WHEN "t78"."total_shapley" = 0
          THEN "t78"."one_each" / "t78"."total_one_each"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "shapley",
        CASE
          WHEN "t78"."total_first_touch" > 0
          THEN "t78"."first_touch" / "t78"."total_first_touch"
          WHEN "t78"."total_first_touch" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "first_touch",
        CASE
          WHEN "t78"."total_last_touch" > 0
          THEN "t78"."last_touch" / "t78"."total_last_touch"
          WHEN "t78"."total_last_touch" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "last_touch",
        CASE
          WHEN "t78"."total_last_non_direct" > 0
          THEN "t78"."last_non_direct" / "t78"."total_last_non_direct"
          WHEN "t78"."total_last_non_direct" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "last_non_direct",
        CASE
          WHEN "t78"."total_linear" > 0
          THEN "t78"."linear" / "t78"."total_linear"
          WHEN "t78"."total_linear" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "linear",
        CASE
          WHEN "t78"."total_time_decay" > 0
          THEN "t78"."time_decay" / "t78"."total_time_decay"
          WHEN "t78"."total_time_decay" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "time_decay",
        CASE
          WHEN "t78"."total_position_based" > 0
          THEN "t78"."position_based" / "t78"."total_position_based"
          WHEN "t78"."total_position_based" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "position_based",
        CASE
          WHEN "t78"."total_w_shaped" > 0
          THEN "t78"."w_shaped" / "t78"."total_w_shaped"
          WHEN "t78"."total_w_shaped" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "w_shaped",
        CASE
          WHEN "t78"."total_full_path" > 0
          THEN "t78"."full_path" / "t78"."total_full_path"
          WHEN "t78"."total_full_path" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "full_path",
        CASE
          WHEN "t78"."total_shapley_sum" > 0
          THEN "t78"."shapley_sum" / "t78"."total_shapley_sum"
          WHEN "t78"."total_shapley_sum" = 0
          THEN CAST('1.0' AS DOUBLE) / "t78"."length"
          ELSE CAST(NULL AS DOUBLE)
        END * "t78"."p" AS "shapley_sum",
        CAST(NULL AS TEXT) AS "reason"
      FROM (
        SELECT
          "t74"."company_id",
          "t74"."response_id",
          "t74"."kind",
          "t74"."at_ms",
          "t74"."lead_ms",
          "t74"."opportunity_ms",
          "t74"."counts",
          "t74"."value_cents",
          "t74"."person_id",
          "t74"."p_parts",
          "t74"."visit_id",
          "t74"."candidate",
          "t74"."touch_id",
          "t74"."visitor_id",
          "t74"."channel",
          "t74"."touch_visit_id",
          "t74"."touch_ms",
          "t74"."player",
          (
            ROW_NUMBER() OVER (
              PARTITION BY "t74"."response_id", "t74"."candidate"
              ORDER BY "t74"."touch_ms" ASC, "t74"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1
          ) + 1 AS "position",
          "t74"."length",
          "t74"."repeats",
          "t74"."lead",
          "t74"."opportunity",
          "t74"."days_before",
          "t74"."last_sent",
          "t74"."last_paid",
          "t74"."p",
          "t74"."markov",
          "t74"."markov_2",
          "t74"."shapley",
          "t74"."first_touch",
          "t74"."last_touch",
          "t74"."last_non_direct",
          "t74"."linear",
          "t74"."time_decay",
          "t74"."position_based",
          "t74"."w_shaped",
          "t74"."full_path",
          "t74"."shapley_sum",
          "t74"."one_each",
          SUM("t74"."first_touch") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_first_touch",
          SUM("t74"."last_touch") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_touch",
          SUM("t74"."last_non_direct") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_non_direct",
          SUM("t74"."last_paid") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_last_paid",
          SUM("t74"."linear") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_linear",
          SUM("t74"."time_decay") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_time_decay",
          SUM("t74"."position_based") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_position_based",
          SUM("t74"."w_shaped") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_w_shaped",
          SUM("t74"."full_path") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_full_path",
          SUM("t74"."shapley_sum") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_shapley_sum",
          SUM("t74"."markov") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_markov",
          SUM("t74"."markov_2") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_markov_2",
          SUM("t74"."shapley") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_shapley",
          SUM("t74"."one_each") OVER (
            PARTITION BY "t74"."response_id", "t74"."candidate"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "total_one_each"
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
            "t67"."position",
            "t67"."length",
            "t67"."repeats",
            "t67"."lead",
            "t67"."opportunity",
            "t67"."days_before",
            "t67"."last_sent",
            CASE
              WHEN "t67"."position" = CASE
                WHEN "t67"."last_paid" > 0
                THEN "t67"."last_paid"
                ELSE CASE WHEN "t67"."last_sent" > 0 THEN "t67"."last_sent" ELSE "t67"."length" END
              END
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_paid",
            "t67"."p",
            CASE
              WHEN "t67"."has_markov"
              THEN COALESCE("t67"."markov", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t67"."repeats" AS "markov",
            CASE
              WHEN "t67"."has_markov_2"
              THEN COALESCE("t67"."markov_2", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t67"."repeats" AS "markov_2",
            CASE
              WHEN "t67"."has_shapley"
              THEN COALESCE("t67"."shapley", CAST('0.0' AS DOUBLE))
              ELSE CAST(NULL AS DOUBLE)
            END / "t67"."repeats" AS "shapley",
            CASE
              WHEN "t67"."position" = 1
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "first_touch",
            CASE
              WHEN "t67"."position" = "t67"."length"
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_touch",
            CASE
              WHEN "t67"."position" = CASE WHEN "t67"."last_sent" > 0 THEN "t67"."last_sent" ELSE "t67"."length" END
              THEN CAST('1.0' AS DOUBLE)
              ELSE CAST('0.0' AS DOUBLE)
            END AS "last_non_direct",
            CAST('1.0' AS DOUBLE) / "t67"."length" AS "linear",
            POWER(
              CAST('2.0' AS DOUBLE),
              (
                -(
                  "t67"."days_before"
                ) / CAST('7.0' AS DOUBLE)
              )
            ) AS "time_decay",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t67"."position" = 1
                  THEN CAST('0.4' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."length"
                  THEN CAST('0.4' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t67"."position" = 1
                THEN CAST('0.4' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."length"
                THEN CAST('0.4' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                WHEN (
                  (
                    "t67"."length" - 1
                  ) - CASE
                    WHEN "t67"."length" = 1
                    THEN 0
                    ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                  END
                ) > 0
                THEN (
                  "t67"."length" - 1
                ) - CASE
                  WHEN "t67"."length" = 1
                  THEN 0
                  ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                END
                ELSE 1
              END
            END AS "position_based",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t67"."position" = 1
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."lead"
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."length"
                  THEN CAST('0.3' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t67"."position" = 1
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."lead"
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."length"
                THEN CAST('0.3' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                WHEN (
                  (
                    (
                      "t67"."length" - 1
                    ) - CASE
                      WHEN "t67"."lead" = 1
                      THEN 0
                      ELSE CASE WHEN "t67"."lead" > 0 THEN 1 ELSE 0 END
                    END
                  ) - CASE
                    WHEN "t67"."length" = "t67"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t67"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                    END
                  END
                ) > 0
                THEN (
                  (
                    "t67"."length" - 1
                  ) - CASE
                    WHEN "t67"."lead" = 1
                    THEN 0
                    ELSE CASE WHEN "t67"."lead" > 0 THEN 1 ELSE 0 END
                  END
                ) - CASE
                  WHEN "t67"."length" = "t67"."lead"
                  THEN 0
                  ELSE CASE
                    WHEN "t67"."length" = 1
                    THEN 0
                    ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                  END
                END
                ELSE 1
              END
            END AS "w_shaped",
            CASE
              WHEN (
                CAST('0.0' AS DOUBLE) + CASE
                  WHEN "t67"."position" = 1
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."lead"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."opportunity"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END + CASE
                  WHEN "t67"."position" = "t67"."length"
                  THEN CAST('0.225' AS DOUBLE)
                  ELSE CAST('0.0' AS DOUBLE)
                END
              ) > CAST('0.0' AS DOUBLE)
              THEN CAST('0.0' AS DOUBLE) + CASE
                WHEN "t67"."position" = 1
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."lead"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."opportunity"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END + CASE
                WHEN "t67"."position" = "t67"."length"
                THEN CAST('0.225' AS DOUBLE)
                ELSE CAST('0.0' AS DOUBLE)
              END
              ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                WHEN (
                  (
                    (
                      (
                        "t67"."length" - 1
                      ) - CASE
                        WHEN "t67"."lead" = 1
                        THEN 0
                        ELSE CASE WHEN "t67"."lead" > 0 THEN 1 ELSE 0 END
                      END
                    ) - CASE
                      WHEN "t67"."opportunity" = "t67"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t67"."opportunity" = 1
                        THEN 0
                        ELSE CASE WHEN "t67"."opportunity" > 0 THEN 1 ELSE 0 END
                      END
                    END
                  ) - CASE
                    WHEN "t67"."length" = "t67"."opportunity"
                    THEN 0
                    ELSE CASE
                      WHEN "t67"."length" = "t67"."lead"
                      THEN 0
                      ELSE CASE
                        WHEN "t67"."length" = 1
                        THEN 0
                        ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                      END
                    END
                  END
                ) > 0
                THEN (
                  (
                    (
                      "t67"."length" - 1
                    ) - CASE
                      WHEN "t67"."lead" = 1
                      THEN 0
                      ELSE CASE WHEN "t67"."lead" > 0 THEN 1 ELSE 0 END
                    END
                  ) - CASE
                    WHEN "t67"."opportunity" = "t67"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t67"."opportunity" = 1
                      THEN 0
                      ELSE CASE WHEN "t67"."opportunity" > 0 THEN 1 ELSE 0 END
                    END
                  END
                ) - CASE
                  WHEN "t67"."length" = "t67"."opportunity"
                  THEN 0
                  ELSE CASE
                    WHEN "t67"."length" = "t67"."lead"
                    THEN 0
                    ELSE CASE
                      WHEN "t67"."length" = 1
                      THEN 0
                      ELSE CASE WHEN "t67"."length" > 0 THEN 1 ELSE 0 END
                    END
                  END
                END
                ELSE 1
              END
            END AS "full_path",
            CAST('1.0' AS DOUBLE) / "t67"."repeats" AS "shapley_sum",
            CAST('1.0' AS DOUBLE) / "t67"."repeats" AS "one_each"
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
              "t65"."player",
              "t65"."position",
              "t65"."length",
              "t65"."repeats",
              "t65"."lead",
              "t65"."opportunity",
              "t65"."days_before",
              "t65"."last_sent",
              "t65"."last_paid",
              "t65"."p",
              "t19"."has_markov",
              "t19"."has_markov_2",
              "t19"."has_shapley",
              "t20"."by_company",
              "t20"."by_player",
              "t20"."markov",
              "t20"."markov_2",
              "t20"."shapley"
            FROM "steps" AS "t65"
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
              ON "t65"."company_id" = "t19"."fitted_company"
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
              ON "t65"."company_id" = "t20"."by_company" AND "t65"."player" = "t20"."by_player"
          ) AS "t67"
        ) AS "t74"
      ) AS "t78"
    ) AS "t82"
    INNER JOIN (
      SELECT
        "t0"."touch_id",
        "t0"."source",
        "t0"."medium",
        "t0"."campaign",
        "t0"."ad_group",
        "t0"."keyword",
        "t0"."content",
        "t0"."landing_page",
        "t0"."referrer_host",
        "t0"."device",
        "t0"."region"
      FROM "touchpoints" AS "t0"
    ) AS "t11"
      ON "t82"."touch_id" = "t11"."touch_id"
  ) AS "t83"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t79"."company_id",
      "t79"."response_id",
      "t79"."kind",
      "t79"."at_ms",
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
      "t79"."p",
      "t79"."p" AS "first_touch",
      "t79"."p" AS "last_touch",
      "t79"."p" AS "last_non_direct",
      "t79"."p" AS "last_paid",
      "t79"."p" AS "linear",
      "t79"."p" AS "time_decay",
      "t79"."p" AS "position_based",
      "t79"."p" AS "w_shaped",
      "t79"."p" AS "full_path",
      "t79"."p" AS "shapley_sum",
      CASE WHEN "t79"."has_markov" THEN "t79"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
      CASE WHEN "t79"."has_markov_2" THEN "t79"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
      CASE WHEN "t79"."has_shapley" THEN "t79"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
      "t79"."reason"
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
        "t77"."reason",
        "t77"."parts",
        "t77"."p",
        "t19"."has_markov",
        "t19"."has_markov_2",
        "t19"."has_shapley"
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
          "t75"."said_id",
          "t75"."known_parts",
          "t75"."held_id",
          "t75"."held_parts",
          "t75"."reason",
          "t75"."parts",
          "t75"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
        FROM (
          SELECT
            *
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
              "t71"."said_id",
              "t71"."known_parts",
              "t71"."held_id",
              "t71"."held_parts",
              'unknown' AS "reason",
              1000000000000 - COALESCE("t71"."known_parts", 0) AS "parts"
            FROM "t70" AS "t71"
          ) AS "t72"
          UNION ALL
          SELECT
            *
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
              "t71"."said_id",
              "t71"."known_parts",
              "t71"."held_id",
              "t71"."held_parts",
              'no_touches' AS "reason",
              COALESCE("t71"."known_parts", 0) - COALESCE("t71"."held_parts", 0) AS "parts"
            FROM "t70" AS "t71"
          ) AS "t73"
        ) AS "t75"
        WHERE
          "t75"."parts" > 1000
      ) AS "t77"
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
        ON "t77"."company_id" = "t19"."fitted_company"
    ) AS "t79"
  ) AS "t81"
) AS "t84"
ORDER BY
  "t84"."at_ms" ASC,
  "t84"."response_id" ASC,
  "t84"."reason" ASC NULLS FIRST,
  "t84"."touch_ms" ASC,
  "t84"."touch_id" ASC
