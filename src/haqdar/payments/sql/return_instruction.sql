-- New instructions in the present month's run for what can go out again: to the account that the register has now, or once more by
-- the Aadhaar number where no account is on record.
INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, account_last4, state, rail,
    payee_name, destination_sealed, area_code, ddo_code, origin, corrects_id)
SELECT %(run)s,
    to_char(%(month)s::date, 'YYYYMM') || upper(left(encode(sha256(convert_to(
        %(key)s || '/' || to_char(%(month)s::date, 'YYYYMM') || '/' || i.member_id || '/' || i.scheme || '/' || a.origin, 'UTF8')),
        'hex'), 24)),
    -- what came back, be it only a part, less what turned out not to be owed
    i.member_id, i.pension_group, i.scheme, t.paise - t.not_paid_paise,
    CASE WHEN a.by_account THEN a.ifsc ELSE i.ifsc END,
    CASE WHEN a.by_account THEN a.account_last4 ELSE i.account_last4 END,
    'written',
    CASE WHEN a.by_account THEN 'account' ELSE i.rail END,
    a.payee_name,
    CASE WHEN a.by_account THEN a.account_sealed ELSE i.destination_sealed END,
    i.area_code, i.ddo_code, a.origin, i.id
FROM (
    SELECT *, account_sealed IS NOT NULL AND coalesce(ifsc, '') <> '' AND (rail = 'account' OR action = 'switch_rail' OR changed) AS by_account
    FROM return_again
) a
JOIN payments_instruction i ON i.id = a.instruction_id
JOIN payments_return t ON t.id = a.id
-- the very account that failed for good is not tried again; what failed in passing is, and what the person settled at the bank
WHERE (a.state = 'ready' OR a.changed) AND (a.by_account OR (a.rail = 'aadhaar' AND a.action <> 'switch_rail' AND NOT a.heir))
ORDER BY i.id
ON CONFLICT DO NOTHING
