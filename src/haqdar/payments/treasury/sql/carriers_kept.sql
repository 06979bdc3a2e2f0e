-- The lists of claimed credits: a payment file for each claiming bill, which no bank gets; its hash is over references and sums.
WITH list AS (
    SELECT x.bill_id, t.month, %(carrier)s || ' ' || t.number AS name, v.submitted_by, count(*) AS items, sum(i.paise)::bigint AS paise,
        encode(sha256(convert_to(string_agg(i.reference || ' ' || i.paise, E'\n' ORDER BY i.reference), 'UTF8')), 'hex') AS sha256
    FROM treasury_claim x
    JOIN payments_instruction i ON i.id = x.instruction_id
    JOIN payments_treasury_bill t ON t.id = x.bill_id
    JOIN payments_bill_version v ON v.id = t.version_id
    GROUP BY x.bill_id, t.month, t.number, v.submitted_by
), numbered AS (
    SELECT l.*,
        (SELECT coalesce(max(f.sequence), 0) FROM payments_file f WHERE f.profile = %(carrier)s AND f.month = l.month)
            + row_number() OVER (PARTITION BY l.month ORDER BY l.bill_id) AS sequence
    FROM list l
), named AS (
    -- a bill that was put back after a hold claims its credits anew
    SELECT n.*, n.name || CASE WHEN EXISTS (SELECT FROM payments_file f WHERE f.name = n.name) THEN ' ' || n.sequence ELSE '' END
        AS full_name
    FROM numbered n
), made AS (
    INSERT INTO payments_file (profile, profile_from, month, sequence, name, settlement_on, items, paise, sha256, size, state, made_at,
        made_by, released_by, withdrawn_by)
    SELECT %(carrier)s, %(since)s, l.month, l.sequence, l.full_name, greatest(l.month, %(today)s), l.items, l.paise, l.sha256, 0, 'made',
        %(now)s, %(by)s, '', ''
    FROM named l
    RETURNING id, name
)
INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise, alive)
SELECT m.id, i.id, row_number() OVER (PARTITION BY m.id ORDER BY i.reference), i.paise, true
FROM treasury_claim x
JOIN payments_instruction i ON i.id = x.instruction_id
JOIN named n ON n.bill_id = x.bill_id
JOIN made m ON m.name = n.full_name
