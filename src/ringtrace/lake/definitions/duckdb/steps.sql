SELECT
  "t51"."company_id",
  "t51"."response_id",
  "t51"."kind",
  "t51"."at_ms",
  "t51"."person_id",
  "t51"."p",
  "t51"."touch_id",
  "t51"."touch_visit_id" AS "visit_id",
  "t51"."touch_ms",
  "t51"."channel",
  "t51"."source",
  "t51"."medium",
  "t51"."campaign",
  "t51"."ad_group",
  "t51"."keyword",
  "t51"."content",
  "t51"."landing_page",
  "t51"."referrer_host",
  "t51"."device",
  "t51"."region",
  "t51"."position",
  "t51"."length",
  "t51"."days_before",
  "t51"."last_sent",
  "t51"."last_paid",
  "t51"."lead",
  "t51"."opportunity",
  "t51"."repeats"
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
    "t50"."touch_id",
    "t50"."visitor_id",
    "t50"."channel",
    "t50"."touch_visit_id",
    "t50"."touch_ms",
    "t50"."position",
    "t50"."length",
    "t50"."player",
    "t50"."days_before",
    "t50"."last_sent",
    "t50"."last_paid",
    "t50"."lead",
    "t50"."opportunity",
    "t50"."repeats",
    "t50"."p",
    "t10"."source",
    "t10"."medium",
    "t10"."campaign",
    "t10"."ad_group",
    "t10"."keyword",
    "t10"."content",
    "t10"."landing_page",
    "t10"."referrer_host",
    "t10"."device",
    "t10"."region"
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
      "t48"."person_id",
      "t48"."p_parts",
      "t48"."visit_id",
      "t48"."touch_id",
      "t48"."visitor_id",
      "t48"."channel",
      "t48"."touch_visit_id",
      "t48"."touch_ms",
      "t48"."position",
      "t48"."length",
      "t48"."player",
      (
        "t48"."at_ms" - "t48"."touch_ms"
      ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
      MAX(CASE WHEN "t48"."channel" <> 'Direct' THEN "t48"."position" ELSE 0 END) OVER (
        PARTITION BY "t48"."response_id", "t48"."person_id"
        ORDER BY "t48"."touch_ms" ASC, "t48"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last_sent",
      MAX(
        CASE
          WHEN "t48"."channel" IN (
            'Cross-network',
            'Display',
            'Paid Other',
            'Paid Search',
            'Paid Shopping',
            'Paid Social',
            'Paid Video'
          )
          THEN "t48"."position"
          ELSE 0
        END
      ) OVER (
        PARTITION BY "t48"."response_id", "t48"."person_id"
        ORDER BY "t48"."touch_ms" ASC, "t48"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last_paid",
      MAX(CASE WHEN "t48"."touch_ms" <= "t48"."lead_ms" THEN "t48"."position" ELSE 0 END) OVER (
        PARTITION BY "t48"."response_id", "t48"."person_id"
        ORDER BY "t48"."touch_ms" ASC, "t48"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      MAX(
        CASE
          WHEN "t48"."touch_ms" <= "t48"."opportunity_ms"
          THEN "t48"."position"
          ELSE 0
        END
      ) OVER (
        PARTITION BY "t48"."response_id", "t48"."person_id"
        ORDER BY "t48"."touch_ms" ASC, "t48"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity",
      COUNT(*) OVER (
        PARTITION BY "t48"."response_id", "t48"."person_id", "t48"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      "t48"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
        "t47"."person_id",
        "t47"."p_parts",
        "t47"."visit_id",
        "t47"."touch_id",
        "t47"."visitor_id",
        "t47"."channel",
        "t47"."touch_visit_id",
        "t47"."touch_ms",
        "t47"."position",
        "t47"."length",
        COALESCE("t47"."channel", '(none)') AS "player"
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
          "t46"."person_id",
          "t46"."p_parts",
          "t46"."visit_id",
          "t46"."touch_id",
          "t46"."visitor_id",
          "t46"."channel",
          "t46"."touch_visit_id",
          "t46"."touch_ms",
          (
            ROW_NUMBER() OVER (
              PARTITION BY "t46"."response_id", "t46"."person_id"
              ORDER BY "t46"."touch_ms" ASC, "t46"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1
          ) + 1 AS "position",
          COUNT(*) OVER (
            PARTITION BY "t46"."response_id", "t46"."person_id"
            ORDER BY "t46"."touch_ms" ASC, "t46"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "length"
        FROM (
          SELECT
            *
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
              "t44"."person_id",
              "t44"."p_parts",
              "t44"."visit_id",
              "t41"."touch_id",
              "t41"."visitor_id",
              "t41"."channel",
              "t41"."touch_visit_id",
              "t41"."touch_ms"
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
                "t42"."person_id",
                SUM("t42"."p_parts") AS "p_parts",
                MAX("t42"."visit_id") FILTER(WHERE
                  "t42"."rank" = 0) AS "visit_id"
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
                  "t40"."person_id",
                  ROW_NUMBER() OVER (
                    PARTITION BY "t40"."response_id", "t40"."person_id"
                    ORDER BY "t40"."p_parts" DESC, "t40"."visitor_id" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) - 1 AS "rank"
                FROM (
                  SELECT
                    "t38"."company_id",
                    "t38"."response_id",
                    "t38"."kind",
                    "t38"."at_ms",
                    "t38"."lead_ms",
                    "t38"."opportunity_ms",
                    "t38"."counts",
                    "t38"."value_cents",
                    "t38"."key",
                    "t38"."key_kind",
                    "t38"."visitor_id",
                    "t38"."visit_id",
                    "t38"."p",
                    "t38"."p_parts",
                    COALESCE("t38"."known_as", "t38"."visitor_id") AS "person_id"
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
                      "t34"."key",
                      "t34"."key_kind",
                      "t34"."visitor_id",
                      "t34"."visit_id",
                      "t34"."p",
                      "t34"."p_parts",
                      "t36"."known_id",
                      "t36"."known_as"
                    FROM (
                      SELECT
                        "t30"."company_id",
                        "t30"."response_id",
                        "t30"."kind",
                        "t30"."at_ms",
                        "t30"."lead_ms",
                        "t30"."opportunity_ms",
                        "t30"."counts",
                        "t30"."value_cents",
                        "t30"."key",
                        "t30"."key_kind",
                        "t30"."visitor_id",
                        "t30"."visit_id",
                        "t30"."p",
                        CAST(ROUND("t30"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
                      FROM (
                        SELECT
                          "t28"."company_id",
                          "t28"."response_id",
                          "t28"."kind",
                          "t28"."at_ms",
                          "t28"."lead_ms",
                          "t28"."opportunity_ms",
                          "t28"."counts",
                          "t28"."value_cents",
                          "t13"."key",
                          "t13"."key_kind",
                          "t13"."visitor_id",
                          "t13"."visit_id",
                          "t13"."p"
                        FROM (
                          SELECT
                            "t25"."company_id",
                            "t25"."response_id",
                            "t25"."kind",
                            "t25"."at_ms",
                            "t25"."lead_ms",
                            "t25"."opportunity_ms",
                            COALESCE("t25"."counts", FALSE) AS "counts",
                            "t25"."value_cents"
                          FROM (
                            SELECT
                              "t23"."company_id",
                              "t23"."response_id",
                              "t23"."kind",
                              "t23"."at_ms",
                              "t22"."of",
                              "t22"."lead_ms",
                              "t22"."opportunity_ms",
                              "t22"."counts",
                              "t22"."value_cents"
                            FROM (
                              SELECT
                                *
                              FROM (
                                SELECT
                                  *
                                FROM (
                                  SELECT
                                    "t3"."company_id",
                                    "t3"."call_id" AS "response_id",
                                    'call' AS "kind",
                                    "t3"."started_ms" AS "at_ms"
                                  FROM "calls" AS "t3"
                                ) AS "t9"
                                UNION ALL
                                SELECT
                                  *
                                FROM (
                                  SELECT
                                    "t4"."company_id",
                                    "t4"."response_id",
                                    "t4"."kind",
                                    "t4"."response_ms" AS "at_ms"
                                  FROM "conversions" AS "t4"
                                  WHERE
                                    "t4"."kind" = 'form'
                                ) AS "t12"
                              ) AS "t14"
                              WHERE
                                "t14"."at_ms" >= (
                                  SELECT
                                    "t1"."since_ms"
                                  FROM "asked" AS "t1"
                                )
                                AND "t14"."at_ms" < (
                                  SELECT
                                    "t1"."until_ms"
                                  FROM "asked" AS "t1"
                                )
                            ) AS "t23"
                            LEFT OUTER JOIN (
                              SELECT
                                "t15"."response_id" AS "of",
                                "t15"."lead_ms",
                                "t15"."opportunity_ms",
                                "t15"."counts",
                                "t15"."value_cents"
                              FROM (
                                SELECT
                                  "t4"."response_id",
                                  MIN("t4"."at_ms") FILTER(WHERE
                                    "t4"."kind" = 'lead') AS "lead_ms",
                                  MIN("t4"."at_ms") FILTER(WHERE
                                    "t4"."kind" = 'opportunity') AS "opportunity_ms",
                                  BOOL_OR(CAST("t4"."kind" IN ('call', 'form') AS BOOLEAN)) AS "counts",
                                  SUM("t4"."value_cents") FILTER(WHERE
                                    "t4"."kind" = 'sale') AS "value_cents"
                                FROM "conversions" AS "t4"
                                GROUP BY
                                  1
                              ) AS "t15"
                            ) AS "t22"
                              ON "t23"."response_id" = "t22"."of"
                          ) AS "t25"
                        ) AS "t28"
                        INNER JOIN (
                          SELECT
                            "t2"."key",
                            "t2"."key_kind",
                            "t2"."visitor_id",
                            "t2"."visit_id",
                            "t2"."p"
                          FROM "identities" AS "t2"
                          WHERE
                            "t2"."key_kind" IN ('call', 'form')
                        ) AS "t13"
                          ON "t28"."response_id" = "t13"."key" AND "t28"."kind" = "t13"."key_kind"
                      ) AS "t30"
                      WHERE
                        CAST(ROUND("t30"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
                    ) AS "t34"
                    LEFT OUTER JOIN (
                      SELECT
                        "t32"."visitor_id" AS "known_id",
                        "t32"."person_id" AS "known_as"
                      FROM (
                        SELECT DISTINCT
                          "t31"."visitor_id",
                          "t31"."person_id"
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
                                "t24"."company_id",
                                "t24"."key_kind",
                                "t24"."key",
                                "t24"."visitor_id",
                                MIN("t24"."person_id") OVER (
                                  PARTITION BY "t24"."visitor_id"
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                                ) AS "person_id"
                              FROM (
                                SELECT
                                  "t19"."company_id",
                                  "t19"."key_kind",
                                  "t19"."key",
                                  "t19"."visitor_id",
                                  MIN("t19"."person_id") OVER (
                                    PARTITION BY "t19"."company_id", "t19"."key_kind", "t19"."key"
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                                  ) AS "person_id"
                                FROM (
                                  SELECT
                                    "t16"."company_id",
                                    "t16"."key_kind",
                                    "t16"."key",
                                    "t16"."visitor_id",
                                    "t16"."visitor_id" AS "person_id"
                                  FROM (
                                    SELECT DISTINCT
                                      "t2"."company_id",
                                      "t2"."key_kind",
                                      "t2"."key",
                                      "t2"."visitor_id"
                                    FROM "identities" AS "t2"
                                    WHERE
                                      "t2"."p" >= CAST('0.8' AS DOUBLE)
                                      AND "t2"."at_ms" < (
                                        SELECT
                                          "t1"."until_ms"
                                        FROM "asked" AS "t1"
                                      )
                                  ) AS "t16"
                                ) AS "t19"
                              ) AS "t24"
                            ) AS "t26"
                          ) AS "t29"
                        ) AS "t31"
                      ) AS "t32"
                    ) AS "t36"
                      ON "t34"."visitor_id" = "t36"."known_id"
                  ) AS "t38"
                ) AS "t40"
              ) AS "t42"
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
            ) AS "t44"
            INNER JOIN (
              SELECT
                "t37"."touch_id",
                "t37"."visitor_id",
                "t37"."channel",
                "t37"."touch_visit_id",
                "t37"."touch_ms",
                COALESCE("t37"."known_as", "t37"."visitor_id") AS "person_id"
              FROM (
                SELECT
                  "t20"."company_id",
                  "t20"."touch_id",
                  "t20"."visitor_id",
                  "t20"."channel",
                  "t20"."touch_visit_id",
                  "t20"."touch_ms",
                  "t36"."known_id",
                  "t36"."known_as"
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
                          "t1"."since_ms"
                        FROM "asked" AS "t1"
                      ) - (
                        SELECT
                          "t1"."lookback_ms"
                        FROM "asked" AS "t1"
                      )
                    )
                    AND "t0"."at_ms" < (
                      SELECT
                        "t1"."until_ms"
                      FROM "asked" AS "t1"
                    )
                ) AS "t20"
                LEFT OUTER JOIN (
                  SELECT
                    "t32"."visitor_id" AS "known_id",
                    "t32"."person_id" AS "known_as"
                  FROM (
                    SELECT DISTINCT
                      "t31"."visitor_id",
                      "t31"."person_id"
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
                            "t24"."company_id",
                            "t24"."key_kind",
                            "t24"."key",
                            "t24"."visitor_id",
                            MIN("t24"."person_id") OVER (
                              PARTITION BY "t24"."visitor_id"
                              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                            ) AS "person_id"
                          FROM (
                            SELECT
                              "t19"."company_id",
                              "t19"."key_kind",
                              "t19"."key",
                              "t19"."visitor_id",
                              MIN("t19"."person_id") OVER (
                                PARTITION BY "t19"."company_id", "t19"."key_kind", "t19"."key"
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) AS "person_id"
                            FROM (
                              SELECT
                                "t16"."company_id",
                                "t16"."key_kind",
                                "t16"."key",
                                "t16"."visitor_id",
                                "t16"."visitor_id" AS "person_id"
                              FROM (
                                SELECT DISTINCT
                                  "t2"."company_id",
                                  "t2"."key_kind",
                                  "t2"."key",
                                  "t2"."visitor_id"
                                FROM "identities" AS "t2"
                                WHERE
                                  "t2"."p" >= CAST('0.8' AS DOUBLE)
                                  AND "t2"."at_ms" < (
                                    SELECT
                                      "t1"."until_ms"
                                    FROM "asked" AS "t1"
                                  )
                              ) AS "t16"
                            ) AS "t19"
                          ) AS "t24"
                        ) AS "t26"
                      ) AS "t29"
                    ) AS "t31"
                  ) AS "t32"
                ) AS "t36"
                  ON "t20"."visitor_id" = "t36"."known_id"
              ) AS "t37"
            ) AS "t41"
              ON "t44"."person_id" = "t41"."person_id"
          ) AS "t45"
          WHERE
            (
              "t45"."at_ms" - "t45"."touch_ms"
            ) >= 0
            AND (
              "t45"."at_ms" - "t45"."touch_ms"
            ) <= (
              SELECT
                "t1"."lookback_ms"
              FROM "asked" AS "t1"
            )
        ) AS "t46"
      ) AS "t47"
    ) AS "t48"
  ) AS "t50"
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
  ) AS "t10"
    ON "t50"."touch_id" = "t10"."touch_id"
) AS "t51"
ORDER BY
  "t51"."at_ms" ASC,
  "t51"."response_id" ASC,
  "t51"."person_id" ASC,
  "t51"."position" ASC
