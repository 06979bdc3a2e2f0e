-- The month's decisions turned into awards: what changes now, what waits for its notice, and what is in force.

CREATE OR REPLACE TABLE settling AS
WITH item AS (
    SELECT d.member_id, d.pension_group, d.action, d.from_scheme, d.to_scheme, d.to_paise, d.standing_paise, w.reason,
           s.member_id IS NOT NULL AS is_sanctioned,
           CASE WHEN d.action = 'stop' THEN w.reason NOT IN ('died', 'migrated')
                WHEN d.action IN ('move', 'revise') THEN d.to_paise < d.standing_paise
                ELSE false END AS adverse
    FROM decided d
    LEFT JOIN worklist w ON w.member_id = d.member_id AND w.pension_group = d.pension_group AND w.action = d.action
    LEFT JOIN sanctioned s ON s.member_id = d.member_id AND s.pension_group = d.pension_group
    WHERE d.action IS NOT NULL
)
SELECT i.*,
       -- a notice that still stands keeps its day; a new one begins to run today
       CASE WHEN i.adverse THEN coalesce(n.given_month, DATE '{month}') END AS given_month,
       -- while an objection stands, the notice that has run out waits from month to month
       CASE WHEN i.adverse THEN
           CASE WHEN o.member_id IS NOT NULL THEN greatest(coalesce(n.effective_month, DATE '{effective}'), DATE '{next_month}')
                ELSE coalesce(n.effective_month, DATE '{effective}') END
       END AS effective_month
FROM item i
LEFT JOIN notice n ON n.member_id = i.member_id AND n.pension_group = i.pension_group AND n.kind = i.action
LEFT JOIN objection o ON o.member_id = i.member_id AND o.pension_group = i.pension_group AND o.kind = i.action;

CREATE OR REPLACE TABLE change AS
SELECT member_id, pension_group, action AS kind, to_scheme AS scheme, to_paise AS paise, reason
FROM settling
WHERE (action = 'start' AND is_sanctioned)
   OR (action IN ('move', 'revise', 'stop') AND (NOT adverse OR effective_month <= DATE '{month}'));

CREATE OR REPLACE TABLE notice_now AS
SELECT member_id, pension_group, action AS kind, given_month, effective_month, reason
FROM settling
WHERE adverse AND effective_month > DATE '{month}';

CREATE OR REPLACE TABLE settled AS
SELECT member_id, pension_group, scheme, paise FROM change WHERE scheme IS NOT NULL
UNION ALL
SELECT s.member_id, s.pension_group, s.from_scheme, s.standing_paise
FROM settling s ANTI JOIN change c USING (member_id, pension_group)
WHERE s.from_scheme IS NOT NULL AND s.standing_paise > 0;
