WITH "people" AS (
  SELECT DISTINCT
    "t8"."visitor_id",
    "t8"."person_id"
  FROM (
    SELECT
      "t7"."company_id",
      "t7"."key_kind",
      "t7"."key",
      "t7"."visitor_id",
      MIN("t7"."person_id") OVER (
        PARTITION BY "t7"."visitor_id"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "person_id"
    FROM (
      SELECT
        "t6"."company_id",
        "t6"."key_kind",
        "t6"."key",
        "t6"."visitor_id",
        MIN("t6"."person_id") OVER (
          PARTITION BY "t6"."company_id", "t6"."key_kind", "t6"."key"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "person_id"
      FROM (
        SELECT
          "t5"."company_id",
          "t5"."key_kind",
          "t5"."key",
          "t5"."visitor_id",
          MIN("t5"."person_id") OVER (
            PARTITION BY "t5"."visitor_id"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "person_id"
        FROM (
          SELECT
            "t4"."company_id",
            "t4"."key_kind",
            "t4"."key",
            "t4"."visitor_id",
            MIN("t4"."person_id") OVER (
              PARTITION BY "t4"."company_id", "t4"."key_kind", "t4"."key"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "person_id"
          FROM (
            SELECT
              "t3"."company_id",
              "t3"."key_kind",
              "t3"."key",
              "t3"."visitor_id",
              "t3"."visitor_id" AS "person_id"
            FROM (
              SELECT DISTINCT
                "t0"."company_id",
                "t0"."key_kind",
                "t0"."key",
                "t0"."visitor_id"
              FROM "identities" AS "t0"
              WHERE
                "t0"."p" >= CAST('0.8' AS DOUBLE)
                AND "t0"."at_ms" < (
                  SELECT
                    "t1"."until_ms"
                  FROM "asked" AS "t1"
                )
            ) AS "t3"
          ) AS "t4"
        ) AS "t5"
      ) AS "t6"
    ) AS "t7"
  ) AS "t8"
)
SELECT
  *
FROM "people" AS "t10"
ORDER BY
  "t10"."visitor_id" ASC
