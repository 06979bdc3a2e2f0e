-- How many items of a file may no longer go out: superseded, held, with a line that does not stand on a passed bill, or with a due
-- that a death recorded meanwhile leaves unowed; or lapsed with its budget year.
WITH item AS (
    SELECT i.id, i.run_id, i.member_id, i.scheme, i.origin, i.state, i.corrects_id FROM payments_file_item f JOIN payments_instruction i
        ON i.id = f.instruction_id
    WHERE f.file_id = %(file)s AND f.alive
),
unpassed_bill AS (
    SELECT b.id FROM payments_bill b WHERE b.run_id IN (SELECT DISTINCT run_id FROM item) AND NOT EXISTS (
        SELECT FROM payments_bill_version v WHERE v.bill_id = b.id AND v.state IN ('passed', 'paid'))
),
waiting AS (
    SELECT DISTINCT d.run_id, d.member_id, d.scheme FROM (
        SELECT l.due_id FROM payments_bill_line l JOIN unpassed_bill u ON u.id = l.bill_id WHERE l.withdrawn_in_id IS NULL
        UNION ALL
        SELECT l.due_id FROM payments_bill b JOIN payments_bill_line l ON l.bill_id = b.id
        WHERE b.run_id IN (SELECT DISTINCT run_id FROM item) AND l.withdrawn_in_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM payments_bill_line other
            WHERE other.due_id = l.due_id AND other.component = l.component AND other.withdrawn_in_id IS NULL)
    ) l JOIN payments_due d ON d.id = l.due_id
),
lapsed AS (
    -- presented again, not sent, and then its budget year ended: it goes once it stands on a new bill that was passed
    SELECT DISTINCT t.instruction_id
    FROM payments_return t
    JOIN payments_instruction f ON f.id = t.first_id
    JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
    JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NOT NULL
    WHERE t.lapsed_on IS NOT NULL AND NOT EXISTS (
        SELECT FROM payments_bill_line o JOIN payments_bill_version v ON v.bill_id = o.bill_id AND v.state IN ('passed', 'paid')
        WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL)
),
dead AS (
    -- asked for the people of this file, not of every death that there ever was
    SELECT i.id FROM item i
    LEFT JOIN payments_return t ON t.instruction_id = i.corrects_id
    JOIN payments_instruction f ON f.id = coalesce(t.first_id, i.id)
    WHERE EXISTS (
        SELECT FROM payments_not_owed() n WHERE n.run_id = f.run_id AND n.member_id = f.member_id AND n.scheme = f.scheme)
)
SELECT count(*) FROM item i
LEFT JOIN waiting w ON i.origin = '' AND w.run_id = i.run_id AND w.member_id = i.member_id AND w.scheme = i.scheme
LEFT JOIN payments_hold h ON h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL
LEFT JOIN dead d ON d.id = i.id
LEFT JOIN lapsed s ON s.instruction_id = i.corrects_id
WHERE i.state <> 'written' OR h.id IS NOT NULL OR w.member_id IS NOT NULL OR d.id IS NOT NULL OR s.instruction_id IS NOT NULL
