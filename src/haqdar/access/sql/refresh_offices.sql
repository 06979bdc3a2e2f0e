-- Offices as they stand now: latest belief of every office.
INSERT INTO access_office (office_code, kind, area_code, ddo_code, name_en, name_hi)
SELECT DISTINCT ON (office_code) office_code, kind, area_code, ddo_code, name_en, name_hi
FROM access_office_belief
ORDER BY office_code, belief_no DESC
ON CONFLICT (office_code) DO UPDATE
SET (kind, area_code, ddo_code, name_en, name_hi) =
    (excluded.kind, excluded.area_code, excluded.ddo_code, excluded.name_en, excluded.name_hi)
WHERE (access_office.kind, access_office.area_code, access_office.ddo_code, access_office.name_en,
       access_office.name_hi)
      IS DISTINCT FROM (excluded.kind, excluded.area_code, excluded.ddo_code, excluded.name_en, excluded.name_hi)
