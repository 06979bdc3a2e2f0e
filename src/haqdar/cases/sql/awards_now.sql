-- What the platform's changes and the merges known on a day let each number hold in each pension group.
WITH merge AS (
    SELECT m.id, m.survivor_id, m.absorbed_id, m.last_change, m.merged_at,
           NOT ((u.undone_on <= %(known_on)s OR m.id = ANY(%(taken_back)s)) IS TRUE AND NOT m.id = ANY(%(revived)s)) AS holds,
           CASE WHEN m.id = ANY(%(taken_back)s) THEN 9223372036854775807 ELSE u.last_change END AS undone_change,
           CASE WHEN m.id = ANY(%(taken_back)s) THEN 'infinity' ELSE u.undone_at END AS undone_at
    FROM cases_merging m LEFT JOIN cases_merging_undone u ON u.merging_id = m.id
    WHERE m.merged_on <= %(known_on)s AND NOT m.id = ANY(%(left_out)s)
), person AS (
    -- whose changes a merge looks at: all of the absorbed number's, of the survivor's the groups that it settled
    SELECT absorbed_id AS member_id, NULL::smallint AS pension_group, m.* FROM merge m
    UNION ALL
    SELECT DISTINCT ON (m.id, a.pension_group) m.survivor_id, a.pension_group, m.*
    FROM merge m JOIN cases_merged_award a ON a.merging_id = m.id
), granted AS (
    SELECT g.member_id, g.pension_group, g.scheme, g.paise, m.id
    FROM merge m JOIN cases_merged_award g ON g.merging_id = m.id
    WHERE m.holds {granted}
    UNION ALL
    -- what has gone over to the survivor is held by the absorbed number no more
    SELECT m.absorbed_id, g.pension_group, NULL, NULL, m.id
    FROM merge m JOIN cases_merged_award g ON g.merging_id = m.id
    WHERE m.holds AND NOT g.ends AND NOT EXISTS (
        SELECT FROM cases_merged_award e WHERE e.merging_id = m.id AND e.pension_group = g.pension_group AND e.ends)
)
SELECT DISTINCT ON (member_id, pension_group) member_id, pension_group, scheme, paise
FROM (
    SELECT c.member_id, c.pension_group, c.scheme, c.paise, c.decided_month, c.id, 1 AS era
    FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id
    WHERE r.state = 'complete' AND r.posted AND c.decided_month < %(before)s AND c.occasion = '' {chosen}
      AND NOT EXISTS (
          SELECT FROM person p
          -- a run that had begun before did not know of it, whenever it was posted
          CROSS JOIN LATERAL (SELECT c.id <= p.last_change OR c.actor = 'platform' AND r.started_at < p.merged_at AS before,
                                     c.id <= p.undone_change OR c.actor = 'platform' AND r.started_at < p.undone_at AS during) x
          WHERE p.member_id = c.member_id AND (p.pension_group IS NULL OR p.pension_group = c.pension_group)
            -- a merge replaced what was before; when it is undone, what was changed for the merged person counts no more
            AND CASE WHEN p.holds THEN x.before ELSE x.during AND NOT x.before END)
    UNION ALL
    -- what remains of the changes is later than what the merge gave
    SELECT member_id, pension_group, scheme, paise, DATE '-infinity', id, 0 FROM granted
) held
ORDER BY member_id, pension_group, era DESC, decided_month DESC, id DESC
