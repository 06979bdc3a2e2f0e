-- What each due puts on which bill: its components, less what is withheld (from the largest component first).
CREATE OR REPLACE TABLE bill_line AS
WITH part AS (
    SELECT dues.due_no, dues.member_id, dues.pension_group, dues.scheme, split.component, split.component_no, split.paise
    FROM dues
    JOIN component_split AS split USING (scheme, for_month, target_paise, before_paise)
    WHERE dues.kind <> 'recovery' AND split.paise > 0
),
reduced AS (
    SELECT part.* REPLACE (
        part.paise - greatest(0, least(part.paise, withheld.paise - (sum(part.paise) OVER line - part.paise)))::BIGINT
        AS paise
    )
    FROM part JOIN withheld USING (due_no)
    WINDOW line AS (PARTITION BY due_no ORDER BY part.paise DESC, component_no)
),
payable AS (
    FROM reduced
    UNION ALL
    FROM part WHERE due_no NOT IN (SELECT due_no FROM withheld)
)
SELECT payable.due_no, payable.member_id, payable.pension_group, payable.scheme, payable.component,
    payable.component_no, payee.ddo_code, head_of.head, head_of.bill_ordinal, payable.paise
FROM payable
LEFT JOIN payee USING (member_id)
LEFT JOIN head_of
    ON head_of.scheme = payable.scheme
    AND head_of.component = payable.component
    AND head_of.category = coalesce(payee.social_category, 'GEN')
    AND head_of.rural = coalesce(payee.rural, true)
WHERE payable.paise > 0
ORDER BY due_no, component_no
