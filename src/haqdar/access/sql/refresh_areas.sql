-- The area tree as it stands now: latest belief of every area, with path, district and depth.
WITH RECURSIVE latest AS (
    SELECT DISTINCT ON (area_code) *
    FROM access_area_belief
    ORDER BY area_code, belief_no DESC
), tree AS (
    SELECT l.*, '/' || replace(l.area_code, '/', '%2F') || '/' AS path, 0 AS depth,
           CASE WHEN l.kind = 'district' THEN l.area_code END AS district_code
    FROM latest l
    WHERE l.parent_code IS NULL
    UNION ALL
    SELECT l.*, t.path || replace(l.area_code, '/', '%2F') || '/', t.depth + 1,
           CASE WHEN l.kind = 'district' THEN l.area_code ELSE t.district_code END
    FROM latest l
    JOIN tree t ON t.area_code = l.parent_code
)
INSERT INTO access_area (area_code, kind, parent_code, name_en, name_hi, lgd_code, census_code, valid_from, valid_to,
                         path, district_code, depth)
SELECT area_code, kind, parent_code, name_en, name_hi, lgd_code, census_code, valid_from, valid_to,
       path, district_code, depth
FROM tree
ON CONFLICT (area_code) DO UPDATE
SET (kind, parent_code, name_en, name_hi, lgd_code, census_code, valid_from, valid_to, path, district_code, depth) =
    (excluded.kind, excluded.parent_code, excluded.name_en, excluded.name_hi, excluded.lgd_code, excluded.census_code,
     excluded.valid_from, excluded.valid_to, excluded.path, excluded.district_code, excluded.depth)
WHERE (access_area.kind, access_area.parent_code, access_area.name_en, access_area.name_hi, access_area.lgd_code,
       access_area.census_code, access_area.valid_from, access_area.valid_to, access_area.path,
       access_area.district_code, access_area.depth)
      IS DISTINCT FROM
      (excluded.kind, excluded.parent_code, excluded.name_en, excluded.name_hi, excluded.lgd_code,
       excluded.census_code, excluded.valid_from, excluded.valid_to, excluded.path, excluded.district_code,
       excluded.depth)
