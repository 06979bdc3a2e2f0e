-- A department's own list: most rows are residents, typed again by somebody else; some are nobody's, a few stand twice.
WITH rows AS (
    SELECT row_number() OVER (ORDER BY hash(member_id, getvariable('slip_seed'), 'order'), twice) AS place, *
    FROM (
        SELECT *, 0 AS twice FROM listed
        UNION ALL SELECT *, 1 FROM listed WHERE chance(member_id, 'twice', 1000) < 15
    )
), drawn AS (
    -- where the value is clean, the draw that leaves it as it is
    SELECT *, CASE WHEN clean(place, 'name') THEN 0 ELSE chance(place, 'name', 1000) END AS a,
        CASE WHEN clean(place, 'birth') THEN 0 ELSE chance(place, 'birth', 1000) END AS b,
        CASE WHEN clean(place, 'rest') THEN 20 ELSE chance(place, 'rest', 1000) END AS c,
        chance(place, 'slip', 1000) AS e, CASE WHEN clean(place, 'kin') THEN 80 ELSE chance(place, 'kin', 1000) END AS f,
        CASE WHEN clean(place, 'where') THEN 0 ELSE chance(place, 'where', 1000) END AS g, chance(place, 'script', 1000) AS s
    FROM rows
)
SELECT 'B' || lpad(place::VARCHAR, 9, '0') AS beneficiary_no,
    CASE WHEN s < 250 AND name_hi IS NOT NULL THEN CASE WHEN a < 700 THEN name_hi ELSE split_part(name_hi, ' ', 1) END
        WHEN a < 250 THEN name_en WHEN a < 600 THEN respelt(name_en, e) WHEN a < 700 THEN respelt(respelt(name_en, e), f)
        WHEN a < 790 THEN mistyped(name_en, e) WHEN a < 860 THEN split_part(name_en, ' ', 1)
        WHEN a < 890 THEN concat(split_part(name_en, ' ', -1), ' ', split_part(name_en, ' ', 1))
        WHEN a < 950 THEN concat(CASE WHEN sex = 'F' THEN 'Smt. ' ELSE 'Shri ' END, respelt(split_part(name_en, ' ', 1), e), ' ', split_part(name_en, ' ', -1))
        WHEN a < 980 THEN concat(split_part(name_en, ' ', 1), CASE WHEN sex = 'F' THEN ' Bai' ELSE ' Kumar' END)
        ELSE replace(name_en, ' ', '') END AS name,
    CASE WHEN f < 80 THEN NULL WHEN f < 480 THEN guardian WHEN f < 780 THEN respelt(guardian, e)
        WHEN f < 850 THEN mistyped(guardian, e) ELSE split_part(guardian, ' ', 1) END AS guardian_name,
    CASE WHEN f % 10 < 8 THEN guardian_type END AS guardian_type,
    CASE WHEN c < 3 THEN CASE sex WHEN 'F' THEN 'M' ELSE 'F' END WHEN c < 20 THEN NULL ELSE sex END AS gender,
    CASE WHEN b < 380 THEN born WHEN b < 480 THEN make_date(year(born), 1, 1) WHEN b < 560 THEN guessed(born, e)
        WHEN b < 640 THEN misdated(born, e) END::VARCHAR AS date_of_birth,
    CASE WHEN b >= 640 AND b < 950 THEN date_diff('year', born, getvariable('slip_day')) + CASE WHEN b < 800 THEN 0 ELSE e % 7 - 3 END END::VARCHAR AS age,
    CASE WHEN c % 10 < 4 THEN mobile WHEN c % 10 < 7 THEN (6000000000 + chance(place, 'mobile', 1000000))::VARCHAR END AS mobile,
    CASE WHEN g < 700 THEN village WHEN g < 850 THEN respelt(village, e) WHEN g < 900 THEN elsewhere END AS village,
    district, 300 + 50 * (e % 5) AS amount,
    CASE WHEN known THEN member_id END AS member_id
FROM drawn ORDER BY place
