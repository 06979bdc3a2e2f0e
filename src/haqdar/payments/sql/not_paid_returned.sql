-- Over-payments against the credits of the very months that came back: how much of which recovery each return settles. Both sides of a
-- person, scheme and month are laid on one line of paise; where a recovery and what came back overlap, that much was never paid.
CREATE TEMP TABLE not_paying ON COMMIT DROP AS
WITH part AS (
    -- what the dues of each month brought to the credit, less what was kept back of them
    SELECT t.id AS return_id, t.paise - t.not_paid_paise AS left_paise, i.reference, d.member_id, d.scheme, d.for_month,
        sum(d.paise - (SELECT coalesce(sum(w.paise), 0) FROM payments_withholding w WHERE w.due_id = d.id)) AS paise
    FROM payments_return t
    JOIN payments_instruction i ON i.id = t.instruction_id
    JOIN payments_instruction f ON f.id = t.first_id
    JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme AND d.kind <> 'recovery'
        AND d.occasion = ''
    WHERE t.state IN ('waiting', 'ready', 'held') AND t.paise > t.not_paid_paise
    GROUP BY t.id, i.reference, d.member_id, d.scheme, d.for_month
),
rest AS (
    SELECT d.id AS recovery_id, d.member_id, d.scheme, d.for_month, -d.paise - (
        SELECT coalesce(sum(w.paise), 0) FROM payments_withholding w JOIN cases_month_run r ON r.id = w.run_id
        WHERE w.recovery_id = d.id AND r.state = 'complete' AND r.posted
    ) - (SELECT coalesce(sum(s.paise), 0) FROM payments_settlement s WHERE s.recovery_id = d.id) AS paise
    FROM (SELECT DISTINCT member_id, scheme, for_month FROM part) p
    JOIN payments_due d USING (member_id, scheme, for_month)
    JOIN payments_month_closing c ON c.run_id = d.run_id
    WHERE d.kind = 'recovery' AND d.occasion = ''
),
part_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends FROM part WHERE paise > 0
    WINDOW line AS (PARTITION BY member_id, scheme, for_month ORDER BY return_id)
),
rest_line AS (
    SELECT *, sum(paise) OVER line - paise AS begins, sum(paise) OVER line AS ends FROM rest WHERE paise > 0
    WINDOW line AS (PARTITION BY member_id, scheme, for_month ORDER BY recovery_id)
),
laid AS (
    SELECT r.recovery_id, p.return_id, p.reference, p.left_paise, p.for_month,
        least(p.ends, r.ends) - greatest(p.begins, r.begins) AS paise
    FROM part_line p JOIN rest_line r USING (member_id, scheme, for_month)
    WHERE least(p.ends, r.ends) > greatest(p.begins, r.begins)
),
-- a part of it may have been set against another over-payment before
within AS (
    SELECT recovery_id, return_id, reference, least(paise, left_paise - (sum(paise) OVER line - paise)) AS paise
    FROM laid WINDOW line AS (PARTITION BY return_id ORDER BY for_month, recovery_id)
)
SELECT recovery_id, return_id, NULL::bigint AS unsent_id, reference, paise::bigint AS paise FROM within WHERE paise > 0
