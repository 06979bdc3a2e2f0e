-- What is kept back from this month's dues, paisa by paisa: which due pays which recovery.
-- Both sides of a person are laid on one line of paise (cumulative sums); where a due and a recovery overlap, that many
-- paise of the due settle that recovery. First arrears and recoveries of one month and group are set off in full (they
-- are two halves of one correction), then the rest is withheld up to the law's share of what remains.
CREATE OR REPLACE TABLE withholding AS
WITH recovery AS (
    SELECT member_id, pension_group, for_month, recovery_id::BIGINT AS recovery_id, NULL::BIGINT AS recovery_due_no,
        paise, recovery_id AS age_order, 0 AS new_order
    FROM outstanding
    WHERE paise > 0
    UNION ALL
    SELECT member_id, pension_group, for_month, NULL, due_no, -paise, due_no, 1
    FROM dues
    WHERE kind = 'recovery'
),
payable AS (
    SELECT due_no, member_id, pension_group, for_month, kind, paise
    FROM dues
    WHERE kind <> 'recovery' AND member_id IN (SELECT member_id FROM recovery)
),
arrears_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends
    FROM payable
    WHERE kind = 'arrears'
    WINDOW line AS (PARTITION BY member_id, pension_group, for_month ORDER BY due_no)
),
correction_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends
    FROM recovery
    WINDOW line AS (PARTITION BY member_id, pension_group, for_month ORDER BY new_order, age_order)
),
set_off AS (
    SELECT a.due_no, r.recovery_id, r.recovery_due_no,
        least(a.ends, r.ends) - greatest(a.begins, r.begins) AS paise
    FROM arrears_line AS a JOIN correction_line AS r USING (member_id, pension_group, for_month)
    WHERE least(a.ends, r.ends) > greatest(a.begins, r.begins)
),
due_left AS (
    SELECT due_no, member_id, paise - coalesce(used, 0) AS paise
    FROM payable
    LEFT JOIN (SELECT due_no, sum(paise) AS used FROM set_off GROUP BY ALL) USING (due_no)
),
recovery_left AS (
    SELECT r.member_id, r.for_month, r.pension_group, r.recovery_id, r.recovery_due_no, r.new_order, r.age_order,
        r.paise - coalesce(used, 0) AS paise
    FROM recovery AS r
    LEFT JOIN (SELECT recovery_id, recovery_due_no, sum(paise) AS used FROM set_off GROUP BY ALL) AS s
        ON r.recovery_id IS NOT DISTINCT FROM s.recovery_id
        AND r.recovery_due_no IS NOT DISTINCT FROM s.recovery_due_no
),
most AS (
    SELECT member_id, sum(paise)::BIGINT * $numerator::BIGINT // $denominator::BIGINT AS paise
    FROM due_left
    GROUP BY ALL
),
due_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends
    FROM due_left
    WINDOW line AS (PARTITION BY member_id ORDER BY paise DESC, due_no)
),
recovery_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends
    FROM recovery_left
    WINDOW line AS (PARTITION BY member_id ORDER BY for_month, new_order, age_order)
),
kept AS (
    SELECT d.due_no, r.recovery_id, r.recovery_due_no,
        least(d.ends, r.ends, most.paise) - greatest(d.begins, r.begins) AS paise
    FROM due_line AS d
    JOIN recovery_line AS r USING (member_id)
    JOIN most USING (member_id)
    WHERE least(d.ends, r.ends, most.paise) > greatest(d.begins, r.begins)
)
SELECT 'set_off' AS kind, due_no, recovery_id, recovery_due_no, paise::BIGINT AS paise FROM set_off
UNION ALL
SELECT 'withheld', due_no, recovery_id, recovery_due_no, paise::BIGINT FROM kept
ORDER BY due_no, kind, recovery_id, recovery_due_no
