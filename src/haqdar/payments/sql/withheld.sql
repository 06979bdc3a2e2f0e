-- The sum kept back from each due.
CREATE OR REPLACE TABLE withheld AS
SELECT due_no, sum(paise)::BIGINT AS paise
FROM withholding
GROUP BY due_no
ORDER BY due_no
