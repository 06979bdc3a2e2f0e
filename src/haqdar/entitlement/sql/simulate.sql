-- A law tried against the law in force, on the distinct lives of a day.
--   sim_cell      one row for each distinct life: cell_no (as member_id), day, every fact of the vocabulary
--   sim_lives     how many people live it: cell_no, district_code, social_category, rural, holder, people
--   sim_verdict_before, sim_verdict_after   what each law says of the cells (verdict_long_sql)

-- name: best
-- The best decided entitlement of each cell and group under either law, and the most that an undecided one could bring.
CREATE OR REPLACE TEMP TABLE sim_best AS
SELECT side, member_id AS cell_no, pension_group,
       first(scheme ORDER BY paise DESC, rank) FILTER (WHERE verdict) AS scheme,
       coalesce(max(paise), 0) AS paise,
       greatest(coalesce(max(paise), 0), max(possible_paise)) AS most,
       coalesce(max(possible_paise) FILTER (WHERE verdict IS NULL), 0) > coalesce(max(paise), 0) AS undecided
FROM (SELECT 'before' AS side, * FROM sim_verdict_before UNION ALL SELECT 'after', * FROM sim_verdict_after)
GROUP BY side, member_id, pension_group;

-- name: pair
CREATE OR REPLACE TEMP TABLE sim_pair AS
SELECT coalesce(b.cell_no, a.cell_no) AS cell_no, coalesce(b.pension_group, a.pension_group) AS pension_group,
       b.scheme AS from_scheme, coalesce(b.paise, 0) AS from_paise,
       a.scheme AS to_scheme, coalesce(a.paise, 0) AS to_paise,
       coalesce(b.most, 0) AS from_most, coalesce(a.most, 0) AS to_most,
       coalesce(b.undecided, false) AS from_undecided, coalesce(a.undecided, false) AS to_undecided
FROM (FROM sim_best WHERE side = 'before') b
FULL JOIN (FROM sim_best WHERE side = 'after') a ON a.cell_no = b.cell_no AND a.pension_group = b.pension_group;

-- name: outcome
-- What becomes of a person: all groups together, so that a scheme that changes its group is no gain and no loss.
CREATE OR REPLACE TEMP TABLE sim_outcome AS
SELECT c.member_id AS cell_no, c.sex, c.age AS age_from,
       coalesce(p.from_paise, 0) AS from_paise, coalesce(p.to_paise, 0) AS to_paise,
       coalesce(p.from_most, 0) AS from_most, coalesce(p.to_most, 0) AS to_most,
       coalesce(p.from_undecided, false) AS from_undecided, coalesce(p.to_undecided, false) AS to_undecided,
       CASE WHEN p.cell_no IS NULL OR p.from_paise = 0 AND p.to_paise = 0 THEN 'none'
            WHEN p.from_paise = 0 THEN 'newly'
            WHEN p.to_paise = 0 THEN 'lose_all'
            WHEN p.to_paise > p.from_paise THEN 'more'
            WHEN p.to_paise < p.from_paise THEN 'less'
            WHEN p.schemes_differ THEN 'other_scheme'
            ELSE 'same' END AS outcome
FROM sim_cell c
LEFT JOIN (SELECT cell_no, sum(from_paise)::BIGINT AS from_paise, sum(to_paise)::BIGINT AS to_paise,
                  sum(from_most)::BIGINT AS from_most, sum(to_most)::BIGINT AS to_most,
                  bool_or(from_undecided) AS from_undecided, bool_or(to_undecided) AS to_undecided,
                  list_sort(list(from_scheme) FILTER (WHERE from_scheme IS NOT NULL))
                      IS DISTINCT FROM list_sort(list(to_scheme) FILTER (WHERE to_scheme IS NOT NULL)) AS schemes_differ
           FROM sim_pair GROUP BY cell_no) p ON p.cell_no = c.member_id;

-- name: row
CREATE OR REPLACE TEMP VIEW sim_row AS
SELECT l.people, l.holder, l.district_code AS district, o.sex,
       CASE WHEN o.age_from IS NULL THEN 'unknown' WHEN o.age_from < 18 THEN 'under_18' WHEN o.age_from < 40 THEN '18_39'
            WHEN o.age_from < 60 THEN '40_59' WHEN o.age_from < 65 THEN '60_64' WHEN o.age_from < 80 THEN '65_79'
            ELSE '80_over' END AS age_band,
       coalesce(l.social_category, 'unknown') AS category, CASE WHEN l.rural THEN 'rural' ELSE 'urban' END AS place,
       o.* EXCLUDE (sex, cell_no, age_from)
FROM sim_lives l JOIN sim_outcome o USING (cell_no);

-- name: measures
SELECT {keys}
       sum(people)::BIGINT AS residents,
       coalesce(sum(people) FILTER (WHERE from_paise > 0), 0)::BIGINT AS entitled_before,
       coalesce(sum(people) FILTER (WHERE to_paise > 0), 0)::BIGINT AS entitled_after,
       coalesce(sum(people) FILTER (WHERE outcome IN ('newly', 'more')), 0)::BIGINT AS gainers,
       coalesce(sum(people) FILTER (WHERE outcome = 'newly'), 0)::BIGINT AS newly_entitled,
       coalesce(sum(people) FILTER (WHERE outcome IN ('less', 'lose_all')), 0)::BIGINT AS losers,
       coalesce(sum(people) FILTER (WHERE outcome = 'lose_all'), 0)::BIGINT AS lose_all,
       coalesce(sum(people) FILTER (WHERE outcome IN ('same', 'other_scheme')), 0)::BIGINT AS unchanged,
       coalesce(sum(people) FILTER (WHERE outcome = 'other_scheme'), 0)::BIGINT AS other_scheme,
       coalesce(sum(people) FILTER (WHERE from_undecided), 0)::BIGINT AS undecided_before,
       coalesce(sum(people) FILTER (WHERE to_undecided), 0)::BIGINT AS undecided_after,
       sum(people * from_paise)::BIGINT AS paise_before,
       sum(people * to_paise)::BIGINT AS paise_after,
       sum(people * greatest(to_paise - from_paise, 0))::BIGINT AS gained_paise,
       sum(people * greatest(from_paise - to_paise, 0))::BIGINT AS lost_paise,
       sum(people * from_most)::BIGINT AS most_paise_before,
       sum(people * to_most)::BIGINT AS most_paise_after,
       coalesce(sum(people) FILTER (WHERE holder), 0)::BIGINT AS holders,
       coalesce(sum(people) FILTER (WHERE holder AND outcome IN ('newly', 'more')), 0)::BIGINT AS holders_gain,
       coalesce(sum(people) FILTER (WHERE holder AND outcome IN ('less', 'lose_all')), 0)::BIGINT AS holders_lose,
       coalesce(sum(people * from_paise) FILTER (WHERE holder), 0)::BIGINT AS holders_paise_before,
       coalesce(sum(people * to_paise) FILTER (WHERE holder), 0)::BIGINT AS holders_paise_after
FROM sim_row
{groups}

-- name: schemes
WITH living AS (SELECT cell_no, sum(people)::BIGINT AS people FROM sim_lives GROUP BY cell_no), told AS (
    SELECT from_scheme AS scheme, people, people * from_paise AS paise_before, 0 AS after, 0 AS paise_after
    FROM sim_pair JOIN living USING (cell_no) WHERE from_scheme IS NOT NULL
    UNION ALL
    SELECT to_scheme, 0, 0, people, people * to_paise FROM sim_pair JOIN living USING (cell_no) WHERE to_scheme IS NOT NULL
)
SELECT scheme, sum(people)::BIGINT AS entitled_before, sum(after)::BIGINT AS entitled_after,
       sum(paise_before)::BIGINT AS paise_before, sum(paise_after)::BIGINT AS paise_after
FROM told GROUP BY scheme ORDER BY scheme

-- name: moves
WITH living AS (SELECT cell_no, sum(people)::BIGINT AS people FROM sim_lives GROUP BY cell_no)
SELECT pension_group, from_scheme, to_scheme, sum(people)::BIGINT AS persons,
       sum(people * from_paise)::BIGINT AS paise_before, sum(people * to_paise)::BIGINT AS paise_after
FROM sim_pair JOIN living USING (cell_no)
WHERE from_scheme IS NOT NULL OR to_scheme IS NOT NULL
GROUP BY ALL ORDER BY pension_group, from_scheme NULLS LAST, to_scheme NULLS LAST
