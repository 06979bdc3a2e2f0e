-- pwd.csv
WITH certificate AS (
    SELECT *, least(ago - 5, 40 + draw(pk, 23, 2500)) AS issued_ago FROM resident WHERE percent IS NOT NULL
)
SELECT member::VARCHAR AS member_id, concat('PWD', member) AS certificate_no, handicap AS kind,
    CASE WHEN cell IS NULL AND draw(pk, 24, 1000) < 3 THEN 140 ELSE percent END AS percent,
    getvariable('day') - issued_ago AS issued_on,
    CASE term WHEN 3 THEN getvariable('day') - 1 - draw(pk, 26, greatest(1, issued_ago - 12))
        WHEN 2 THEN getvariable('day') + draw(pk, 26, 58)
        WHEN 1 THEN getvariable('day') + 200 + draw(pk, 26, 1500) END AS valid_to
FROM certificate
UNION ALL
-- Some kept an older, expired certificate.
SELECT member::VARCHAR, concat('PWD', member, 'A'), 'other', 40, getvariable('day') - 4000, getvariable('day') - 2600
FROM certificate WHERE ago > 5000 AND draw(pk, 27, 100) < 5
UNION ALL
SELECT member::VARCHAR, concat('PWD', member), 'other', 45, getvariable('day') - 30, NULL
FROM vacant WHERE draw(pk, 28, 10000) < 2
ORDER BY member_id, certificate_no, valid_to
