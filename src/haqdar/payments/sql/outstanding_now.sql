-- What is outstanding now of every over-payment that counts: found, less kept back from later dues, less settled otherwise.
-- Only of closed months: what a further run of a month may find otherwise is neither asked of a bank nor given up.
-- For the dead also when they died and which of their credits the over-payment went out with.
WITH found AS (
    SELECT d.id, d.run_id, d.member_id, d.pension_group, d.scheme, d.for_month, d.area_code, -d.paise AS paise
    FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id JOIN payments_month_closing c ON c.run_id = r.id
    WHERE r.state = 'complete' AND r.posted AND d.kind = 'recovery'
), kept AS (
    SELECT w.recovery_id, sum(w.paise)::bigint AS paise
    FROM payments_withholding w JOIN cases_month_run r ON r.id = w.run_id
    WHERE r.state = 'complete' AND r.posted AND w.recovery_id IN (SELECT id FROM found)
    GROUP BY 1
), settled AS (
    SELECT recovery_id, sum(paise)::bigint AS paise FROM payments_settlement GROUP BY 1
), open AS (
    SELECT f.*, coalesce(k.paise, 0) AS kept_paise, coalesce(s.paise, 0) AS settled_paise,
        f.paise - coalesce(k.paise, 0) - coalesce(s.paise, 0) AS rest_paise
    FROM found f LEFT JOIN kept k ON k.recovery_id = f.id LEFT JOIN settled s ON s.recovery_id = f.id
    WHERE f.paise > coalesce(k.paise, 0) + coalesce(s.paise, 0)
), dead AS (
    SELECT e.member_id, min(e.happened_on) AS died_on FROM (
        SELECT DISTINCT ON (b.event_id) b.member_id, b.kind, b.happened_on FROM registry_event_belief b
        WHERE b.event_id IN (SELECT event_id FROM registry_event_belief WHERE member_id IN (SELECT member_id FROM open))
        ORDER BY b.event_id, b.belief_no DESC) e
    WHERE e.kind = 'death' GROUP BY 1
)
SELECT o.*, d.died_on, c.reference, c.ifsc, c.account_last4,
    -- one of a month that is still open may be gone with its next run: nobody is asked for it yet
    EXISTS (SELECT FROM payments_month_closing m WHERE m.run_id = o.run_id) AS stands
FROM open o
LEFT JOIN dead d ON d.member_id = o.member_id
LEFT JOIN LATERAL (
    -- the credit of the over-paid month itself, if it reached the account and was not given back
    SELECT i.reference, i.ifsc, i.account_last4
    FROM payments_instruction i JOIN cases_month_run r ON r.id = i.run_id
    JOIN payments_entry e ON e.month = r.month AND e.kind = 'credited' AND e.source_id = i.id
    WHERE i.member_id = o.member_id AND i.scheme = o.scheme AND r.month >= o.for_month AND d.died_on IS NOT NULL
        AND NOT EXISTS (SELECT FROM payments_entry b WHERE b.month = r.month AND b.kind = 'returned_late' AND b.source_id = i.id)
    ORDER BY r.month, i.id LIMIT 1
) c ON true
