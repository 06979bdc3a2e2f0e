-- Everything that was ever due to one person, newest month first, with the steps of its credit as JSON, the oldest first: dues of
-- months' runs, and compensations for delays, which stand on no bill.
WITH owed AS (
    SELECT d.id, d.run_id, r.month, d.member_id, d.pension_group, d.scheme, d.kind, d.for_month, d.paise, '' AS origin
    FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id
    WHERE d.member_id = ANY(%(numbers)s) AND r.state = 'complete' AND r.posted
    UNION ALL
    SELECT NULL, i.run_id, m.month, c.member_id, 0, 'COMPENSATION', 'compensation', m.month, c.paise, 'COMPENSATION ' || c.id
    FROM cases_compensation c
    LEFT JOIN payments_instruction i
        ON i.member_id = c.member_id AND i.origin = 'COMPENSATION ' || c.id AND i.corrects_id IS NULL
    LEFT JOIN cases_month_run r ON r.id = i.run_id
    CROSS JOIN LATERAL (SELECT coalesce(r.month, date_trunc('month', c.entered_at AT TIME ZONE %(zone)s)::date) AS month) m
    WHERE c.member_id = ANY(%(numbers)s)
)
SELECT d.member_id <> %(member)s AS beside, d.month, d.for_month, d.scheme, d.kind, d.paise,
    coalesce(CASE WHEN d.kind = 'recovery' THEN recovered.paise ELSE kept.paise END, 0)::bigint AS withheld,
    coalesce(settled.recalled, 0)::bigint AS recalled, coalesce(settled.written_off, 0)::bigint AS written_off,
    coalesce(b.numbers, ARRAY[]::text[]) AS numbers, i.reference, coalesce((
        SELECT c.account_last4 FROM payments_return p
        JOIN payments_instruction c ON c.corrects_id = p.instruction_id AND c.state = 'written'
        WHERE p.first_id = i.id ORDER BY c.id DESC LIMIT 1
    ), i.account_last4) AS account_last4, n.reason AS not_payable,
    back.state AS return_state, back.action AS return_action,
    EXISTS (
        SELECT FROM payments_hold h WHERE h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL
    ) AS held,
    way.steps
FROM owed d
LEFT JOIN LATERAL (SELECT sum(w.paise) AS paise FROM payments_withholding w WHERE w.due_id = d.id) kept ON true
LEFT JOIN LATERAL (
    SELECT sum(w.paise) AS paise
    FROM payments_withholding w JOIN cases_month_run r ON r.id = w.run_id
    WHERE w.recovery_id = d.id AND r.state = 'complete' AND r.posted
) recovered ON true
LEFT JOIN LATERAL (
    SELECT sum(s.paise) FILTER (WHERE s.kind = 'recalled') AS recalled, sum(s.paise) FILTER (WHERE s.kind = 'written_off') AS written_off
    FROM payments_settlement s WHERE s.recovery_id = d.id
) settled ON d.kind = 'recovery'
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT b.bill_no ORDER BY b.bill_no) AS numbers
    FROM payments_bill_line l JOIN payments_bill b ON b.id = l.bill_id
    WHERE l.due_id = d.id AND l.withdrawn_in_id IS NULL
) b ON true
LEFT JOIN payments_instruction i
    ON i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme AND i.origin = d.origin
LEFT JOIN LATERAL (
    SELECT reason FROM payments_not_payable n
    WHERE n.run_id = d.run_id AND n.member_id = d.member_id AND n.scheme = d.scheme ORDER BY reason LIMIT 1
) n ON true
LEFT JOIN LATERAL (
    SELECT p.state, p.action FROM payments_return p WHERE p.first_id = i.id ORDER BY p.attempt DESC LIMIT 1
) back ON true
LEFT JOIN LATERAL (
    WITH chain AS (
        SELECT i.id, i.account_last4
        UNION ALL
        SELECT c.id, c.account_last4 FROM payments_return p
        JOIN payments_instruction c ON c.corrects_id = p.instruction_id AND c.state = 'written'
        WHERE p.first_id = i.id
    ),
    step AS (
        SELECT 1 AS stage, 0::bigint AS place, 'billed' AS kind, max(v.sanctioned_at) AS at, NULL::date AS on_day, NULL AS last4,
            NULL AS reasons, NULL AS code, NULL::timestamptz AS told_at, NULL AS told_last4
        FROM payments_bill_line l JOIN payments_bill_version v ON v.bill_id = l.bill_id AND v.state NOT IN ('objected', 'cancelled')
        WHERE l.due_id = d.id AND l.withdrawn_in_id IS NULL HAVING count(*) > 0
        UNION ALL
        SELECT 2, 0, 'passed', NULL, max(v.voucher_on), NULL, NULL, NULL, NULL, NULL
        FROM payments_bill_line l JOIN payments_bill_version v ON v.bill_id = l.bill_id AND v.state NOT IN ('objected', 'cancelled')
        WHERE l.due_id = d.id AND l.withdrawn_in_id IS NULL HAVING bool_and(v.state IN ('passed', 'paid'))
        UNION ALL
        SELECT 3, c.id, 'sent', coalesce(f.sent_at, f.released_at), NULL, c.account_last4, NULL, NULL, NULL, NULL
        FROM chain c JOIN payments_file_item t ON t.instruction_id = c.id AND t.alive
        JOIN payments_file f ON f.id = t.file_id AND f.state IN ('released', 'sent')
        UNION ALL
        -- what reached the account after all, as somebody found out, is the end of the whole chain
        SELECT CASE WHEN l.disposition <> 'applied' AND l.outcome = 'credited' THEN 4 ELSE 3 END, c.id, l.outcome, NULL, l.value_on,
            c.account_last4, p.reasons, l.reason_code, m.at, m.to_last4
        FROM chain c JOIN payments_response_line l ON l.instruction_id = c.id AND l.outcome IN ('credited', 'returned')
            AND (l.disposition = 'applied' OR EXISTS (
                SELECT FROM payments_set_aside_note n WHERE n.line_id = l.id AND n.decision = 'bank_right'))
        LEFT JOIN payments_return p ON p.instruction_id = c.id AND l.outcome = 'returned'
        LEFT JOIN LATERAL (
            SELECT coalesce(o.sent_at, o.queued_at) AS at, o.to_last4 FROM outreach_message o
            WHERE o.about_kind = 'return' AND o.about_key = p.key::text ORDER BY o.id LIMIT 1
        ) m ON true
    )
    SELECT json_agg(json_build_object('kind', kind, 'on', coalesce(on_day, (at AT TIME ZONE %(zone)s)::date), 'last4', last4,
            'reasons', reasons, 'code', code, 'told_on', (told_at AT TIME ZONE %(zone)s)::date, 'told_last4', told_last4)
        ORDER BY stage, place, CASE kind WHEN 'sent' THEN 0 WHEN 'credited' THEN 1 ELSE 2 END) AS steps
    FROM step
) way ON i.id IS NOT NULL
ORDER BY d.month DESC, d.member_id <> %(member)s, d.pension_group, d.for_month DESC, d.scheme, d.kind
