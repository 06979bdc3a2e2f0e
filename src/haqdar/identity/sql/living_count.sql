-- The living residents of every local area, as believed now, and who of them is verified by which method; an area where nobody
-- lives has no row.
INSERT INTO identity_living_count (area_id, living, offline_xml, secure_qr, online, number_proven, counted_at)
WITH resident AS (
    SELECT r.member_id, r.family_id FROM registry_resident_belief r
    WHERE NOT EXISTS (SELECT 1 FROM registry_resident_belief n
                      WHERE n.member_id = r.member_id AND n.belief_no > r.belief_no AND n.belief_no > 1)
), family AS (
    SELECT f.family_id, f.area_code FROM registry_family_belief f
    WHERE NOT EXISTS (SELECT 1 FROM registry_family_belief n
                      WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no AND n.belief_no > 1)
), gone AS (
    {gone}
)
SELECT area_code, count(*), count(*) FILTER (WHERE v.method = 'offline_xml'), count(*) FILTER (WHERE v.method = 'secure_qr'),
       count(*) FILTER (WHERE v.method = 'online'), count(*) FILTER (WHERE v.number_proven), now()
FROM resident JOIN family USING (family_id) JOIN access_area USING (area_code)
LEFT JOIN identity_verified v ON v.member_id = resident.member_id AND v.ended_at IS NULL
WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.member_id = resident.member_id) AND {not_merged}
GROUP BY area_code
