-- families.csv
SELECT CASE WHEN draw(k + fam % 6, 26, 100000) < 4 THEN left(fam::VARCHAR, 7) ELSE fam::VARCHAR END AS family_id,
    a.code AS area_code,
    concat('मकान ', 1 + draw(k, 27, 400), ', ', getvariable('streets')[1 + draw(k, 28, len(getvariable('streets')))], ', ', a.name_hi) AS address,
    CASE WHEN draw(k, 29, 1000) >= 2 THEN category END AS social_category,
    getvariable('day') - recorded_ago(k) AS recorded_on
FROM household h JOIN area_plan a USING (area)
ORDER BY fam
