-- What is payable to people for whom no drawing officer is known: listed, not billed.
CREATE OR REPLACE TABLE unbilled AS
SELECT member_id, pension_group, scheme, sum(paise)::BIGINT AS paise
FROM bill_line
WHERE ddo_code IS NULL
GROUP BY ALL
ORDER BY member_id, pension_group, scheme
