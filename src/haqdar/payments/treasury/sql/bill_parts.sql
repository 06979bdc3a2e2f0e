-- What each credit gets through the bills that are to go out: the lines that stand, summed by instruction. What came back and lapsed
-- with its budget year stands on a new bill: there the newest instruction of its chain goes, the earlier ones have had their answer.
CREATE TEMP TABLE treasury_part ON COMMIT DROP AS
SELECT t.id AS bill_id, v.bill_id AS drawn_id, c.id AS instruction_id, c.reference, sum(l.paise)::bigint AS paise,
    c.paise AS whole, i.member_id, i.scheme
FROM payments_treasury_bill t
JOIN payments_bill_version v ON v.id = t.version_id AND v.state = 'submitted'
JOIN payments_bill_line l ON l.bill_id = v.bill_id AND l.withdrawn_in_id IS NULL
JOIN payments_due d ON d.id = l.due_id
JOIN payments_instruction i ON i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme
    AND i.state = 'written' AND i.origin = ''
JOIN payments_instruction c ON c.id = coalesce((
    SELECT max(n.id) FROM payments_return r JOIN payments_instruction n ON n.corrects_id = r.instruction_id AND n.state = 'written'
    WHERE r.first_id = i.id
), i.id)
WHERE t.id = ANY(%(bills)s) AND t.kind = 'bill' AND t.state = 'held_back'
    -- what turned out not to be owed is on the line, and must not go with it
    AND NOT EXISTS (SELECT FROM payments_return r WHERE r.first_id = i.id AND r.not_paid_paise > 0)
    -- a death recorded since leaves it unowed: the bill then does not add up, comes back, and is sanctioned anew without it
    AND NOT EXISTS (
        SELECT FROM payments_not_owed() n WHERE n.run_id = i.run_id AND n.member_id = i.member_id AND n.scheme = i.scheme)
GROUP BY t.id, v.bill_id, i.id, c.id
