-- What the register says of each person, twins included, in member order; names and numbers are written out later.
CREATE OR REPLACE TEMP TABLE entry AS
WITH person_entry AS (
    SELECT member, member AS person, pk, pk - pk % 4096 AS k, fam, girl, ago, mother, father, spouse, status, wed_ago, relation,
        widowed_ago, left_by_event, divorced_by_event, newly_wed, no_birth, no_status, no_destitute, no_tax,
        destitute, taxpayer, age, category, area, false AS twin,
        cell IS NULL AND mind_cell IS NULL AND percent IS NULL AND status = 0 AND dead_ago IS NULL AND ago < years(30) AS spare
    FROM resident
    UNION ALL
    -- The same ID a second time with other values.
    SELECT member, NULL, pk + 4, pk - pk % 4096, fam, girl, ago, NULL, NULL, NULL, status, wed_ago, relation,
        widowed_ago, false, false, false, false, false, false, false, destitute, taxpayer, age, category, area, true, false
    FROM resident
    WHERE cell IS NULL AND mind_cell IS NULL AND status = 0 AND dead_ago IS NULL AND ago < years(30) AND draw(pk, 55, 100000) < 25
    UNION ALL
    SELECT member, original, pk + 3, pk - pk % 4096, fam, girl, ago, NULL, NULL, NULL, standing, wed_ago, 'other',
        widowed_ago, false, false, false, false, no_status, no_destitute, no_tax,
        destitute, taxpayer, age, category, area, true, false
    FROM twin
)
SELECT e.* EXCLUDE (spare), ((getvariable('aadhaar_first') + v.place) * 7654321 % 10000000)::INTEGER AS serial,
    h.person IS NOT NULL AS payee, coalesce(h.shared, false) AS shared, h.pair,
    -- The dirt: only people without a part to play, so that a rejected row spoils nobody's case.
    CASE WHEN spare AND h.person IS NULL THEN draw(pk, 12, 100000) END AS dirt,
    CASE category WHEN 'GEN' THEN 1 WHEN 'OBC' THEN 1025 WHEN 'SC' THEN 2049 ELSE 3073 END + draw(k, 25, 1024) AS family_name
FROM person_entry e
LEFT JOIN (SELECT member AS person, rowid AS place FROM vault) v USING (person)
LEFT JOIN (
    SELECT member AS person, bool_or(mark = 'shared') AS shared, min(pair) FILTER (mark = 'shared') AS pair FROM pension GROUP BY member
) h USING (person)
ORDER BY member, pk;
