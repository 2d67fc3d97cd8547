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
), "t59" AS (
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
    "t58"."source",
    "t58"."medium",
    "t58"."campaign",
    "t58"."touch_visit_id",
    "t58"."touch_ms",
    "t58"."position",
    "t58"."length",
    "t58"."player",
    (
      "t58"."at_ms" - "t58"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t58"."channel" <> 'Direct' THEN "t58"."position" ELSE 0 END) OVER (
      PARTITION BY "t58"."response_id", "t58"."person_id"
      ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t58"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t58"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t58"."response_id", "t58"."person_id"
      ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    MAX(CASE WHEN "t58"."touch_ms" <= "t58"."lead_ms" THEN "t58"."position" ELSE 0 END) OVER (
      PARTITION BY "t58"."response_id", "t58"."person_id"
      ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "lead",
    MAX(
      CASE
        WHEN "t58"."touch_ms" <= "t58"."opportunity_ms"
        THEN "t58"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t58"."response_id", "t58"."person_id"
      ORDER BY "t58"."touch_ms" ASC, "t58"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "opportunity",
    COUNT(*) OVER (
      PARTITION BY "t58"."response_id", "t58"."person_id", "t58"."player"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "repeats",
    "t58"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
      "t57"."p_parts",
      "t57"."visit_id",
      "t57"."touch_id",
      "t57"."visitor_id",
      "t57"."channel",
      "t57"."source",
      "t57"."medium",
      "t57"."campaign",
      "t57"."touch_visit_id",
      "t57"."touch_ms",
      "t57"."position",
      "t57"."length",
      COALESCE("t57"."channel", '(none)') AS "player"
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
        "t56"."p_parts",
        "t56"."visit_id",
        "t56"."touch_id",
        "t56"."visitor_id",
        "t56"."channel",
        "t56"."source",
        "t56"."medium",
        "t56"."campaign",
        "t56"."touch_visit_id",
        "t56"."touch_ms",
        (
          ROW_NUMBER() OVER (
            PARTITION BY "t56"."response_id", "t56"."person_id"
            ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) + 1 AS "position",
        COUNT(*) OVER (
          PARTITION BY "t56"."response_id", "t56"."person_id"
          ORDER BY "t56"."touch_ms" ASC, "t56"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "length"
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
          "t55"."source",
          "t55"."medium",
          "t55"."campaign",
          "t55"."touch_visit_id",
          "t55"."touch_ms"
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
            "t54"."source",
            "t54"."medium",
            "t54"."campaign",
            "t54"."touch_visit_id",
            "t54"."touch_ms",
            ROW_NUMBER() OVER (
              PARTITION BY "t54"."response_id", "t54"."person_id", "t54"."source", "t54"."medium", "t54"."campaign"
              ORDER BY "t54"."touch_ms" DESC, "t54"."touch_id" DESC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1 AS "nth"
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
                "t46"."source",
                "t46"."medium",
                "t46"."campaign",
                "t46"."touch_visit_id",
                "t46"."touch_ms"
              FROM "t48" AS "t50"
              INNER JOIN (
                SELECT
                  "t43"."touch_id",
                  "t43"."visitor_id",
                  "t43"."channel",
                  "t43"."source",
                  "t43"."medium",
                  "t43"."campaign",
                  "t43"."touch_visit_id",
                  "t43"."touch_ms",
                  COALESCE("t43"."known_as", "t43"."visitor_id") AS "person_id"
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
                    "t41"."known_id",
                    "t41"."known_as"
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
        WHERE
          "t55"."nth" = 0
      ) AS "t56"
    ) AS "t57"
  ) AS "t58"
), "t64" AS (
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
    "t63"."held_id",
    "t63"."held_parts"
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
      "t61"."response_id" AS "held_id",
      SUM("t61"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "t59" AS "t60"
      WHERE
        "t60"."position" = 1
    ) AS "t61"
    GROUP BY
      1
  ) AS "t63"
    ON "t33"."response_id" = "t63"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t81"."company_id",
      "t81"."response_id",
      "t81"."kind",
      "t81"."at_ms",
      "t81"."touch_id",
      "t81"."visit_id",
      "t81"."touch_ms",
      "t81"."channel",
      "t81"."source",
      "t81"."medium",
      "t81"."campaign",
      "t11"."ad_group",
      "t11"."keyword",
      "t11"."content",
      "t11"."landing_page",
      "t11"."referrer_host",
      "t11"."device",
      "t11"."region",
      "t81"."position",
      "t81"."length",
      "t81"."p",
      "t81"."first_touch",
      "t81"."last_touch",
      "t81"."last_non_direct",
      "t81"."last_paid",
      "t81"."linear",
      "t81"."time_decay",
      "t81"."position_based",
      "t81"."w_shaped",
      "t81"."full_path",
      "t81"."shapley_sum",
      "t81"."markov",
      "t81"."markov_2",
      "t81"."shapley",
      "t81"."reason"
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
        "t79"."touch_id",
        "t79"."visitor_id",
        "t79"."channel",
        "t79"."source",
        "t79"."medium",
        "t79"."campaign",
        "t79"."touch_visit_id",
        "t79"."touch_ms",
        "t79"."position",
        "t79"."length",
        "t79"."player",
        "t79"."days_before",
        "t79"."last_sent",
        "t79"."last_paid" * "t79"."p" AS "last_paid",
        "t79"."lead",
        "t79"."opportunity",
        "t79"."repeats",
        "t79"."p",
        "t79"."first_touch" * "t79"."p" AS "first_touch",
        "t79"."last_touch" * "t79"."p" AS "last_touch",
        "t79"."last_non_direct" * "t79"."p" AS "last_non_direct",
        "t79"."linear" * "t79"."p" AS "linear",
        "t79"."time_decay" * "t79"."p" AS "time_decay",
        "t79"."position_based" * "t79"."p" AS "position_based",
        "t79"."w_shaped" * "t79"."p" AS "w_shaped",
        "t79"."full_path" * "t79"."p" AS "full_path",
        "t79"."shapley_sum" * "t79"."p" AS "shapley_sum",
        "t79"."markov" * "t79"."p" AS "markov",
        "t79"."markov_2" * "t79"."p" AS "markov_2",
        "t79"."shapley" * "t79"."p" AS "shapley",
        CAST(NULL AS TEXT) AS "reason"
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
          "t78"."visit_id",
          "t78"."touch_id",
          "t78"."visitor_id",
          "t78"."channel",
          "t78"."source",
          "t78"."medium",
          "t78"."campaign",
          "t78"."touch_visit_id",
          "t78"."touch_ms",
          "t78"."position",
          "t78"."length",
          "t78"."player",
          "t78"."days_before",
          "t78"."last_sent",
          "t78"."last_paid",
          "t78"."lead",
          "t78"."opportunity",
          "t78"."repeats",
          "t78"."p",
          "t78"."first_touch",
          "t78"."last_touch",
          "t78"."last_non_direct",
          "t78"."linear",
          "t78"."time_decay",
          "t78"."position_based",
          "t78"."w_shaped",
          "t78"."full_path",
          "t78"."shapley_sum",
          CASE
            WHEN SUM("t78"."markov") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t78"."markov") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t78"."markov" / SUM("t78"."markov") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t78"."fallback"
          END AS "markov",
          CASE
            WHEN SUM("t78"."markov_2") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t78"."markov_2") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t78"."markov_2" / SUM("t78"."markov_2") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t78"."fallback"
          END AS "markov_2",
          CASE
            WHEN SUM("t78"."shapley") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) IS NULL
            THEN CAST(NULL AS DOUBLE)
            WHEN SUM("t78"."shapley") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) > 0
            THEN "t78"."shapley" / SUM("t78"."shapley") OVER (
              PARTITION BY "t78"."response_id", "t78"."person_id"
              ORDER BY "t78"."touch_ms" ASC, "t78"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
            ELSE "t78"."fallback"
          END AS "shapley",
          "t78"."one_each",
          "t78"."fallback"
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
            "t77"."visit_id",
            "t77"."touch_id",
            "t77"."visitor_id",
            "t77"."channel",
            "t77"."source",
            "t77"."medium",
            "t77"."campaign",
            "t77"."touch_visit_id",
            "t77"."touch_ms",
            "t77"."position",
            "t77"."length",
            "t77"."player",
            "t77"."days_before",
            "t77"."last_sent",
            "t77"."last_paid",
            "t77"."lead",
            "t77"."opportunity",
            "t77"."repeats",
            "t77"."p",
            "t77"."first_touch",
            "t77"."last_touch",
            "t77"."last_non_direct",
            "t77"."linear",
            "t77"."time_decay",
            "t77"."position_based",
            "t77"."w_shaped",
            "t77"."full_path",
            "t77"."shapley_sum",
            "t77"."markov",
            "t77"."markov_2",
            "t77"."shapley",
            "t77"."one_each",
            "t77"."one_each" / SUM("t77"."one_each") OVER (
              PARTITION BY "t77"."response_id", "t77"."person_id"
              ORDER BY "t77"."touch_ms" ASC, "t77"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "fallback"
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
              "t74"."touch_id",
              "t74"."visitor_id",
              "t74"."channel",
              "t74"."source",
              "t74"."medium",
              "t74"."campaign",
              "t74"."touch_visit_id",
              "t74"."touch_ms",
              "t74"."position",
              "t74"."length",
              "t74"."player",
              "t74"."days_before",
              "t74"."last_sent",
              "t74"."last_paid",
              "t74"."lead",
              "t74"."opportunity",
              "t74"."repeats",
              "t74"."p",
              "t74"."first_touch",
              "t74"."last_touch",
              "t74"."last_non_direct",
              "t74"."linear",
              "t74"."time_decay",
              "t74"."position_based",
              "t74"."w_shaped",
              "t74"."full_path",
              "t74"."shapley_sum",
              CASE
                WHEN "t74"."has_markov"
                THEN COALESCE("t74"."markov", CAST('0.0' AS DOUBLE))
                ELSE CAST(NULL AS DOUBLE)
              END / "t74"."repeats" AS "markov",
              CASE
                WHEN "t74"."has_markov_2"
                THEN COALESCE("t74"."markov_2", CAST('0.0' AS DOUBLE))
                ELSE CAST(NULL AS DOUBLE)
              END / "t74"."repeats" AS "markov_2",
              CASE
                WHEN "t74"."has_shapley"
                THEN COALESCE("t74"."shapley", CAST('0.0' AS DOUBLE))
                ELSE CAST(NULL AS DOUBLE)
              END / "t74"."repeats" AS "shapley",
              CAST('1.0' AS DOUBLE) / "t74"."repeats" AS "one_each"
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
                "t71"."touch_id",
                "t71"."visitor_id",
                "t71"."channel",
                "t71"."source",
                "t71"."medium",
                "t71"."campaign",
                "t71"."touch_visit_id",
                "t71"."touch_ms",
                "t71"."position",
                "t71"."length",
                "t71"."player",
                "t71"."days_before",
                "t71"."last_sent",
                "t71"."last_paid",
                "t71"."lead",
                "t71"."opportunity",
                "t71"."repeats",
                "t71"."p",
                "t71"."first_touch",
                "t71"."last_touch",
                "t71"."last_non_direct",
                "t71"."linear",
                "t71"."time_decay",
                "t71"."position_based",
                "t71"."w_shaped",
                "t71"."full_path",
                "t71"."shapley_sum",
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
                  "t66"."touch_id",
                  "t66"."visitor_id",
                  "t66"."channel",
                  "t66"."source",
                  "t66"."medium",
                  "t66"."campaign",
                  "t66"."touch_visit_id",
                  "t66"."touch_ms",
                  "t66"."position",
                  "t66"."length",
                  "t66"."player",
                  "t66"."days_before",
                  "t66"."last_sent",
                  CASE
                    WHEN SUM("t66"."last_paid") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."last_paid") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."last_paid" / SUM("t66"."last_paid") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "last_paid",
                  "t66"."lead",
                  "t66"."opportunity",
                  "t66"."repeats",
                  "t66"."p",
                  CASE
                    WHEN SUM("t66"."first_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."first_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."first_touch" / SUM("t66"."first_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "first_touch",
                  CASE
                    WHEN SUM("t66"."last_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."last_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."last_touch" / SUM("t66"."last_touch") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "last_touch",
                  CASE
                    WHEN SUM("t66"."last_non_direct") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."last_non_direct") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."last_non_direct" / SUM("t66"."last_non_direct") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "last_non_direct",
                  CASE
                    WHEN SUM("t66"."linear") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."linear") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."linear" / SUM("t66"."linear") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "linear",
                  CASE
                    WHEN SUM("t66"."time_decay") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."time_decay") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."time_decay" / SUM("t66"."time_decay") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "time_decay",
                  CASE
                    WHEN SUM("t66"."position_based") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."position_based") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."position_based" / SUM("t66"."position_based") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "position_based",
                  CASE
                    WHEN SUM("t66"."w_shaped") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."w_shaped") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."w_shaped" / SUM("t66"."w_shaped") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "w_shaped",
                  CASE
                    WHEN SUM("t66"."full_path") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."full_path") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."full_path" / SUM("t66"."full_path") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "full_path",
                  CASE
                    WHEN SUM("t66"."shapley_sum") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) IS NULL
                    THEN CAST(NULL AS DOUBLE)
                    WHEN SUM("t66"."shapley_sum") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) > 0
                    THEN "t66"."shapley_sum" / SUM("t66"."shapley_sum") OVER (
                      PARTITION BY "t66"."response_id", "t66"."person_id"
                      ORDER BY "t66"."touch_ms" ASC, "t66"."touch_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    )
                    ELSE CAST('1.0' AS DOUBLE) / "t66"."length"
                  END AS "shapley_sum"
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
                    "t60"."touch_id",
                    "t60"."visitor_id",
                    "t60"."channel",
                    "t60"."source",
                    "t60"."medium",
                    "t60"."campaign",
                    "t60"."touch_visit_id",
                    "t60"."touch_ms",
                    "t60"."position",
                    "t60"."length",
                    "t60"."player",
                    "t60"."days_before",
                    "t60"."last_sent",
                    CASE
                      WHEN "t60"."position" = CASE
                        WHEN "t60"."last_paid" > 0
                        THEN "t60"."last_paid"
                        ELSE CASE WHEN "t60"."last_sent" > 0 THEN "t60"."last_sent" ELSE "t60"."length" END
                      END
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_paid",
                    "t60"."lead",
                    "t60"."opportunity",
                    "t60"."repeats",
                    "t60"."p",
                    CASE
                      WHEN "t60"."position" = 1
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "first_touch",
                    CASE
                      WHEN "t60"."position" = "t60"."length"
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_touch",
                    CASE
                      WHEN "t60"."position" = CASE WHEN "t60"."last_sent" > 0 THEN "t60"."last_sent" ELSE "t60"."length" END
                      THEN CAST('1.0' AS DOUBLE)
                      ELSE CAST('0.0' AS DOUBLE)
                    END AS "last_non_direct",
                    CAST('1.0' AS DOUBLE) / "t60"."length" AS "linear",
                    POWER(
                      CAST('2.0' AS DOUBLE),
                      (
                        -(
                          "t60"."days_before"
                        ) / CAST('7.0' AS DOUBLE)
                      )
                    ) AS "time_decay",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t60"."position" = 1
                          THEN CAST('0.4' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."length"
                          THEN CAST('0.4' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t60"."position" = 1
                        THEN CAST('0.4' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."length"
                        THEN CAST('0.4' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                        WHEN (
                          (
                            "t60"."length" - 1
                          ) - CASE
                            WHEN "t60"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                          END
                        ) > 0
                        THEN (
                          "t60"."length" - 1
                        ) - CASE
                          WHEN "t60"."length" = 1
                          THEN 0
                          ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                        END
                        ELSE 1
                      END
                    END AS "position_based",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t60"."position" = 1
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."lead"
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."length"
                          THEN CAST('0.3' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t60"."position" = 1
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."lead"
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."length"
                        THEN CAST('0.3' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                        WHEN (
                          (
                            (
                              "t60"."length" - 1
                            ) - CASE
                              WHEN "t60"."lead" = 1
                              THEN 0
                              ELSE CASE WHEN "t60"."lead" > 0 THEN 1 ELSE 0 END
                            END
                          ) - CASE
                            WHEN "t60"."length" = "t60"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t60"."length" = 1
                              THEN 0
                              ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        ) > 0
                        THEN (
                          (
                            "t60"."length" - 1
                          ) - CASE
                            WHEN "t60"."lead" = 1
                            THEN 0
                            ELSE CASE WHEN "t60"."lead" > 0 THEN 1 ELSE 0 END
                          END
                        ) - CASE
                          WHEN "t60"."length" = "t60"."lead"
                          THEN 0
                          ELSE CASE
                            WHEN "t60"."length" = 1
                            THEN 0
                            ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                          END
                        END
                        ELSE 1
                      END
                    END AS "w_shaped",
                    CASE
                      WHEN (
                        CAST('0.0' AS DOUBLE) + CASE
                          WHEN "t60"."position" = 1
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."lead"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."opportunity"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END + CASE
                          WHEN "t60"."position" = "t60"."length"
                          THEN CAST('0.225' AS DOUBLE)
                          ELSE CAST('0.0' AS DOUBLE)
                        END
                      ) > CAST('0.0' AS DOUBLE)
                      THEN CAST('0.0' AS DOUBLE) + CASE
                        WHEN "t60"."position" = 1
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."lead"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."opportunity"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END + CASE
                        WHEN "t60"."position" = "t60"."length"
                        THEN CAST('0.225' AS DOUBLE)
                        ELSE CAST('0.0' AS DOUBLE)
                      END
                      ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                        WHEN (
                          (
                            (
                              (
                                "t60"."length" - 1
                              ) - CASE
                                WHEN "t60"."lead" = 1
                                THEN 0
                                ELSE CASE WHEN "t60"."lead" > 0 THEN 1 ELSE 0 END
                              END
                            ) - CASE
                              WHEN "t60"."opportunity" = "t60"."lead"
                              THEN 0
                              ELSE CASE
                                WHEN "t60"."opportunity" = 1
                                THEN 0
                                ELSE CASE WHEN "t60"."opportunity" > 0 THEN 1 ELSE 0 END
                              END
                            END
                          ) - CASE
                            WHEN "t60"."length" = "t60"."opportunity"
                            THEN 0
                            ELSE CASE
                              WHEN "t60"."length" = "t60"."lead"
                              THEN 0
                              ELSE CASE
                                WHEN "t60"."length" = 1
                                THEN 0
                                ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                              END
                            END
                          END
                        ) > 0
                        THEN (
                          (
                            (
                              "t60"."length" - 1
                            ) - CASE
                              WHEN "t60"."lead" = 1
                              THEN 0
                              ELSE CASE WHEN "t60"."lead" > 0 THEN 1 ELSE 0 END
                            END
                          ) - CASE
                            WHEN "t60"."opportunity" = "t60"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t60"."opportunity" = 1
                              THEN 0
                              ELSE CASE WHEN "t60"."opportunity" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        ) - CASE
                          WHEN "t60"."length" = "t60"."opportunity"
                          THEN 0
                          ELSE CASE
                            WHEN "t60"."length" = "t60"."lead"
                            THEN 0
                            ELSE CASE
                              WHEN "t60"."length" = 1
                              THEN 0
                              ELSE CASE WHEN "t60"."length" > 0 THEN 1 ELSE 0 END
                            END
                          END
                        END
                        ELSE 1
                      END
                    END AS "full_path",
                    CAST('1.0' AS DOUBLE) / "t60"."repeats" AS "shapley_sum"
                  FROM "t59" AS "t60"
                ) AS "t66"
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
                ON "t71"."company_id" = "t20"."by_company" AND "t71"."player" = "t20"."by_player"
            ) AS "t74"
          ) AS "t77"
        ) AS "t78"
      ) AS "t79"
    ) AS "t81"
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
      ON "t81"."touch_id" = "t11"."touch_id"
  ) AS "t82"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t75"."company_id",
      "t75"."response_id",
      "t75"."kind",
      "t75"."at_ms",
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
      "t75"."p",
      "t75"."p" AS "first_touch",
      "t75"."p" AS "last_touch",
      "t75"."p" AS "last_non_direct",
      "t75"."p" AS "last_paid",
      "t75"."p" AS "linear",
      "t75"."p" AS "time_decay",
      "t75"."p" AS "position_based",
      "t75"."p" AS "w_shaped",
      "t75"."p" AS "full_path",
      "t75"."p" AS "shapley_sum",
      CASE WHEN "t75"."has_markov" THEN "t75"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
      CASE WHEN "t75"."has_markov_2" THEN "t75"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
      CASE WHEN "t75"."has_shapley" THEN "t75"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
      "t75"."reason"
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
        "t73"."said_id",
        "t73"."known_parts",
        "t73"."held_id",
        "t73"."held_parts",
        "t73"."reason",
        "t73"."parts",
        "t73"."p",
        "t19"."has_markov",
        "t19"."has_markov_2",
        "t19"."has_shapley"
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
          "t69"."said_id",
          "t69"."known_parts",
          "t69"."held_id",
          "t69"."held_parts",
          "t69"."reason",
          "t69"."parts",
          "t69"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
        FROM (
          SELECT
            *
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
              "t65"."said_id",
              "t65"."known_parts",
              "t65"."held_id",
              "t65"."held_parts",
              'unknown' AS "reason",
              1000000000000 - COALESCE("t65"."known_parts", 0) AS "parts"
            FROM "t64" AS "t65"
          ) AS "t67"
          UNION ALL
          SELECT
            *
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
              "t65"."said_id",
              "t65"."known_parts",
              "t65"."held_id",
              "t65"."held_parts",
              'no_touches' AS "reason",
              COALESCE("t65"."known_parts", 0) - COALESCE("t65"."held_parts", 0) AS "parts"
            FROM "t64" AS "t65"
          ) AS "t68"
        ) AS "t69"
        WHERE
          "t69"."parts" > 1000
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
    ) AS "t75"
  ) AS "t76"
) AS "t83"
ORDER BY
  "t83"."at_ms" ASC,
  "t83"."response_id" ASC,
  COALESCE("t83"."reason", '') ASC,
  COALESCE("t83"."touch_ms", 0) ASC,
  COALESCE("t83"."touch_id", '') ASC
