-- The rows by which the members in lookup_wanted are found.
CREATE TEMP TABLE lookup_called AS
SELECT p.member_id, n.own, n.kin
FROM lookup_person p JOIN (
    SELECT s.name, array_agg(DISTINCT t.id) AS own, array_agg(DISTINCT -t.id) AS kin
    FROM lookup_spelling s JOIN lookup_word w USING (spelled) JOIN registry_lookup_term t ON t.kind = 'word' AND t.text = w.text
    GROUP BY s.name) n USING (name);
ANALYZE lookup_called;

INSERT INTO registry_lookup (member_id, belief_no, birth_year, mobile, terms)
SELECT l.member_id, l.belief_no, extract(year FROM l.born_on), l.mobile,
    coalesce(own.own, '{}') || coalesce(father.kin, '{}') || coalesce(mother.kin, '{}') || coalesce(spouse.kin, '{}')
    || coalesce(place.terms, '{}') || CASE WHEN l.born_on IS NULL THEN '{}' ELSE ARRAY[2000000000 + extract(year FROM l.born_on)::int] END
FROM lookup_latest l
LEFT JOIN lookup_called own USING (member_id)
LEFT JOIN lookup_called father ON father.member_id = l.father_id
LEFT JOIN lookup_called mother ON mother.member_id = l.mother_id
LEFT JOIN lookup_called spouse ON spouse.member_id = l.spouse_id
LEFT JOIN lookup_home h ON h.family_id = l.family_id
LEFT JOIN (
    SELECT a.area_code, array_agg(t.id) AS terms
    FROM lookup_above a JOIN registry_lookup_term t ON t.kind = 'place' AND t.text = a.above
    GROUP BY a.area_code) place ON place.area_code = h.area_code
ON CONFLICT (member_id) DO UPDATE SET (belief_no, birth_year, mobile, terms) =
    (excluded.belief_no, excluded.birth_year, excluded.mobile, excluded.terms)
WHERE (registry_lookup.belief_no, registry_lookup.birth_year, registry_lookup.mobile, registry_lookup.terms)
    IS DISTINCT FROM (excluded.belief_no, excluded.birth_year, excluded.mobile, excluded.terms);

DROP TABLE lookup_latest, lookup_person, lookup_spelling, lookup_word, lookup_home, lookup_above, lookup_called
