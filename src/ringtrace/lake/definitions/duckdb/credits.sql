WITH "t52" AS (
  SELECT
    "t51"."company_id",
    "t51"."response_id",
    "t51"."kind",
    "t51"."at_ms",
    "t51"."lead_ms",
    "t51"."opportunity_ms",
    "t51"."counts",
    "t51"."value_cents",
    "t51"."person_id",
    SUM("t51"."p_parts") AS "p_parts",
    MAX("t51"."visit_id") FILTER(WHERE
      "t51"."rank" = 0) AS "visit_id"
  FROM (
    SELECT
      "t47"."company_id",
      "t47"."response_id",
      "t47"."kind",
      "t47"."at_ms",
      "t47"."lead_ms",
      "t47"."opportunity_ms",
      "t47"."counts",
      "t47"."value_cents",
      "t47"."key",
      "t47"."key_kind",
      "t47"."visitor_id",
      "t47"."visit_id",
      "t47"."p",
      "t47"."p_parts",
      "t47"."person_id",
      ROW_NUMBER() OVER (
        PARTITION BY "t47"."response_id", "t47"."person_id"
        ORDER BY "t47"."p_parts" DESC, "t47"."visitor_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "rank"
    FROM (
      SELECT
        "t45".*
        EXCLUDE ("known_id", "known_as")
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
          "t43"."p_parts",
          "t43"."known_id",
          "t43"."known_as",
          COALESCE("t43"."known_as", "t43"."visitor_id") AS "person_id"
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
            "t40"."key",
            "t40"."key_kind",
            "t40"."visitor_id",
            "t40"."visit_id",
            "t40"."p",
            "t40"."p_parts",
            "t42"."known_id",
            "t42"."known_as"
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
              FROM (
                SELECT
                  "t31".*
                  EXCLUDE ("of")
                FROM (
                  SELECT
                    "t30"."company_id",
                    "t30"."response_id",
                    "t30"."kind",
                    "t30"."at_ms",
                    "t30"."of",
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
                ) AS "t31"
              ) AS "t34"
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
          ) AS "t40"
          LEFT OUTER JOIN (
            SELECT
              "t39"."visitor_id" AS "known_id",
              "t39"."person_id" AS "known_as"
            FROM (
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
            ) AS "t39"
          ) AS "t42"
            ON "t40"."visitor_id" = "t42"."known_id"
        ) AS "t43"
      ) AS "t45"
    ) AS "t47"
  ) AS "t51"
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
), "t61" AS (
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
    "t60"."touch_id",
    "t60"."visitor_id",
    "t60"."channel",
    "t60"."touch_visit_id",
    "t60"."touch_ms",
    "t60"."position",
    "t60"."length",
    "t60"."player",
    (
      "t60"."at_ms" - "t60"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t60"."channel" <> 'Direct' THEN "t60"."position" ELSE 0 END) OVER (
      PARTITION BY "t60"."response_id", "t60"."person_id"
      ORDER BY "t60"."touch_ms" ASC, "t60"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t60"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t60"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t60"."response_id", "t60"."person_id"
      ORDER BY "t60"."touch_ms" ASC, "t60"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    MAX(CASE WHEN "t60"."touch_ms" <= "t60"."lead_ms" THEN "t60"."position" ELSE 0 END) OVER (
      PARTITION BY "t60"."response_id", "t60"."person_id"
      ORDER BY "t60"."touch_ms" ASC, "t60"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "lead",
    MAX(
      CASE
        WHEN "t60"."touch_ms" <= "t60"."opportunity_ms"
        THEN "t60"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t60"."response_id", "t60"."person_id"
      ORDER BY "t60"."touch_ms" ASC, "t60"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "opportunity",
    COUNT(*) OVER (
      PARTITION BY "t60"."response_id", "t60"."person_id", "t60"."player"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "repeats",
    "t60"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
  FROM (
    SELECT
      "t59"."company_id",
      "t59"."response_id",
      "t59"."kind",
      "t59"."at_ms",
      "t59"."lead_ms",
      "t59"."opportunity_ms",
      "t59"."counts",
      "t59"."value_cents",
      "t59"."person_id",
      "t59"."p_parts",
      "t59"."visit_id",
      "t59"."touch_id",
      "t59"."visitor_id",
      "t59"."channel",
      "t59"."touch_visit_id",
      "t59"."touch_ms",
      "t59"."position",
      "t59"."length",
      COALESCE("t59"."channel", '(none)') AS "player"
    FROM (
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
        "t58"."touch_id",
        "t58"."visitor_id",
        "t58"."channel",
        "t58"."touch_visit_id",
        "t58"."touch_ms",
        (
          ROW_NUMBER() OVER (
            PARTITION BY "t58"."response_id", "t58"."person_id"
            ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) + 1 AS "position",
        COUNT(*) OVER (
          PARTITION BY "t58"."response_id", "t58"."person_id"
          ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "length"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t54"."company_id",
            "t54"."response_id",
            "t54"."kind",
            "t54"."at_ms",
            "t54"."lead_ms",
            "t54"."opportunity_ms",
            "t54"."counts",
            "t54"."value_cents",
            "t54"."person_id",
            "t54"."p_parts",
            "t54"."visit_id",
            "t50"."touch_id",
            "t50"."visitor_id",
            "t50"."channel",
            "t50"."touch_visit_id",
            "t50"."touch_ms"
          FROM "t52" AS "t54"
          INNER JOIN (
            SELECT
              "t48".*
              EXCLUDE ("company_id")
            FROM (
              SELECT
                "t46".*
                EXCLUDE ("known_id", "known_as")
              FROM (
                SELECT
                  "t44"."company_id",
                  "t44"."touch_id",
                  "t44"."visitor_id",
                  "t44"."channel",
                  "t44"."touch_visit_id",
                  "t44"."touch_ms",
                  "t44"."known_id",
                  "t44"."known_as",
                  COALESCE("t44"."known_as", "t44"."visitor_id") AS "person_id"
                FROM (
                  SELECT
                    "t27"."company_id",
                    "t27"."touch_id",
                    "t27"."visitor_id",
                    "t27"."channel",
                    "t27"."touch_visit_id",
                    "t27"."touch_ms",
                    "t42"."known_id",
                    "t42"."known_as"
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
                  ) AS "t27"
                  LEFT OUTER JOIN (
                    SELECT
                      "t39"."visitor_id" AS "known_id",
                      "t39"."person_id" AS "known_as"
                    FROM (
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
                    ) AS "t39"
                  ) AS "t42"
                    ON "t27"."visitor_id" = "t42"."known_id"
                ) AS "t44"
              ) AS "t46"
            ) AS "t48"
          ) AS "t50"
            ON "t54"."person_id" = "t50"."person_id"
        ) AS "t57"
        WHERE
          (
            "t57"."at_ms" - "t57"."touch_ms"
          ) >= 0
          AND (
            "t57"."at_ms" - "t57"."touch_ms"
          ) <= (
            SELECT
              "t4"."lookback_ms"
            FROM "asked" AS "t4"
          )
      ) AS "t58"
    ) AS "t59"
  ) AS "t60"
), "t66" AS (
  SELECT
    "t34"."company_id",
    "t34"."response_id",
    "t34"."kind",
    "t34"."at_ms",
    "t34"."lead_ms",
    "t34"."opportunity_ms",
    "t34"."counts",
    "t34"."value_cents",
    "t56"."said_id",
    "t56"."known_parts",
    "t65"."held_id",
    "t65"."held_parts"
  FROM (
    SELECT
      "t31".*
      EXCLUDE ("of")
    FROM (
      SELECT
        "t30"."company_id",
        "t30"."response_id",
        "t30"."kind",
        "t30"."at_ms",
        "t30"."of",
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
    ) AS "t31"
  ) AS "t34"
  LEFT OUTER JOIN (
    SELECT
      "t53"."response_id" AS "said_id",
      SUM("t53"."p_parts") AS "known_parts"
    FROM "t52" AS "t53"
    GROUP BY
      1
  ) AS "t56"
    ON "t34"."response_id" = "t56"."said_id"
  LEFT OUTER JOIN (
    SELECT
      "t63"."response_id" AS "held_id",
      SUM("t63"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "t61" AS "t62"
      WHERE
        "t62"."position" = 1
    ) AS "t63"
    GROUP BY
      1
  ) AS "t65"
    ON "t34"."response_id" = "t65"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
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
      "t90"."reason"
    FROM (
      SELECT
        "t88"."company_id",
        "t88"."response_id",
        "t88"."kind",
        "t88"."at_ms",
        "t88"."lead_ms",
        "t88"."opportunity_ms",
        "t88"."counts",
        "t88"."value_cents",
        "t88"."person_id",
        "t88"."p_parts",
        "t88"."touch_visit_id" AS "visit_id",
        "t88"."touch_id",
        "t88"."visitor_id",
        "t88"."channel",
        "t88"."touch_visit_id",
        "t88"."touch_ms",
        "t88"."position",
        "t88"."length",
        "t88"."player",
        "t88"."days_before",
        "t88"."last_sent",
        "t88"."last_paid" * "t88"."p" AS "last_paid",
        "t88"."lead",
        "t88"."opportunity",
        "t88"."repeats",
        "t88"."p",
        "t88"."first_touch" * "t88"."p" AS "first_touch",
        "t88"."last_touch" * "t88"."p" AS "last_touch",
        "t88"."last_non_direct" * "t88"."p" AS "last_non_direct",
        "t88"."linear" * "t88"."p" AS "linear",
        "t88"."time_decay" * "t88"."p" AS "time_decay",
        "t88"."position_based" * "t88"."p" AS "position_based",
        "t88"."w_shaped" * "t88"."p" AS "w_shaped",
        "t88"."full_path" * "t88"."p" AS "full_path",
        "t88"."shapley_sum" * "t88"."p" AS "shapley_sum",
        "t88"."markov" * "t88"."p" AS "markov",
        "t88"."markov_2" * "t88"."p" AS "markov_2",
        "t88"."shapley" * "t88"."p" AS "shapley",
        CAST(NULL AS TEXT) AS "reason"
      FROM (
        SELECT
          "t87".*
          EXCLUDE ("fallback", "one_each")
        FROM (
          SELECT
            "t86"."company_id",
            "t86"."response_id",
            "t86"."kind",
            "t86"."at_ms",
            "t86"."lead_ms",
            "t86"."opportunity_ms",
            "t86"."counts",
            "t86"."value_cents",
            "t86"."person_id",
            "t86"."p_parts",
            "t86"."visit_id",
            "t86"."touch_id",
            "t86"."visitor_id",
            "t86"."channel",
            "t86"."touch_visit_id",
            "t86"."touch_ms",
            "t86"."position",
            "t86"."length",
            "t86"."player",
            "t86"."days_before",
            "t86"."last_sent",
            "t86"."last_paid",
            "t86"."lead",
            "t86"."opportunity",
            "t86"."repeats",
            "t86"."p",
            "t86"."first_touch",
            "t86"."last_touch",
            "t86"."last_non_direct",
            "t86"."linear",
            "t86"."time_decay",
            "t86"."position_based",
            "t86"."w_shaped",
            "t86"."full_path",
            "t86"."shapley_sum",
            CASE
              WHEN SUM("t86"."markov") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t86"."markov") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t86"."markov" / SUM("t86"."markov") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t86"."fallback"
            END AS "markov",
            CASE
              WHEN SUM("t86"."markov_2") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t86"."markov_2") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t86"."markov_2" / SUM("t86"."markov_2") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t86"."fallback"
            END AS "markov_2",
            CASE
              WHEN SUM("t86"."shapley") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t86"."shapley") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t86"."shapley" / SUM("t86"."shapley") OVER (
                PARTITION BY "t86"."response_id", "t86"."person_id"
                ORDER BY "t86"."touch_ms" ASC, "t86"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t86"."fallback"
            END AS "shapley",
            "t86"."one_each",
            "t86"."fallback"
          FROM (
            SELECT
              "t85"."company_id",
              "t85"."response_id",
              "t85"."kind",
              "t85"."at_ms",
              "t85"."lead_ms",
              "t85"."opportunity_ms",
              "t85"."counts",
              "t85"."value_cents",
              "t85"."person_id",
              "t85"."p_parts",
              "t85"."visit_id",
              "t85"."touch_id",
              "t85"."visitor_id",
              "t85"."channel",
              "t85"."touch_visit_id",
              "t85"."touch_ms",
              "t85"."position",
              "t85"."length",
              "t85"."player",
              "t85"."days_before",
              "t85"."last_sent",
              "t85"."last_paid",
              "t85"."lead",
              "t85"."opportunity",
              "t85"."repeats",
              "t85"."p",
              "t85"."first_touch",
              "t85"."last_touch",
              "t85"."last_non_direct",
              "t85"."linear",
              "t85"."time_decay",
              "t85"."position_based",
              "t85"."w_shaped",
              "t85"."full_path",
              "t85"."shapley_sum",
              "t85"."markov",
              "t85"."markov_2",
              "t85"."shapley",
              "t85"."one_each",
              "t85"."one_each" / SUM("t85"."one_each") OVER (
                PARTITION BY "t85"."response_id", "t85"."person_id"
                ORDER BY "t85"."touch_ms" ASC, "t85"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "fallback"
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
                "t84"."visit_id",
                "t84"."touch_id",
                "t84"."visitor_id",
                "t84"."channel",
                "t84"."touch_visit_id",
                "t84"."touch_ms",
                "t84"."position",
                "t84"."length",
                "t84"."player",
                "t84"."days_before",
                "t84"."last_sent",
                "t84"."last_paid",
                "t84"."lead",
                "t84"."opportunity",
                "t84"."repeats",
                "t84"."p",
                "t84"."first_touch",
                "t84"."last_touch",
                "t84"."last_non_direct",
                "t84"."linear",
                "t84"."time_decay",
                "t84"."position_based",
                "t84"."w_shaped",
                "t84"."full_path",
                "t84"."shapley_sum",
                "t84"."markov" / "t84"."repeats" AS "markov",
                "t84"."markov_2" / "t84"."repeats" AS "markov_2",
                "t84"."shapley" / "t84"."repeats" AS "shapley",
                CAST('1.0' AS DOUBLE) / "t84"."repeats" AS "one_each"
              FROM (
                SELECT
                  "t83".*
                  EXCLUDE ("by_player", "has_markov_2", "has_markov", "has_shapley", "by_company")
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
                    "t82"."person_id",
                    "t82"."p_parts",
                    "t82"."visit_id",
                    "t82"."touch_id",
                    "t82"."visitor_id",
                    "t82"."channel",
                    "t82"."touch_visit_id",
                    "t82"."touch_ms",
                    "t82"."position",
                    "t82"."length",
                    "t82"."player",
                    "t82"."days_before",
                    "t82"."last_sent",
                    "t82"."last_paid",
                    "t82"."lead",
                    "t82"."opportunity",
                    "t82"."repeats",
                    "t82"."p",
                    "t82"."first_touch",
                    "t82"."last_touch",
                    "t82"."last_non_direct",
                    "t82"."linear",
                    "t82"."time_decay",
                    "t82"."position_based",
                    "t82"."w_shaped",
                    "t82"."full_path",
                    "t82"."shapley_sum",
                    "t82"."has_markov",
                    "t82"."has_markov_2",
                    "t82"."has_shapley",
                    "t82"."by_company",
                    "t82"."by_player",
                    CASE
                      WHEN "t82"."has_markov"
                      THEN COALESCE("t82"."markov", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "markov",
                    CASE
                      WHEN "t82"."has_markov_2"
                      THEN COALESCE("t82"."markov_2", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "markov_2",
                    CASE
                      WHEN "t82"."has_shapley"
                      THEN COALESCE("t82"."shapley", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "shapley"
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
                      "t79"."touch_id",
                      "t79"."visitor_id",
                      "t79"."channel",
                      "t79"."touch_visit_id",
                      "t79"."touch_ms",
                      "t79"."position",
                      "t79"."length",
                      "t79"."player",
                      "t79"."days_before",
                      "t79"."last_sent",
                      "t79"."last_paid",
                      "t79"."lead",
                      "t79"."opportunity",
                      "t79"."repeats",
                      "t79"."p",
                      "t79"."first_touch",
                      "t79"."last_touch",
                      "t79"."last_non_direct",
                      "t79"."linear",
                      "t79"."time_decay",
                      "t79"."position_based",
                      "t79"."w_shaped",
                      "t79"."full_path",
                      "t79"."shapley_sum",
                      "t79"."has_markov",
                      "t79"."has_markov_2",
                      "t79"."has_shapley",
                      "t20"."by_company",
                      "t20"."by_player",
                      "t20"."markov",
                      "t20"."markov_2",
                      "t20"."shapley"
                    FROM (
                      SELECT
                        "t76".*
                        EXCLUDE ("fitted_company")
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
                          "t73"."touch_id",
                          "t73"."visitor_id",
                          "t73"."channel",
                          "t73"."touch_visit_id",
                          "t73"."touch_ms",
                          "t73"."position",
                          "t73"."length",
                          "t73"."player",
                          "t73"."days_before",
                          "t73"."last_sent",
                          "t73"."last_paid",
                          "t73"."lead",
                          "t73"."opportunity",
                          "t73"."repeats",
                          "t73"."p",
                          "t73"."first_touch",
                          "t73"."last_touch",
                          "t73"."last_non_direct",
                          "t73"."linear",
                          "t73"."time_decay",
                          "t73"."position_based",
                          "t73"."w_shaped",
                          "t73"."full_path",
                          "t73"."shapley_sum",
                          "t19"."fitted_company",
                          "t19"."has_markov",
                          "t19"."has_markov_2",
                          "t19"."has_shapley"
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
                            "t68"."touch_id",
                            "t68"."visitor_id",
                            "t68"."channel",
                            "t68"."touch_visit_id",
                            "t68"."touch_ms",
                            "t68"."position",
                            "t68"."length",
                            "t68"."player",
                            "t68"."days_before",
                            "t68"."last_sent",
                            CASE
                              WHEN SUM("t68"."last_paid") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."last_paid") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."last_paid" / SUM("t68"."last_paid") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "last_paid",
                            "t68"."lead",
                            "t68"."opportunity",
                            "t68"."repeats",
                            "t68"."p",
                            CASE
                              WHEN SUM("t68"."first_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."first_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."first_touch" / SUM("t68"."first_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "first_touch",
                            CASE
                              WHEN SUM("t68"."last_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."last_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."last_touch" / SUM("t68"."last_touch") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "last_touch",
                            CASE
                              WHEN SUM("t68"."last_non_direct") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."last_non_direct") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."last_non_direct" / SUM("t68"."last_non_direct") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "last_non_direct",
                            CASE
                              WHEN SUM("t68"."linear") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."linear") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."linear" / SUM("t68"."linear") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "linear",
                            CASE
                              WHEN SUM("t68"."time_decay") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."time_decay") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."time_decay" / SUM("t68"."time_decay") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "time_decay",
                            CASE
                              WHEN SUM("t68"."position_based") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."position_based") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."position_based" / SUM("t68"."position_based") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "position_based",
                            CASE
                              WHEN SUM("t68"."w_shaped") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."w_shaped") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."w_shaped" / SUM("t68"."w_shaped") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "w_shaped",
                            CASE
                              WHEN SUM("t68"."full_path") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."full_path") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."full_path" / SUM("t68"."full_path") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "full_path",
                            CASE
                              WHEN SUM("t68"."shapley_sum") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t68"."shapley_sum") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t68"."shapley_sum" / SUM("t68"."shapley_sum") OVER (
                                PARTITION BY "t68"."response_id", "t68"."person_id"
                                ORDER BY "t68"."touch_ms" ASC, "t68"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t68"."length"
                            END AS "shapley_sum"
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
                              "t62"."touch_id",
                              "t62"."visitor_id",
                              "t62"."channel",
                              "t62"."touch_visit_id",
                              "t62"."touch_ms",
                              "t62"."position",
                              "t62"."length",
                              "t62"."player",
                              "t62"."days_before",
                              "t62"."last_sent",
                              CASE
                                WHEN "t62"."position" = CASE
                                  WHEN "t62"."last_paid" > 0
                                  THEN "t62"."last_paid"
                                  ELSE CASE WHEN "t62"."last_sent" > 0 THEN "t62"."last_sent" ELSE "t62"."length" END
                                END
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_paid",
                              "t62"."lead",
                              "t62"."opportunity",
                              "t62"."repeats",
                              "t62"."p",
                              CASE
                                WHEN "t62"."position" = 1
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "first_touch",
                              CASE
                                WHEN "t62"."position" = "t62"."length"
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_touch",
                              CASE
                                WHEN "t62"."position" = CASE WHEN "t62"."last_sent" > 0 THEN "t62"."last_sent" ELSE "t62"."length" END
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_non_direct",
                              CAST('1.0' AS DOUBLE) / "t62"."length" AS "linear",
                              POWER(
                                CAST('2.0' AS DOUBLE),
                                (
                                  -(
                                    "t62"."days_before"
                                  ) / CAST('7.0' AS DOUBLE)
                                )
                              ) AS "time_decay",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t62"."position" = 1
                                    THEN CAST('0.4' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."length"
                                    THEN CAST('0.4' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t62"."position" = 1
                                  THEN CAST('0.4' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."length"
                                  THEN CAST('0.4' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      "t62"."length" - 1
                                    ) - CASE
                                      WHEN "t62"."length" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                    END
                                  ) > 0
                                  THEN (
                                    "t62"."length" - 1
                                  ) - CASE
                                    WHEN "t62"."length" = 1
                                    THEN 0
                                    ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                  END
                                  ELSE 1
                                END
                              END AS "position_based",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t62"."position" = 1
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."lead"
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."length"
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t62"."position" = 1
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."lead"
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."length"
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      (
                                        "t62"."length" - 1
                                      ) - CASE
                                        WHEN "t62"."lead" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t62"."lead" > 0 THEN 1 ELSE 0 END
                                      END
                                    ) - CASE
                                      WHEN "t62"."length" = "t62"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t62"."length" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  ) > 0
                                  THEN (
                                    (
                                      "t62"."length" - 1
                                    ) - CASE
                                      WHEN "t62"."lead" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t62"."lead" > 0 THEN 1 ELSE 0 END
                                    END
                                  ) - CASE
                                    WHEN "t62"."length" = "t62"."lead"
                                    THEN 0
                                    ELSE CASE
                                      WHEN "t62"."length" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                    END
                                  END
                                  ELSE 1
                                END
                              END AS "w_shaped",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t62"."position" = 1
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."lead"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."opportunity"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t62"."position" = "t62"."length"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t62"."position" = 1
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."lead"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."opportunity"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t62"."position" = "t62"."length"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      (
                                        (
                                          "t62"."length" - 1
                                        ) - CASE
                                          WHEN "t62"."lead" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t62"."lead" > 0 THEN 1 ELSE 0 END
                                        END
                                      ) - CASE
                                        WHEN "t62"."opportunity" = "t62"."lead"
                                        THEN 0
                                        ELSE CASE
                                          WHEN "t62"."opportunity" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t62"."opportunity" > 0 THEN 1 ELSE 0 END
                                        END
                                      END
                                    ) - CASE
                                      WHEN "t62"."length" = "t62"."opportunity"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t62"."length" = "t62"."lead"
                                        THEN 0
                                        ELSE CASE
                                          WHEN "t62"."length" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                        END
                                      END
                                    END
                                  ) > 0
                                  THEN (
                                    (
                                      (
                                        "t62"."length" - 1
                                      ) - CASE
                                        WHEN "t62"."lead" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t62"."lead" > 0 THEN 1 ELSE 0 END
                                      END
                                    ) - CASE
                                      WHEN "t62"."opportunity" = "t62"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t62"."opportunity" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t62"."opportunity" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  ) - CASE
                                    WHEN "t62"."length" = "t62"."opportunity"
                                    THEN 0
                                    ELSE CASE
                                      WHEN "t62"."length" = "t62"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t62"."length" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t62"."length" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  END
                                  ELSE 1
                                END
                              END AS "full_path",
                              CAST('1.0' AS DOUBLE) / "t62"."repeats" AS "shapley_sum"
                            FROM "t61" AS "t62"
                          ) AS "t68"
                        ) AS "t73"
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
                          ON "t73"."company_id" = "t19"."fitted_company"
                      ) AS "t76"
                    ) AS "t79"
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
                      ON "t79"."company_id" = "t20"."by_company" AND "t79"."player" = "t20"."by_player"
                  ) AS "t82"
                ) AS "t83"
              ) AS "t84"
            ) AS "t85"
          ) AS "t86"
        ) AS "t87"
      ) AS "t88"
    ) AS "t90"
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
      ON "t90"."touch_id" = "t11"."touch_id"
  ) AS "t91"
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
        "t78".*
        EXCLUDE ("fitted_company")
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
          "t75"."p",
          "t19"."fitted_company",
          "t19"."has_markov",
          "t19"."has_markov_2",
          "t19"."has_shapley"
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
            "t71"."reason",
            "t71"."parts",
            "t71"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
          FROM (
            SELECT
              *
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
                "t67"."said_id",
                "t67"."known_parts",
                "t67"."held_id",
                "t67"."held_parts",
                'unknown' AS "reason",
                1000000000000 - COALESCE("t67"."known_parts", 0) AS "parts"
              FROM "t66" AS "t67"
            ) AS "t69"
            UNION ALL
            SELECT
              *
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
                "t67"."said_id",
                "t67"."known_parts",
                "t67"."held_id",
                "t67"."held_parts",
                'no_touches' AS "reason",
                COALESCE("t67"."known_parts", 0) - COALESCE("t67"."held_parts", 0) AS "parts"
              FROM "t66" AS "t67"
            ) AS "t70"
          ) AS "t71"
          WHERE
            "t71"."parts" > 0
        ) AS "t75"
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
          ON "t75"."company_id" = "t19"."fitted_company"
      ) AS "t78"
    ) AS "t80"
  ) AS "t81"
) AS "t92"
ORDER BY
  "t92"."at_ms" ASC,
  "t92"."response_id" ASC,
  COALESCE("t92"."reason", '') ASC,
  COALESCE("t92"."touch_ms", 0) ASC,
  COALESCE("t92"."touch_id", '') ASC
