WITH "t48" AS (
  SELECT
    "t47"."company_id",
    "t47"."response_id",
    "t47"."kind",
    "t47"."at_ms",
    "t47"."lead_ms",
    "t47"."opportunity_ms",
    "t47"."counts",
    "t47"."value_cents",
    "t47"."person_id",
    SUM("t47"."p_parts") AS "p_parts",
    MAX("t47"."visit_id") FILTER(WHERE
      "t47"."rank" = 0) AS "visit_id"
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
      "t44"."person_id",
      ROW_NUMBER() OVER (
        PARTITION BY "t44"."response_id", "t44"."person_id"
        ORDER BY "t44"."p_parts" DESC, "t44"."visitor_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "rank"
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
        "t42"."p_parts",
        COALESCE("t42"."known_as", "t42"."visitor_id") AS "person_id"
      FROM (
        SELECT
          "t39"."company_id",
          "t39"."response_id",
          "t39"."kind",
          "t39"."at_ms",
          "t39"."lead_ms",
          "t39"."opportunity_ms",
          "t39"."counts",
          "t39"."value_cents",
          "t39"."key",
          "t39"."key_kind",
          "t39"."visitor_id",
          "t39"."visit_id",
          "t39"."p",
          "t39"."p_parts",
          "t41"."known_id",
          "t41"."known_as"
        FROM (
          SELECT
            "t35"."company_id",
            "t35"."response_id",
            "t35"."kind",
            "t35"."at_ms",
            "t35"."lead_ms",
            "t35"."opportunity_ms",
            "t35"."counts",
            "t35"."value_cents",
            "t35"."key",
            "t35"."key_kind",
            "t35"."visitor_id",
            "t35"."visit_id",
            "t35"."p",
            CAST(ROUND("t35"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
          FROM (
            SELECT
              "t33"."company_id",
              "t33"."response_id",
              "t33"."kind",
              "t33"."at_ms",
              "t33"."lead_ms",
              "t33"."opportunity_ms",
              "t33"."counts",
              "t33"."value_cents",
              "t18"."key",
              "t18"."key_kind",
              "t18"."visitor_id",
              "t18"."visit_id",
              "t18"."p"
            FROM (
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
            ) AS "t33"
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
              ON "t33"."response_id" = "t18"."key" AND "t33"."kind" = "t18"."key_kind"
          ) AS "t35"
          WHERE
            CAST(ROUND("t35"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
        ) AS "t39"
        LEFT OUTER JOIN (
          SELECT
            "t38"."visitor_id" AS "known_id",
            "t38"."person_id" AS "known_as"
          FROM (
            SELECT DISTINCT
              "t36"."visitor_id",
              "t36"."person_id"
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
              ) AS "t34"
            ) AS "t36"
          ) AS "t38"
        ) AS "t41"
          ON "t39"."visitor_id" = "t41"."known_id"
      ) AS "t42"
    ) AS "t44"
  ) AS "t47"
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
), "t57" AS (
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
    "t56"."p_parts",
    "t56"."visit_id",
    "t56"."touch_id",
    "t56"."visitor_id",
    "t56"."channel",
    "t56"."touch_visit_id",
    "t56"."touch_ms",
    "t56"."position",
    "t56"."length",
    "t56"."player",
    (
      "t56"."at_ms" - "t56"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t56"."channel" <> 'Direct' THEN "t56"."position" ELSE 0 END) OVER (
      PARTITION BY "t56"."response_id", "t56"."person_id"
      ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t56"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t56"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t56"."response_id", "t56"."person_id"
      ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    MAX(CASE WHEN "t56"."touch_ms" <= "t56"."lead_ms" THEN "t56"."position" ELSE 0 END) OVER (
      PARTITION BY "t56"."response_id", "t56"."person_id"
      ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "lead",
    MAX(
      CASE
        WHEN "t56"."touch_ms" <= "t56"."opportunity_ms"
        THEN "t56"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t56"."response_id", "t56"."person_id"
      ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "opportunity",
    COUNT(*) OVER (
      PARTITION BY "t56"."response_id", "t56"."person_id", "t56"."player"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "repeats",
    "t56"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
      "t55"."touch_id",
      "t55"."visitor_id",
      "t55"."channel",
      "t55"."touch_visit_id",
      "t55"."touch_ms",
      "t55"."position",
      "t55"."length",
      COALESCE("t55"."channel", '(none)') AS "player"
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
        "t54"."touch_id",
        "t54"."visitor_id",
        "t54"."channel",
        "t54"."touch_visit_id",
        "t54"."touch_ms",
        (
          ROW_NUMBER() OVER (
            PARTITION BY "t54"."response_id", "t54"."person_id"
            ORDER BY "t54"."touch_ms" ASC, "t54"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) + 1 AS "position",
        COUNT(*) OVER (
          PARTITION BY "t54"."response_id", "t54"."person_id"
          ORDER BY "t54"."touch_ms" ASC, "t54"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "length"
      FROM (
        SELECT
          *
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
            "t50"."p_parts",
            "t50"."visit_id",
            "t46"."touch_id",
            "t46"."visitor_id",
            "t46"."channel",
            "t46"."touch_visit_id",
            "t46"."touch_ms"
          FROM "t48" AS "t50"
          INNER JOIN (
            SELECT
              "t43"."touch_id",
              "t43"."visitor_id",
              "t43"."channel",
              "t43"."touch_visit_id",
              "t43"."touch_ms",
              COALESCE("t43"."known_as", "t43"."visitor_id") AS "person_id"
            FROM (
              SELECT
                "t27"."company_id",
                "t27"."touch_id",
                "t27"."visitor_id",
                "t27"."channel",
                "t27"."touch_visit_id",
                "t27"."touch_ms",
                "t41"."known_id",
                "t41"."known_as"
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
                  "t38"."visitor_id" AS "known_id",
                  "t38"."person_id" AS "known_as"
                FROM (
                  SELECT DISTINCT
                    "t36"."visitor_id",
                    "t36"."person_id"
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
                    ) AS "t34"
                  ) AS "t36"
                ) AS "t38"
              ) AS "t41"
                ON "t27"."visitor_id" = "t41"."known_id"
            ) AS "t43"
          ) AS "t46"
            ON "t50"."person_id" = "t46"."person_id"
        ) AS "t53"
        WHERE
          (
            "t53"."at_ms" - "t53"."touch_ms"
          ) >= 0
          AND (
            "t53"."at_ms" - "t53"."touch_ms"
          ) <= (
            SELECT
              "t4"."lookback_ms"
            FROM "asked" AS "t4"
          )
      ) AS "t54"
    ) AS "t55"
  ) AS "t56"
), "t62" AS (
  SELECT
    "t33"."company_id",
    "t33"."response_id",
    "t33"."kind",
    "t33"."at_ms",
    "t33"."lead_ms",
    "t33"."opportunity_ms",
    "t33"."counts",
    "t33"."value_cents",
    "t52"."said_id",
    "t52"."known_parts",
    "t61"."held_id",
    "t61"."held_parts"
  FROM (
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
  ) AS "t33"
  LEFT OUTER JOIN (
    SELECT
      "t49"."response_id" AS "said_id",
      SUM("t49"."p_parts") AS "known_parts"
    FROM "t48" AS "t49"
    GROUP BY
      1
  ) AS "t52"
    ON "t33"."response_id" = "t52"."said_id"
  LEFT OUTER JOIN (
    SELECT
      "t59"."response_id" AS "held_id",
      SUM("t59"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "t57" AS "t58"
      WHERE
        "t58"."position" = 1
    ) AS "t59"
    GROUP BY
      1
  ) AS "t61"
    ON "t33"."response_id" = "t61"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t79"."company_id",
      "t79"."response_id",
      "t79"."kind",
      "t79"."at_ms",
      "t79"."touch_id",
      "t79"."visit_id",
      "t79"."touch_ms",
      "t79"."channel",
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
      "t79"."position",
      "t79"."length",
      "t79"."p",
      "t79"."first_touch",
      "t79"."last_touch",
      "t79"."last_non_direct",
      "t79"."last_paid",
      "t79"."linear",
      "t79"."time_decay",
      "t79"."position_based",
      "t79"."w_shaped",
      "t79"."full_path",
      "t79"."shapley_sum",
      "t79"."markov",
      "t79"."markov_2",
      "t79"."shapley",
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
        "t77"."person_id",
        "t77"."p_parts",
        "t77"."touch_visit_id" AS "visit_id",
        "t77"."touch_id",
        "t77"."visitor_id",
        "t77"."channel",
        "t77"."touch_visit_id",
        "t77"."touch_ms",
        "t77"."position",
        "t77"."length",
        "t77"."player",
        "t77"."days_before",
        "t77"."last_sent",
        "t77"."last_paid" * "t77"."p" AS "last_paid",
        "t77"."lead",
        "t77"."opportunity",
        "t77"."repeats",
        "t77"."p",
        "t77"."first_touch" * "t77"."p" AS "first_touch",
        "t77"."last_touch" * "t77"."p" AS "last_touch",
        "t77"."last_non_direct" * "t77"."p" AS "last_non_direct",
        "t77"."linear" * "t77"."p" AS "linear",
        "t77"."time_decay" * "t77"."p" AS "time_decay",
        "t77"."position_based" * "t77"."p" AS "position_based",
        "t77"."w_shaped" * "t77"."p" AS "w_shaped",
        "t77"."full_path" * "t77"."p" AS "full_path",
        "t77"."shapley_sum" * "t77"."p" AS "shapley_sum",
        "t77"."markov" * "t77"."p" AS "markov",
        "t77"."markov_2" * "t77"."p" AS "markov_2",
        "t77"."shapley" * "t77"."p" AS "shapley",
        CAST(NULL AS TEXT) AS "reason"
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
          "t76"."person_id",
          "t76"."p_parts",
          "t76"."visit_id",
          "t76"."touch_id",
          "t76"."visitor_id",
          "t76"."channel",
          "t76"."touch_visit_id",
          "t76"."touch_ms",
          "t76"."position",
          "t76"."length",
          "t76"."player",
          "t76"."days_before",
          "t76"."last_sent",
          "t76"."last_paid",
          "t76"."lead",
          "t76"."opportunity",
          "t76"."repeats",
          "t76"."p",
          "t76"."first_touch",
          "t76"."last_touch",
          "t76"."last_non_direct",
          "t76"."linear",
          "t76"."time_decay",
          "t76"."position_based",
          "t76"."w_shaped",
          "t76"."full_path",
          "t76"."shapley_sum",
          CASE
            WHEN SUM("t76"."markov") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t76"."markov") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t76"."markov" / SUM("t76"."markov") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t76"."fallback"
          END AS "markov",
          CASE
            WHEN SUM("t76"."markov_2") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t76"."markov_2") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t76"."markov_2" / SUM("t76"."markov_2") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t76"."fallback"
          END AS "markov_2",
          CASE
            WHEN SUM("t76"."shapley") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t76"."shapley") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t76"."shapley" / SUM("t76"."shapley") OVER (
              PARTITION BY "t76"."response_id", "t76"."person_id"
              ORDER BY "t76"."touch_ms" ASC, "t76"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t76"."fallback"
          END AS "shapley",
          "t76"."one_each",
          "t76"."fallback"
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
            "t75"."touch_id",
            "t75"."visitor_id",
            "t75"."channel",
            "t75"."touch_visit_id",
            "t75"."touch_ms",
            "t75"."position",
            "t75"."length",
            "t75"."player",
            "t75"."days_before",
            "t75"."last_sent",
            "t75"."last_paid",
            "t75"."lead",
            "t75"."opportunity",
            "t75"."repeats",
            "t75"."p",
            "t75"."first_touch",
            "t75"."last_touch",
            "t75"."last_non_direct",
            "t75"."linear",
            "t75"."time_decay",
            "t75"."position_based",
            "t75"."w_shaped",
            "t75"."full_path",
            "t75"."shapley_sum",
            "t75"."markov",
            "t75"."markov_2",
            "t75"."shapley",
            "t75"."one_each",
            "t75"."one_each" / SUM("t75"."one_each") OVER (
              PARTITION BY "t75"."response_id", "t75"."person_id"
              ORDER BY "t75"."touch_ms" ASC, "t75"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "fallback"
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
              "t72"."touch_id",
              "t72"."visitor_id",
              "t72"."channel",
              "t72"."touch_visit_id",
              "t72"."touch_ms",
              "t72"."position",
              "t72"."length",
              "t72"."player",
              "t72"."days_before",
              "t72"."last_sent",
              "t72"."last_paid",
              "t72"."lead",
              "t72"."opportunity",
              "t72"."repeats",
              "t72"."p",
              "t72"."first_touch",
              "t72"."last_touch",
              "t72"."last_non_direct",
              "t72"."linear",
              "t72"."time_decay",
              "t72"."position_based",
              "t72"."w_shaped",
              "t72"."full_path",
              "t72"."shapley_sum",
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
              CAST('1.0' AS DOUBLE) / "t72"."repeats" AS "one_each"
            FROM (
              SELECT
                "t69"."company_id",
                "t69"."response_id",
                "t69"."kind",
                "t69"."at_ms",
                "t69"."lead_ms",
                "t69"."opportunity_ms",
                "t69"."counts",
                "t69"."value_cents",
                "t69"."person_id",
                "t69"."p_parts",
                "t69"."visit_id",
                "t69"."touch_id",
                "t69"."visitor_id",
                "t69"."channel",
                "t69"."touch_visit_id",
                "t69"."touch_ms",
                "t69"."position",
                "t69"."length",
                "t69"."player",
                "t69"."days_before",
                "t69"."last_sent",
                "t69"."last_paid",
                "t69"."lead",
                "t69"."opportunity",
                "t69"."repeats",
                "t69"."p",
                "t69"."first_touch",
                "t69"."last_touch",
                "t69"."last_non_direct",
                "t69"."linear",
                "t69"."time_decay",
                "t69"."position_based",
                "t69"."w_shaped",
                "t69"."full_path",
                "t69"."shapley_sum",
                "t19"."has_markov",
                "t19"."has_markov_2",
                "t19"."has_shapley",
                "t20"."by_company",
                "t20"."by_player",
                "t20"."markov",
                "t20"."markov_2",
                "t20"."shapley"
              FROM (
                SELECT
                  "t64"."company_id",
                  "t64"."response_id",
                  "t64"."kind",
                  "t64"."at_ms",
                  "t64"."lead_ms",
                  "t64"."opportunity_ms",
                  "t64"."counts",
                  "t64"."value_cents",
                  "t64"."person_id",
                  "t64"."p_parts",
                  "t64"."visit_id",
                  "t64"."touch_id",
                  "t64"."visitor_id",
                  "t64"."channel",
                  "t64"."touch_visit_id",
                  "t64"."touch_ms",
                  "t64"."position",
                  "t64"."length",
                  "t64"."player",
                  "t64"."days_before",
                  "t64"."last_sent",
                  CASE
                    WHEN SUM("t64"."last_paid") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."last_paid") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."last_paid" / SUM("t64"."last_paid") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "last_paid",
                  "t64"."lead",
                  "t64"."opportunity",
                  "t64"."repeats",
                  "t64"."p",
                  CASE
                    WHEN SUM("t64"."first_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."first_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."first_touch" / SUM("t64"."first_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "first_touch",
                  CASE
                    WHEN SUM("t64"."last_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."last_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."last_touch" / SUM("t64"."last_touch") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "last_touch",
                  CASE
                    WHEN SUM("t64"."last_non_direct") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."last_non_direct") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."last_non_direct" / SUM("t64"."last_non_direct") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "last_non_direct",
                  CASE
                    WHEN SUM("t64"."linear") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."linear") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."linear" / SUM("t64"."linear") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "linear",
                  CASE
                    WHEN SUM("t64"."time_decay") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."time_decay") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."time_decay" / SUM("t64"."time_decay") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "time_decay",
                  CASE
                    WHEN SUM("t64"."position_based") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."position_based") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."position_based" / SUM("t64"."position_based") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "position_based",
                  CASE
                    WHEN SUM("t64"."w_shaped") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."w_shaped") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."w_shaped" / SUM("t64"."w_shaped") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "w_shaped",
                  CASE
                    WHEN SUM("t64"."full_path") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."full_path") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."full_path" / SUM("t64"."full_path") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "full_path",
                  CASE
                    WHEN SUM("t64"."shapley_sum") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t64"."shapley_sum") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t64"."shapley_sum" / SUM("t64"."shapley_sum") OVER (
                      PARTITION BY "t64"."response_id", "t64"."person_id"
                      ORDER BY "t64"."touch_ms" ASC, "t64"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t64"."length"
                  END AS "shapley_sum"
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
                    "t58"."position",
                    "t58"."length",
                    "t58"."player",
                    "t58"."days_before",
                    "t58"."last_sent",
                    CASE
                      WHEN "t58"."position" = CASE
                        WHEN "t58"."last_paid" > 0
                        THEN "t58"."last_paid"
                        ELSE CASE WHEN "t58"."last_sent" > 0 THEN "t58"."last_sent" ELSE "t58"."length" END
                      END
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_paid",
                    "t58"."lead",
                    "t58"."opportunity",
                    "t58"."repeats",
                    "t58"."p",
                    CASE
                      WHEN "t58"."position" = 1
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "first_touch",
                    CASE
                      WHEN "t58"."position" = "t58"."length"
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_touch",
                    CASE
                      WHEN "t58"."position" = CASE WHEN "t58"."last_sent" > 0 THEN "t58"."last_sent" ELSE "t58"."length" END
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_non_direct",
                    CAST('1.0' AS DOUBLE) / "t58"."length" AS "linear",
                    POWER(
                      CAST('2.0' AS DOUBLE),
                      (
                        -(
                          "t58"."days_before"
                        ) / CAST('7.0' AS DOUBLE)
                      )
                    ) AS "time_decay",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t58"."position" = 1
                          THEN CAST('0.4' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."length"
                          THEN CAST('0.4' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t58"."position" = 1
                        THEN CAST('0.4' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."length"
                        THEN CAST('0.4' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                        WHEN (
                          (
                            "t58"."length" - 1
                          ) - CASE
                            WHEN "t58"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                          END
                        ) > 0
                        THEN (
                          "t58"."length" - 1
                        ) - CASE
                          WHEN "t58"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                        END
                        ELSE 1
                      END
                    END AS "position_based",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t58"."position" = 1
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."lead"
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."length"
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t58"."position" = 1
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."lead"
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."length"
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                        WHEN (
                          (
                            (
                              "t58"."length" - 1
                            ) - CASE
                              WHEN "t58"."lead" = 1
                              THEN 0
                              ELSE CASE WHEN "t58"."lead" > 0 THEN 1 ELSE 0 END
                            END
                          ) - CASE
                            WHEN "t58"."length" = "t58"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t58"."length" = 1
                              THEN 0
                              ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        ) > 0
                        THEN (
                          (
                            "t58"."length" - 1
                          ) - CASE
                            WHEN "t58"."lead" = 1
                            THEN 0
                            ELSE CASE WHEN "t58"."lead" > 0 THEN 1 ELSE 0 END
                          END
                        ) - CASE
                          WHEN "t58"."length" = "t58"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t58"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                          END
                        END
                        ELSE 1
                      END
                    END AS "w_shaped",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t58"."position" = 1
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."lead"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."opportunity"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t58"."position" = "t58"."length"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t58"."position" = 1
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."lead"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."opportunity"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t58"."position" = "t58"."length"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                        WHEN (
                          (
                            (
                              (
                                "t58"."length" - 1
                              ) - CASE
                                WHEN "t58"."lead" = 1
                                THEN 0
                                ELSE CASE WHEN "t58"."lead" > 0 THEN 1 ELSE 0 END
                              END
                            ) - CASE
                              WHEN "t58"."opportunity" = "t58"."lead"
                              THEN 0
                              ELSE CASE
                                WHEN "t58"."opportunity" = 1
                                THEN 0
                                ELSE CASE WHEN "t58"."opportunity" > 0 THEN 1 ELSE 0 END
                              END
                            END
                          ) - CASE
                            WHEN "t58"."length" = "t58"."opportunity"
                            THEN 0
                            ELSE CASE
                              WHEN "t58"."length" = "t58"."lead"
                              THEN 0
                              ELSE CASE
                                WHEN "t58"."length" = 1
                                THEN 0
                                ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                              END
                            END
                          END
                        ) > 0
                        THEN (
                          (
                            (
                              "t58"."length" - 1
                            ) - CASE
                              WHEN "t58"."lead" = 1
                              THEN 0
                              ELSE CASE WHEN "t58"."lead" > 0 THEN 1 ELSE 0 END
                            END
                          ) - CASE
                            WHEN "t58"."opportunity" = "t58"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t58"."opportunity" = 1
                              THEN 0
                              ELSE CASE WHEN "t58"."opportunity" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        ) - CASE
                          WHEN "t58"."length" = "t58"."opportunity"
                          THEN 0
                          ELSE CASE
                            WHEN "t58"."length" = "t58"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t58"."length" = 1
                              THEN 0
                              ELSE CASE WHEN "t58"."length" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        END
                        ELSE 1
                      END
                    END AS "full_path",
                    CAST('1.0' AS DOUBLE) / "t58"."repeats" AS "shapley_sum"
                  FROM "t57" AS "t58"
                ) AS "t64"
              ) AS "t69"
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
                ON "t69"."company_id" = "t19"."fitted_company"
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
                ON "t69"."company_id" = "t20"."by_company" AND "t69"."player" = "t20"."by_player"
            ) AS "t72"
          ) AS "t75"
        ) AS "t76"
      ) AS "t77"
    ) AS "t79"
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
      ON "t79"."touch_id" = "t11"."touch_id"
  ) AS "t80"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t73"."company_id",
      "t73"."response_id",
      "t73"."kind",
      "t73"."at_ms",
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
      "t73"."p",
      "t73"."p" AS "first_touch",
      "t73"."p" AS "last_touch",
      "t73"."p" AS "last_non_direct",
      "t73"."p" AS "last_paid",
      "t73"."p" AS "linear",
      "t73"."p" AS "time_decay",
      "t73"."p" AS "position_based",
      "t73"."p" AS "w_shaped",
      "t73"."p" AS "full_path",
      "t73"."p" AS "shapley_sum",
      CASE WHEN "t73"."has_markov" THEN "t73"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
      CASE WHEN "t73"."has_markov_2" THEN "t73"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
      CASE WHEN "t73"."has_shapley" THEN "t73"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
      "t73"."reason"
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
        "t71"."p",
        "t19"."has_markov",
        "t19"."has_markov_2",
        "t19"."has_shapley"
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
          "t67"."reason",
          "t67"."parts",
          "t67"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t63"."company_id",
              "t63"."response_id",
              "t63"."kind",
              "t63"."at_ms",
              "t63"."lead_ms",
              "t63"."opportunity_ms",
              "t63"."counts",
              "t63"."value_cents",
              "t63"."said_id",
              "t63"."known_parts",
              "t63"."held_id",
              "t63"."held_parts",
              'unknown' AS "reason",
              1000000000000 - COALESCE("t63"."known_parts", 0) AS "parts"
            FROM "t62" AS "t63"
          ) AS "t65"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t63"."company_id",
              "t63"."response_id",
              "t63"."kind",
              "t63"."at_ms",
              "t63"."lead_ms",
              "t63"."opportunity_ms",
              "t63"."counts",
              "t63"."value_cents",
              "t63"."said_id",
              "t63"."known_parts",
              "t63"."held_id",
              "t63"."held_parts",
              'no_touches' AS "reason",
              COALESCE("t63"."known_parts", 0) - COALESCE("t63"."held_parts", 0) AS "parts"
            FROM "t62" AS "t63"
          ) AS "t66"
        ) AS "t67"
        WHERE
          "t67"."parts" > 1000
      ) AS "t71"
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
        ON "t71"."company_id" = "t19"."fitted_company"
    ) AS "t73"
  ) AS "t74"
) AS "t81"
ORDER BY
  "t81"."at_ms" ASC,
  "t81"."response_id" ASC,
  COALESCE("t81"."reason", '') ASC,
  COALESCE("t81"."touch_ms", 0) ASC,
  COALESCE("t81"."touch_id", '') ASC
