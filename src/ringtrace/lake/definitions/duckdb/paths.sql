WITH "responses" AS (
  SELECT
    "t24"."company_id",
    "t24"."response_id",
    "t24"."kind",
    "t24"."at_ms",
    "t24"."lead_ms",
    "t24"."opportunity_ms",
    COALESCE("t24"."counts", FALSE) AS "counts",
    "t24"."value_cents"
  FROM (
    SELECT
      "t19"."company_id",
      "t19"."response_id",
      "t19"."kind",
      "t19"."at_ms",
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
            "t4"."kind" IN ('form', 'chat', 'store_visit', 'other')
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
    ) AS "t19"
    LEFT OUTER JOIN (
      SELECT
        "t13"."response_id" AS "of",
        "t13"."lead_ms",
        "t13"."opportunity_ms",
        "t13"."counts",
        CASE
          WHEN (
            "t13"."sold" - COALESCE("t13"."refunded", 0)
          ) < 0
          THEN 0
          ELSE "t13"."sold" - COALESCE("t13"."refunded", 0)
        END AS "value_cents"
      FROM (
        SELECT
          "t4"."response_id",
          MIN("t4"."at_ms") FILTER(WHERE
            "t4"."kind" = 'lead') AS "lead_ms",
          MIN("t4"."at_ms") FILTER(WHERE
            "t4"."kind" = 'opportunity') AS "opportunity_ms",
          BOOL_OR(CAST("t4"."kind" IN ('call', 'form', 'chat', 'store_visit', 'other') AS BOOLEAN)) AS "counts",
          SUM("t4"."value_cents") FILTER(WHERE
            "t4"."kind" = 'sale') AS "sold",
          SUM("t4"."value_cents") FILTER(WHERE
            "t4"."kind" = 'refund') AS "refunded"
        FROM "conversions" AS "t4"
        GROUP BY
          1
      ) AS "t13"
    ) AS "t22"
      ON "t19"."response_id" = "t22"."of"
  ) AS "t24"
), "people" AS (
  SELECT DISTINCT
    "t29"."visitor_id",
    "t29"."person_id"
  FROM (
    SELECT
      "t26"."company_id",
      "t26"."key_kind",
      "t26"."key",
      "t26"."visitor_id",
      MIN("t26"."person_id") OVER (
        PARTITION BY "t26"."visitor_id"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "person_id"
    FROM (
      SELECT
        "t23"."company_id",
        "t23"."key_kind",
        "t23"."key",
        "t23"."visitor_id",
        MIN("t23"."person_id") OVER (
          PARTITION BY "t23"."company_id", "t23"."key_kind", "t23"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t21"."company_id",
          "t21"."key_kind",
          "t21"."key",
          "t21"."visitor_id",
          MIN("t21"."person_id") OVER (
            PARTITION BY "t21"."visitor_id"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "person_id"
        FROM (
          SELECT
            "t17"."company_id",
            "t17"."key_kind",
            "t17"."key",
            "t17"."visitor_id",
            MIN("t17"."person_id") OVER (
              PARTITION BY "t17"."company_id", "t17"."key_kind", "t17"."key"
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
          ) AS "t17"
        ) AS "t21"
      ) AS "t23"
    ) AS "t26"
  ) AS "t29"
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
      "t16"."company_id",
      "t16"."touch_id",
      "t16"."visitor_id",
      "t16"."channel",
      "t16"."touch_visit_id",
      "t16"."touch_ms",
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
    ) AS "t16"
    LEFT OUTER JOIN (
      SELECT
        "t32"."visitor_id" AS "known_id",
        "t32"."person_id" AS "known_as"
      FROM "people" AS "t32"
    ) AS "t34"
      ON "t16"."visitor_id" = "t34"."known_id"
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
            "t34"."known_id",
            "t34"."known_as"
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
                "t28"."company_id",
                "t28"."response_id",
                "t28"."kind",
                "t28"."at_ms",
                "t28"."lead_ms",
                "t28"."opportunity_ms",
                "t28"."counts",
                "t28"."value_cents",
                "t11"."key",
                "t11"."key_kind",
                "t11"."visitor_id",
                "t11"."visit_id",
                "t11"."p"
              FROM "responses" AS "t28"
              INNER JOIN (
                SELECT
                  "t2"."key",
                  "t2"."key_kind",
                  "t2"."visitor_id",
                  "t2"."visit_id",
                  "t2"."p"
                FROM "identities" AS "t2"
                WHERE
                  "t2"."key_kind" IN ('call', 'form', 'chat', 'store_visit', 'other')
              ) AS "t11"
                ON "t28"."response_id" = "t11"."key" AND "t28"."kind" = "t11"."key_kind"
            ) AS "t31"
            WHERE
              CAST(ROUND("t31"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t36"
          LEFT OUTER JOIN (
            SELECT
              "t32"."visitor_id" AS "known_id",
              "t32"."person_id" AS "known_as"
            FROM "people" AS "t32"
          ) AS "t34"
            ON "t36"."visitor_id" = "t34"."known_id"
        ) AS "t38"
      ) AS "t40"
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
                "t45"."company_id",
                "t45"."touch_id",
                "t45"."visitor_id",
                "t45"."channel",
                "t45"."touch_visit_id",
                "t45"."touch_ms",
                "t45"."person_id"
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
              ) AS "t45"
              ANTI JOIN (
                SELECT DISTINCT
                  "t53"."touch_id" AS "taken_id"
                FROM "held" AS "t53"
              ) AS "t55"
                ON "t45"."touch_id" = "t55"."taken_id"
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
