-- Living and verified residents of the areas directly below a place (and of the place itself), by method.
WITH local AS (
    SELECT a.area_code, a.path, split_part(substr(a.path, length(%(path)s) + 1), '/', 1) AS part
    FROM access_area a WHERE a.path LIKE %(below)s
), child AS (
    SELECT a.area_code, a.name_en, coalesce(a.name_hi, '') AS name_hi, a.kind, a.path FROM access_area a
    WHERE a.path = %(path)s
       OR (a.path LIKE %(below)s AND length(a.path) - length(replace(a.path, '/', '')) = %(depth)s + 1)
), living AS (
    SELECT l.part, sum(c.living) AS living
    FROM local l JOIN identity_living_count c ON c.area_id = l.area_code GROUP BY l.part
), verified AS (
    SELECT l.part, count(*) AS verified, count(*) FILTER (WHERE v.method = 'offline_xml') AS offline_xml,
           count(*) FILTER (WHERE v.method = 'secure_qr') AS secure_qr,
           count(*) FILTER (WHERE v.method = 'online') AS online
    FROM identity_verified v
    -- plain joins: for one panchayat its families are the shorter way in, for the State the verified are
    JOIN registry_resident_belief r ON r.member_id = v.member_id
     AND NOT EXISTS (SELECT 1 FROM registry_resident_belief n
                     WHERE n.member_id = r.member_id AND n.belief_no > r.belief_no AND n.belief_no > 1)
    JOIN registry_family_belief f ON f.family_id = r.family_id
     AND NOT EXISTS (SELECT 1 FROM registry_family_belief n
                     WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no AND n.belief_no > 1)
    JOIN local l ON l.area_code = f.area_code
    WHERE v.ended_at IS NULL GROUP BY l.part
)
SELECT child.area_code, child.name_en, child.name_hi, child.kind, coalesce(living.living, 0)::int,
       coalesce(verified.verified, 0)::int, coalesce(verified.offline_xml, 0)::int,
       coalesce(verified.secure_qr, 0)::int, coalesce(verified.online, 0)::int
FROM child
LEFT JOIN living ON living.part = split_part(substr(child.path, length(%(path)s) + 1), '/', 1)
LEFT JOIN verified ON verified.part = split_part(substr(child.path, length(%(path)s) + 1), '/', 1)
ORDER BY child.name_en, child.area_code
