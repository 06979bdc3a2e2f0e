-- Who was owed a regular pension by a run: by block or town, scheme, sex, category, and whether 80 or older on its first day.
INSERT INTO payments_payee_count (month, area_code, scheme, sex, category, aged_80, persons, paise)
SELECT %(month)s, a.parent_code, d.scheme, coalesce(p.sex, ''), coalesce(f.social_category, ''),
    coalesce(p.born_on <= %(month)s - interval '80 years', false), count(*), sum(d.paise)
FROM payments_due d
LEFT JOIN access_area a ON a.area_code = d.area_code
LEFT JOIN LATERAL (
    SELECT b.sex, b.born_on, b.family_id FROM registry_resident_belief b
    WHERE b.member_id = d.member_id ORDER BY b.belief_no DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT b.social_category FROM registry_family_belief b
    WHERE b.family_id = p.family_id ORDER BY b.belief_no DESC LIMIT 1
) f ON true
WHERE d.run_id = %(run)s AND d.kind = 'regular' AND d.occasion = ''
GROUP BY 2, 3, 4, 5, 6
