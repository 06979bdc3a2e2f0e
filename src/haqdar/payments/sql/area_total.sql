-- The month's money by local body and scheme.
CREATE OR REPLACE TABLE area_total AS
WITH movement AS (
    SELECT member_id, scheme,
        (kind = 'regular')::INTEGER AS persons,
        CASE WHEN kind = 'regular' THEN paise ELSE 0 END AS regular_paise,
        CASE WHEN kind = 'arrears' THEN paise ELSE 0 END AS arrears_paise,
        CASE WHEN kind = 'recovery' THEN -paise ELSE 0 END AS recovery_paise,
        0 AS withheld_paise,
        0 AS instructed_paise
    FROM dues
    UNION ALL
    SELECT member_id, scheme, 0, 0, 0, 0, withheld.paise, 0 FROM withheld JOIN dues USING (due_no)
    UNION ALL
    SELECT member_id, scheme, 0, 0, 0, 0, 0, paise FROM instruction
)
SELECT area_code, scheme, sum(persons)::INTEGER AS persons, sum(regular_paise)::BIGINT AS regular_paise,
    sum(arrears_paise)::BIGINT AS arrears_paise, sum(recovery_paise)::BIGINT AS recovery_paise,
    sum(withheld_paise)::BIGINT AS withheld_paise, sum(instructed_paise)::BIGINT AS instructed_paise
FROM movement LEFT JOIN payee USING (member_id)
GROUP BY ALL
ORDER BY ALL
