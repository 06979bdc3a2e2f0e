-- The credits of the bills that go, each with an id of its own: the reference and which part of it this is.
INSERT INTO payments_treasury_credit (bill_id, instruction_id, credit_id, paise)
SELECT p.bill_id, p.instruction_id,
    p.reference || lpad((coalesce(k.known, 0)
        + row_number() OVER (PARTITION BY p.instruction_id ORDER BY p.drawn_id, p.bill_id))::text, 2, '0'),
    p.paise
FROM treasury_part p
JOIN treasury_judged j ON j.bill_id = p.bill_id AND j.problem = ''
LEFT JOIN (
    SELECT instruction_id, count(*) AS known FROM payments_treasury_credit
    WHERE instruction_id IN (SELECT instruction_id FROM treasury_part) GROUP BY 1
) k ON k.instruction_id = p.instruction_id
ORDER BY p.bill_id, p.instruction_id
-- a bill that was put back after a hold keeps the ids of its credits: the treasury was told of none
ON CONFLICT (bill_id, instruction_id) DO NOTHING
