-- Living and verified residents of the areas directly below a place (and of the place itself), by method, as last counted.
WITH part AS (
    SELECT split_part(substr(a.path, length(%(path)s) + 1), '/', 1) AS part, sum(c.living) AS living,
           sum(c.offline_xml) AS offline_xml, sum(c.secure_qr) AS secure_qr, sum(c.online) AS online,
           sum(c.number_proven) AS number_proven
    FROM access_area a JOIN identity_living_count c ON c.area_id = a.area_code
    WHERE a.path LIKE %(below)s GROUP BY 1
)
SELECT a.area_code, a.name_en, coalesce(a.name_hi, ''), a.kind, coalesce(p.living, 0)::int,
       coalesce(p.offline_xml, 0)::int, coalesce(p.secure_qr, 0)::int, coalesce(p.online, 0)::int,
       coalesce(p.number_proven, 0)::int
FROM access_area a LEFT JOIN part p ON p.part = split_part(substr(a.path, length(%(path)s) + 1), '/', 1)
WHERE a.path = %(path)s
   OR (a.path LIKE %(below)s AND length(a.path) - length(replace(a.path, '/', '')) = %(depth)s + 1)
ORDER BY a.name_en, a.area_code
