-- Credits that failed with the treasury and are presented again: the money waits there, so they go out on the bill they stood on.
-- One correction for each such bill; the credit keeps the id by which the treasury knows it.
CREATE TEMP TABLE treasury_again ON COMMIT DROP AS
SELECT n.id AS instruction_id, c.credit_id, c.paise, coalesce(b.original_id, b.id) AS original_id, b.version_id
FROM payments_instruction n
JOIN payments_treasury_credit c ON c.instruction_id = n.corrects_id AND c.state = 'failed'
JOIN payments_treasury_bill b ON b.id = c.bill_id
    AND (b.state IN ('in_process', 'paid', 'closed') OR (b.kind = 'correction' AND b.state = 'objected'))
WHERE n.state = 'written' AND n.corrects_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM payments_treasury_credit k JOIN payments_treasury_bill kb ON kb.id = k.bill_id
        WHERE k.instruction_id = n.id AND kb.state <> 'ended'
    )
    AND NOT EXISTS (SELECT FROM payments_file_item i WHERE i.instruction_id = n.id AND i.alive)
    AND NOT EXISTS (SELECT FROM payments_hold h WHERE h.member_id = n.member_id AND h.scheme = n.scheme AND h.released_at IS NULL)
    -- all of it came back, or a part would be paid twice
    AND n.paise = (SELECT sum(k.paise) FROM payments_treasury_credit k WHERE k.instruction_id = n.corrects_id AND k.state = 'failed')
    -- a death recorded since leaves it unowed
    AND NOT EXISTS (
        SELECT FROM payments_return r JOIN payments_instruction f ON f.id = r.first_id
        JOIN payments_not_owed() o ON o.run_id = f.run_id AND o.member_id = f.member_id AND o.scheme = f.scheme
        WHERE r.instruction_id = n.corrects_id)
    -- what lapsed with its budget year goes on a bill of the new one
    AND NOT EXISTS (SELECT FROM payments_return r WHERE r.instruction_id = n.corrects_id AND r.lapsed_on IS NOT NULL)
