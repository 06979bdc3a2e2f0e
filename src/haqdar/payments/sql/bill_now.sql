-- The drawn bills of a month that have no living version, and which of their lines do not go out now, with the reason:
-- `held` (a hold on the payee, or a death recorded since that leaves it unowed), `unpayable` (no instruction could be made), `waiting`
-- (the local body has not submitted and the law waits for it). Everything is found from the few who stay out, never by looking at all payees.
-- Asks for month, ddos (null: every drawing officer) and waits.
WITH now AS (
    SELECT b.id, b.run_id, b.bill_no, b.ddo_code, b.scheme, b.head, b.kind, b.persons, b.paise,
        coalesce(v.last, 0) + 1 AS version
    FROM payments_bill b
    JOIN payments_month_closing c ON c.run_id = b.run_id
    LEFT JOIN LATERAL (
        SELECT max(version) AS last, bool_or(state NOT IN ('objected', 'cancelled')) AS alive
        FROM payments_bill_version WHERE bill_id = b.id
    ) v ON true
    WHERE b.month = %(month)s AND (%(ddos)s::text[] IS NULL OR b.ddo_code = ANY(%(ddos)s)) AND v.alive IS NOT TRUE
),
waiting AS (
    SELECT p.run_id, unnest(y.members) AS member_id, p.scheme
    FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id
    WHERE %(waits)s AND p.state IN ('generated', 'verified') AND p.run_id IN (SELECT run_id FROM now)
        AND (%(ddos)s::text[] IS NULL OR p.ddo_code = ANY(%(ddos)s))
),
excepted AS (
    SELECT d.id AS due_id, 'held' AS why
    FROM payments_hold h JOIN payments_due d ON d.member_id = h.member_id AND d.scheme = h.scheme
    WHERE h.released_at IS NULL AND d.run_id IN (SELECT run_id FROM now)
    UNION ALL
    SELECT d.id, 'held'
    FROM (SELECT DISTINCT run_id, member_id, scheme FROM payments_not_owed() WHERE run_id IN (SELECT run_id FROM now)) n
    JOIN payments_due d ON d.run_id = n.run_id AND d.member_id = n.member_id AND d.scheme = n.scheme
    UNION ALL
    SELECT d.id, 'unpayable'
    FROM payments_not_payable n
    JOIN payments_due d ON d.run_id = n.run_id AND d.member_id = n.member_id AND d.scheme = n.scheme
    WHERE n.run_id IN (SELECT run_id FROM now) AND NOT EXISTS (
        SELECT FROM payments_instruction i
        WHERE i.run_id = n.run_id AND i.member_id = n.member_id AND i.scheme = n.scheme AND i.state = 'written'
    )
    UNION ALL
    SELECT d.id, 'waiting'
    FROM waiting w
    JOIN payments_due d ON d.member_id = w.member_id AND d.scheme = w.scheme AND d.run_id = w.run_id
),
out AS (
    -- one reason each: whoever is held is held, whatever else
    SELECT DISTINCT ON (l.id) l.id AS line_id, l.bill_id, l.paise, d.member_id, e.why
    FROM excepted e
    JOIN payments_due d ON d.id = e.due_id
    JOIN payments_bill_line l ON l.due_id = e.due_id AND l.withdrawn_in_id IS NULL
    JOIN now ON now.id = l.bill_id
    ORDER BY l.id, e.why
)
