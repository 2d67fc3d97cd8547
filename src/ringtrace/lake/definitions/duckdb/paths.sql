WITH "responses" AS (
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
), "people" AS (
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
), "person_touches" AS (
  SELECT
    "t37"."company_id",
    "t37"."touch_id",
    "t37"."visitor_id",
    "t37"."channel",
    "t37"."touch_visit_id",
    "t37"."touch_ms",
    COALESCE("t37"."known_as", "t37"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t17"."company_id",
      "t17"."touch_id",
      "t17"."visitor_id",
      "t17"."channel",
      "t17"."touch_visit_id",
      "t17"."touch_ms",
      "t36"."known_id",
      "t36"."known_as"
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
        "t32"."visitor_id" AS "known_id",
        "t32"."person_id" AS "known_as"
      FROM "people" AS "t32"
    ) AS "t36"
      ON "t17"."visitor_id" = "t36"."known_id"
  ) AS "t37"
), "candidates" AS (
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
    ROW_NUMBER() OVER (
      PARTITION BY "t47"."response_id"
      ORDER BY "t47"."person_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "candidate"
  FROM (
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
      SUM("t45"."p_parts") AS "p_parts",
      MAX("t45"."visit_id") FILTER(WHERE
        "t45"."rank" = 0) AS "visit_id"
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
              FROM "responses" AS "t27"
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
            WHERE
              CAST(ROUND("t29"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t34"
          LEFT OUTER JOIN (
            SELECT
              "t32"."visitor_id" AS "known_id",
              "t32"."person_id" AS "known_as"
            FROM "people" AS "t32"
          ) AS "t36"
            ON "t34"."visitor_id" = "t36"."known_id"
        ) AS "t38"
      ) AS "t40"
    ) AS "t45"
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
  ) AS "t47"
), "held" AS (
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
      "t50"."candidate",
      "t44"."touch_id",
      "t44"."visitor_id",
      "t44"."channel",
      "t44"."touch_visit_id",
      "t44"."touch_ms"
    FROM "candidates" AS "t50"
    INNER JOIN (
      SELECT
        "t41"."touch_id",
        "t41"."visitor_id",
        "t41"."channel",
        "t41"."touch_visit_id",
        "t41"."touch_ms",
        "t41"."person_id"
      FROM "person_touches" AS "t41"
    ) AS "t44"
      ON "t50"."person_id" = "t44"."person_id"
  ) AS "t51"
  WHERE
    (
      "t51"."at_ms" - "t51"."touch_ms"
    ) >= 0
    AND (
      "t51"."at_ms" - "t51"."touch_ms"
    ) <= (
      SELECT
        "t0"."lookback_ms"
      FROM "asked" AS "t0"
    )
)
SELECT
  *
FROM (
  SELECT
    "t62"."company_id",
    "t62"."path",
    COUNT(*) AS "journeys",
    SUM("t62"."converted_ppm") AS "converted_ppm",
    SUM("t62"."value_cents") AS "value_cents"
  FROM (
    SELECT
      "t61"."company_id",
      "t61"."journey_id",
      "t61"."candidate",
      "t61"."entries",
      "t61"."converted_ppm",
      "t61"."value_cents",
      ARRAY_TO_STRING(
        LIST_APPLY(
          LIST_SORT("t61"."entries"),
          LAMBDA __ibis_param_entry__ : (
            __ibis_param_entry__
          )."as_text"
        ),
        ' > '
      ) AS "path"
    FROM (
      SELECT
        "t60"."company_id",
        "t60"."journey_id",
        "t60"."candidate",
        ARRAY_AGG(
          {'touch_ms': "t60"."touch_ms", 'touch_id': "t60"."touch_id", 'as_text': "t60"."player"}
        ) FILTER(WHERE
          {'touch_ms': "t60"."touch_ms", 'touch_id': "t60"."touch_id", 'as_text': "t60"."player"} IS NOT NULL) AS "entries",
        MAX("t60"."converted_ppm") AS "converted_ppm",
        MAX("t60"."value_cents") AS "value_cents"
      FROM (
        SELECT
          "t59"."company_id",
          "t59"."journey_id",
          "t59"."candidate",
          "t59"."touch_id",
          "t59"."touch_ms",
          "t59"."converted_ppm",
          "t59"."value_cents",
          "t59"."channel",
          COALESCE("t59"."channel", '(none)') AS "player"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t53"."company_id",
              "t53"."response_id" AS "journey_id",
              "t53"."candidate",
              "t53"."touch_id",
              "t53"."touch_ms",
              CASE
                WHEN "t53"."counts"
                THEN CAST(FLOOR((
                  "t53"."p_parts" + 500000
                ) / (
                  1000000
                )) AS BIGINT)
                ELSE 0
              END AS "converted_ppm",
              CAST(FLOOR(
                (
                  (
                    CASE
                      WHEN "t53"."counts"
                      THEN CAST(FLOOR((
                        "t53"."p_parts" + 500000
                      ) / (
                        1000000
                      )) AS BIGINT)
                      ELSE 0
                    END * COALESCE("t53"."value_cents", 0)
                  ) + 500000
                ) / (
                  1000000
                )
              ) AS BIGINT) AS "value_cents",
              "t53"."channel"
            FROM "held" AS "t53"
          ) AS "t57"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t56"."company_id",
              "t56"."person_id" AS "journey_id",
              -1 AS "candidate",
              "t56"."touch_id",
              "t56"."touch_ms",
              0 AS "converted_ppm",
              0 AS "value_cents",
              "t56"."channel"
            FROM (
              SELECT
                "t46"."company_id",
                "t46"."touch_id",
                "t46"."visitor_id",
                "t46"."channel",
                "t46"."touch_visit_id",
                "t46"."touch_ms",
                "t46"."person_id"
              FROM (
                SELECT
                  *
                FROM "person_touches" AS "t41"
                WHERE
                  "t41"."touch_ms" >= (
                    SELECT
                      "t0"."since_ms"
                    FROM "asked" AS "t0"
                  )
              ) AS "t46"
              ANTI JOIN (
                SELECT DISTINCT
                  "t53"."touch_id" AS "taken_id"
                FROM "held" AS "t53"
              ) AS "t55"
                ON "t46"."touch_id" = "t55"."taken_id"
            ) AS "t56"
          ) AS "t58"
        ) AS "t59"
      ) AS "t60"
      GROUP BY
        1,
        2,
        3
    ) AS "t61"
  ) AS "t62"
  GROUP BY
    1,
    2
) AS "t63"
ORDER BY
  "t63"."company_id" ASC,
  "t63"."path" ASC
