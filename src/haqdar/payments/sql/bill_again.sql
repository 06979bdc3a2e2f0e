-- The lines that were left out of a drawing officer's bills of this month and before, stand on no bill now, and can go out.
-- Asks for month, ddos and waits.
WITH waiting AS (
    SELECT p.run_id, unnest(y.members) AS member_id, p.scheme
    FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id
    WHERE %(waits)s AND p.state IN ('generated', 'verified') AND p.month <= %(month)s AND p.ddo_code = ANY(%(ddos)s)
),
again AS (
    -- a line can have been left out of several bills, one after the other
    SELECT DISTINCT ON (l.due_id, l.component) l.due_id, l.component, l.paise, b.run_id, b.ddo_code, b.scheme, b.head,
        c.month AS for_month, d.member_id, first.bill_no, last.serial
    FROM payments_bill b
    JOIN payments_month_closing c ON c.run_id = b.run_id AND c.month <= %(month)s
    JOIN payments_bill_line l ON l.bill_id = b.id AND l.withdrawn_in_id IS NOT NULL
    JOIN payments_due d ON d.id = l.due_id
    JOIN payments_bill first
        ON first.run_id = b.run_id AND first.ddo_code = b.ddo_code AND first.scheme = b.scheme AND first.head = b.head
        AND first.serial = 0
    JOIN LATERAL (
        SELECT max(s.serial) + 1 AS serial FROM payments_bill s
        WHERE s.run_id = b.run_id AND s.ddo_code = b.ddo_code AND s.scheme = b.scheme AND s.head = b.head
    ) last ON true
    WHERE b.ddo_code = ANY(%(ddos)s)
        AND NOT EXISTS (
            SELECT FROM payments_bill_line o
            WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM payments_hold h
            WHERE h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL
        )
        AND EXISTS (
            SELECT FROM payments_instruction i
            WHERE i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme AND i.state = 'written'
        )
        AND NOT EXISTS (
            SELECT FROM waiting w WHERE w.run_id = d.run_id AND w.member_id = d.member_id AND w.scheme = d.scheme
        )
    ORDER BY l.due_id, l.component, l.id
)
