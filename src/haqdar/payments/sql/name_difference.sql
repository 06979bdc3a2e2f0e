-- Holders' names that have little in common with the payee's name and with the name of whoever receives for the payee.
INSERT INTO payments_name_difference (line_id, instruction_id, member_id, scheme, area_code, account_last4, our_name, bank_name,
    likeness, found_at, finding, looked_by, note)
WITH said AS (
    SELECT l.id AS line_id, i.id AS instruction_id, i.member_id, i.scheme, i.area_code, i.account_last4, i.payee_name, l.account_name,
        {their_key} AS their_key, {their_joined} AS their_joined, {our_key} AS our_key, {our_joined} AS our_joined
    FROM answer_judged a
    -- one rupee that tried the account goes where the payment is to go
    LEFT JOIN payments_account_drop d ON d.id = a.drop_id
    JOIN payments_response_line l ON l.file_id = %(file)s AND l.line_no = a.line_no
    JOIN payments_instruction i ON i.id = coalesce(a.instruction_id, d.instruction_id)
    -- most names are the same sign for sign: those are done with before anything is looked up
    WHERE a.disposition IN ('applied', 'repeated') AND a.account_name <> '' AND upper(a.account_name) IS DISTINCT FROM a.payee_name
        AND upper(a.account_name) <> i.payee_name
),
-- keys are compared, not spellings: script, honorifics, vowels and spaces are no difference (base/names.py)
strange AS (
    SELECT * FROM (
        SELECT s.*, (100 * greatest(similarity(s.their_key, s.our_key), similarity(s.their_joined, s.our_joined)))::smallint AS likeness
        FROM said s) s
    WHERE s.likeness < %(least)s
),
received AS (
    SELECT s.*, (
        SELECT (100 * greatest(similarity(s.their_key, {receiver_key}), similarity(s.their_joined, {receiver_joined})))::smallint
        FROM (SELECT receiver_id FROM registry_payee_belief WHERE member_id = s.member_id ORDER BY belief_no DESC LIMIT 1) p
        JOIN LATERAL (SELECT name_en FROM registry_resident_belief WHERE member_id = p.receiver_id ORDER BY belief_no DESC LIMIT 1) b
            ON true
    ) AS receiver_likeness
    FROM strange s
)
SELECT r.line_id, r.instruction_id, r.member_id, r.scheme, r.area_code, r.account_last4, r.payee_name, r.account_name, r.likeness,
    now(), 'open', '', ''
FROM received r
WHERE coalesce(r.receiver_likeness, 0) < %(least)s
    -- looked at already: the same account with the same name
    AND NOT EXISTS (
        SELECT FROM payments_name_difference d
        WHERE d.member_id = r.member_id AND d.account_last4 IS NOT DISTINCT FROM r.account_last4 AND d.bank_name = r.account_name
    )
ON CONFLICT DO NOTHING
