WITH "responses" AS (
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
), "people" AS (
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
            "t20"."company_id",
            "t20"."key_kind",
            "t20"."key",
            "t20"."visitor_id",
            MIN("t20"."person_id") OVER (
              PARTITION BY "t20"."company_id", "t20"."key_kind", "t20"."key"
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
          ) AS "t20"
        ) AS "t24"
      ) AS "t26"
    ) AS "t30"
  ) AS "t32"
), "person_touches" AS (
  SELECT
    "t39"."company_id",
    "t39"."touch_id",
    "t39"."visitor_id",
    "t39"."channel",
    "t39"."touch_visit_id",
    "t39"."touch_ms",
    COALESCE("t39"."known_as", "t39"."visitor_id") AS "person_id"
  FROM (
    SELECT
      "t19"."company_id",
      "t19"."touch_id",
      "t19"."visitor_id",
      "t19"."channel",
      "t19"."touch_visit_id",
      "t19"."touch_ms",
      "t38"."known_id",
      "t38"."known_as"
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
    ) AS "t19"
    LEFT OUTER JOIN (
      SELECT
        "t34"."visitor_id" AS "known_id",
        "t34"."person_id" AS "known_as"
      FROM "people" AS "t34"
    ) AS "t38"
      ON "t19"."visitor_id" = "t38"."known_id"
  ) AS "t39"
), "candidates" AS (
  SELECT
    "t49"."company_id",
    "t49"."response_id",
    "t49"."kind",
    "t49"."at_ms",
    "t49"."lead_ms",
    "t49"."opportunity_ms",
    "t49"."counts",
    "t49"."value_cents",
    "t49"."person_id",
    "t49"."p_parts",
    "t49"."visit_id",
    ROW_NUMBER() OVER (
      PARTITION BY "t49"."response_id"
      ORDER BY "t49"."person_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "candidate"
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
      SUM("t47"."p_parts") AS "p_parts",
      MAX("t47"."visit_id") FILTER(WHERE
        "t47"."rank" = 0) AS "visit_id"
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
          COALESCE("t40"."known_as", "t40"."visitor_id") AS "person_id"
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
            "t38"."known_id",
            "t38"."known_as"
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
              FROM "responses" AS "t29"
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
            WHERE
              CAST(ROUND("t31"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t36"
          LEFT OUTER JOIN (
            SELECT
              "t34"."visitor_id" AS "known_id",
              "t34"."person_id" AS "known_as"
            FROM "people" AS "t34"
          ) AS "t38"
            ON "t36"."visitor_id" = "t38"."known_id"
        ) AS "t40"
      ) AS "t42"
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
  ) AS "t49"
), "held" AS (
  SELECT
    *
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
      "t52"."candidate",
      "t46"."touch_id",
      "t46"."visitor_id",
      "t46"."channel",
      "t46"."touch_visit_id",
      "t46"."touch_ms"
    FROM "candidates" AS "t52"
    INNER JOIN (
      SELECT
        "t43"."touch_id",
        "t43"."visitor_id",
        "t43"."channel",
        "t43"."touch_visit_id",
        "t43"."touch_ms",
        "t43"."person_id"
      FROM "person_touches" AS "t43"
    ) AS "t46"
      ON "t52"."person_id" = "t46"."person_id"
  ) AS "t53"
  WHERE
    (
      "t53"."at_ms" - "t53"."touch_ms"
    ) >= 0
    AND (
      "t53"."at_ms" - "t53"."touch_ms"
    ) <= (
      SELECT
        "t1"."lookback_ms"
      FROM "asked" AS "t1"
    )
)
SELECT
  "t63"."journey_id" || '/' || CAST("t63"."candidate" AS TEXT) AS "journey",
  "t63"."touch_id",
  "t63"."touch_ms" AS "at_ms",
  "t63"."converted",
  "t63"."p",
  "t63"."value_cents" / CAST('100.0' AS DOUBLE) AS "value",
  "t63"."converted_at_ms",
  "t63"."lead",
  "t63"."opportunity",
  "t63"."channel",
  "t63"."source",
  "t63"."medium",
  "t63"."campaign",
  "t63"."ad_group",
  "t63"."keyword",
  "t63"."content",
  "t63"."landing_page",
  "t63"."referrer_host",
  "t63"."device",
  "t63"."region"
FROM (
  SELECT
    "t62"."company_id",
    "t62"."journey_id",
    "t62"."candidate",
    "t62"."touch_id",
    "t62"."touch_ms",
    "t62"."converted",
    "t62"."p",
    "t62"."value_cents",
    "t62"."converted_at_ms",
    "t62"."lead",
    "t62"."opportunity",
    "t62"."channel",
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
      *
    FROM (
      SELECT
        "t55"."company_id",
        "t55"."response_id" AS "journey_id",
        "t55"."candidate",
        "t55"."touch_id",
        "t55"."touch_ms",
        "t55"."counts" AS "converted",
        "t55"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p",
        "t55"."value_cents",
        "t55"."at_ms" AS "converted_at_ms",
        COALESCE("t55"."touch_ms" <= "t55"."lead_ms", FALSE) AS "lead",
        COALESCE("t55"."touch_ms" <= "t55"."opportunity_ms", FALSE) AS "opportunity",
        "t55"."channel"
      FROM "held" AS "t55"
    ) AS "t58"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t59"."company_id",
        "t59"."person_id" AS "journey_id",
        -1 AS "candidate",
        "t59"."touch_id",
        "t59"."touch_ms",
        FALSE AS "converted",
        CAST('1.0' AS DOUBLE) AS "p",
        CAST(NULL AS BIGINT) AS "value_cents",
        CAST(NULL AS BIGINT) AS "converted_at_ms",
        FALSE AS "lead",
        FALSE AS "opportunity",
        "t59"."channel"
      FROM (
        SELECT
          "t48"."company_id",
          "t48"."touch_id",
          "t48"."visitor_id",
          "t48"."channel",
          "t48"."touch_visit_id",
          "t48"."touch_ms",
          "t48"."person_id"
        FROM (
          SELECT
            *
          FROM "person_touches" AS "t43"
          WHERE
            "t43"."touch_ms" >= (
              SELECT
                "t1"."since_ms"
              FROM "asked" AS "t1"
            )
        ) AS "t48"
        ANTI JOIN (
          SELECT DISTINCT
            "t55"."touch_id" AS "taken_id"
          FROM "held" AS "t55"
        ) AS "t57"
          ON "t48"."touch_id" = "t57"."taken_id"
      ) AS "t59"
    ) AS "t60"
  ) AS "t62"
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
    ON "t62"."touch_id" = "t10"."touch_id"
) AS "t63"
ORDER BY
  "t63"."touch_ms" ASC,
  "t63"."touch_id" ASC,
  "t63"."journey_id" || '/' || CAST("t63"."candidate" AS TEXT) ASC
