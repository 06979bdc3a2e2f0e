-- The living residents of every local area, as believed now; an area where nobody lives has no row.
INSERT INTO identity_living_count (area_id, living, counted_at)
WITH resident AS (
    SELECT r.member_id, r.family_id FROM registry_resident_belief r
    WHERE NOT EXISTS (SELECT 1 FROM registry_resident_belief n
                      WHERE n.member_id = r.member_id AND n.belief_no > r.belief_no AND n.belief_no > 1)
), family AS (
    SELECT f.family_id, f.area_code FROM registry_family_belief f
    WHERE NOT EXISTS (SELECT 1 FROM registry_family_belief n
                      WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no AND n.belief_no > 1)
), gone AS (
    SELECT DISTINCT e.member_id FROM registry_event_belief e
    WHERE e.kind = 'death'
      AND NOT EXISTS (SELECT 1 FROM registry_event_belief n
                      WHERE n.event_id = e.event_id AND n.belief_no > e.belief_no AND n.belief_no > 1)
)
SELECT area_code, count(*), now()
FROM resident JOIN family USING (family_id) JOIN access_area USING (area_code)
WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.member_id = resident.member_id)
GROUP BY area_code
