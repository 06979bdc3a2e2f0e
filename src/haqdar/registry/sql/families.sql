-- Who lives in families as believed now, the living who have not moved away, head first, then by age.
--   %(families)s: array of family IDs; %(day)s: the day on which a death or a move counts; {alone}: not merged into another record
WITH wanted AS (
    SELECT DISTINCT b.member_id FROM registry_resident_belief b WHERE b.family_id = ANY(%(families)s)
), latest AS (
    -- a person may have belonged here earlier and elsewhere now
    SELECT DISTINCT ON (b.member_id) b.member_id, b.family_id, b.name_hi, b.name_en, b.sex::text AS sex, b.born_on,
           coalesce(b.relation_to_head, '') AS relation
    FROM wanted JOIN registry_resident_belief b USING (member_id)
    ORDER BY b.member_id, b.belief_no DESC
), event AS (
    SELECT * FROM (
        SELECT DISTINCT ON (e.event_id) e.event_id, e.member_id, e.kind, e.happened_on
        FROM registry_event_belief e
        WHERE e.event_id IN (SELECT x.event_id FROM registry_event_belief x JOIN wanted USING (member_id))
        ORDER BY e.event_id, e.belief_no DESC) now
    WHERE kind IN ('death', 'migration_out', 'migration_in') AND happened_on <= %(day)s
), gone AS (
    SELECT member_id FROM event WHERE kind = 'death'
    UNION
    SELECT member_id FROM (
        SELECT DISTINCT ON (member_id) member_id, kind FROM event WHERE kind <> 'death'
        ORDER BY member_id, happened_on DESC, event_id DESC) last
    WHERE kind = 'migration_out'
)
SELECT l.family_id, l.member_id, r.key, coalesce(l.name_hi, ''), l.name_en, l.sex, l.born_on, l.relation
FROM latest l JOIN registry_resident r USING (member_id)
WHERE l.family_id = ANY(%(families)s) AND NOT EXISTS (SELECT FROM gone g WHERE g.member_id = l.member_id) AND {alone}
ORDER BY l.family_id, (l.relation IN ('head', 'self')) DESC, l.born_on NULLS LAST, l.member_id
