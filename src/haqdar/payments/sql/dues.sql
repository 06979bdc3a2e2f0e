-- The dues of one month: what the awards in force owe, then the difference between what earlier months should have paid
-- and what was posted for them. A scheme that changed for an earlier month is a recovery on one scheme and arrears on
-- the other. `target_paise` and `before_paise` keep the two sums of a difference, for the split into components.
CREATE OR REPLACE TABLE dues AS
WITH should AS (
    SELECT month AS for_month, member_id, pension_group, scheme, sum(paise)::BIGINT AS paise
    FROM redetermined
    WHERE scheme IS NOT NULL AND paise IS NOT NULL AND month >= $since AND month < $month
    GROUP BY ALL
),
did AS (
    SELECT for_month, member_id, pension_group, scheme, sum(paise)::BIGINT AS paise
    FROM posted
    WHERE for_month >= $since AND for_month < $month
    GROUP BY ALL
),
difference AS (
    SELECT for_month, member_id, pension_group, scheme,
        coalesce(should.paise, 0) AS target_paise,
        coalesce(did.paise, 0) AS before_paise
    FROM should FULL JOIN did USING (for_month, member_id, pension_group, scheme)
),
found AS (
    SELECT member_id, pension_group, scheme, 'regular' AS kind, $month::DATE AS for_month, paise,
        paise AS target_paise, 0::BIGINT AS before_paise, 1 AS kind_order, '' AS occasion, NULL::BIGINT AS occasion_paise
    FROM settled
    WHERE paise > 0
    UNION ALL
    SELECT member_id, pension_group, scheme,
        CASE WHEN target_paise > before_paise THEN 'arrears' ELSE 'recovery' END, for_month,
        target_paise - before_paise, target_paise, before_paise,
        CASE WHEN target_paise > before_paise THEN 2 ELSE 3 END, '', NULL
    FROM difference
    WHERE target_paise <> before_paise
    UNION ALL
    SELECT member_id, pension_group, scheme, kind, for_month, target_paise - before_paise, target_paise, before_paise,
        CASE kind WHEN 'regular' THEN 1 WHEN 'arrears' THEN 2 ELSE 3 END, occasion, occasion_paise
    FROM benefit_due
    WHERE for_month >= $since
)
SELECT
    row_number() OVER (ORDER BY member_id, pension_group, kind_order, for_month, scheme, occasion) AS due_no,
    member_id::INTEGER AS member_id,
    pension_group::SMALLINT AS pension_group,
    scheme,
    kind,
    for_month,
    paise,
    target_paise,
    before_paise,
    occasion,
    occasion_paise
FROM found
ORDER BY due_no
