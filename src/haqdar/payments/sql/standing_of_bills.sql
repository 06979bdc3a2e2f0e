-- What became of the lines of each bill of a run, from `standing_now`.
INSERT INTO payments_bill_standing (month, bill_id, outcome, persons, paise, value_from, value_to, without_utr)
SELECT %(month)s, l.bill_id, s.outcome, count(DISTINCT d.member_id), sum(l.paise), min(n.value_on), max(n.value_on),
    count(DISTINCT d.member_id) FILTER (WHERE s.outcome LIKE 'credited%%' AND coalesce(n.utr, '') = '')
FROM payments_bill b
JOIN payments_bill_line l ON l.bill_id = b.id
JOIN payments_due d ON d.id = l.due_id
LEFT JOIN standing_now n ON n.member_id = d.member_id AND n.scheme = d.scheme
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.withdrawn_in_id IS NOT NULL THEN 'left_out' ELSE coalesce(n.outcome, 'unpayable') END AS outcome
) s
WHERE b.run_id = %(run)s
GROUP BY 2, 3
