-- What each person still owes the State after this month's dues.
CREATE OR REPLACE TABLE outstanding_after AS
WITH movement AS (
    SELECT member_id, paise FROM outstanding WHERE paise > 0
    UNION ALL
    SELECT member_id, -paise FROM dues WHERE kind = 'recovery'
    UNION ALL
    SELECT dues.member_id, -withholding.paise FROM withholding JOIN dues USING (due_no)
)
SELECT member_id::INTEGER AS member_id, sum(paise)::BIGINT AS paise
FROM movement
GROUP BY member_id
HAVING sum(paise) <> 0
ORDER BY member_id
