WITH "responses" AS (
  SELECT
    "t26"."company_id",
    "t26"."response_id",
    "t26"."kind",
    "t26"."at_ms",
    "t26"."lead_ms",
    "t26"."opportunity_ms",
    COALESCE("t26"."counts", FALSE) AS "counts",
    "t26"."value_cents"
  FROM (
    SELECT
      "t21"."company_id",
      "t21"."response_id",
      "t21"."kind",
      "t21"."at_ms",
      "t24"."of",
      "t24"."lead_ms",
      "t24"."opportunity_ms",
      "t24"."counts",
      "t24"."value_cents"
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
            "t4"."kind" IN ('form', 'chat', 'store_visit', 'other')
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
    ) AS "t21"
    LEFT OUTER JOIN (
      SELECT
        "t15"."response_id" AS "of",
        "t15"."lead_ms",
        "t15"."opportunity_ms",
        "t15"."counts",
        CASE
          WHEN (
            "t15"."sold" - COALESCE("t15"."refunded", 0)
          ) < 0
          THEN 0
          ELSE "t15"."sold" - COALESCE("t15"."refunded", 0)
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
      ) AS "t15"
    ) AS "t24"
      ON "t21"."response_id" = "t24"."of"
  ) AS "t26"
), "people" AS (
  SELECT DISTINCT
    "t31"."visitor_id",
    "t31"."person_id"
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
        "t25"."company_id",
        "t25"."key_kind",
        "t25"."key",
        "t25"."visitor_id",
        MIN("t25"."person_id") OVER (
          PARTITION BY "t25"."company_id", "t25"."key_kind", "t25"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t23"."company_id",
          "t23"."key_kind",
          "t23"."key",
          "t23"."visitor_id",
          MIN("t23"."person_id") OVER (
            PARTITION BY "t23"."visitor_id"
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
        ) AS "t23"
      ) AS "t25"
    ) AS "t28"
  ) AS "t31"
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
      "t18"."company_id",
      "t18"."touch_id",
      "t18"."visitor_id",
      "t18"."channel",
      "t18"."touch_visit_id",
      "t18"."touch_ms",
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
    ) AS "t18"
    LEFT OUTER JOIN (
      SELECT
        "t34"."visitor_id" AS "known_id",
        "t34"."person_id" AS "known_as"
      FROM "people" AS "t34"
    ) AS "t36"
      ON "t18"."visitor_id" = "t36"."known_id"
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
      "t48"."company_id",
      "t48"."response_id",
      "t48"."kind",
      "t48"."at_ms",
      "t48"."lead_ms",
      "t48"."opportunity_ms",
      "t48"."counts",
      "t48"."value_cents",
      "t48"."person_id",
      SUM("t48"."p_parts") AS "p_parts",
      MAX("t48"."visit_id") FILTER(WHERE
        "t48"."rank" = 0) AS "visit_id"
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
            "t36"."known_id",
            "t36"."known_as"
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
              CAST(ROUND("t33"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) AS "p_parts"
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
                "t13"."key",
                "t13"."key_kind",
                "t13"."visitor_id",
                "t13"."visit_id",
                "t13"."p"
              FROM "responses" AS "t30"
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
              ) AS "t13"
                ON "t30"."response_id" = "t13"."key" AND "t30"."kind" = "t13"."key_kind"
            ) AS "t33"
            WHERE
              CAST(ROUND("t33"."p" * CAST('1000000000000.0' AS DOUBLE), 0) AS BIGINT) > 0
          ) AS "t38"
          LEFT OUTER JOIN (
            SELECT
              "t34"."visitor_id" AS "known_id",
              "t34"."person_id" AS "known_as"
            FROM "people" AS "t34"
          ) AS "t36"
            ON "t38"."visitor_id" = "t36"."known_id"
        ) AS "t40"
      ) AS "t42"
    ) AS "t48"
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
          "t47"."company_id",
          "t47"."touch_id",
          "t47"."visitor_id",
          "t47"."channel",
          "t47"."touch_visit_id",
          "t47"."touch_ms",
          "t47"."person_id"
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
        ) AS "t47"
        ANTI JOIN (
          SELECT DISTINCT
            "t55"."touch_id" AS "taken_id"
          FROM "held" AS "t55"
        ) AS "t57"
          ON "t47"."touch_id" = "t57"."taken_id"
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
