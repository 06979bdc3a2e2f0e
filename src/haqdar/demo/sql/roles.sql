-- Parents who could be payees of the daughters' scheme, by what their children and incomes make of them.
CREATE OR REPLACE TEMP TABLE parent AS
WITH offspring AS (
    SELECT parent, count(*) FILTER (girl) AS daughters, count(*) FILTER (NOT girl) AS sons
    FROM (
        SELECT mother AS parent, girl FROM resident WHERE mother IS NOT NULL AND dead_ago IS NULL
        UNION ALL
        SELECT father, girl FROM resident WHERE father IS NOT NULL AND dead_ago IS NULL
    ) GROUP BY parent
),
payee AS (
    SELECT p.member, p.pk, p.u, p.ago, p.dead_ago, p.unsure, p.age, p.taxpayer, o.daughters, o.sons,
        CASE WHEN p.girl AND p.standing = 1 THEN p.spouse END AS husband
    FROM resident p JOIN offspring o ON o.parent = p.member
    WHERE p.age >= 45 AND NOT p.gone AND (p.girl AND p.standing BETWEEN 1 AND 3 OR NOT p.girl AND p.standing = 2 AND p.spouse_girl)
),
coupled AS (
    SELECT p.member, p.pk, p.u, p.ago, p.dead_ago, p.daughters, p.sons,
        p.unsure OR coalesce(h.unsure, false) AS unsure,
        p.taxpayer OR coalesce(h.taxpayer, false) AS taxpayer,
        greatest(p.age, coalesce(h.age, 0)) AS elder
    FROM payee p LEFT JOIN (
        SELECT member AS husband, unsure, taxpayer, age FROM resident WHERE dead_ago IS NULL AND age >= 45
    ) h USING (husband)
)
SELECT *, CASE
        WHEN unsure OR elder < 60 OR daughters = 0 THEN NULL
        WHEN dead_ago IS NOT NULL THEN CASE WHEN sons = 0 THEN 'dead_parent' END
        WHEN sons > 0 THEN 'parent_of_son'
        WHEN taxpayer THEN 'rich_parent'
        ELSE 'parent' END AS parent_cell
FROM coupled;
