-- The instructions that the runs of closed months could not write, now that somebody can receive: in the same run and with the same
-- reference that it would have had then, so that there is one, whenever it is written.
INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, account_last4, state, rail,
    payee_name, destination_sealed, area_code, ddo_code, origin)
SELECT l.run_id,
    to_char(l.month, 'YYYYMM') || upper(left(encode(sha256(convert_to(
        %(key)s || '/' || to_char(l.month, 'YYYYMM') || '/' || l.member_id || '/' || l.scheme, 'UTF8')), 'hex'), 24)),
    l.member_id, l.pension_group, l.scheme, l.paise,
    CASE WHEN r.rail = 'account' THEN r.ifsc ELSE '' END,
    CASE WHEN r.rail = 'account' THEN r.account_last4 ELSE r.aadhaar_last4 END,
    'written', r.rail, r.payee_name,
    CASE WHEN r.rail = 'account' THEN r.account_sealed ELSE r.aadhaar_ref END,
    d.area_code, d.ddo_code, ''
FROM late l
JOIN receiving r ON r.member_id = l.member_id AND r.rail IS NOT NULL AND r.payee_name <> ''
CROSS JOIN LATERAL (
    SELECT area_code, ddo_code FROM payments_due d
    WHERE d.run_id = l.run_id AND d.member_id = l.member_id AND d.scheme = l.scheme LIMIT 1
) d
ORDER BY l.run_id, l.member_id, l.scheme
ON CONFLICT DO NOTHING
RETURNING member_id, scheme, paise
