-- pensioners.csv
WITH listed AS (
    SELECT member, scheme, since_ago, rupees FROM pension
    UNION ALL
    SELECT member, scheme, since_ago, rupees FROM twin
    UNION ALL
    -- A second pension of one group, which the first excludes.
    SELECT member, 'SSP-OLD', since_ago, 150 FROM pension
    WHERE scheme = 'IGNOAPS' AND mark = 'right' AND draw(member::BIGINT * 64, 3, 10000) < 4
    UNION ALL
    -- Mistyped rows that must be turned away, of people who are on no list.
    SELECT member, CASE WHEN draw(pk, 2, 100) < 50 THEN 'IGNOPS' ELSE 'SSP-OLD' END, 400, CASE WHEN draw(pk, 2, 100) < 50 THEN 200 ELSE -150 END
    FROM resident WHERE cell = 'not_poor_old' AND draw(pk, 1, 10000) < 6
        AND member NOT IN (SELECT member FROM pension) AND member NOT IN (SELECT original FROM twin)
)
SELECT member::VARCHAR AS member_id, scheme, date_trunc('month', getvariable('day') - since_ago)::DATE AS since, rupees AS amount
FROM listed
ORDER BY member, scheme
