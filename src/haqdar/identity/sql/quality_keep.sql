-- What was found becomes findings: new ones open, those found no more close, what somebody accepted stays so.
ANALYZE quality_found;
UPDATE identity_quality_finding f SET closed_at = %(now)s
WHERE closed_at IS NULL AND NOT EXISTS (
    SELECT FROM quality_found q WHERE q.rule = f.rule AND q.family_id = f.family_id AND q.member_id IS NOT DISTINCT FROM f.member_id);

INSERT INTO identity_quality_finding (rule, member_id, family_id, area_code, opened_at)
SELECT q.rule, q.member_id, q.family_id, h.area_code, %(now)s FROM quality_found q JOIN home h USING (family_id)
ON CONFLICT DO NOTHING;

-- a family that moved takes its tasks along
UPDATE identity_quality_finding f SET area_code = h.area_code FROM home h
WHERE f.closed_at IS NULL AND h.family_id = f.family_id AND h.area_code <> f.area_code;

INSERT INTO identity_quality_score (look_id, area_code, people, faulty, rules)
SELECT %(look)s, p.area_code, p.people, least(coalesce(b.faulty, 0), p.people), coalesce(r.rules, '{}')
FROM (SELECT h.area_code, count(*) AS people FROM living JOIN home h USING (family_id) GROUP BY 1) p
LEFT JOIN (
    -- what is wrong with a whole family counts once
    SELECT f.area_code, count(DISTINCT coalesce(f.member_id, -f.family_id)) AS faulty
    FROM identity_quality_finding f
    WHERE f.closed_at IS NULL AND f.accepted_by = '' AND NOT f.rule = ANY(%(hints)s) GROUP BY 1) b USING (area_code)
LEFT JOIN (
    SELECT area_code, jsonb_object_agg(rule, found) AS rules
    FROM (SELECT area_code, rule, count(*) AS found FROM identity_quality_finding
          WHERE closed_at IS NULL AND accepted_by = '' GROUP BY 1, 2) f GROUP BY 1) r USING (area_code);

DROP TABLE person, behind, gone, living, event_now, bpl_now, disability_now, labour_now, pension_now, home, quality_found
