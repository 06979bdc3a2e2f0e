-- People as believed now, with what entries of the register ask about them: spouse and status by row and events, day of death.
WITH wanted AS (
    SELECT r.member_id, r.key FROM registry_resident r WHERE {chosen}
), latest AS (
    SELECT DISTINCT ON (b.member_id) b.*, w.key
    FROM wanted w JOIN registry_resident_belief b USING (member_id)
    ORDER BY b.member_id, b.belief_no DESC
), spouse_row AS (
    SELECT member_id, spouse_id FROM latest WHERE spouse_id IS NOT NULL
    UNION
    SELECT member_id, spouse_id FROM registry_event_belief
    WHERE member_id IN (SELECT member_id FROM wanted) AND spouse_id IS NOT NULL
), event AS (
    SELECT * FROM (
        SELECT DISTINCT ON (e.event_id) e.event_id, e.member_id, e.kind, e.happened_on, e.spouse_id
        FROM registry_event_belief e
        WHERE e.event_id IN (
            SELECT event_id FROM registry_event_belief
            WHERE member_id IN (SELECT member_id FROM wanted UNION SELECT spouse_id FROM spouse_row))
        ORDER BY e.event_id, e.belief_no DESC) now
    WHERE kind <> 'withdrawn'
), death AS (
    SELECT member_id, min(happened_on) AS died_on FROM event WHERE kind = 'death' GROUP BY member_id
), fact AS (
    SELECT member_id, coalesce(marital_since, DATE '0001-01-01') AS day, '' AS event_id,
           marital_status AS status, spouse_id
    FROM latest
    UNION ALL
    SELECT member_id, happened_on, event_id,
           CASE kind WHEN 'desertion' THEN 'deserted' WHEN 'divorce' THEN 'divorced' ELSE 'married' END,
           CASE WHEN kind IN ('marriage', 'remarriage') THEN spouse_id END
    FROM event WHERE kind IN ('marriage', 'remarriage', 'desertion', 'divorce')
), last_fact AS (
    SELECT DISTINCT ON (member_id) member_id, day, status FROM fact
    ORDER BY member_id, day DESC, event_id DESC
), last_spouse AS (
    -- of whatever marriage is the latest, the row's own included
    SELECT DISTINCT ON (f.member_id) f.member_id, f.spouse_id FROM fact f
    WHERE f.event_id = '' OR f.status = 'married'
    ORDER BY f.member_id, (f.event_id <> '') DESC, f.day DESC, f.event_id DESC
)
SELECT l.member_id, l.key, l.family_id, i.key AS family_key, l.name_en, coalesce(l.name_hi, '') AS name_hi, l.sex::text AS sex,
       l.born_on, coalesce(l.relation_to_head, '') AS relation_to_head, l.mother_id, l.father_id, s.spouse_id,
       CASE WHEN m.status = 'married' AND o.died_on >= m.day THEN 'widowed' ELSE coalesce(m.status, '') END AS status,
       d.died_on, coalesce(l.account_last4, '') AS account_last4, l.account_hash,
       coalesce(right(l.mobile, 4), '') AS mobile_last4,
       coalesce(f.area_code, '') AS area_code, coalesce(a.name_en, '') AS area_en, coalesce(a.name_hi, '') AS area_hi,
       coalesce(a.path, '') AS path, a.district_code, coalesce(f.social_category, '') AS social_category,
       coalesce(f.address, '') AS address
FROM latest l
JOIN registry_family i ON i.family_id = l.family_id
LEFT JOIN LATERAL (SELECT area_code, social_category, address FROM registry_family_belief x
                   WHERE x.family_id = l.family_id ORDER BY x.belief_no DESC LIMIT 1) f ON true
LEFT JOIN access_area a ON a.area_code = f.area_code
LEFT JOIN last_fact m ON m.member_id = l.member_id
LEFT JOIN last_spouse s ON s.member_id = l.member_id
LEFT JOIN death d ON d.member_id = l.member_id
LEFT JOIN death o ON o.member_id = s.spouse_id
ORDER BY l.born_on NULLS LAST, l.member_id
