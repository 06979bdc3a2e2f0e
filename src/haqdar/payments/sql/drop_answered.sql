-- What the applied lines of a file of answers say of accounts that were tried; `again` names the reasons that pass by themselves.
WITH said AS (
    SELECT l.drop_id, l.outcome, l.reason_code, l.value_on, l.account_name
    FROM payments_response_line l
    WHERE l.file_id = %(file)s AND l.drop_id IS NOT NULL AND l.disposition = 'applied' AND l.outcome IN ('credited', 'returned')
), last AS (
    -- credited first and given back later: what came back is what counts
    SELECT DISTINCT ON (drop_id) * FROM said ORDER BY drop_id, outcome DESC
)
UPDATE payments_account_drop d SET
    outcome = CASE WHEN s.outcome = 'returned' AND s.reason_code = ANY(%(again)s) THEN 'again' ELSE s.outcome END,
    alive = NOT (s.outcome = 'returned' AND s.reason_code = ANY(%(again)s)),
    answered_on = s.value_on, reason_code = s.reason_code,
    account_name = CASE WHEN s.account_name = '' THEN d.account_name ELSE s.account_name END
FROM last s WHERE s.drop_id = d.id
RETURNING d.id, d.outcome, d.reason_code
