-- One instruction for each compensation that no month has instructed, in the run of the present closed month. Its origin names the
-- compensation: the database takes one of a kind, in whichever month.
INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, account_last4, state, rail,
    payee_name, destination_sealed, area_code, ddo_code, origin)
SELECT %(run)s,
    to_char(%(month)s::date, 'YYYYMM') || upper(left(encode(sha256(convert_to(
        %(key)s || '/' || to_char(%(month)s::date, 'YYYYMM') || '/' || c.member_id || '/' || c.origin, 'UTF8')), 'hex'), 24)),
    c.member_id, %(group)s, %(scheme)s, c.paise,
    CASE WHEN r.rail = 'account' THEN r.ifsc ELSE '' END,
    CASE WHEN r.rail = 'account' THEN r.account_last4 ELSE r.aadhaar_last4 END,
    'written', r.rail, r.payee_name,
    CASE WHEN r.rail = 'account' THEN r.account_sealed ELSE r.aadhaar_ref END,
    c.area_code, NULL, c.origin
FROM (
    SELECT c.id, c.member_id, c.paise, a.area_code, 'COMPENSATION ' || c.id AS origin
    FROM cases_compensation c JOIN cases_case a ON a.id = c.case_id
    WHERE EXISTS (SELECT FROM payments_entry e WHERE e.kind = 'compensation' AND e.source_id = c.id)
) c
JOIN receiving r ON r.member_id = c.member_id AND r.rail IS NOT NULL AND r.payee_name <> ''
WHERE NOT EXISTS (SELECT FROM payments_instruction i WHERE i.origin = c.origin AND i.corrects_id IS NULL)
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING paise
