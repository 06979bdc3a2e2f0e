-- One correction for each bill on which a credit is presented again.
WITH made AS (
    INSERT INTO payments_treasury_bill (kind, version_id, original_id, number, dated_at, ddo_code, scheme, head, month, persons, paise,
        state, since_at, problem, said, payment_id, payment_on, advice_no, bill_ref, token_no, fin_year, voucher_no)
    SELECT 'correction', o.version_id, o.id,
        o.number || '/C' || (1 + (SELECT count(*) FROM payments_treasury_bill k WHERE k.original_id = o.id)),
        %(now)s, o.ddo_code, o.scheme, o.head, o.month, count(*), sum(a.paise), 'queued', %(now)s, '', '', '', '', '', '', '', '', ''
    FROM treasury_again a JOIN payments_treasury_bill o ON o.id = a.original_id
    GROUP BY o.id
    RETURNING id, original_id
), credits AS (
    INSERT INTO payments_treasury_credit (bill_id, instruction_id, credit_id, paise)
    SELECT m.id, a.instruction_id, a.credit_id, a.paise
    FROM treasury_again a JOIN made m ON m.original_id = a.original_id
)
SELECT id FROM made
