-- Bills that were submitted and are not with the treasury yet, as many as one transaction takes.
INSERT INTO payments_treasury_bill (kind, version_id, number, dated_at, ddo_code, scheme, head, month, persons, paise, state, since_at,
    problem, said, payment_id, payment_on, advice_no, bill_ref, token_no, fin_year, voucher_no)
SELECT 'bill', v.id, b.bill_no || CASE WHEN v.version > 1 THEN '/V' || v.version ELSE '' END, v.submitted_at, b.ddo_code, b.scheme,
    b.head, b.month, v.persons, v.paise, 'held_back', %(now)s, '', '', '', '', '', '', '', '', ''
FROM payments_bill_version v
JOIN payments_bill b ON b.id = v.bill_id
WHERE v.state = 'submitted'
    AND NOT EXISTS (SELECT FROM payments_treasury_bill t WHERE t.version_id = v.id AND t.kind = 'bill')
ORDER BY b.id
LIMIT %(most)s
-- whoever cancels a bill locks its version first and then looks whether a credit of it is claimed
FOR SHARE OF v
RETURNING id
