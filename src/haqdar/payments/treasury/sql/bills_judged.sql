-- Which of them can go, and why the others cannot: a payee was held after the bill was submitted, its lines do not add up to payable
-- credits, a credit came back before (what is presented again goes out by itself, so this would pay it twice), or one is under way in a
-- bank's file already.
CREATE TEMP TABLE treasury_judged ON COMMIT DROP AS
SELECT t.id AS bill_id,
    CASE
        WHEN coalesce(p.paise, 0) <> t.paise OR coalesce(p.persons, 0) <> t.persons THEN 'sums'
        WHEN p.held THEN 'held'
        WHEN p.back THEN 'came_back'
        WHEN p.elsewhere THEN 'in_a_file'
        ELSE ''
    END AS problem
FROM payments_treasury_bill t
LEFT JOIN (
    SELECT x.bill_id, sum(x.paise) AS paise, count(DISTINCT x.member_id) AS persons,
        bool_or(h.id IS NOT NULL) AS held, bool_or(r.id IS NOT NULL) AS back, bool_or(f.id IS NOT NULL) AS elsewhere
    FROM treasury_part x
    LEFT JOIN payments_hold h ON h.member_id = x.member_id AND h.scheme = x.scheme AND h.released_at IS NULL
    LEFT JOIN payments_file_item i ON i.instruction_id = x.instruction_id AND i.alive
    LEFT JOIN payments_return r ON r.instruction_id = x.instruction_id
    LEFT JOIN payments_file f ON f.id = i.file_id AND f.profile <> %(carrier)s
    GROUP BY x.bill_id
) p ON p.bill_id = t.id
WHERE t.id = ANY(%(bills)s) AND t.state = 'held_back'
