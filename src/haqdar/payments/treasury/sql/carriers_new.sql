-- Each credit that goes out for the first time is claimed, so that no bank's file takes it too: one list for each bill that claims.
CREATE TEMP TABLE treasury_claim ON COMMIT DROP AS
SELECT c.instruction_id, min(c.bill_id) AS bill_id
FROM payments_treasury_credit c
WHERE c.bill_id = ANY(%(bills)s)
    AND NOT EXISTS (SELECT FROM payments_file_item i WHERE i.instruction_id = c.instruction_id AND i.alive)
GROUP BY 1
