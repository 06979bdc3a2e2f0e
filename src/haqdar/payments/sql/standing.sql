-- Where each credit of a run stands by what the ledger says of it (`standing_entered`): `standing_now` (member_id, scheme, area_code, ddo_code, paise, outcome, reason, value_on, utr).
CREATE TEMP TABLE standing_now ON COMMIT DROP AS
WITH RECURSIVE own AS (
    SELECT i.id, i.member_id, i.scheme, i.area_code, i.ddo_code, i.paise
    FROM payments_instruction i
    WHERE i.run_id = %(run)s AND i.origin = '' AND i.state = 'written'
),
entered AS (
    SELECT * FROM standing_entered
),
-- what came back and was presented again, to its last credit: few rows, each step an index look-up
chain AS (
    SELECT o.id AS first_id, n.id, n.run_id
    FROM own o JOIN entered e ON e.id = o.id AND (e.returned OR e.late)
    JOIN payments_instruction n ON n.corrects_id = o.id AND n.state = 'written'
    UNION
    SELECT c.first_id, n.id, n.run_id
    FROM chain c JOIN payments_instruction n ON n.corrects_id = c.id AND n.state = 'written'
),
tip AS (
    SELECT DISTINCT ON (c.first_id) c.first_id, c.id, r.month
    FROM chain c JOIN cases_month_run r ON r.id = c.run_id
    ORDER BY c.first_id, c.id DESC
),
tipped AS (
    SELECT t.first_id, t.id, coalesce(e.credited AND NOT e.late OR e.credited_after_all, false) AS credited,
        coalesce((e.returned OR e.late) AND NOT e.credited_after_all, false) AS returned
    FROM tip t LEFT JOIN LATERAL (
        SELECT bool_or(e.kind = 'credited') AS credited, bool_or(e.kind = 'returned_late') AS late,
            bool_or(e.kind = 'returned') AS returned, bool_or(e.kind = 'credited_late') AS credited_after_all
        FROM payments_entry e
        WHERE e.month = t.month AND e.source_id = t.id AND e.kind IN ('credited', 'returned', 'returned_late', 'credited_late')
    ) e ON true
),
filed AS (
    SELECT f.instruction_id AS id, p.state
    FROM payments_file_item f JOIN payments_file p ON p.id = f.file_id JOIN own o ON o.id = f.instruction_id
    WHERE f.alive
),
-- only what is in no file is asked for its bills
billed AS (
    SELECT o.id, bool_and(v.id IS NOT NULL) AS passed
    FROM own o
    JOIN payments_due d ON d.run_id = %(run)s AND d.member_id = o.member_id AND d.scheme = o.scheme AND d.kind <> 'recovery'
    JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
    LEFT JOIN payments_bill_version v ON v.bill_id = l.bill_id AND v.state IN ('passed', 'paid')
    WHERE NOT EXISTS (SELECT FROM filed f WHERE f.id = o.id)
    GROUP BY 1
),
answered AS (
    SELECT DISTINCT ON (a.id) a.id, l.reason_code, l.value_on, l.utr
    FROM (
        SELECT e.id, e.id AS asked, NOT e.credited OR e.late AS back FROM entered e
        UNION ALL
        SELECT t.first_id, t.id, t.returned FROM tipped t WHERE t.returned OR t.credited
    ) a
    JOIN payments_response_line l ON l.instruction_id = a.asked AND l.disposition = 'applied'
        AND l.outcome = CASE WHEN a.back THEN 'returned' ELSE 'credited' END
    ORDER BY a.id, a.asked DESC, l.id DESC
)
SELECT o.member_id, o.scheme, o.area_code, o.ddo_code, o.paise, s.outcome,
    CASE WHEN s.outcome = 'returned' THEN coalesce(k.reasons || ':' || k.reason_code, a.reason_code, '') ELSE '' END AS reason,
    CASE WHEN s.outcome LIKE 'credited%%' THEN a.value_on END AS value_on,
    CASE WHEN s.outcome LIKE 'credited%%' THEN a.utr END AS utr
FROM own o
LEFT JOIN entered e ON e.id = o.id
LEFT JOIN tipped t ON t.first_id = o.id
LEFT JOIN filed f ON f.id = o.id
LEFT JOIN billed b ON b.id = o.id
LEFT JOIN answered a ON a.id = o.id
LEFT JOIN payments_return k ON k.instruction_id = coalesce(t.id, o.id)
LEFT JOIN payments_hold h ON h.member_id = o.member_id AND h.scheme = o.scheme AND h.released_at IS NULL
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN t.credited THEN 'credited_later'
        WHEN t.returned THEN 'returned'
        WHEN t.id IS NOT NULL THEN 'again'
        WHEN e.returned OR e.late THEN 'returned'
        WHEN e.credited THEN 'credited'
        WHEN f.state IN ('released', 'sent') THEN 'sent'
        WHEN f.state IS NOT NULL THEN 'filed'
        WHEN h.id IS NOT NULL THEN 'held'
        WHEN b.passed THEN 'ready'
        ELSE 'unbilled'
    END AS outcome
) s
UNION ALL
SELECT DISTINCT ON (n.member_id, n.scheme) n.member_id, n.scheme, n.area_code, NULL, n.paise, 'unpayable', n.reason, NULL::date, NULL
FROM payments_not_payable n
WHERE n.run_id = %(run)s
    AND NOT EXISTS (SELECT FROM own o WHERE o.member_id = n.member_id AND o.scheme = n.scheme)
