-- What the law says against what is held: one row for each (member_id, day, pension_group) that has either.
--   verdict  rows whose verdict is true or unknown: paise (true), possible_paise, missing (what is not known)
--   holding  what is held on each day asked, with the verdict of that scheme on that day and why it fails
WITH best AS (
    -- what pays most, and of those the first in rank, as one number (a rank is less than 32768): every engine orders numbers
    SELECT member_id, day, pension_group,
           arg_max(scheme, paise * 32768 - rank) AS scheme, max(paise) AS paise
    FROM verdict WHERE verdict
    GROUP BY member_id, day, pension_group
), undecided AS (
    -- an unknown scheme matters only if it could pay more than the best known one
    SELECT v.member_id, v.day, v.pension_group, min(v.missing_rank) AS missing_rank
    FROM verdict v
    LEFT JOIN best b ON b.member_id = v.member_id AND b.day = v.day AND b.pension_group = v.pension_group
    WHERE v.verdict IS NULL AND v.possible_paise > coalesce(b.paise, 0)
    GROUP BY v.member_id, v.day, v.pension_group
), joined AS (
    SELECT coalesce(h.member_id, b.member_id, u.member_id) AS member_id,
           coalesce(h.day, b.day, u.day) AS day,
           coalesce(h.pension_group, b.pension_group, u.pension_group) AS pension_group,
           h.scheme AS held_scheme, h.paise AS held_paise, h.verdict AS held_verdict,
           h.law_paise AS held_law_paise, h.possible_paise AS held_possible_paise, h.fails AS held_fails,
           h.fallback_paise, h.other_band,
           b.scheme AS best_scheme, b.paise AS best_paise, u.missing_rank
    FROM best b
    FULL JOIN holding h ON h.member_id = b.member_id AND h.day = b.day AND h.pension_group = b.pension_group
    FULL JOIN undecided u ON u.member_id = coalesce(h.member_id, b.member_id)
         AND u.day = coalesce(h.day, b.day) AND u.pension_group = coalesce(h.pension_group, b.pension_group)
), decided AS (
    SELECT joined.*,
           CASE
               WHEN held_scheme IS NULL AND best_scheme IS NULL THEN NULL
               WHEN held_scheme IS NULL THEN 'start'
               WHEN best_scheme IS NULL AND held_verdict IS NULL THEN 'goes_on'
               WHEN best_scheme IS NULL THEN 'stop'
               -- a held scheme that ties with the best is kept
               WHEN held_verdict AND held_law_paise = best_paise THEN
                   CASE WHEN held_paise <> held_law_paise THEN 'revise' ELSE 'continue' END
               -- an undecided one gives way only to more than it could pay
               WHEN held_verdict IS NULL AND held_possible_paise >= best_paise THEN 'goes_on'
               ELSE 'move'
           END AS action
    FROM joined
)
SELECT member_id, day, pension_group, action,
       held_scheme AS from_scheme, held_paise AS from_paise,
       CASE WHEN action IN ('start', 'move') THEN best_scheme
            WHEN action IN ('revise', 'continue') THEN held_scheme END AS to_scheme,
       CASE WHEN action IN ('start', 'move') THEN best_paise
            WHEN action IN ('revise', 'continue') THEN held_law_paise END AS to_paise,
       CASE action
            WHEN 'stop' THEN held_fails
            WHEN 'move' THEN CASE WHEN held_verdict IS FALSE THEN 'status_lost' ELSE 'better_scheme' END
            WHEN 'revise' THEN CASE WHEN other_band THEN 'age_band' ELSE 'rate_change' END
       END AS reason,
       coalesce(held_paise, held_law_paise, fallback_paise) AS standing_paise,
       best_scheme, best_paise, missing_rank
FROM decided
