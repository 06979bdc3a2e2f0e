-- How many items of a file may no longer go out: superseded, held, or with a line that does not stand on a passed bill.
WITH item AS (
    SELECT i.id, i.run_id, i.member_id, i.scheme, i.origin, i.state FROM payments_file_item f JOIN payments_instruction i
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
)
SELECT count(*) FROM item i
LEFT JOIN waiting w ON i.origin = '' AND w.run_id = i.run_id AND w.member_id = i.member_id AND w.scheme = i.scheme
LEFT JOIN payments_hold h ON h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL
WHERE i.state <> 'written' OR h.id IS NOT NULL OR w.member_id IS NOT NULL
