-- The proposals of a closed month: one row per local body and scheme, with its people.
-- Everybody's money of the month beside the month compared with, person and scheme at a time; then summed by body.
CREATE TEMP TABLE proposed ON COMMIT DROP AS
WITH body AS (
    -- a panchayat is its own body; a ward belongs to its urban body, an area below another body to that
    SELECT a.area_code, coalesce(b.area_code, a.area_code) AS body_code
    FROM access_area a
    LEFT JOIN LATERAL (
        SELECT b.area_code
        FROM unnest(string_to_array(trim(BOTH '/' FROM a.path), '/')) WITH ORDINALITY AS s (code, depth)
        JOIN access_area b ON b.area_code = replace(s.code, '%%2F', '/') AND b.kind IN ('gp', 'ulb')
        ORDER BY s.depth LIMIT 1
    ) b ON true
),
kept AS (
    SELECT due_id, sum(paise)::bigint AS paise FROM payments_withholding WHERE run_id = %(run)s GROUP BY due_id
),
money AS (
    -- both months in one pass: what a person has now, and the regular due of the month compared with
    SELECT d.member_id, d.scheme,
        coalesce(min(d.area_code) FILTER (WHERE d.run_id = %(run)s), min(d.area_code)) AS area_code,
        coalesce(min(d.ddo_code) FILTER (WHERE d.run_id = %(run)s), min(d.ddo_code)) AS ddo_code,
        bool_or(d.run_id = %(run)s) AS is_present,
        coalesce(sum(d.paise) FILTER (WHERE d.run_id = %(run)s AND d.kind = 'regular'), 0)::bigint AS regular,
        coalesce(sum(d.paise) FILTER (WHERE d.run_id = %(run)s AND d.kind = 'arrears'), 0)::bigint AS arrears,
        coalesce(-sum(d.paise) FILTER (WHERE d.run_id = %(run)s AND d.kind = 'recovery'), 0)::bigint AS recovery,
        coalesce(sum(k.paise) FILTER (WHERE d.run_id = %(run)s AND d.kind <> 'recovery'), 0)::bigint AS withheld,
        sum(d.paise) FILTER (WHERE d.run_id <> %(run)s)::bigint AS regular_before
    FROM payments_due d LEFT JOIN kept k ON k.due_id = d.id
    WHERE d.run_id = %(run)s OR d.run_id = %(before)s AND d.kind = 'regular'
    GROUP BY d.member_id, d.scheme
),
held AS (
    SELECT member_id, scheme FROM payments_hold WHERE released_at IS NULL
),
stuck AS (
    SELECT DISTINCT member_id, scheme FROM payments_not_payable WHERE run_id = %(run)s
),
person AS (
    SELECT m.*, m.regular + m.arrears - m.withheld AS payable, h.member_id IS NOT NULL AS is_held,
        n.member_id IS NOT NULL AS is_stuck
    FROM money m
    LEFT JOIN held h USING (member_id, scheme)
    LEFT JOIN stuck n USING (member_id, scheme)
)
SELECT body.body_code, person.scheme, min(person.ddo_code) AS ddo_code,
    count(*) FILTER (WHERE payable > 0)::int AS persons,
    count(*) FILTER (WHERE regular > 0 AND regular_before IS NULL AND %(compared)s)::int AS new_persons,
    count(*) FILTER (WHERE regular_before > 0 AND regular = 0)::int AS ended_persons,
    count(*) FILTER (WHERE regular > 0 AND regular_before > 0 AND regular_before <> regular)::int AS changed_persons,
    sum(regular)::bigint AS regular_paise,
    sum(arrears)::bigint AS arrears_paise,
    sum(recovery)::bigint AS recovery_paise,
    sum(withheld)::bigint AS withheld_paise,
    sum(payable)::bigint AS payable_paise,
    count(*) FILTER (WHERE is_held AND payable > 0)::int AS held_persons,
    coalesce(sum(payable) FILTER (WHERE is_held), 0)::bigint AS held_paise,
    count(*) FILTER (WHERE is_stuck AND NOT is_held AND payable > 0)::int AS unpayable_persons,
    coalesce(sum(payable) FILTER (WHERE is_stuck AND NOT is_held), 0)::bigint AS unpayable_paise,
    coalesce(array_agg(member_id ORDER BY member_id) FILTER (WHERE is_present), '{}') AS members,
    coalesce(array_agg(member_id ORDER BY member_id) FILTER (WHERE NOT is_present), '{}') AS ended
FROM person JOIN body USING (area_code)
GROUP BY body.body_code, person.scheme
