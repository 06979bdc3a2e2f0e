-- The accounts to which credits of one closed run are to go for the first time and of which no bank has said that they take money: one
-- row for each account that was looked at, in order, with the reference of the rupee that tries it. Where the branch is on no list the
-- payment would go out all the same, so there the rupee says most. Asks for run, month, key.
CREATE TEMP TABLE drop_wanted ON COMMIT DROP AS
SELECT w.account_check_id, w.instruction_id, row_number() OVER (ORDER BY w.account_check_id) AS place,
    to_char(%(month)s::date, 'YYYYMM') || upper(left(encode(sha256(convert_to(%(key)s || '/account/' || w.account_check_id || '/'
        || (SELECT count(*) FROM payments_account_drop t WHERE t.account_check_id = w.account_check_id), 'UTF8')), 'hex'), 24)) AS reference
FROM (
    SELECT DISTINCT ON (c.id) c.id AS account_check_id, i.id AS instruction_id, c.member_id, c.ifsc, c.account_last4
    FROM payments_instruction i
    JOIN payments_account_check c ON c.member_id = i.member_id AND c.ifsc = i.ifsc AND c.account_last4 = i.account_last4
    WHERE i.run_id = %(run)s AND i.state = 'written' AND i.rail = 'account' AND i.destination_sealed IS NOT NULL
    ORDER BY c.id, i.id
) w
WHERE NOT EXISTS (SELECT FROM payments_account_drop d WHERE d.account_check_id = w.account_check_id AND d.alive)
    -- the account was registered anew since
    AND NOT EXISTS (SELECT FROM payments_account_check n WHERE n.member_id = w.member_id AND n.id > w.account_check_id)
    -- the payment itself is with the bank already
    AND NOT EXISTS (
        SELECT FROM payments_file_item t JOIN payments_file p ON p.id = t.file_id
        WHERE t.instruction_id = w.instruction_id AND t.alive AND p.state IN ('released', 'sent'))
    -- a benefit that reached it, or came back from it, says more than a rupee
    AND NOT EXISTS (
        SELECT FROM payments_entry e JOIN payments_instruction p ON p.id = e.source_id
        WHERE e.kind IN ('credited', 'returned') AND p.member_id = w.member_id AND p.ifsc = w.ifsc AND p.account_last4 = w.account_last4)
