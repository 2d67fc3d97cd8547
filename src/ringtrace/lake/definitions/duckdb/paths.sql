WITH "t35" AS (
  SELECT
    "t17"."company_id",
    "t17"."touch_id",
    "t17"."visitor_id",
    "t17"."channel",
    "t17"."touch_visit_id",
    "t17"."touch_ms",
    "t34"."known_id",
    "t34"."known_as"
  FROM (
    SELECT
      "t1"."company_id",
      "t1"."touch_id",
      "t1"."visitor_id",
      "t1"."channel",
      "t1"."visit_id" AS "touch_visit_id",
      "t1"."at_ms" AS "touch_ms"
    FROM "touchpoints" AS "t1"
    WHERE
      "t1"."at_ms" >= (
        (
          SELECT
            "t0"."since_ms"
          FROM "asked" AS "t0"
        ) - (
          SELECT
            "t0"."lookback_ms"
          FROM "asked" AS "t0"
        )
      )
      AND "t1"."at_ms" < (
        SELECT
          "t0"."until_ms"
        FROM "asked" AS "t0"
      )
  ) AS "t17"
  LEFT OUTER JOIN (
    SELECT
      "t30"."visitor_id" AS "known_id",
      "t30"."person_id" AS "known_as"
    FROM (
      SELECT DISTINCT
        "t29"."visitor_id",
        "t29"."person_id"
      FROM (
        SELECT
          "t27"."company_id",
          "t27"."key_kind",
          "t27"."key",
          "t27"."visitor_id",
          MIN("t27"."person_id") OVER (
            PARTITION BY "t27"."visitor_id"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "person_id"
        FROM (
          SELECT
            "t24"."company_id",
            "t24"."key_kind",
            "t24"."key",
            "t24"."visitor_id",
            MIN("t24"."person_id") OVER (
              PARTITION BY "t24"."company_id", "t24"."key_kind", "t24"."key"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "person_id"
          FROM (
            SELECT
              "t22"."company_id",
              "t22"."key_kind",
              "t22"."key",
              "t22"."visitor_id",
              MIN("t22"."person_id") OVER (
                PARTITION BY "t22"."visitor_id"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "person_id"
            FROM (
              SELECT
                "t18"."company_id",
                "t18"."key_kind",
                "t18"."key",
                "t18"."visitor_id",
                MIN("t18"."person_id") OVER (
                  PARTITION BY "t18"."company_id", "t18"."key_kind", "t18"."key"
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "person_id"
              FROM (
                SELECT
                  "t14"."company_id",
                  "t14"."key_kind",
                  "t14"."key",
                  "t14"."visitor_id",
                  "t14"."visitor_id" AS "person_id"
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
                        "t0"."until_ms"
                      FROM "asked" AS "t0"
                    )
                ) AS "t14"
              ) AS "t18"
            ) AS "t22"
          ) AS "t24"
        ) AS "t27"
      ) AS "t29"
    ) AS "t30"
  ) AS "t34"
    ON "t17"."visitor_id" = "t34"."known_id"
), "t46" AS (
  SELECT
    "t45"."company_id",
    "t45"."response_id",
    "t45"."kind",
    "t45"."at_ms",
    "t45"."lead_ms",
    "t45"."opportunity_ms",
    "t45"."counts",
    "t45"."value_cents",
    "t45"."person_id",
    "t45"."p_parts",
    "t45"."visit_id",
    "t42"."touch_id",
    "t42"."visitor_id",
    "t42"."channel",
    "t42"."touch_visit_id",
    "t42"."touch_ms"
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
      "t43"."person_id",
      SUM("t43"."p_parts") AS "p_parts",
      MAX("t43"."visit_id") FILTER(WHERE
        "t43"."rank" = 0) AS "visit_id"
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
        "t38"."person_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t38"."response_id", "t38"."person_id"
          ORDER BY "t38"."p_parts" DESC, "t38"."visitor_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "rank"
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
          "t36"."p_parts",
          COALESCE("t36"."known_as", "t36"."visitor_id") AS "person_id"
        FROM (
          SELECT
            "t32"."company_id",
            "t32"."response_id",
            "t32"."kind",
            "t32"."at_ms",
            "t32"."lead_ms",
            "t32"."opportunity_ms",
            "t32"."counts",
            "t32"."value_cents",
            "t32"."key",
            "t32"."key_kind",
            "t32"."visitor_id",
            "t32"."visit_id",
            "t32"."p",
            "t32"."p_parts",
            "t34"."known_id",
            "t34"."known_as"
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
              "t28"."key",
              "t28"."key_kind",
              "t28"."visitor_id",
              "t28"."visit_id",
              "t28"."p",
              CAST(ROUND("t28"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
            FROM (
              SELECT
                "t26"."company_id",
                "t26"."response_id",
                "t26"."kind",
                "t26"."at_ms",
                "t26"."lead_ms",
                "t26"."opportunity_ms",
                "t26"."counts",
                "t26"."value_cents",
                "t11"."key",
                "t11"."key_kind",
                "t11"."visitor_id",
                "t11"."visit_id",
                "t11"."p"
              FROM (
                SELECT
                  "t23"."company_id",
                  "t23"."response_id",
                  "t23"."kind",
                  "t23"."at_ms",
                  "t23"."lead_ms",
                  "t23"."opportunity_ms",
                  COALESCE("t23"."counts", FALSE) AS "counts",
                  "t23"."value_cents"
                FROM (
                  SELECT
                    "t21"."company_id",
                    "t21"."response_id",
                    "t21"."kind",
                    "t21"."at_ms",
                    "t20"."of",
                    "t20"."lead_ms",
                    "t20"."opportunity_ms",
                    "t20"."counts",
                    "t20"."value_cents"
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
                      ) AS "t8"
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
                      ) AS "t10"
                    ) AS "t12"
                    WHERE
                      "t12"."at_ms" >= (
                        SELECT
                          "t0"."since_ms"
                        FROM "asked" AS "t0"
                      )
                      AND "t12"."at_ms" < (
                        SELECT
                          "t0"."until_ms"
                        FROM "asked" AS "t0"
                      )
                  ) AS "t21"
                  LEFT OUTER JOIN (
                    SELECT
                      "t13"."response_id" AS "of",
                      "t13"."lead_ms",
                      "t13"."opportunity_ms",
                      "t13"."counts",
                      "t13"."value_cents"
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
                    ) AS "t13"
                  ) AS "t20"
                    ON "t21"."response_id" = "t20"."of"
                ) AS "t23"
              ) AS "t26"
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
              ) AS "t11"
                ON "t26"."response_id" = "t11"."key" AND "t26"."kind" = "t11"."key_kind"
            ) AS "t28"
            WHERE
              CAST(ROUND("t28"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t32"
          LEFT OUTER JOIN (
            SELECT
              "t30"."visitor_id" AS "known_id",
              "t30"."person_id" AS "known_as"
            FROM (
              SELECT DISTINCT
                "t29"."visitor_id",
                "t29"."person_id"
              FROM (
                SELECT
                  "t27"."company_id",
                  "t27"."key_kind",
                  "t27"."key",
                  "t27"."visitor_id",
                  MIN("t27"."person_id") OVER (
                    PARTITION BY "t27"."visitor_id"
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) AS "person_id"
                FROM (
                  SELECT
                    "t24"."company_id",
                    "t24"."key_kind",
                    "t24"."key",
                    "t24"."visitor_id",
                    MIN("t24"."person_id") OVER (
                      PARTITION BY "t24"."company_id", "t24"."key_kind", "t24"."key"
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS "person_id"
                  FROM (
                    SELECT
                      "t22"."company_id",
                      "t22"."key_kind",
                      "t22"."key",
                      "t22"."visitor_id",
                      MIN("t22"."person_id") OVER (
                        PARTITION BY "t22"."visitor_id"
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "person_id"
                    FROM (
                      SELECT
                        "t18"."company_id",
                        "t18"."key_kind",
                        "t18"."key",
                        "t18"."visitor_id",
                        MIN("t18"."person_id") OVER (
                          PARTITION BY "t18"."company_id", "t18"."key_kind", "t18"."key"
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                        ) AS "person_id"
                      FROM (
                        SELECT
                          "t14"."company_id",
                          "t14"."key_kind",
                          "t14"."key",
                          "t14"."visitor_id",
                          "t14"."visitor_id" AS "person_id"
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
                                "t0"."until_ms"
                              FROM "asked" AS "t0"
                            )
                        ) AS "t14"
                      ) AS "t18"
                    ) AS "t22"
                  ) AS "t24"
                ) AS "t27"
              ) AS "t29"
            ) AS "t30"
          ) AS "t34"
            ON "t32"."visitor_id" = "t34"."known_id"
        ) AS "t36"
      ) AS "t38"
    ) AS "t43"
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
  ) AS "t45"
  INNER JOIN (
    SELECT
      "t37"."touch_id",
      "t37"."visitor_id",
      "t37"."channel",
      "t37"."touch_visit_id",
      "t37"."touch_ms",
      COALESCE("t37"."known_as", "t37"."visitor_id") AS "person_id"
    FROM "t35" AS "t37"
  ) AS "t42"
    ON "t45"."person_id" = "t42"."person_id"
)
SELECT
  *
FROM (
  SELECT
    "t57"."company_id",
    "t57"."path",
    COUNT(*) AS "journeys",
    SUM("t57"."converted_ppm") AS "converted_ppm",
    SUM("t57"."value_cents") AS "value_cents"
  FROM (
    SELECT
      "t56"."company_id",
      "t56"."response_id",
      "t56"."person_id",
      "t56"."idle_id",
      "t56"."entries",
      "t56"."converted_ppm",
      "t56"."value_cents",
      ARRAY_TO_STRING(
        LIST_APPLY(
          LIST_SORT("t56"."entries"),
          LAMBDA __ibis_param_entry__ : (
            __ibis_param_entry__
          )."player"
        ),
        ' > '
      ) AS "path"
    FROM (
      SELECT
        "t55"."company_id",
        "t55"."response_id",
        "t55"."person_id",
        "t55"."idle_id",
        ARRAY_AGG({'at': "t55"."position", 'player': "t55"."player"}) FILTER(WHERE
          {'at': "t55"."position", 'player': "t55"."player"} IS NOT NULL) AS "entries",
        MAX("t55"."converted_ppm") AS "converted_ppm",
        MAX("t55"."value_cents") AS "value_cents"
      FROM (
        SELECT
          "t54"."company_id",
          "t54"."response_id",
          "t54"."person_id",
          "t54"."idle_id",
          "t54"."touch_id",
          "t54"."touch_ms",
          "t54"."converted_ppm",
          "t54"."value_cents",
          "t54"."visitor_id",
          "t54"."channel",
          "t54"."touch_visit_id",
          "t54"."position",
          "t54"."length",
          COALESCE("t54"."channel", '(none)') AS "player"
        FROM (
          SELECT
            "t53"."company_id",
            "t53"."response_id",
            "t53"."person_id",
            "t53"."idle_id",
            "t53"."touch_id",
            "t53"."touch_ms",
            "t53"."converted_ppm",
            "t53"."value_cents",
            "t53"."visitor_id",
            "t53"."channel",
            "t53"."touch_visit_id",
            (
              ROW_NUMBER() OVER (
                PARTITION BY "t53"."response_id", "t53"."person_id", "t53"."idle_id"
                ORDER BY "t53"."touch_ms" ASC, "t53"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1
            ) + 1 AS "position",
            COUNT(*) OVER (
              PARTITION BY "t53"."response_id", "t53"."person_id", "t53"."idle_id"
              ORDER BY "t53"."touch_ms" ASC, "t53"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "length"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t47"."company_id",
                "t47"."response_id",
                "t47"."person_id",
                '' AS "idle_id",
                "t47"."touch_id",
                "t47"."touch_ms",
                CASE
                  WHEN "t47"."counts"
                  THEN CAST(FLOOR((
                    "t47"."p_parts" + 500000
                  ) / (
                    1000000
                  )) AS BIGINT)
                  ELSE 0
                END AS "converted_ppm",
                CAST(FLOOR(
                  (
                    (
                      CASE
                        WHEN "t47"."counts"
                        THEN CAST(FLOOR((
                          "t47"."p_parts" + 500000
                        ) / (
                          1000000
                        )) AS BIGINT)
                        ELSE 0
                      END * COALESCE("t47"."value_cents", 0)
                    ) + 500000
                  ) / (
                    1000000
                  )
                ) AS BIGINT) AS "value_cents",
                "t47"."visitor_id",
                "t47"."channel",
                "t47"."touch_visit_id"
              FROM "t46" AS "t47"
              WHERE
                (
                  "t47"."at_ms" - "t47"."touch_ms"
                ) >= 0
                AND (
                  "t47"."at_ms" - "t47"."touch_ms"
                ) <= (
                  SELECT
                    "t0"."lookback_ms"
                  FROM "asked" AS "t0"
                )
            ) AS "t50"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t51"."company_id",
                '' AS "response_id",
                "t51"."person_id",
                '-' AS "idle_id",
                "t51"."touch_id",
                "t51"."touch_ms",
                0 AS "converted_ppm",
                0 AS "value_cents",
                "t51"."visitor_id",
                "t51"."channel",
                "t51"."touch_visit_id"
              FROM (
                SELECT
                  "t41"."company_id",
                  "t41"."touch_id",
                  "t41"."visitor_id",
                  "t41"."channel",
                  "t41"."touch_visit_id",
                  "t41"."touch_ms",
                  "t41"."person_id"
                FROM (
                  SELECT
                    "t37"."company_id",
                    "t37"."touch_id",
                    "t37"."visitor_id",
                    "t37"."channel",
                    "t37"."touch_visit_id",
                    "t37"."touch_ms",
                    COALESCE("t37"."known_as", "t37"."visitor_id") AS "person_id"
                  FROM "t35" AS "t37"
                  WHERE
                    "t37"."touch_ms" >= (
                      SELECT
                        "t0"."since_ms"
                      FROM "asked" AS "t0"
                    )
                ) AS "t41"
                ANTI JOIN (
                  SELECT DISTINCT
                    "t47"."touch_id" AS "taken_id"
                  FROM "t46" AS "t47"
                  WHERE
                    (
                      "t47"."at_ms" - "t47"."touch_ms"
                    ) >= 0
                    AND (
                      "t47"."at_ms" - "t47"."touch_ms"
                    ) <= (
                      SELECT
                        "t0"."lookback_ms"
                      FROM "asked" AS "t0"
                    )
                ) AS "t49"
                  ON "t41"."touch_id" = "t49"."taken_id"
              ) AS "t51"
            ) AS "t52"
          ) AS "t53"
        ) AS "t54"
      ) AS "t55"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t56"
  ) AS "t57"
  GROUP BY
    1,
    2
) AS "t58"
ORDER BY
  "t58"."company_id" ASC,
  "t58"."path" ASC
