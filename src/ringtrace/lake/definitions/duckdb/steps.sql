SELECT
  "t55"."company_id",
  "t55"."response_id",
  "t55"."kind",
  "t55"."at_ms",
  "t55"."person_id",
  "t55"."p",
  "t55"."touch_id",
  "t55"."touch_visit_id" AS "visit_id",
  "t55"."touch_ms",
  "t55"."channel",
  "t55"."source",
  "t55"."medium",
  "t55"."campaign",
  "t55"."ad_group",
  "t55"."keyword",
  "t55"."content",
  "t55"."landing_page",
  "t55"."referrer_host",
  "t55"."device",
  "t55"."region",
  "t55"."position",
  "t55"."length",
  "t55"."days_before",
  "t55"."last_sent",
  "t55"."last_paid",
  "t55"."lead",
  "t55"."opportunity",
  "t55"."repeats"
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
    "t54"."position",
    "t54"."length",
    "t54"."player",
    "t54"."days_before",
    "t54"."last_sent",
    "t54"."last_paid",
    "t54"."lead",
    "t54"."opportunity",
    "t54"."repeats",
    "t54"."p",
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
      "t52"."touch_id",
      "t52"."visitor_id",
      "t52"."channel",
      "t52"."touch_visit_id",
      "t52"."touch_ms",
      "t52"."position",
      "t52"."length",
      "t52"."player",
      (
        "t52"."at_ms" - "t52"."touch_ms"
      ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
      MAX(CASE WHEN "t52"."channel" <> 'Direct' THEN "t52"."position" ELSE 0 END) OVER (
        PARTITION BY "t52"."response_id", "t52"."person_id"
        ORDER BY "t52"."touch_ms" ASC, "t52"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last_sent",
      MAX(
        CASE
          WHEN "t52"."channel" IN (
            'Cross-network',
            'Display',
            'Paid Other',
            'Paid Search',
            'Paid Shopping',
            'Paid Social',
            'Paid Video'
          )
          THEN "t52"."position"
          ELSE 0
        END
      ) OVER (
        PARTITION BY "t52"."response_id", "t52"."person_id"
        ORDER BY "t52"."touch_ms" ASC, "t52"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last_paid",
      MAX(CASE WHEN "t52"."touch_ms" <= "t52"."lead_ms" THEN "t52"."position" ELSE 0 END) OVER (
        PARTITION BY "t52"."response_id", "t52"."person_id"
        ORDER BY "t52"."touch_ms" ASC, "t52"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      MAX(
        CASE
          WHEN "t52"."touch_ms" <= "t52"."opportunity_ms"
          THEN "t52"."position"
          ELSE 0
        END
      ) OVER (
        PARTITION BY "t52"."response_id", "t52"."person_id"
        ORDER BY "t52"."touch_ms" ASC, "t52"."touch_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity",
      COUNT(*) OVER (
        PARTITION BY "t52"."response_id", "t52"."person_id", "t52"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      "t52"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
        "t51"."person_id",
        "t51"."p_parts",
        "t51"."visit_id",
        "t51"."touch_id",
        "t51"."visitor_id",
        "t51"."channel",
        "t51"."touch_visit_id",
        "t51"."touch_ms",
        "t51"."position",
        "t51"."length",
        COALESCE("t51"."channel", '(none)') AS "player"
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
          (
            ROW_NUMBER() OVER (
              PARTITION BY "t50"."response_id", "t50"."person_id"
              ORDER BY "t50"."touch_ms" ASC, "t50"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1
          ) + 1 AS "position",
          COUNT(*) OVER (
            PARTITION BY "t50"."response_id", "t50"."person_id"
            ORDER BY "t50"."touch_ms" ASC, "t50"."touch_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "length"
        FROM (
          SELECT
            *
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
              "t45"."touch_id",
              "t45"."visitor_id",
              "t45"."channel",
              "t45"."touch_visit_id",
              "t45"."touch_ms"
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
                SUM("t46"."p_parts") AS "p_parts",
                MAX("t46"."visit_id") FILTER(WHERE
                  "t46"."rank" = 0) AS "visit_id"
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
                  "t42"."person_id",
                  ROW_NUMBER() OVER (
                    PARTITION BY "t42"."response_id", "t42"."person_id"
                    ORDER BY "t42"."p_parts" DESC, "t42"."visitor_id" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) - 1 AS "rank"
                FROM (
                  SELECT
                    "t40".*
                    EXCLUDE ("known_id", "known_as")
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
                      "t38"."known_id",
                      "t38"."known_as",
                      COALESCE("t38"."known_as", "t38"."visitor_id") AS "person_id"
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
                        "t35"."p_parts",
                        "t37"."known_id",
                        "t37"."known_as"
                      FROM (
                        SELECT
                          "t31"."company_id",
                          "t31"."response_id",
                          "t31"."kind",
                          "t31"."at_ms",
                          "t31"."lead_ms",
                          "t31"."opportunity_ms",
                          "t31"."counts",
                          "t31"."value_cents",
                          "t31"."key",
                          "t31"."key_kind",
                          "t31"."visitor_id",
                          "t31"."visit_id",
                          "t31"."p",
                          CAST(ROUND("t31"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
                        FROM (
                          SELECT
                            "t29"."company_id",
                            "t29"."response_id",
                            "t29"."kind",
                            "t29"."at_ms",
                            "t29"."lead_ms",
                            "t29"."opportunity_ms",
                            "t29"."counts",
                            "t29"."value_cents",
                            "t13"."key",
                            "t13"."key_kind",
                            "t13"."visitor_id",
                            "t13"."visit_id",
                            "t13"."p"
                          FROM (
                            SELECT
                              "t27".*
                              EXCLUDE ("of")
                            FROM (
                              SELECT
                                "t25"."company_id",
                                "t25"."response_id",
                                "t25"."kind",
                                "t25"."at_ms",
                                "t25"."of",
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
                            ) AS "t27"
                          ) AS "t29"
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
                            ON "t29"."response_id" = "t13"."key" AND "t29"."kind" = "t13"."key_kind"
                        ) AS "t31"
                      ) AS "t35"
                      LEFT OUTER JOIN (
                        SELECT
                          "t33"."visitor_id" AS "known_id",
                          "t33"."person_id" AS "known_as"
                        FROM (
                          SELECT DISTINCT
                            "t32"."visitor_id",
                            "t32"."person_id"
                          FROM (
                            SELECT
                              "t30"."company_id",
                              "t30"."key_kind",
                              "t30"."key",
                              "t30"."visitor_id",
                              MIN("t30"."person_id") OVER (
                                PARTITION BY "t30"."visitor_id"
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
                            ) AS "t30"
                          ) AS "t32"
                        ) AS "t33"
                      ) AS "t37"
                        ON "t35"."visitor_id" = "t37"."known_id"
                    ) AS "t38"
                  ) AS "t40"
                ) AS "t42"
              ) AS "t46"
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
            ) AS "t48"
            INNER JOIN (
              SELECT
                "t43".*
                EXCLUDE ("company_id")
              FROM (
                SELECT
                  "t41".*
                  EXCLUDE ("known_id", "known_as")
                FROM (
                  SELECT
                    "t39"."company_id",
                    "t39"."touch_id",
                    "t39"."visitor_id",
                    "t39"."channel",
                    "t39"."touch_visit_id",
                    "t39"."touch_ms",
                    "t39"."known_id",
                    "t39"."known_as",
                    COALESCE("t39"."known_as", "t39"."visitor_id") AS "person_id"
                  FROM (
                    SELECT
                      "t20"."company_id",
                      "t20"."touch_id",
                      "t20"."visitor_id",
                      "t20"."channel",
                      "t20"."touch_visit_id",
                      "t20"."touch_ms",
                      "t37"."known_id",
                      "t37"."known_as"
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
                        "t33"."visitor_id" AS "known_id",
                        "t33"."person_id" AS "known_as"
                      FROM (
                        SELECT DISTINCT
                          "t32"."visitor_id",
                          "t32"."person_id"
                        FROM (
                          SELECT
                            "t30"."company_id",
                            "t30"."key_kind",
                            "t30"."key",
                            "t30"."visitor_id",
                            MIN("t30"."person_id") OVER (
                              PARTITION BY "t30"."visitor_id"
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
                          ) AS "t30"
                        ) AS "t32"
                      ) AS "t33"
                    ) AS "t37"
                      ON "t20"."visitor_id" = "t37"."known_id"
                  ) AS "t39"
                ) AS "t41"
              ) AS "t43"
            ) AS "t45"
              ON "t48"."person_id" = "t45"."person_id"
          ) AS "t49"
          WHERE
            (
              "t49"."at_ms" - "t49"."touch_ms"
            ) >= 0
            AND (
              "t49"."at_ms" - "t49"."touch_ms"
            ) <= (
              SELECT
                "t1"."lookback_ms"
              FROM "asked" AS "t1"
            )
        ) AS "t50"
      ) AS "t51"
    ) AS "t52"
  ) AS "t54"
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
    ON "t54"."touch_id" = "t10"."touch_id"
) AS "t55"
ORDER BY
  "t55"."at_ms" ASC,
  "t55"."response_id" ASC,
  "t55"."person_id" ASC,
  "t55"."position" ASC
