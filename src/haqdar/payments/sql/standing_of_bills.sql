-- What became of the lines of each bill of a run, from `standing_now`.
INSERT INTO payments_bill_standing (month, bill_id, outcome, persons, paise, value_from, value_to, without_utr)
SELECT %(month)s, bill_id, outcome, count(*), sum(paise), min(value_from), max(value_to), count(*) FILTER (WHERE without_utr)
FROM (
    SELECT l.bill_id, s.outcome, d.member_id, sum(l.paise) AS paise, min(n.value_on) AS value_from, max(n.value_on) AS value_to,
        bool_or(s.outcome LIKE 'credited%%' AND coalesce(n.utr, '') = '') AS without_utr
    FROM payments_bill b
    JOIN payments_bill_line l ON l.bill_id = b.id
    JOIN payments_due d ON d.id = l.due_id
    LEFT JOIN standing_now n ON n.member_id = d.member_id AND n.scheme = d.scheme
    CROSS JOIN LATERAL (
        SELECT CASE WHEN l.withdrawn_in_id IS NOT NULL THEN 'left_out' ELSE coalesce(n.outcome, 'unpayable') END AS outcome
    ) s
    WHERE b.run_id = %(run)s
    GROUP BY 1, 2, 3
) person
GROUP BY 2, 3
