WITH "t49" AS (
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
    "t43"."touch_id",
    "t43"."visitor_id",
    "t43"."channel",
    "t43"."source",
    "t43"."medium",
    "t43"."campaign",
    "t43"."touch_visit_id",
    "t43"."touch_ms"
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
        "t41"."person_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t41"."response_id", "t41"."person_id"
          ORDER BY "t41"."p_parts" DESC, "t41"."visitor_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "rank"
      FROM (
        SELECT
          "t39".*
          EXCLUDE ("known_id", "known_as")
        FROM (
          SELECT
            "t37"."company_id",
            "t37"."response_id",
            "t37"."kind",
            "t37"."at_ms",
            "t37"."lead_ms",
            "t37"."opportunity_ms",
            "t37"."counts",
            "t37"."value_cents",
            "t37"."key",
            "t37"."key_kind",
            "t37"."visitor_id",
            "t37"."visit_id",
            "t37"."p",
            "t37"."p_parts",
            "t37"."known_id",
            "t37"."known_as",
            COALESCE("t37"."known_as", "t37"."visitor_id") AS "person_id"
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
              "t33"."key",
              "t33"."key_kind",
              "t33"."visitor_id",
              "t33"."visit_id",
              "t33"."p",
              "t33"."p_parts",
              "t35"."known_id",
              "t35"."known_as"
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
                "t29"."key",
                "t29"."key_kind",
                "t29"."visitor_id",
                "t29"."visit_id",
                "t29"."p",
                CAST(ROUND("t29"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
              FROM (
                SELECT
                  "t27"."company_id",
                  "t27"."response_id",
                  "t27"."kind",
                  "t27"."at_ms",
                  "t27"."lead_ms",
                  "t27"."opportunity_ms",
                  "t27"."counts",
                  "t27"."value_cents",
                  "t11"."key",
                  "t11"."key_kind",
                  "t11"."visitor_id",
                  "t11"."visit_id",
                  "t11"."p"
                FROM (
                  SELECT
                    "t25".*
                    EXCLUDE ("of")
                  FROM (
                    SELECT
                      "t23"."company_id",
                      "t23"."response_id",
                      "t23"."kind",
                      "t23"."at_ms",
                      "t23"."of",
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
                  ) AS "t25"
                ) AS "t27"
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
                  ON "t27"."response_id" = "t11"."key" AND "t27"."kind" = "t11"."key_kind"
              ) AS "t29"
            ) AS "t33"
            LEFT OUTER JOIN (
              SELECT
                "t31"."visitor_id" AS "known_id",
                "t31"."person_id" AS "known_as"
              FROM (
                SELECT DISTINCT
                  "t30"."visitor_id",
                  "t30"."person_id"
                FROM (
                  SELECT
                    "t28"."company_id",
                    "t28"."key_kind",
                    "t28"."key",
                    "t28"."visitor_id",
                    MIN("t28"."person_id") OVER (
                      PARTITION BY "t28"."visitor_id"
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
                  ) AS "t28"
                ) AS "t30"
              ) AS "t31"
            ) AS "t35"
              ON "t33"."visitor_id" = "t35"."known_id"
          ) AS "t37"
        ) AS "t39"
      ) AS "t41"
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
      "t40".*
      EXCLUDE ("company_id")
    FROM (
      SELECT
        "t38".*
        EXCLUDE ("known_id", "known_as")
      FROM (
        SELECT
          "t36"."company_id",
          "t36"."touch_id",
          "t36"."visitor_id",
          "t36"."channel",
          "t36"."source",
          "t36"."medium",
          "t36"."campaign",
          "t36"."touch_visit_id",
          "t36"."touch_ms",
          "t36"."known_id",
          "t36"."known_as",
          COALESCE("t36"."known_as", "t36"."visitor_id") AS "person_id"
        FROM (
          SELECT
            "t17"."company_id",
            "t17"."touch_id",
            "t17"."visitor_id",
            "t17"."channel",
            "t17"."source",
            "t17"."medium",
            "t17"."campaign",
            "t17"."touch_visit_id",
            "t17"."touch_ms",
            "t35"."known_id",
            "t35"."known_as"
          FROM (
            SELECT
              "t1"."company_id",
              "t1"."touch_id",
              "t1"."visitor_id",
              "t1"."channel",
              "t1"."source",
              "t1"."medium",
              "t1"."campaign",
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
              "t31"."visitor_id" AS "known_id",
              "t31"."person_id" AS "known_as"
            FROM (
              SELECT DISTINCT
                "t30"."visitor_id",
                "t30"."person_id"
              FROM (
                SELECT
                  "t28"."company_id",
                  "t28"."key_kind",
                  "t28"."key",
                  "t28"."visitor_id",
                  MIN("t28"."person_id") OVER (
                    PARTITION BY "t28"."visitor_id"
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
                ) AS "t28"
              ) AS "t30"
            ) AS "t31"
          ) AS "t35"
            ON "t17"."visitor_id" = "t35"."known_id"
        ) AS "t36"
      ) AS "t38"
    ) AS "t40"
  ) AS "t43"
    ON "t48"."person_id" = "t43"."person_id"
)
SELECT
  *
FROM (
  SELECT
    "t63"."company_id",
    "t63"."path",
    COUNT(*) AS "journeys",
    SUM("t63"."converted_ppm") AS "converted_ppm",
    SUM("t63"."value_cents") AS "value_cents"
  FROM (
    SELECT
      "t62"."company_id",
      "t62"."response_id",
      "t62"."person_id",
      "t62"."idle_id",
      "t62"."entries",
      "t62"."converted_ppm",
      "t62"."value_cents",
      ARRAY_TO_STRING(
        LIST_APPLY(
          LIST_SORT("t62"."entries"),
          LAMBDA __ibis_param_entry__ : (
            __ibis_param_entry__
          )."player"
        ),
        ' > '
      ) AS "path"
    FROM (
      SELECT
        "t61"."company_id",
        "t61"."response_id",
        "t61"."person_id",
        "t61"."idle_id",
        ARRAY_AGG({'at': "t61"."position", 'player': "t61"."player"}) FILTER(WHERE
          {'at': "t61"."position", 'player': "t61"."player"} IS NOT NULL) AS "entries",
        MAX("t61"."converted_ppm") AS "converted_ppm",
        MAX("t61"."value_cents") AS "value_cents"
      FROM (
        SELECT
          "t60"."company_id",
          "t60"."response_id",
          "t60"."person_id",
          "t60"."idle_id",
          "t60"."touch_id",
          "t60"."touch_ms",
          "t60"."converted_ppm",
          "t60"."value_cents",
          "t60"."visitor_id",
          "t60"."channel",
          "t60"."source",
          "t60"."medium",
          "t60"."campaign",
          "t60"."touch_visit_id",
          "t60"."position",
          "t60"."length",
          COALESCE("t60"."channel", '(none)') AS "player"
        FROM (
          SELECT
            "t59"."company_id",
            "t59"."response_id",
            "t59"."person_id",
            "t59"."idle_id",
            "t59"."touch_id",
            "t59"."touch_ms",
            "t59"."converted_ppm",
            "t59"."value_cents",
            "t59"."visitor_id",
            "t59"."channel",
            "t59"."source",
            "t59"."medium",
            "t59"."campaign",
            "t59"."touch_visit_id",
            (
              ROW_NUMBER() OVER (
                PARTITION BY "t59"."response_id", "t59"."person_id", "t59"."idle_id"
                ORDER BY "t59"."touch_ms" ASC, "t59"."touch_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1
            ) + 1 AS "position",
            COUNT(*) OVER (
              PARTITION BY "t59"."response_id", "t59"."person_id", "t59"."idle_id"
              ORDER BY "t59"."touch_ms" ASC, "t59"."touch_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "length"
          FROM (
            SELECT
              "t58".*
              EXCLUDE ("nth")
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t56"."company_id",
                  "t56"."response_id",
                  "t56"."person_id",
                  "t56"."idle_id",
                  "t56"."touch_id",
                  "t56"."touch_ms",
                  "t56"."converted_ppm",
                  "t56"."value_cents",
                  "t56"."visitor_id",
                  "t56"."channel",
                  "t56"."source",
                  "t56"."medium",
                  "t56"."campaign",
                  "t56"."touch_visit_id",
                  ROW_NUMBER() OVER (
                    PARTITION BY "t56"."response_id", "t56"."person_id", "t56"."idle_id", "t56"."source", "t56"."medium", "t56"."campaign"
                    ORDER BY "t56"."touch_ms" DESC, "t56"."touch_id" DESC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) - 1 AS "nth"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t50"."company_id",
                      "t50"."response_id",
                      "t50"."person_id",
                      '' AS "idle_id",
                      "t50"."touch_id",
                      "t50"."touch_ms",
                      CASE
                        WHEN "t50"."counts"
                        THEN CAST(FLOOR((
                          "t50"."p_parts" + 500000
                        ) / (
                          1000000
                        )) AS BIGINT)
                        ELSE 0
                      END AS "converted_ppm",
                      CAST(FLOOR(
                        (
                          (
                            CASE
                              WHEN "t50"."counts"
                              THEN CAST(FLOOR((
                                "t50"."p_parts" + 500000
                              ) / (
                                1000000
                              )) AS BIGINT)
                              ELSE 0
                            END * COALESCE("t50"."value_cents", 0)
                          ) + 500000
                        ) / (
                          1000000
                        )
                      ) AS BIGINT) AS "value_cents",
                      "t50"."visitor_id",
                      "t50"."channel",
                      "t50"."source",
                      "t50"."medium",
                      "t50"."campaign",
                      "t50"."touch_visit_id"
                    FROM "t49" AS "t50"
                    WHERE
                      (
                        "t50"."at_ms" - "t50"."touch_ms"
                      ) >= 0
                      AND (
                        "t50"."at_ms" - "t50"."touch_ms"
                      ) <= (
                        SELECT
                          "t0"."lookback_ms"
                        FROM "asked" AS "t0"
                      )
                  ) AS "t53"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t54"."company_id",
                      '' AS "response_id",
                      "t54"."person_id",
                      '-' AS "idle_id",
                      "t54"."touch_id",
                      "t54"."touch_ms",
                      0 AS "converted_ppm",
                      0 AS "value_cents",
                      "t54"."visitor_id",
                      "t54"."channel",
                      "t54"."source",
                      "t54"."medium",
                      "t54"."campaign",
                      "t54"."touch_visit_id"
                    FROM (
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
                        "t45"."person_id"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t38".*
                            EXCLUDE ("known_id", "known_as")
                          FROM (
                            SELECT
                              "t36"."company_id",
                              "t36"."touch_id",
                              "t36"."visitor_id",
                              "t36"."channel",
                              "t36"."source",
                              "t36"."medium",
                              "t36"."campaign",
                              "t36"."touch_visit_id",
                              "t36"."touch_ms",
                              "t36"."known_id",
                              "t36"."known_as",
                              COALESCE("t36"."known_as", "t36"."visitor_id") AS "person_id"
                            FROM (
                              SELECT
                                "t17"."company_id",
                                "t17"."touch_id",
                                "t17"."visitor_id",
                                "t17"."channel",
                                "t17"."source",
                                "t17"."medium",
                                "t17"."campaign",
                                "t17"."touch_visit_id",
                                "t17"."touch_ms",
                                "t35"."known_id",
                                "t35"."known_as"
                              FROM (
                                SELECT
                                  "t1"."company_id",
                                  "t1"."touch_id",
                                  "t1"."visitor_id",
                                  "t1"."channel",
                                  "t1"."source",
                                  "t1"."medium",
                                  "t1"."campaign",
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
                                  "t31"."visitor_id" AS "known_id",
                                  "t31"."person_id" AS "known_as"
                                FROM (
                                  SELECT DISTINCT
                                    "t30"."visitor_id",
                                    "t30"."person_id"
                                  FROM (
                                    SELECT
                                      "t28"."company_id",
                                      "t28"."key_kind",
                                      "t28"."key",
                                      "t28"."visitor_id",
                                      MIN("t28"."person_id") OVER (
                                        PARTITION BY "t28"."visitor_id"
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
                                    ) AS "t28"
                                  ) AS "t30"
                                ) AS "t31"
                              ) AS "t35"
                                ON "t17"."visitor_id" = "t35"."known_id"
                            ) AS "t36"
                          ) AS "t38"
                        ) AS "t40"
                        WHERE
                          "t40"."touch_ms" >= (
                            SELECT
                              "t0"."since_ms"
                            FROM "asked" AS "t0"
                          )
                      ) AS "t45"
                      ANTI JOIN (
                        SELECT DISTINCT
                          "t50"."touch_id" AS "taken_id"
                        FROM "t49" AS "t50"
                        WHERE
                          (
                            "t50"."at_ms" - "t50"."touch_ms"
                          ) >= 0
                          AND (
                            "t50"."at_ms" - "t50"."touch_ms"
                          ) <= (
                            SELECT
                              "t0"."lookback_ms"
                            FROM "asked" AS "t0"
                          )
                      ) AS "t52"
                        ON "t45"."touch_id" = "t52"."taken_id"
                    ) AS "t54"
                  ) AS "t55"
                ) AS "t56"
              ) AS "t57"
              WHERE
                "t57"."nth" = 0
            ) AS "t58"
          ) AS "t59"
        ) AS "t60"
      ) AS "t61"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t62"
  ) AS "t63"
  GROUP BY
    1,
    2
) AS "t64"
ORDER BY
  "t64"."company_id" ASC,
  "t64"."path" ASC
