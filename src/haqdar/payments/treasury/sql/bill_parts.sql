-- What each credit gets through the bills that are to go out: the lines that stand, summed by instruction.
CREATE TEMP TABLE treasury_part ON COMMIT DROP AS
SELECT t.id AS bill_id, v.bill_id AS drawn_id, i.id AS instruction_id, i.reference, sum(l.paise)::bigint AS paise,
    i.paise AS whole, i.member_id, i.scheme
FROM payments_treasury_bill t
JOIN payments_bill_version v ON v.id = t.version_id AND v.state = 'submitted'
JOIN payments_bill_line l ON l.bill_id = v.bill_id AND l.withdrawn_in_id IS NULL
JOIN payments_due d ON d.id = l.due_id
JOIN payments_instruction i ON i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme
    AND i.state = 'written' AND i.origin = ''
WHERE t.id = ANY(%(bills)s) AND t.kind = 'bill' AND t.state = 'held_back'
GROUP BY t.id, v.bill_id, i.id
