-- Credits that no bill carries any more leave their list of credits, so that they can go out in another way.
WITH dead AS (
    SELECT f.id FROM payments_file f
    WHERE f.profile = %(carrier)s AND f.state = 'made' AND NOT EXISTS (
        SELECT FROM payments_file_item i
        JOIN payments_treasury_credit c ON c.instruction_id = i.instruction_id
        JOIN payments_treasury_bill t ON t.id = c.bill_id AND t.state <> ALL(%(dead)s)
        WHERE i.file_id = f.id
    )
    AND f.id IN (
        SELECT i.file_id FROM payments_treasury_credit c
        JOIN payments_file_item i ON i.instruction_id = c.instruction_id
        WHERE c.bill_id = ANY(%(bills)s)
    )
)
UPDATE payments_file SET state = 'withdrawn', withdrawn_at = %(now)s, withdrawn_by = %(by)s WHERE id IN (SELECT id FROM dead) RETURNING id
