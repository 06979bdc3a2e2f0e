-- One bill per drawing officer, scheme and head of account.
CREATE OR REPLACE TABLE bill AS
SELECT
    strftime($month::DATE, '%Y%m') || '/' || ddo_code || '/' || lpad(bill_ordinal::VARCHAR, 3, '0') AS bill_no,
    ddo_code,
    scheme,
    head,
    $month::DATE AS month,
    count(DISTINCT member_id)::INTEGER AS persons,
    sum(paise)::BIGINT AS paise
FROM bill_line
WHERE ddo_code IS NOT NULL
GROUP BY ddo_code, scheme, head, bill_ordinal
ORDER BY bill_no
