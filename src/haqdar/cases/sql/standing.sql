-- One row for each person and group that the law or a held award says something about, in the words of the work list.
--   {name}_facts, difference: of the people asked; {widow}: schemes for widows; {news}: the earliest day of fresh news
SELECT d.member_id, d.pension_group, coalesce(d.action, '') AS action,
       d.from_scheme, d.from_paise, d.to_scheme, d.to_paise,
       CASE WHEN d.action = 'start' THEN
                CASE WHEN d.to_scheme IN ({widow}) AND f.spouse_died_on <= f.day
                          AND f.spouse_death_reported_on >= DATE '{news}'
                     THEN 'husband_died' ELSE 'entitled' END
            ELSE coalesce(d.reason, '') END AS reason,
       coalesce({missing}, '') AS missing,
       d.standing_paise, f.area_code, f.district_code
FROM ({difference}) d
JOIN {name}_facts f ON f.member_id = d.member_id AND f.day = d.day
WHERE d.action IS NOT NULL OR d.missing_rank IS NOT NULL
ORDER BY d.member_id, d.pension_group
