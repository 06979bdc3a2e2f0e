-- What is known now of the members in lookup_wanted, and a term for every word and area that has none yet.
CREATE TEMP TABLE lookup_latest AS
SELECT DISTINCT ON (b.member_id) b.member_id, b.belief_no, b.family_id, b.name_en || ' ' || coalesce(b.name_hi, '') AS name,
    b.born_on, b.mother_id, b.father_id, b.spouse_id, b.mobile
FROM registry_resident_belief b JOIN lookup_wanted USING (member_id)
ORDER BY b.member_id, b.belief_no DESC;

CREATE TEMP TABLE lookup_person AS
SELECT member_id, name FROM lookup_latest
UNION ALL
SELECT * FROM (
    SELECT DISTINCT ON (b.member_id) b.member_id, b.name_en || ' ' || coalesce(b.name_hi, '')
    FROM registry_resident_belief b
    WHERE b.member_id IN (
        SELECT kin FROM lookup_latest l, unnest(ARRAY[l.mother_id, l.father_id, l.spouse_id]) kin WHERE kin IS NOT NULL
        EXCEPT SELECT member_id FROM lookup_wanted)
    ORDER BY b.member_id, b.belief_no DESC) others;

CREATE TEMP TABLE lookup_spelling AS
SELECT DISTINCT name, spelled
FROM (SELECT DISTINCT name FROM lookup_person) names,
    unnest(string_to_array(translate(lower(name), '{marks}', '{spaces}'), ' ')) spelled
WHERE spelled <> '';

CREATE TEMP TABLE lookup_word AS
SELECT spelled, {vowel_key} AS text, {name_key} AS key FROM (SELECT DISTINCT spelled FROM lookup_spelling) words;

INSERT INTO registry_lookup_term (kind, text, key, near)
SELECT DISTINCT ON (text) 'word', text, key,
    ARRAY(SELECT key UNION SELECT left(key, place - 1) || substr(key, place + 1)
          FROM generate_series(1, CASE WHEN length(key) > 2 THEN length(key) END) place)
FROM lookup_word w
WHERE text <> '' AND key <> '' AND NOT EXISTS (SELECT FROM registry_lookup_term t WHERE t.kind = 'word' AND t.text = w.text)
ORDER BY text, key
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE lookup_home AS
SELECT DISTINCT ON (f.family_id) f.family_id, f.area_code
FROM registry_family_belief f WHERE f.family_id IN (SELECT family_id FROM lookup_latest)
ORDER BY f.family_id, f.belief_no DESC;

CREATE TEMP TABLE lookup_above AS
-- a slash inside a code; no percent sign may stand here, because the trail of changes adds parameters of its own
SELECT a.area_code, replace(above, chr(37) || '2F', '/') AS above
FROM access_area a, unnest(string_to_array(trim(both '/' from a.path), '/')) above
WHERE a.area_code IN (SELECT area_code FROM lookup_home);

INSERT INTO registry_lookup_term (kind, text, key, near)
SELECT 'place', area_code, key, ARRAY(SELECT DISTINCT near FROM unnest(ARRAY[key, hindi]) spoken, LATERAL (
    SELECT spoken AS near UNION SELECT left(spoken, place - 1) || substr(spoken, place + 1)
    FROM generate_series(1, CASE WHEN length(spoken) > 2 THEN length(spoken) END) place) near WHERE spoken <> '')
FROM (
    SELECT a.area_code, {place_key} AS key, {place_key_hi} AS hindi FROM access_area a
    WHERE a.depth > 0 AND a.area_code IN (SELECT above FROM lookup_above)
      AND NOT EXISTS (SELECT FROM registry_lookup_term t WHERE t.kind = 'place' AND t.text = a.area_code)) places
ON CONFLICT DO NOTHING
