-- A return for each credit that came back, with what follows by the table of reasons in force on its day.
INSERT INTO payments_return (instruction_id, first_id, line_id, month, member_id, pension_group, scheme, paise, area_code, ddo_code,
    reasons, reason_code, action, attempt, returned_on, read_at, state, state_at, state_by)
WITH version AS (
    SELECT (v ->> 'since')::date AS since, v ->> 'other' AS other, v -> 'codes' AS codes
    FROM jsonb_array_elements(%(versions)s::jsonb) v
),
back AS (
    SELECT l.id AS line_id, CASE WHEN l.outcome = 'returned' THEN l.reason_code ELSE '' END AS reason_code, l.value_on,
        i.id AS instruction_id, i.member_id, i.pension_group, i.scheme, coalesce(%(part)s::bigint, i.paise) AS paise,
        i.rail, i.area_code, i.ddo_code, r.month, coalesce(e.first_id, i.id) AS first_id, coalesce(e.attempt, 0) + 1 AS attempt,
        -- a bank that credited less than it was told gets the rest to credit once more
        CASE WHEN l.outcome = 'returned' THEN coalesce(v.codes ->> l.reason_code, v.codes ->> v.other) ELSE 'retry' END AS said
    FROM payments_response_line l
    JOIN payments_instruction i ON i.id = l.instruction_id
    JOIN cases_month_run r ON r.id = i.run_id
    LEFT JOIN payments_return e ON e.instruction_id = i.corrects_id
    CROSS JOIN LATERAL (
        SELECT * FROM version WHERE since <= coalesce(l.value_on, current_date) ORDER BY since DESC LIMIT 1
    ) v
    -- those that the file brought back, or the one line of which a person found out that it is right
    WHERE l.outcome = 'returned' AND (l.file_id = %(file)s AND l.disposition = 'applied' OR l.id = %(line)s)
        OR l.id = %(line)s AND %(part)s::bigint IS NOT NULL
),
judged AS (
    SELECT b.*, CASE
        -- what fails again and again is no passing trouble
        WHEN said = 'retry' AND attempt > %(most_retries)s THEN 'correct'
        WHEN said = 'switch_rail' AND rail = 'account' THEN 'correct'
        ELSE said END AS action
    FROM back b
)
SELECT instruction_id, first_id, line_id, month, member_id, pension_group, scheme, paise, area_code, ddo_code,
    %(reasons)s, reason_code, action, attempt, value_on, now(),
    CASE action
        WHEN 'retry' THEN 'ready'
        WHEN 'death' THEN 'held'
        WHEN 'switch_rail' THEN CASE WHEN (
            SELECT b.account_sealed IS NOT NULL AND b.ifsc <> '' FROM registry_resident_belief b
            WHERE b.member_id = judged.member_id ORDER BY b.belief_no DESC LIMIT 1
        ) THEN 'ready' ELSE 'waiting' END
        ELSE 'waiting' END,
    now(), 'platform'
FROM judged
ON CONFLICT (instruction_id) DO NOTHING
