-- events.csv
WITH told AS (
    SELECT member, 'death' AS kind, 'D' AS letter, dead_ago AS ago, death_known_ago AS known_ago, NULL::INTEGER AS spouse, pk
    FROM resident WHERE dead_ago IS NOT NULL
    UNION ALL
    SELECT member, 'marriage', 'M', greatest(wed_ago, 20), NULL, spouse, pk FROM resident WHERE newly_wed
    UNION ALL
    SELECT member, 'remarriage', 'R', remarried_ago, NULL, NULL, pk FROM resident WHERE remarried_ago IS NOT NULL
    UNION ALL
    SELECT member, CASE status WHEN 3 THEN 'desertion' ELSE 'divorce' END, 'L',
        coalesce(dead_ago, 0) + 20 + draw(pk, 53, least(wed_ago - 20 - coalesce(dead_ago, 0), 1500)), NULL, NULL, pk
    FROM resident WHERE left_by_event OR divorced_by_event
    UNION ALL
    SELECT member, 'migration_out', 'O', moved_ago, NULL, NULL, pk FROM resident WHERE moved_ago IS NOT NULL
    UNION ALL
    SELECT member, 'migration_in', 'I', 12 + draw(pk, 59, moved_ago - 12), NULL, NULL, pk + 1
    FROM resident WHERE moved_ago IS NOT NULL AND moved_back
    UNION ALL
    SELECT member, 'death', 'D', 30, NULL, NULL, pk FROM vacant WHERE draw(pk, 29, 10000) < 4
)
SELECT concat('E', member, letter) AS event_id, member::VARCHAR AS member_id, kind,
    getvariable('day') - ago AS happened_on,
    CASE WHEN kind = 'migration_out' AND draw(pk, 62, 100) < 2 THEN getvariable('day') + 3
        ELSE getvariable('day') - coalesce(known_ago, greatest(getvariable('delivery_ago'), ago
            - CASE WHEN draw(pk, 63, 100) < 15 THEN 60 + draw(pk, 61, 300) ELSE 2 + draw(pk, 61, 60) END)) END AS reported_on,
    spouse::VARCHAR AS spouse_id
FROM told
ORDER BY event_id
