-- Rows of residents.csv that say of somebody who is there already: planted duplicates (`how` and `of`), and twins who are none.
WITH found AS (
    SELECT d.*, o.how,
        row_number() OVER (ORDER BY d.member_id) + getvariable('last_member') AS new_id,
        CASE o.how
            WHEN 'family' THEN d.family_id
            WHEN 'parents' THEN coalesce(p.family_id, n.family_id)
            WHEN 'village' THEN n.family_id
            ELSE e.family_id END AS new_family,
        chance(d.member_id, 'name', 1000) AS a, chance(d.member_id, 'birth', 1000) AS b, chance(d.member_id, 'rest', 1000) AS c,
        chance(d.member_id, 'slip', 1000) AS e, chance(d.member_id, 'kin', 1000) AS f
    FROM sound d JOIN chosen o USING (member_id)
    LEFT JOIN parents_home p ON p.member_id = coalesce(d.mother_id, d.father_id)
    LEFT JOIN home h ON h.family_id = d.family_id
    LEFT JOIN home n ON n.area_code = h.area_code AND n.place = (h.place + 1 + chance(d.member_id, 'near', 40)) % h.families
    LEFT JOIN home e ON e.place_of_all = (h.place_of_all + 1 + chance(d.member_id, 'far', 1000000)) % getvariable('families')
    QUALIFY row_number() OVER (PARTITION BY d.member_id ORDER BY p.family_id) = 1
)
SELECT new_id::VARCHAR AS member_id, new_family AS family_id,
    CASE WHEN a < 380 THEN name_en WHEN a < 740 THEN respelt(name_en, e) WHEN a < 800 THEN mistyped(name_en, e)
        WHEN a < 850 THEN concat(CASE WHEN sex = 'F' THEN 'Smt. ' ELSE 'Shri ' END, respelt(name_en, e))
        WHEN a < 880 THEN respelt(respelt(name_en, e), f)
        WHEN a < 940 THEN concat(split_part(name_en, ' ', 1), CASE WHEN sex = 'F' THEN ' Bai' ELSE '' END)
        WHEN a < 970 THEN concat(split_part(name_en, ' ', 1), CASE WHEN sex = 'F' THEN ' Devi ' ELSE ' Kumar ' END, split_part(name_en, ' ', -1))
        ELSE concat(split_part(name_en, ' ', 1), ' ', (SELECT any_value(split_part(name_en, ' ', -1)) FROM sound LIMIT 1)) END AS name_en,
    CASE WHEN e < 700 AND a < 850 THEN name_hi END AS name_hi,
    CASE WHEN c = 0 THEN CASE sex WHEN 'F' THEN 'M' ELSE 'F' END ELSE sex END AS sex,
    CASE WHEN b < 500 THEN born WHEN b < 680 THEN make_date(year(born), 1, 1) WHEN b < 830 THEN guessed(born, e)
        WHEN b < 920 THEN misdated(born, e) WHEN b < 960 THEN born + (e % 700 - 350) END::VARCHAR AS born_on,
    CASE WHEN how = 'parents' THEN 'daughter' WHEN how = 'family' THEN relation_to_head ELSE 'other' END AS relation_to_head,
    CASE WHEN how = 'parents' OR f < 550 THEN mother_id END AS mother_id,
    CASE WHEN how = 'parents' OR f < 550 THEN father_id END AS father_id,
    CASE WHEN how <> 'parents' AND f % 10 < 5 THEN spouse_id END AS spouse_id,
    CASE WHEN how = 'parents' THEN 'never_married' ELSE marital_status END AS marital_status, NULL AS marital_since,
    destitute, income_tax_payer,
    CASE WHEN c % 10 < 4 THEN mobile WHEN c % 10 < 7 THEN (6000000000 + chance(member_id, 'mobile', 1000000))::VARCHAR END AS mobile,
    CASE WHEN c % 100 < 4 THEN aadhaar END AS aadhaar, NULL AS ifsc, NULL AS account_no,
    (getvariable('slip_day') - (40 + chance(member_id, 'when', 900))::INTEGER)::DATE::VARCHAR AS recorded_on,
    member_id AS duplicate_of, how
FROM found WHERE new_family IS NOT NULL
UNION ALL
SELECT (getvariable('last_member') + 50000000 + row_number() OVER (ORDER BY d.member_id))::VARCHAR, d.family_id,
    concat(t.twin, ' ', split_part(d.name_en, ' ', -1)), NULL, d.sex, d.born_on, d.relation_to_head, d.mother_id, d.father_id, NULL,
    d.marital_status, NULL, d.destitute, d.income_tax_payer, d.mobile, NULL, NULL, NULL, d.recorded_on, d.member_id, 'twin'
FROM sound d JOIN twins t USING (member_id)
