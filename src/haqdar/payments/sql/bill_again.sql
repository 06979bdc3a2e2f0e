-- The lines that were left out of a drawing officer's bills of this month and before, stand on no bill now, and can go out; and those
-- that stand (`standing_on`) on a bill of an ended budget year that no version keeps alive: it cannot be sanctioned any more.
-- Asks for month, ddos and waits.
WITH waiting AS (
    SELECT p.run_id, unnest(y.members) AS member_id, p.scheme
    FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id
    WHERE %(waits)s AND p.state IN ('generated', 'verified') AND p.month <= %(month)s AND p.ddo_code = ANY(%(ddos)s)
),
over AS (
    SELECT b.id FROM payments_bill b JOIN payments_budget_year_end y ON b.month BETWEEN y.begins_on AND y.ends_on
    WHERE b.ddo_code = ANY(%(ddos)s) AND NOT EXISTS (
        SELECT FROM payments_bill_version v WHERE v.bill_id = b.id AND v.state NOT IN ('objected', 'cancelled'))
),
line AS (
    SELECT l.* FROM payments_bill b JOIN payments_bill_line l ON l.bill_id = b.id AND l.withdrawn_in_id IS NOT NULL
    WHERE b.ddo_code = ANY(%(ddos)s)
    UNION ALL
    SELECT l.* FROM over JOIN payments_bill_line l ON l.bill_id = over.id AND l.withdrawn_in_id IS NULL
),
again AS (
    -- a line can have been left out of several bills, one after the other
    SELECT DISTINCT ON (l.due_id, l.component) l.due_id, l.component, l.paise, b.run_id, b.ddo_code, b.scheme, b.head,
        c.month AS for_month, d.member_id, first.bill_no, last.serial,
        CASE WHEN l.withdrawn_in_id IS NULL THEN l.bill_id END AS standing_on
    FROM payments_bill b
    JOIN payments_month_closing c ON c.run_id = b.run_id AND c.month <= %(month)s
    JOIN line l ON l.bill_id = b.id
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
            WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL AND o.id <> l.id
        )
        AND NOT EXISTS (
            SELECT FROM payments_hold h
            WHERE h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM payments_not_owed() n WHERE n.run_id = d.run_id AND n.member_id = d.member_id AND n.scheme = d.scheme
        )
        AND EXISTS (
            SELECT FROM payments_instruction i
            WHERE i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme AND i.state = 'written'
        )
        -- what came back and lapsed goes once it is presented again: the account is corrected, no death is looked into
        AND NOT EXISTS (
            SELECT FROM payments_return t JOIN payments_instruction f ON f.id = t.first_id
            WHERE t.member_id = d.member_id AND t.scheme = d.scheme AND f.run_id = d.run_id AND t.state <> 'represented'
        )
        AND NOT EXISTS (
            SELECT FROM waiting w WHERE w.run_id = d.run_id AND w.member_id = d.member_id AND w.scheme = d.scheme
        )
    ORDER BY l.due_id, l.component, l.withdrawn_in_id NULLS FIRST, l.id
)
