-- What keeps returned credits from going out again, as the month's run lists payees whom it cannot pay: one row a person and scheme.
SELECT DISTINCT ON (member_id, scheme) member_id, pension_group, scheme, paise,
    CASE action WHEN 'beneficiary' THEN 'returned_bank' ELSE 'returned_account' END AS reason, area_code
FROM payments_return
WHERE state = 'waiting' AND action <> 'death'
