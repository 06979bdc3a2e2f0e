-- Returned credits that may go out again, with the account that the register has for each now (`receiving`, payments.late); which
-- differ is seen once unsealed.
CREATE TEMP TABLE return_again ON COMMIT DROP AS
WITH wanted AS (
    SELECT r.* FROM payments_return r
    WHERE r.state IN ('waiting', 'ready', 'held') AND r.month <= %(month)s
        -- the bank said both that it came back and that it was credited: somebody must find out first
        AND NOT EXISTS (
            SELECT FROM payments_response_line l LEFT JOIN payments_set_aside_note n ON n.line_id = l.id
            WHERE l.instruction_id = r.instruction_id AND l.disposition = 'contradiction' AND n.id IS NULL
        )
        -- what lapsed with its budget year goes with the supplementary bill that takes up its lines, everything else at once
        AND CASE WHEN %(ddo)s::text IS NOT NULL THEN r.lapsed_on IS NOT NULL AND r.ddo_code = %(ddo)s
            WHEN r.lapsed_on IS NULL THEN NOT EXISTS (
                -- the month is one of another budget year than the bill: with the year's end it lapses and goes on a new one; only a
                -- part of a line cannot leave its bill
                SELECT FROM payments_instruction f
                JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
                JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
                JOIN payments_bill b ON b.id = l.bill_id AND b.month < %(year_from)s
                WHERE f.id = r.first_id AND r.paise = f.paise
            )
            -- a new bill was passed without it
            ELSE NOT EXISTS (
                SELECT FROM payments_instruction f
                JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
                JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NOT NULL
                WHERE f.id = r.first_id AND NOT EXISTS (
                    SELECT FROM payments_bill_line o JOIN payments_bill_version v ON v.bill_id = o.bill_id AND v.state IN ('passed', 'paid')
                    WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL
                )
            )
            END
)
SELECT r.id, r.instruction_id, r.state, r.action, i.reference AS origin, i.rail, i.ifsc AS old_ifsc, i.destination_sealed AS old_sealed,
    i.payee_name AS old_name, coalesce(nullif(o.payee_name, ''), i.payee_name) AS payee_name, o.ifsc, o.account_last4, o.account_sealed,
    o.heir, false AS changed
FROM wanted r
JOIN payments_instruction i ON i.id = r.instruction_id
-- of the dead only what goes to an heir
JOIN receiving o ON o.member_id = r.member_id AND NOT o.heirless
-- what waited for a death to be looked into goes out once it stands and somebody inherits
WHERE r.state <> 'held' OR o.heir
