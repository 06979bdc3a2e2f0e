-- What people hold in each group now, and what the run in force says they are entitled to.
--   %(members)s: member IDs; %(day)s; %(schemes)s, %(groups)s: every pension of the law with its group
--   %(changed)s …: what our changes and merges let them hold (`merged.awards_of`), which counts before the registers
WITH run AS (
    SELECT id FROM cases_month_run WHERE state = 'complete' AND posted ORDER BY month DESC LIMIT 1
), changed AS (
    SELECT * FROM unnest(%(changed)s::int[], %(changed_groups)s::int[], %(changed_schemes)s::text[], %(changed_paise)s::bigint[])
        AS c (member_id, pension_group, scheme, paise)
), delivered AS (
    SELECT DISTINCT ON (b.member_id, g.pension_group) b.member_id, g.pension_group, b.scheme, b.amount_paise AS paise
    FROM (SELECT DISTINCT ON (member_id, scheme, since) member_id, scheme, since, amount_paise, is_ghost
          FROM registry_pension_belief WHERE member_id = ANY(%(members)s)
          ORDER BY member_id, scheme, since, belief_no DESC) b
    JOIN unnest(%(schemes)s::text[], %(groups)s::int[]) AS g (scheme, pension_group) ON g.scheme = b.scheme
    WHERE NOT b.is_ghost AND b.since <= %(day)s
    ORDER BY b.member_id, g.pension_group, b.since DESC
), held AS (
    SELECT member_id, pension_group,
           CASE WHEN c.member_id IS NULL THEN d.scheme ELSE c.scheme END AS scheme,
           CASE WHEN c.member_id IS NULL THEN d.paise ELSE c.paise END AS paise
    FROM delivered d FULL JOIN changed c USING (member_id, pension_group)
), entitled AS (
    SELECT e.member_id, e.pension_group, e.scheme, e.paise FROM cases_entitlement e JOIN run ON run.id = e.run_id
    WHERE e.member_id = ANY(%(members)s)
)
SELECT member_id, true AS is_held, scheme, paise FROM held WHERE scheme IS NOT NULL
UNION ALL
SELECT e.member_id, false, e.scheme, e.paise
FROM entitled e LEFT JOIN held h USING (member_id, pension_group)
WHERE h.scheme IS DISTINCT FROM e.scheme
ORDER BY member_id, is_held DESC, scheme
