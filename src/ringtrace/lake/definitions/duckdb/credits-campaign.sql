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
), "t64" AS (
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
    "t63"."touch_id",
    "t63"."visitor_id",
    "t63"."channel",
    "t63"."source",
    "t63"."medium",
    "t63"."campaign",
    "t63"."touch_visit_id",
    "t63"."touch_ms",
    "t63"."position",
    "t63"."length",
    "t63"."player",
    (
      "t63"."at_ms" - "t63"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t63"."channel" <> 'Direct' THEN "t63"."position" ELSE 0 END) OVER (
      PARTITION BY "t63"."response_id", "t63"."person_id"
      ORDER BY "t63"."touch_ms" ASC, "t63"."touch_id" ASC
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
      PARTITION BY "t63"."response_id", "t63"."person_id"
      ORDER BY "t63"."touch_ms" ASC, "t63"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    MAX(CASE WHEN "t63"."touch_ms" <= "t63"."lead_ms" THEN "t63"."position" ELSE 0 END) OVER (
      PARTITION BY "t63"."response_id", "t63"."person_id"
      ORDER BY "t63"."touch_ms" ASC, "t63"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "lead",
    MAX(
      CASE
        WHEN "t63"."touch_ms" <= "t63"."opportunity_ms"
        THEN "t63"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t63"."response_id", "t63"."person_id"
      ORDER BY "t63"."touch_ms" ASC, "t63"."touch_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "opportunity",
    COUNT(*) OVER (
      PARTITION BY "t63"."response_id", "t63"."person_id", "t63"."player"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "repeats",
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
      "t62"."touch_id",
      "t62"."visitor_id",
      "t62"."channel",
      "t62"."source",
      "t62"."medium",
      "t62"."campaign",
      "t62"."touch_visit_id",
      "t62"."touch_ms",
      "t62"."position",
      "t62"."length",
      COALESCE("t62"."channel", '(none)') AS "player"
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
        "t61"."touch_id",
        "t61"."visitor_id",
        "t61"."channel",
        "t61"."source",
        "t61"."medium",
        "t61"."campaign",
        "t61"."touch_visit_id",
        "t61"."touch_ms",
        (
          ROW_NUMBER() OVER (
            PARTITION BY "t61"."response_id", "t61"."person_id"
            ORDER BY "t61"."touch_ms" ASC, "t61"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) + 1 AS "position",
        COUNT(*) OVER (
          PARTITION BY "t61"."response_id", "t61"."person_id"
          ORDER BY "t61"."touch_ms" ASC, "t61"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "length"
      FROM (
        SELECT
          "t60".*
          EXCLUDE ("nth")
        FROM (
          SELECT
            *
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
              "t58"."source",
              "t58"."medium",
              "t58"."campaign",
              "t58"."touch_visit_id",
              "t58"."touch_ms",
              ROW_NUMBER() OVER (
                PARTITION BY "t58"."response_id", "t58"."person_id", "t58"."source", "t58"."medium", "t58"."campaign"
                ORDER BY "t58"."touch_ms" DESC, "t58"."touch_id" DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1 AS "nth"
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
                  "t50"."source",
                  "t50"."medium",
                  "t50"."campaign",
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
                        "t44"."source",
                        "t44"."medium",
                        "t44"."campaign",
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
                          "t27"."source",
                          "t27"."medium",
                          "t27"."campaign",
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
          WHERE
            "t59"."nth" = 0
        ) AS "t60"
      ) AS "t61"
    ) AS "t62"
  ) AS "t63"
), "t69" AS (
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
    "t68"."held_id",
    "t68"."held_parts"
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
      "t66"."response_id" AS "held_id",
      SUM("t66"."p_parts") AS "held_parts"
    FROM (
      SELECT
        *
      FROM "t64" AS "t65"
      WHERE
        "t65"."position" = 1
    ) AS "t66"
    GROUP BY
      1
  ) AS "t68"
    ON "t34"."response_id" = "t68"."held_id"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
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
      "t11"."ad_group",
      "t11"."keyword",
      "t11"."content",
      "t11"."landing_page",
      "t11"."referrer_host",
      "t11"."device",
      "t11"."region",
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
      "t93"."reason"
    FROM (
      SELECT
        "t91"."company_id",
        "t91"."response_id",
        "t91"."kind",
        "t91"."at_ms",
        "t91"."lead_ms",
        "t91"."opportunity_ms",
        "t91"."counts",
        "t91"."value_cents",
        "t91"."person_id",
        "t91"."p_parts",
        "t91"."touch_visit_id" AS "visit_id",
        "t91"."touch_id",
        "t91"."visitor_id",
        "t91"."channel",
        "t91"."source",
        "t91"."medium",
        "t91"."campaign",
        "t91"."touch_visit_id",
        "t91"."touch_ms",
        "t91"."position",
        "t91"."length",
        "t91"."player",
        "t91"."days_before",
        "t91"."last_sent",
        "t91"."last_paid" * "t91"."p" AS "last_paid",
        "t91"."lead",
        "t91"."opportunity",
        "t91"."repeats",
        "t91"."p",
        "t91"."first_touch" * "t91"."p" AS "first_touch",
        "t91"."last_touch" * "t91"."p" AS "last_touch",
        "t91"."last_non_direct" * "t91"."p" AS "last_non_direct",
        "t91"."linear" * "t91"."p" AS "linear",
        "t91"."time_decay" * "t91"."p" AS "time_decay",
        "t91"."position_based" * "t91"."p" AS "position_based",
        "t91"."w_shaped" * "t91"."p" AS "w_shaped",
        "t91"."full_path" * "t91"."p" AS "full_path",
        "t91"."shapley_sum" * "t91"."p" AS "shapley_sum",
        "t91"."markov" * "t91"."p" AS "markov",
        "t91"."markov_2" * "t91"."p" AS "markov_2",
        "t91"."shapley" * "t91"."p" AS "shapley",
        CAST(NULL AS TEXT) AS "reason"
      FROM (
        SELECT
          "t90".*
          EXCLUDE ("fallback", "one_each")
        FROM (
          SELECT
            "t89"."company_id",
            "t89"."response_id",
            "t89"."kind",
            "t89"."at_ms",
            "t89"."lead_ms",
            "t89"."opportunity_ms",
            "t89"."counts",
            "t89"."value_cents",
            "t89"."person_id",
            "t89"."p_parts",
            "t89"."visit_id",
            "t89"."touch_id",
            "t89"."visitor_id",
            "t89"."channel",
            "t89"."source",
            "t89"."medium",
            "t89"."campaign",
            "t89"."touch_visit_id",
            "t89"."touch_ms",
            "t89"."position",
            "t89"."length",
            "t89"."player",
            "t89"."days_before",
            "t89"."last_sent",
            "t89"."last_paid",
            "t89"."lead",
            "t89"."opportunity",
            "t89"."repeats",
            "t89"."p",
            "t89"."first_touch",
            "t89"."last_touch",
            "t89"."last_non_direct",
            "t89"."linear",
            "t89"."time_decay",
            "t89"."position_based",
            "t89"."w_shaped",
            "t89"."full_path",
            "t89"."shapley_sum",
            CASE
              WHEN SUM("t89"."markov") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t89"."markov") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t89"."markov" / SUM("t89"."markov") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t89"."fallback"
            END AS "markov",
            CASE
              WHEN SUM("t89"."markov_2") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t89"."markov_2") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t89"."markov_2" / SUM("t89"."markov_2") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t89"."fallback"
            END AS "markov_2",
            CASE
              WHEN SUM("t89"."shapley") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) IS NULL
              THEN CAST(NULL AS DOUBLE)
              WHEN SUM("t89"."shapley") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) > 0
              THEN "t89"."shapley" / SUM("t89"."shapley") OVER (
                PARTITION BY "t89"."response_id", "t89"."person_id"
                ORDER BY "t89"."touch_ms" ASC, "t89"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
              ELSE "t89"."fallback"
            END AS "shapley",
            "t89"."one_each",
            "t89"."fallback"
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
              "t88"."visit_id",
              "t88"."touch_id",
              "t88"."visitor_id",
              "t88"."channel",
              "t88"."source",
              "t88"."medium",
              "t88"."campaign",
              "t88"."touch_visit_id",
              "t88"."touch_ms",
              "t88"."position",
              "t88"."length",
              "t88"."player",
              "t88"."days_before",
              "t88"."last_sent",
              "t88"."last_paid",
              "t88"."lead",
              "t88"."opportunity",
              "t88"."repeats",
              "t88"."p",
              "t88"."first_touch",
              "t88"."last_touch",
              "t88"."last_non_direct",
              "t88"."linear",
              "t88"."time_decay",
              "t88"."position_based",
              "t88"."w_shaped",
              "t88"."full_path",
              "t88"."shapley_sum",
              "t88"."markov",
              "t88"."markov_2",
              "t88"."shapley",
              "t88"."one_each",
              "t88"."one_each" / SUM("t88"."one_each") OVER (
                PARTITION BY "t88"."response_id", "t88"."person_id"
                ORDER BY "t88"."touch_ms" ASC, "t88"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "fallback"
            FROM (
              SELECT
                "t87"."company_id",
                "t87"."response_id",
                "t87"."kind",
                "t87"."at_ms",
                "t87"."lead_ms",
                "t87"."opportunity_ms",
                "t87"."counts",
                "t87"."value_cents",
                "t87"."person_id",
                "t87"."p_parts",
                "t87"."visit_id",
                "t87"."touch_id",
                "t87"."visitor_id",
                "t87"."channel",
                "t87"."source",
                "t87"."medium",
                "t87"."campaign",
                "t87"."touch_visit_id",
                "t87"."touch_ms",
                "t87"."position",
                "t87"."length",
                "t87"."player",
                "t87"."days_before",
                "t87"."last_sent",
                "t87"."last_paid",
                "t87"."lead",
                "t87"."opportunity",
                "t87"."repeats",
                "t87"."p",
                "t87"."first_touch",
                "t87"."last_touch",
                "t87"."last_non_direct",
                "t87"."linear",
                "t87"."time_decay",
                "t87"."position_based",
                "t87"."w_shaped",
                "t87"."full_path",
                "t87"."shapley_sum",
                "t87"."markov" / "t87"."repeats" AS "markov",
                "t87"."markov_2" / "t87"."repeats" AS "markov_2",
                "t87"."shapley" / "t87"."repeats" AS "shapley",
                CAST('1.0' AS DOUBLE) / "t87"."repeats" AS "one_each"
              FROM (
                SELECT
                  "t86".*
                  EXCLUDE ("by_player", "has_markov_2", "has_markov", "has_shapley", "by_company")
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
                    "t85"."source",
                    "t85"."medium",
                    "t85"."campaign",
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
                    "t85"."has_markov",
                    "t85"."has_markov_2",
                    "t85"."has_shapley",
                    "t85"."by_company",
                    "t85"."by_player",
                    CASE
                      WHEN "t85"."has_markov"
                      THEN COALESCE("t85"."markov", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "markov",
                    CASE
                      WHEN "t85"."has_markov_2"
                      THEN COALESCE("t85"."markov_2", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "markov_2",
                    CASE
                      WHEN "t85"."has_shapley"
                      THEN COALESCE("t85"."shapley", CAST('0.0' AS DOUBLE))
                      ELSE CAST(NULL AS DOUBLE)
                    END AS "shapley"
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
                      "t82"."source",
                      "t82"."medium",
                      "t82"."campaign",
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
                      "t20"."by_company",
                      "t20"."by_player",
                      "t20"."markov",
                      "t20"."markov_2",
                      "t20"."shapley"
                    FROM (
                      SELECT
                        "t79".*
                        EXCLUDE ("fitted_company")
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
                          "t76"."source",
                          "t76"."medium",
                          "t76"."campaign",
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
                            CASE
                              WHEN SUM("t71"."last_paid") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."last_paid") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."last_paid" / SUM("t71"."last_paid") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "last_paid",
                            "t71"."lead",
                            "t71"."opportunity",
                            "t71"."repeats",
                            "t71"."p",
                            CASE
                              WHEN SUM("t71"."first_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."first_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."first_touch" / SUM("t71"."first_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "first_touch",
                            CASE
                              WHEN SUM("t71"."last_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."last_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."last_touch" / SUM("t71"."last_touch") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "last_touch",
                            CASE
                              WHEN SUM("t71"."last_non_direct") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."last_non_direct") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."last_non_direct" / SUM("t71"."last_non_direct") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "last_non_direct",
                            CASE
                              WHEN SUM("t71"."linear") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."linear") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."linear" / SUM("t71"."linear") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "linear",
                            CASE
                              WHEN SUM("t71"."time_decay") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."time_decay") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."time_decay" / SUM("t71"."time_decay") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "time_decay",
                            CASE
                              WHEN SUM("t71"."position_based") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."position_based") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."position_based" / SUM("t71"."position_based") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "position_based",
                            CASE
                              WHEN SUM("t71"."w_shaped") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."w_shaped") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."w_shaped" / SUM("t71"."w_shaped") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "w_shaped",
                            CASE
                              WHEN SUM("t71"."full_path") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."full_path") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."full_path" / SUM("t71"."full_path") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "full_path",
                            CASE
                              WHEN SUM("t71"."shapley_sum") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) IS NULL
                              THEN CAST(NULL AS DOUBLE)
                              WHEN SUM("t71"."shapley_sum") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) > 0
                              THEN "t71"."shapley_sum" / SUM("t71"."shapley_sum") OVER (
                                PARTITION BY "t71"."response_id", "t71"."person_id"
                                ORDER BY "t71"."touch_ms" ASC, "t71"."touch_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              )
                              ELSE CAST('1.0' AS DOUBLE) / "t71"."length"
                            END AS "shapley_sum"
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
                              "t65"."touch_id",
                              "t65"."visitor_id",
                              "t65"."channel",
                              "t65"."source",
                              "t65"."medium",
                              "t65"."campaign",
                              "t65"."touch_visit_id",
                              "t65"."touch_ms",
                              "t65"."position",
                              "t65"."length",
                              "t65"."player",
                              "t65"."days_before",
                              "t65"."last_sent",
                              CASE
                                WHEN "t65"."position" = CASE
                                  WHEN "t65"."last_paid" > 0
                                  THEN "t65"."last_paid"
                                  ELSE CASE WHEN "t65"."last_sent" > 0 THEN "t65"."last_sent" ELSE "t65"."length" END
                                END
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_paid",
                              "t65"."lead",
                              "t65"."opportunity",
                              "t65"."repeats",
                              "t65"."p",
                              CASE
                                WHEN "t65"."position" = 1
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "first_touch",
                              CASE
                                WHEN "t65"."position" = "t65"."length"
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_touch",
                              CASE
                                WHEN "t65"."position" = CASE WHEN "t65"."last_sent" > 0 THEN "t65"."last_sent" ELSE "t65"."length" END
                                THEN CAST('1.0' AS DOUBLE)
                                ELSE CAST('0.0' AS DOUBLE)
                              END AS "last_non_direct",
                              CAST('1.0' AS DOUBLE) / "t65"."length" AS "linear",
                              POWER(
                                CAST('2.0' AS DOUBLE),
                                (
                                  -(
                                    "t65"."days_before"
                                  ) / CAST('7.0' AS DOUBLE)
                                )
                              ) AS "time_decay",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t65"."position" = 1
                                    THEN CAST('0.4' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."length"
                                    THEN CAST('0.4' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t65"."position" = 1
                                  THEN CAST('0.4' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."length"
                                  THEN CAST('0.4' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.19999999999999996' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      "t65"."length" - 1
                                    ) - CASE
                                      WHEN "t65"."length" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                    END
                                  ) > 0
                                  THEN (
                                    "t65"."length" - 1
                                  ) - CASE
                                    WHEN "t65"."length" = 1
                                    THEN 0
                                    ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                  END
                                  ELSE 1
                                END
                              END AS "position_based",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t65"."position" = 1
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."lead"
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."length"
                                    THEN CAST('0.3' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t65"."position" = 1
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."lead"
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."length"
                                  THEN CAST('0.3' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.10000000000000009' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      (
                                        "t65"."length" - 1
                                      ) - CASE
                                        WHEN "t65"."lead" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t65"."lead" > 0 THEN 1 ELSE 0 END
                                      END
                                    ) - CASE
                                      WHEN "t65"."length" = "t65"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t65"."length" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  ) > 0
                                  THEN (
                                    (
                                      "t65"."length" - 1
                                    ) - CASE
                                      WHEN "t65"."lead" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t65"."lead" > 0 THEN 1 ELSE 0 END
                                    END
                                  ) - CASE
                                    WHEN "t65"."length" = "t65"."lead"
                                    THEN 0
                                    ELSE CASE
                                      WHEN "t65"."length" = 1
                                      THEN 0
                                      ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                    END
                                  END
                                  ELSE 1
                                END
                              END AS "w_shaped",
                              CASE
                                WHEN (
                                  CAST('0.0' AS DOUBLE) + CASE
                                    WHEN "t65"."position" = 1
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."lead"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."opportunity"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END + CASE
                                    WHEN "t65"."position" = "t65"."length"
                                    THEN CAST('0.225' AS DOUBLE)
                                    ELSE CAST('0.0' AS DOUBLE)
                                  END
                                ) > CAST('0.0' AS DOUBLE)
                                THEN CAST('0.0' AS DOUBLE) + CASE
                                  WHEN "t65"."position" = 1
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."lead"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."opportunity"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END + CASE
                                  WHEN "t65"."position" = "t65"."length"
                                  THEN CAST('0.225' AS DOUBLE)
                                  ELSE CAST('0.0' AS DOUBLE)
                                END
                                ELSE CAST('0.09999999999999998' AS DOUBLE) / CASE
                                  WHEN (
                                    (
                                      (
                                        (
                                          "t65"."length" - 1
                                        ) - CASE
                                          WHEN "t65"."lead" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t65"."lead" > 0 THEN 1 ELSE 0 END
                                        END
                                      ) - CASE
                                        WHEN "t65"."opportunity" = "t65"."lead"
                                        THEN 0
                                        ELSE CASE
                                          WHEN "t65"."opportunity" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t65"."opportunity" > 0 THEN 1 ELSE 0 END
                                        END
                                      END
                                    ) - CASE
                                      WHEN "t65"."length" = "t65"."opportunity"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t65"."length" = "t65"."lead"
                                        THEN 0
                                        ELSE CASE
                                          WHEN "t65"."length" = 1
                                          THEN 0
                                          ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                        END
                                      END
                                    END
                                  ) > 0
                                  THEN (
                                    (
                                      (
                                        "t65"."length" - 1
                                      ) - CASE
                                        WHEN "t65"."lead" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t65"."lead" > 0 THEN 1 ELSE 0 END
                                      END
                                    ) - CASE
                                      WHEN "t65"."opportunity" = "t65"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t65"."opportunity" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t65"."opportunity" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  ) - CASE
                                    WHEN "t65"."length" = "t65"."opportunity"
                                    THEN 0
                                    ELSE CASE
                                      WHEN "t65"."length" = "t65"."lead"
                                      THEN 0
                                      ELSE CASE
                                        WHEN "t65"."length" = 1
                                        THEN 0
                                        ELSE CASE WHEN "t65"."length" > 0 THEN 1 ELSE 0 END
                                      END
                                    END
                                  END
                                  ELSE 1
                                END
                              END AS "full_path",
                              CAST('1.0' AS DOUBLE) / "t65"."repeats" AS "shapley_sum"
                            FROM "t64" AS "t65"
                          ) AS "t71"
                        ) AS "t76"
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
                          ON "t76"."company_id" = "t19"."fitted_company"
                      ) AS "t79"
                    ) AS "t82"
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
                      ON "t82"."company_id" = "t20"."by_company" AND "t82"."player" = "t20"."by_player"
                  ) AS "t85"
                ) AS "t86"
              ) AS "t87"
            ) AS "t88"
          ) AS "t89"
        ) AS "t90"
      ) AS "t91"
    ) AS "t93"
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
      ON "t93"."touch_id" = "t11"."touch_id"
  ) AS "t94"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t83"."company_id",
      "t83"."response_id",
      "t83"."kind",
      "t83"."at_ms",
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
      "t83"."p",
      "t83"."p" AS "first_touch",
      "t83"."p" AS "last_touch",
      "t83"."p" AS "last_non_direct",
      "t83"."p" AS "last_paid",
      "t83"."p" AS "linear",
      "t83"."p" AS "time_decay",
      "t83"."p" AS "position_based",
      "t83"."p" AS "w_shaped",
      "t83"."p" AS "full_path",
      "t83"."p" AS "shapley_sum",
      CASE WHEN "t83"."has_markov" THEN "t83"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov",
      CASE WHEN "t83"."has_markov_2" THEN "t83"."p" ELSE CAST(NULL AS DOUBLE) END AS "markov_2",
      CASE WHEN "t83"."has_shapley" THEN "t83"."p" ELSE CAST(NULL AS DOUBLE) END AS "shapley",
      "t83"."reason"
    FROM (
      SELECT
        "t81".*
        EXCLUDE ("fitted_company")
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
          "t19"."fitted_company",
          "t19"."has_markov",
          "t19"."has_markov_2",
          "t19"."has_shapley"
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
            "t74"."said_id",
            "t74"."known_parts",
            "t74"."held_id",
            "t74"."held_parts",
            "t74"."reason",
            "t74"."parts",
            "t74"."parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
          FROM (
            SELECT
              *
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
                "t70"."said_id",
                "t70"."known_parts",
                "t70"."held_id",
                "t70"."held_parts",
                'unknown' AS "reason",
                1000000000000 - COALESCE("t70"."known_parts", 0) AS "parts"
              FROM "t69" AS "t70"
            ) AS "t72"
            UNION ALL
            SELECT
              *
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
                "t70"."said_id",
                "t70"."known_parts",
                "t70"."held_id",
                "t70"."held_parts",
                'no_touches' AS "reason",
                COALESCE("t70"."known_parts", 0) - COALESCE("t70"."held_parts", 0) AS "parts"
              FROM "t69" AS "t70"
            ) AS "t73"
          ) AS "t74"
          WHERE
            "t74"."parts" > 0
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
      ) AS "t81"
    ) AS "t83"
  ) AS "t84"
) AS "t95"
ORDER BY
  "t95"."at_ms" ASC,
  "t95"."response_id" ASC,
  COALESCE("t95"."reason", '') ASC,
  COALESCE("t95"."touch_ms", 0) ASC,
  COALESCE("t95"."touch_id", '') ASC
