-- Returned credits that may go out again, with the account that the register has for each now; which differ is seen once unsealed.
CREATE TEMP TABLE return_again ON COMMIT DROP AS
WITH wanted AS (
    SELECT r.* FROM payments_return r
    WHERE r.state IN ('waiting', 'ready') AND r.month <= %(month)s
        -- the bank said both that it came back and that it was credited: somebody must find out first
        AND NOT EXISTS (
            SELECT FROM payments_response_line l LEFT JOIN payments_set_aside_note n ON n.line_id = l.id
            WHERE l.instruction_id = r.instruction_id AND l.disposition = 'contradiction' AND n.id IS NULL
        )
        -- its budget year ended: a supplementary bill must have been passed for it
        AND (r.lapsed_on IS NULL OR NOT EXISTS (
            SELECT FROM payments_instruction f
            JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
            JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NOT NULL
            WHERE f.id = r.first_id AND NOT EXISTS (
                SELECT FROM payments_bill_line o JOIN payments_bill_version v ON v.bill_id = o.bill_id AND v.state IN ('passed', 'paid')
                WHERE o.due_id = l.due_id AND o.component = l.component AND o.withdrawn_in_id IS NULL
            )
        ))
),
payee AS (SELECT DISTINCT member_id FROM wanted),
arranged AS (
    SELECT DISTINCT ON (p.member_id) p.* FROM payee w JOIN registry_payee_belief p USING (member_id)
    ORDER BY p.member_id, p.belief_no DESC
),
dead AS (
    SELECT e.member_id FROM (
        SELECT DISTINCT ON (e.event_id) e.member_id, e.kind FROM registry_event_belief e
        WHERE e.event_id IN (
            SELECT event_id FROM registry_event_belief
            WHERE member_id IN (SELECT member_id FROM payee UNION SELECT receiver_id FROM arranged)
        )
        ORDER BY e.event_id, e.belief_no DESC
    ) e
    WHERE e.kind = 'death'
),
receives AS (
    SELECT a.member_id, b.ifsc, b.account_sealed, b.account_last4, b.key_version
    FROM arranged a
    CROSS JOIN LATERAL (
        SELECT * FROM registry_resident_belief x WHERE x.member_id = a.receiver_id ORDER BY belief_no DESC LIMIT 1
    ) b
    WHERE a.from_on <= %(month)s AND (a.to_on IS NULL OR a.to_on >= %(month)s) AND a.receiver_id NOT IN (SELECT member_id FROM dead)
),
own AS (
    SELECT DISTINCT ON (b.member_id) b.* FROM payee w JOIN registry_resident_belief b USING (member_id)
    ORDER BY b.member_id, b.belief_no DESC
)
SELECT r.id, r.instruction_id, r.state, r.action, i.reference AS origin, i.rail, i.ifsc AS old_ifsc, i.destination_sealed AS old_sealed,
    i.payee_name AS old_name,
    CASE WHEN o.name_en ~ '[^ -~]' THEN i.payee_name
        ELSE coalesce(nullif(left(trim(regexp_replace(upper(o.name_en), '[^A-Z]+', ' ', 'g')), 40), ''), i.payee_name) END AS payee_name,
    CASE WHEN v.member_id IS NULL THEN o.ifsc ELSE v.ifsc END AS ifsc,
    CASE WHEN v.member_id IS NULL THEN o.account_last4 ELSE v.account_last4 END AS account_last4,
    CASE WHEN v.member_id IS NULL THEN int2send(o.key_version) || o.account_sealed
        ELSE int2send(v.key_version) || v.account_sealed END AS account_sealed,
    false AS changed
FROM wanted r
JOIN payments_instruction i ON i.id = r.instruction_id
JOIN own o ON o.member_id = r.member_id
LEFT JOIN receives v ON v.member_id = r.member_id
-- of the dead only what goes to somebody else by an arrangement
WHERE v.member_id IS NOT NULL OR r.member_id NOT IN (SELECT member_id FROM dead)
