-- What each line of `answer_read` is worth: its instruction (or the rupee that tried an account), and what is made of it by what was
-- known before and by the lines before it. `subject` is the credit that a line speaks of: an instruction, or less than nothing for a rupee.
CREATE TEMP TABLE answer_judged ON COMMIT DROP AS
WITH matched AS (
    SELECT a.*, i.id AS instruction_id, d.id AS drop_id, coalesce(i.id, -d.id) AS subject,
        coalesce(i.paise, d.paise) AS instructed_paise, i.payee_name, i.run_id, i.corrects_id,
        coalesce(p.state, q.state) AS file_state
    FROM answer_read a
    LEFT JOIN payments_instruction i
        ON i.reference = a.full_reference AND i.state <> 'superseded' AND a.problem = '' AND a.full_reference <> ''
    LEFT JOIN payments_file_item t ON t.instruction_id = i.id AND t.alive
    LEFT JOIN payments_file p ON p.id = t.file_id
    LEFT JOIN payments_account_drop d ON d.reference = a.full_reference AND a.problem = '' AND a.full_reference <> ''
    LEFT JOIN payments_file q ON q.id = d.file_id
),
based AS (
    SELECT m.*, CASE
        WHEN problem <> '' THEN 'unreadable'
        WHEN subject IS NULL THEN 'unknown'
        WHEN file_state IS NULL OR file_state NOT IN ('released', 'sent') THEN 'not_sent'
        WHEN paise <> instructed_paise THEN 'amount'
        -- a person found out that it arrived in part: whatever is said about all of it names another amount
        WHEN instruction_id IN (
            SELECT l.instruction_id FROM payments_set_aside_note n JOIN payments_response_line l ON l.id = n.line_id
            WHERE n.decision = 'part'
        ) THEN 'amount'
        ELSE 'fine' END AS base
    FROM matched m
),
before AS (
    SELECT coalesce(l.instruction_id, -l.drop_id) AS subject, bool_or(l.outcome = 'credited') AS credited,
        bool_or(l.outcome = 'returned') AS returned, bool_or(l.outcome = 'pending') AS pending,
        max(l.value_on) FILTER (WHERE l.outcome = 'credited') AS credited_on,
        max(l.value_on) FILTER (WHERE l.outcome = 'returned') AS returned_on
    FROM (
        SELECT * FROM payments_response_line
        WHERE disposition = 'applied' AND instruction_id IN (SELECT instruction_id FROM based WHERE base = 'fine')
        UNION ALL
        SELECT * FROM payments_response_line
        WHERE disposition = 'applied' AND drop_id IN (SELECT drop_id FROM based WHERE base = 'fine')
    ) l
    GROUP BY 1
),
fine AS (
    SELECT n.line_no, row_number() OVER (PARTITION BY n.subject, n.outcome ORDER BY n.line_no) AS nth,
        coalesce(b.credited, false) AS credited, coalesce(b.returned, false) AS returned, coalesce(b.pending, false) AS pending,
        b.credited_on, coalesce(b.returned_on, min(n.value_on) FILTER (WHERE n.outcome = 'returned') OVER one) AS returned_on,
        coalesce(b.returned, false) OR bool_or(n.outcome = 'returned') OVER one AS comes_back
    FROM based n LEFT JOIN before b USING (subject)
    WHERE n.base = 'fine'
    WINDOW one AS (PARTITION BY n.subject)
)
SELECT b.line_no, b.reference, b.outcome, b.reason_code, b.paise, b.value_on, b.utr, b.account_name, b.instruction_id, b.drop_id,
    b.payee_name, b.run_id, b.corrects_id,
    CASE
        WHEN b.base <> 'fine' THEN b.base
        WHEN f.nth > 1 THEN 'repeated'
        WHEN b.outcome = 'pending' THEN
            CASE WHEN f.credited OR f.returned OR f.pending THEN 'repeated' ELSE 'applied' END
        WHEN b.outcome = 'returned' THEN CASE
            WHEN f.returned THEN 'repeated'
            -- given back before it was credited: a bank does not do that under one reference
            WHEN f.credited AND b.value_on < f.credited_on THEN 'contradiction'
            ELSE 'applied' END
        WHEN f.credited THEN 'repeated'
        -- credited first and given back later; the answers came in the other order
        WHEN f.returned AND b.value_on <= f.returned_on THEN 'repeated'
        WHEN f.comes_back AND (f.returned OR b.value_on > f.returned_on) THEN 'contradiction'
        ELSE 'applied'
    END AS disposition,
    CASE WHEN b.outcome = 'credited' AND f.returned AND NOT f.credited AND b.value_on <= f.returned_on THEN 'overtaken'
        ELSE b.problem END AS problem
FROM based b LEFT JOIN fine f USING (line_no)
