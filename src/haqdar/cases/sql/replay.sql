-- What a month would have decided under another state of knowledge or another law, beside what its run decided.
--   decided, settled                   of the replay: the decision on each person and group, and the award in force
--   then_item, then_due                of the run: its work list, and the dues it posted for its own month
-- An outcome is what was decided, whatever notice or sanction it still waits for; a due is what was owed for the month.
CREATE OR REPLACE TABLE replayed AS
WITH then_decided AS (
    SELECT coalesce(i.member_id, d.member_id) AS member_id, coalesce(i.pension_group, d.pension_group) AS pension_group,
           coalesce(i.action, 'continue') AS action,
           CASE WHEN i.action IS NULL THEN d.scheme WHEN i.action <> 'stop' THEN i.to_scheme END AS scheme,
           CASE WHEN i.action IS NULL THEN d.paise WHEN i.action <> 'stop' THEN i.to_paise END AS paise,
           d.scheme AS due_scheme, d.paise AS due_paise
    FROM (SELECT * FROM then_item WHERE action IN ('start', 'move', 'revise', 'stop')) i
    FULL JOIN then_due d ON d.member_id = i.member_id AND d.pension_group = i.pension_group
), now_decided AS (
    SELECT d.member_id, d.pension_group,
           CASE WHEN d.action = 'goes_on' THEN 'continue' ELSE d.action END AS action,
           CASE WHEN d.action IN ('continue', 'goes_on') THEN s.scheme WHEN d.action <> 'stop' THEN d.to_scheme END AS scheme,
           CASE WHEN d.action IN ('continue', 'goes_on') THEN s.paise WHEN d.action <> 'stop' THEN d.to_paise END AS paise,
           s.scheme AS due_scheme, s.paise AS due_paise
    FROM decided d
    LEFT JOIN settled s ON s.member_id = d.member_id AND s.pension_group = d.pension_group
    -- an award that goes on with nothing to pay leaves no trace in the books either
    WHERE d.action IS NOT NULL AND (d.action NOT IN ('continue', 'goes_on') OR s.member_id IS NOT NULL)
)
SELECT coalesce(t.member_id, n.member_id) AS member_id, coalesce(t.pension_group, n.pension_group) AS pension_group,
       t.action AS then_action, t.scheme AS then_scheme, t.paise AS then_paise,
       n.action AS now_action, n.scheme AS now_scheme, n.paise AS now_paise,
       coalesce(n.paise, 0) - coalesce(t.paise, 0) AS difference_paise,
       t.due_scheme AS then_due_scheme, coalesce(t.due_paise, 0) AS then_due_paise,
       n.due_scheme AS now_due_scheme, coalesce(n.due_paise, 0) AS now_due_paise,
       coalesce(n.due_paise, 0) - coalesce(t.due_paise, 0) AS due_difference_paise
FROM then_decided t
FULL JOIN now_decided n ON n.member_id = t.member_id AND n.pension_group = t.pension_group;

CREATE OR REPLACE TABLE different AS
SELECT r.*,
       CASE WHEN then_scheme IS NULL AND now_scheme IS NOT NULL THEN 'gains'
            WHEN then_scheme IS NOT NULL AND now_scheme IS NULL THEN 'loses'
            WHEN difference_paise > 0 THEN 'more'
            WHEN difference_paise < 0 THEN 'less'
            ELSE 'other' END AS kind
FROM replayed r
WHERE then_action IS DISTINCT FROM now_action
   OR then_scheme IS DISTINCT FROM now_scheme OR then_paise IS DISTINCT FROM now_paise
   OR then_due_scheme IS DISTINCT FROM now_due_scheme OR then_due_paise <> now_due_paise;
