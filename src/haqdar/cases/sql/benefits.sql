-- The month's occasions of benefits turned into awards, work list rows and what is due.

CREATE OR REPLACE TABLE occasion_now AS
SELECT d.*, CASE WHEN d.event = '' THEN 'entitled' ELSE d.event END AS why,
       a.award_key IS NOT NULL AS was_awarded,
       a.award_key IS NOT NULL OR (d.is_open AND d.verdict AND d.payee IS NOT NULL
           AND ({sanctioned} OR s.award_key IS NOT NULL)) IS TRUE AS is_awarded
FROM occasion_decided d
LEFT JOIN benefit_award a ON a.scheme = d.scheme AND a.award_key = d.award_key
LEFT JOIN benefit_sanctioned s ON s.scheme = d.scheme AND s.award_key = d.award_key;

CREATE OR REPLACE TABLE change_of_benefit AS
SELECT payee AS member_id, pension_group, 'start' AS kind, scheme, paise, why AS reason, award_key
FROM occasion_now WHERE is_awarded AND NOT was_awarded;

INSERT INTO change BY NAME SELECT * EXCLUDE (award_key), award_key AS occasion FROM change_of_benefit;

-- What each payee should have of each occasion, against what was posted.
CREATE OR REPLACE TABLE occasion_money AS
WITH last AS (
    SELECT scheme, substr(occasion, 9) AS award_key, arg_max(paise, occasion) AS paise
    FROM benefit_posted WHERE paise > 0 AND occasion[5] = '-' GROUP BY ALL
), should AS (
    SELECT scheme, occasion, payee AS member_id, pension_group, for_month, paise
    FROM occasion_now WHERE is_awarded AND verdict AND payee IS NOT NULL
    UNION ALL
    -- an award of every month that is undecided now goes on as it was paid last
    SELECT o.scheme, o.occasion, o.payee, o.pension_group, o.for_month, l.paise
    FROM occasion_now o JOIN last l ON l.scheme = o.scheme AND l.award_key = o.award_key
    WHERE o.goes_on AND o.was_awarded AND o.verdict IS NULL AND o.payee IS NOT NULL
      AND NOT EXISTS (FROM benefit_posted p WHERE p.scheme = o.scheme AND p.occasion = o.occasion)
), kept AS (
    -- undecided now, or no payee known any more: nothing is taken back on a guess
    SELECT scheme, occasion FROM occasion_now WHERE verdict IS NULL OR (verdict AND payee IS NULL)
), wanted AS (
    SELECT scheme, occasion, member_id,
           coalesce(s.pension_group, p.pension_group) AS pension_group, coalesce(s.for_month, p.for_month) AS for_month,
           coalesce(s.paise, CASE WHEN k.occasion IS NOT NULL THEN p.paise END, 0) AS target_paise,
           coalesce(p.paise, 0) AS before_paise
    FROM should s FULL JOIN benefit_posted p USING (scheme, occasion, member_id)
    LEFT JOIN kept k USING (scheme, occasion)
), beside AS (
    -- under a number merged into the person's, but for months after the person's death
    SELECT b.scheme, b.occasion, b.member_id, b.paise FROM benefit_beside b JOIN wanted w USING (scheme, occasion, member_id)
    LEFT JOIN person p USING (member_id) WHERE b.paise > 0 AND NOT coalesce(p.died_on < w.for_month, false)
), money AS (
    -- what stands counts towards what the occasion should have brought, and nothing is taken back on account of it
    SELECT w.* REPLACE (CASE
            WHEN b.paise IS NOT NULL AND w.target_paise >= w.before_paise - b.paise THEN greatest(w.target_paise, w.before_paise)
            WHEN b.paise IS NOT NULL THEN w.target_paise + b.paise
            WHEN o.paise IS NOT NULL THEN greatest(least(w.target_paise, w.before_paise), w.target_paise - o.paise)
            ELSE w.target_paise END AS target_paise)
    FROM wanted w LEFT JOIN beside b USING (scheme, occasion, member_id)
    LEFT JOIN (SELECT scheme, occasion, sum(paise) AS paise FROM beside GROUP BY ALL) o USING (scheme, occasion)
)
SELECT *, sum(target_paise) OVER (PARTITION BY scheme, occasion)::BIGINT AS occasion_paise FROM money;

CREATE OR REPLACE TABLE benefit_due AS
SELECT member_id, pension_group::SMALLINT AS pension_group, scheme,
       CASE WHEN target_paise < before_paise THEN 'recovery'
            WHEN for_month = DATE '{month}' AND before_paise = 0 THEN 'regular' ELSE 'arrears' END AS kind,
       for_month, target_paise, before_paise, occasion, occasion_paise
FROM occasion_money WHERE target_paise <> before_paise;

INSERT INTO worklist BY NAME
SELECT w.*, p.area_code, p.district_code
FROM (
    SELECT 'start' AS action, payee AS member_id, pension_group, NULL AS from_scheme, NULL AS from_paise,
           scheme AS to_scheme, paise AS to_paise, why AS reason, occasion
    FROM occasion_now WHERE is_open AND verdict AND payee IS NOT NULL AND NOT was_awarded
    UNION ALL
    SELECT 'undecided', member_id, pension_group, CASE WHEN is_awarded THEN scheme END, NULL, NULL, NULL,
           coalesce(missing, 'payee'), occasion
    FROM occasion_now WHERE is_open AND (verdict IS NULL OR (verdict AND payee IS NULL))
    UNION ALL
    -- an award that does not pay for its present occasion, and money that is taken back
    SELECT 'stop', coalesce(m.member_id, o.member_id), coalesce(o.pension_group, m.pension_group),
           coalesce(o.scheme, m.scheme), NULL, NULL, NULL, coalesce(o.fails, 'withdrawn'),
           coalesce(o.occasion, m.occasion)
    FROM (SELECT * FROM occasion_now WHERE is_open AND was_awarded AND verdict IS FALSE) o
    FULL JOIN (SELECT scheme, occasion, member_id, pension_group FROM occasion_money WHERE target_paise < before_paise) m
         ON m.scheme = o.scheme AND m.occasion = o.occasion
) w
LEFT JOIN person p ON p.member_id = w.member_id;
