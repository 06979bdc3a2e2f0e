-- The instructions of one closed run that may go out by one rail now, in the order of their lines. A credit waits while it is
-- held, while it stands in a living file, or while any line of its dues stands on a bill that was not passed (or on none,
-- having been taken out of one). What was instructed before and returned (origin) needs no new bill. Of what a death leaves unowed
-- nothing goes out, however late the death was recorded.
CREATE TEMP TABLE payable ON COMMIT DROP AS
WITH passed AS (
    SELECT b.id FROM payments_bill b JOIN payments_bill_version v ON v.bill_id = b.id AND v.state IN ('passed', 'paid')
    WHERE b.run_id = %(run)s
),
unpassed_bill AS (
    SELECT b.id FROM payments_bill b WHERE b.run_id = %(run)s AND NOT EXISTS (SELECT FROM passed p WHERE p.id = b.id)
),
waiting AS (
    SELECT DISTINCT d.member_id, d.scheme FROM (
        SELECT l.due_id FROM payments_bill_line l JOIN unpassed_bill u ON u.id = l.bill_id WHERE l.withdrawn_in_id IS NULL
        UNION ALL
        SELECT l.due_id FROM payments_bill b JOIN payments_bill_line l ON l.bill_id = b.id
        WHERE b.run_id = %(run)s AND l.withdrawn_in_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM payments_bill_line other
            WHERE other.due_id = l.due_id AND other.component = l.component AND other.withdrawn_in_id IS NULL)
    ) l JOIN payments_due d ON d.id = l.due_id
),
dead AS (
    SELECT f.id FROM payments_not_owed() n
    JOIN payments_instruction f ON f.run_id = n.run_id AND f.member_id = n.member_id AND f.scheme = n.scheme AND f.origin = ''
    WHERE n.run_id = %(run)s
    UNION ALL
    -- presented again: the due is of the run of its first credit
    SELECT i.id FROM payments_instruction i
    JOIN payments_return t ON t.instruction_id = i.corrects_id
    JOIN payments_instruction f ON f.id = t.first_id
    JOIN payments_not_owed() n ON n.run_id = f.run_id AND n.member_id = f.member_id AND n.scheme = f.scheme
    WHERE i.run_id = %(run)s AND i.corrects_id IS NOT NULL
)
SELECT i.id AS instruction_id, i.paise, row_number() OVER (ORDER BY i.id) AS place
FROM payments_instruction i
-- joined, not asked for each credit: under an OR the planner would search the whole list for every one of a State's credits
LEFT JOIN waiting w ON w.member_id = i.member_id AND w.scheme = i.scheme
WHERE i.run_id = %(run)s AND i.state = 'written' AND i.rail = %(rail)s
    AND (i.origin <> '' OR w.member_id IS NULL)
    -- what lapsed with its budget year waits for the supplementary bill that took up its lines
    AND NOT EXISTS (
        SELECT FROM payments_return t
        JOIN payments_instruction f ON f.id = t.first_id
        JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
        JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NOT NULL
        WHERE t.instruction_id = i.corrects_id AND t.lapsed_on IS NOT NULL AND NOT EXISTS (
            SELECT FROM payments_bill_line o JOIN payments_bill_version v ON v.bill_id = o.bill_id AND v.state IN ('passed', 'paid')
            WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL
        )
    )
    AND NOT EXISTS (
        SELECT FROM payments_hold h
        WHERE h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL)
    AND NOT EXISTS (SELECT FROM dead d WHERE d.id = i.id)
    AND NOT EXISTS (SELECT FROM payments_file_item f WHERE f.instruction_id = i.id AND f.alive)
    -- what the treasury paid and got back waits there: it goes out again on its bill (payments.treasury), never by a bank's file, unless it
    -- lapsed and stands on a new bill, which the treasury's line takes up or leaves
    AND NOT EXISTS (
        SELECT FROM payments_treasury_credit c WHERE c.instruction_id = i.corrects_id AND NOT EXISTS (
            SELECT FROM payments_return t WHERE t.instruction_id = c.instruction_id AND t.lapsed_on IS NOT NULL
        )
    )
