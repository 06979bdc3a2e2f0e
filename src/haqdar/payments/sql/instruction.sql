-- One credit per person and scheme for what was billed, with the reason where it cannot be sent to a bank.
CREATE OR REPLACE TABLE credit AS
WITH billed AS (
    SELECT member_id, pension_group, scheme, sum(paise)::BIGINT AS paise
    FROM bill_line
    WHERE ddo_code IS NOT NULL
    GROUP BY ALL
),
named AS (
    SELECT billed.*, ifsc, account_sealed, account_last4, aadhaar_ref, aadhaar_last4, heirless,
        left(coalesce(spelled.latin, trim(regexp_replace(upper(name_en), '[^A-Z]+', ' ', 'g'))), 40) AS payee_name
    FROM billed
    LEFT JOIN payee USING (member_id)
    LEFT JOIN spelled_name AS spelled USING (name_en)
),
-- the first of the law's rails by which the payee can be reached
reached AS (
    SELECT named.*, list_filter($rails, lambda r:
        (r = 'account' AND account_sealed IS NOT NULL AND coalesce(ifsc, '') <> '')
        OR (r = 'aadhaar' AND aadhaar_ref IS NOT NULL))[1] AS rail
    FROM named
)
SELECT member_id, pension_group, scheme, paise, rail, payee_name,
    CASE WHEN rail = 'account' THEN ifsc ELSE '' END AS ifsc,
    CASE WHEN rail = 'aadhaar' THEN aadhaar_ref ELSE account_sealed END AS destination_sealed,
    CASE WHEN rail = 'aadhaar' THEN aadhaar_last4 ELSE account_last4 END AS last4,
    -- A keyed hash: the same month, person and scheme give the same reference however often the month is repeated, and
    -- nobody without the key can tell the person from it.
    strftime($month::DATE, '%Y%m')
    || upper(left(sha256($key || '/' || strftime($month::DATE, '%Y%m') || '/' || member_id || '/' || scheme), 24))
    AS reference,
    CASE
        WHEN heirless THEN 'no_heir'
        WHEN rail IS NULL AND account_sealed IS NULL THEN 'no_account'
        WHEN rail IS NULL THEN 'no_ifsc'
        WHEN coalesce(payee_name, '') = '' THEN 'no_name'
    END AS reason
FROM reached
ORDER BY member_id, pension_group, scheme
