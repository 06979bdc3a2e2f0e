-- bpl.csv
SELECT CASE WHEN draw(k + fam % 6, 50, 100000) < 15 THEN '9' || right(fam::VARCHAR, 7) ELSE fam::VARCHAR END AS family_id,
    concat('BPL', fam) AS card_no,
    CASE WHEN card = 4 THEN getvariable('day') + 1 + draw(k, 51, 58)
        ELSE getvariable('day') - 1200 - draw(k, 52, 2000) END AS valid_from,
    CASE WHEN draw(k + fam % 6, 50, 100000) BETWEEN 15 AND 29 THEN date '1999-12-31'
        WHEN card = 2 THEN getvariable('day') - 5 - draw(k, 53, 500)
        WHEN card = 3 THEN getvariable('day') + 1 + draw(k, 53, 58) END AS valid_to
FROM household WHERE card <> 0
ORDER BY fam
