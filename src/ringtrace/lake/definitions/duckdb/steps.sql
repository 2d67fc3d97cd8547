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
          ) AS "t18"
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
      "t19"."company_id",
      "t19"."touch_id",
      "t19"."visitor_id",
      "t19"."channel",
      "t19"."touch_visit_id",
      "t19"."touch_ms",
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
    ) AS "t19"
    LEFT OUTER JOIN (
      SELECT
        "t34"."visitor_id" AS "known_id",
        "t34"."person_id" AS "known_as"
      FROM "people" AS "t34"
    ) AS "t36"
      ON "t19"."visitor_id" = "t36"."known_id"
  ) AS "t39"
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
      "t45"."touch_id",
      "t45"."visitor_id",
      "t45"."channel",
      "t45"."touch_visit_id",
      "t45"."touch_ms"
    FROM "candidates" AS "t50"
    INNER JOIN (
      SELECT
        "t43"."touch_id",
        "t43"."visitor_id",
        "t43"."channel",
        "t43"."touch_visit_id",
        "t43"."touch_ms",
        "t43"."person_id"
      FROM "person_touches" AS "t43"
    ) AS "t45"
      ON "t50"."person_id" = "t45"."person_id"
  ) AS "t51"
  WHERE
    (
      "t51"."at_ms" - "t51"."touch_ms"
    ) >= 0
    AND (
      "t51"."at_ms" - "t51"."touch_ms"
    ) <= (
      SELECT
        "t1"."lookback_ms"
      FROM "asked" AS "t1"
    )
), "steps" AS (
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
    "t55"."candidate",
    "t55"."touch_id",
    "t55"."visitor_id",
    "t55"."channel",
    "t55"."touch_visit_id",
    "t55"."touch_ms",
    "t55"."player",
    "t55"."position",
    "t55"."length",
    "t55"."repeats",
    "t55"."lead",
    "t55"."opportunity",
    (
      "t55"."at_ms" - "t55"."touch_ms"
    ) / CAST('86400000.0' AS DOUBLE) AS "days_before",
    MAX(CASE WHEN "t55"."channel" <> 'Direct' THEN "t55"."position" ELSE 0 END) OVER (
      PARTITION BY "t55"."response_id", "t55"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_sent",
    MAX(
      CASE
        WHEN "t55"."channel" IN (
          'Cross-network',
          'Display',
          'Paid Other',
          'Paid Search',
          'Paid Shopping',
          'Paid Social',
          'Paid Video'
        )
        THEN "t55"."position"
        ELSE 0
      END
    ) OVER (
      PARTITION BY "t55"."response_id", "t55"."candidate"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "last_paid",
    "t55"."p_parts" / CAST('1000000000000.0' AS DOUBLE) AS "p"
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
      "t54"."candidate",
      "t54"."touch_id",
      "t54"."visitor_id",
      "t54"."channel",
      "t54"."touch_visit_id",
      "t54"."touch_ms",
      "t54"."player",
      (
        ROW_NUMBER() OVER (
          PARTITION BY "t54"."response_id", "t54"."candidate"
          ORDER BY "t54"."touch_ms" ASC, "t54"."touch_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1
      ) + 1 AS "position",
      COUNT(*) OVER (
        PARTITION BY "t54"."response_id", "t54"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "length",
      COUNT(*) OVER (
        PARTITION BY "t54"."response_id", "t54"."candidate", "t54"."player"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "repeats",
      SUM(CASE WHEN "t54"."touch_ms" <= "t54"."lead_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t54"."response_id", "t54"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "lead",
      SUM(CASE WHEN "t54"."touch_ms" <= "t54"."opportunity_ms" THEN 1 ELSE 0 END) OVER (
        PARTITION BY "t54"."response_id", "t54"."candidate"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "opportunity"
    FROM (
      SELECT
        "t53"."company_id",
        "t53"."response_id",
        "t53"."kind",
        "t53"."at_ms",
        "t53"."lead_ms",
        "t53"."opportunity_ms",
        "t53"."counts",
        "t53"."value_cents",
        "t53"."person_id",
        "t53"."p_parts",
        "t53"."visit_id",
        "t53"."candidate",
        "t53"."touch_id",
        "t53"."visitor_id",
        "t53"."channel",
        "t53"."touch_visit_id",
        "t53"."touch_ms",
        COALESCE("t53"."channel", '(none)') AS "player"
      FROM "held" AS "t53"
    ) AS "t54"
  ) AS "t55"
)
SELECT
  "t59"."company_id",
  "t59"."response_id",
  "t59"."kind",
  "t59"."at_ms",
  "t59"."person_id",
  "t59"."p",
  "t59"."touch_id",
  "t59"."touch_visit_id" AS "visit_id",
  "t59"."touch_ms",
  "t59"."channel",
  "t59"."source",
  "t59"."medium",
  "t59"."campaign",
  "t59"."ad_group",
  "t59"."keyword",
  "t59"."content",
  "t59"."landing_page",
  "t59"."referrer_host",
  "t59"."device",
  "t59"."region",
  "t59"."position",
  "t59"."length",
  "t59"."days_before",
  "t59"."last_sent",
  "t59"."last_paid",
  "t59"."lead",
  "t59"."opportunity",
  "t59"."repeats"
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
    "t58"."candidate",
    "t58"."touch_id",
    "t58"."visitor_id",
    "t58"."channel",
    "t58"."touch_visit_id",
    "t58"."touch_ms",
    "t58"."player",
    "t58"."position",
    "t58"."length",
    "t58"."repeats",
    "t58"."lead",
    "t58"."opportunity",
    "t58"."days_before",
    "t58"."last_sent",
    "t58"."last_paid",
    "t58"."p",
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
  FROM "steps" AS "t58"
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
    ON "t58"."touch_id" = "t10"."touch_id"
) AS "t59"
ORDER BY
  "t59"."at_ms" ASC,
  "t59"."response_id" ASC,
  "t59"."person_id" ASC,
  "t59"."position" ASC
