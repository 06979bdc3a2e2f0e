-- The over-payments that the run found against credits of earlier months that never went out (for the first time or again): only those
-- of which nothing is owed, because a sum that was instructed is never changed.
CREATE TEMP TABLE not_paying ON COMMIT DROP AS
WITH rest AS (
    SELECT d.id AS recovery_id, d.member_id, d.scheme, d.for_month, -d.paise - (
        SELECT coalesce(sum(w.paise), 0) FROM payments_withholding w JOIN cases_month_run r ON r.id = w.run_id
        WHERE w.recovery_id = d.id AND r.state = 'complete' AND r.posted
    ) - (SELECT coalesce(sum(s.paise), 0) FROM payments_settlement s WHERE s.recovery_id = d.id) AS paise
    FROM payments_due d
    WHERE d.run_id = %(run)s AND d.kind = 'recovery' AND d.occasion = ''
),
unsent AS (
    SELECT i.id AS unsent_id, t.id AS return_id, i.reference, i.paise AS whole, f.run_id, f.member_id, f.scheme
    FROM (SELECT DISTINCT member_id, scheme FROM rest WHERE paise > 0) x
    JOIN payments_instruction i ON i.member_id = x.member_id AND i.scheme = x.scheme AND i.state = 'written' AND i.run_id <> %(run)s
    JOIN payments_month_closing c ON c.run_id = i.run_id
    LEFT JOIN payments_return t ON t.instruction_id = i.corrects_id
    JOIN payments_instruction f ON f.id = CASE WHEN i.corrects_id IS NULL THEN i.id ELSE t.first_id END
    WHERE NOT EXISTS (
        SELECT FROM payments_file_item m JOIN payments_file p ON p.id = m.file_id
        WHERE m.instruction_id = i.id AND m.alive AND (p.state IN ('released', 'sent') OR p.profile = %(carrier)s))
),
part AS (
    SELECT u.unsent_id, u.return_id, u.reference, u.whole, d.member_id, d.scheme, d.for_month,
        sum(d.paise - (SELECT coalesce(sum(w.paise), 0) FROM payments_withholding w WHERE w.due_id = d.id)) AS paise
    FROM unsent u
    JOIN payments_due d ON d.run_id = u.run_id AND d.member_id = u.member_id AND d.scheme = u.scheme AND d.kind <> 'recovery'
        AND d.occasion = ''
    GROUP BY u.unsent_id, u.return_id, u.reference, u.whole, d.member_id, d.scheme, d.for_month
),
laid AS (
    SELECT p.*, r.recovery_id, greatest(0, least(p.paise, r.paise - (sum(p.paise) OVER line - p.paise))) AS taken
    FROM part p JOIN rest r USING (member_id, scheme, for_month)
    WHERE r.paise > 0
    WINDOW line AS (PARTITION BY r.recovery_id ORDER BY p.unsent_id)
),
judged AS (SELECT *, sum(taken) OVER (PARTITION BY unsent_id) AS all_taken FROM laid)
SELECT recovery_id, return_id, unsent_id, reference, taken::bigint AS paise FROM judged WHERE all_taken = whole AND taken > 0
