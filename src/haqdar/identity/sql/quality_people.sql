-- Everybody as believed now, for one look at the quality of the register.
-- Whoever names a number that was merged into another names the person behind it.
CREATE TEMP TABLE behind AS
SELECT member_id, survivor_id FROM (
    SELECT DISTINCT ON (member_id) member_id, survivor_id FROM registry_merge ORDER BY member_id, belief_no DESC) m
WHERE survivor_id IS NOT NULL;

CREATE TEMP TABLE person AS
SELECT b.member_id, b.family_id, b.sex, b.born_on, coalesce(lower(b.relation_to_head) IN ({head_words}), false) AS head,
    CASE WHEN m.survivor_id IS NULL THEN b.mother_id ELSE nullif(m.survivor_id, b.member_id) END AS mother_id,
    CASE WHEN f.survivor_id IS NULL THEN b.father_id ELSE nullif(f.survivor_id, b.member_id) END AS father_id,
    CASE WHEN s.survivor_id IS NULL THEN b.spouse_id ELSE nullif(s.survivor_id, b.member_id) END AS spouse_id, b.marital_status, b.mobile
FROM (SELECT DISTINCT ON (member_id) * FROM registry_resident_belief ORDER BY member_id, belief_no DESC) b
LEFT JOIN behind m ON m.member_id = b.mother_id
LEFT JOIN behind f ON f.member_id = b.father_id
LEFT JOIN behind s ON s.member_id = b.spouse_id
WHERE {not_merged};

CREATE TEMP TABLE gone AS
{gone};
CREATE TEMP TABLE living AS SELECT * FROM person p WHERE NOT EXISTS (SELECT FROM gone WHERE gone.member_id = p.member_id);

CREATE TEMP TABLE event_now AS
SELECT DISTINCT ON (event_id) event_id, member_id, kind, happened_on FROM registry_event_belief
ORDER BY event_id, belief_no DESC;
DELETE FROM event_now WHERE kind = 'withdrawn';

CREATE TEMP TABLE bpl_now AS
SELECT DISTINCT ON (family_id, card_no, valid_from) family_id, card_no, valid_from, valid_to FROM registry_bpl_belief
ORDER BY family_id, card_no, valid_from, belief_no DESC;

CREATE TEMP TABLE disability_now AS
SELECT DISTINCT ON (member_id, certificate_no) member_id, issued_on FROM registry_disability_belief
ORDER BY member_id, certificate_no, belief_no DESC;

CREATE TEMP TABLE labour_now AS
SELECT DISTINCT ON (member_id, card_no) member_id, valid_from FROM registry_labour_belief
ORDER BY member_id, card_no, belief_no DESC;

CREATE TEMP TABLE pension_now AS
SELECT DISTINCT ON (member_id, scheme, since) member_id, scheme, since FROM registry_pension_belief WHERE NOT is_ghost
ORDER BY member_id, scheme, since, belief_no DESC;

CREATE TEMP TABLE home AS
SELECT DISTINCT ON (family_id) family_id, area_code FROM registry_family_belief ORDER BY family_id, belief_no DESC;

ANALYZE person; ANALYZE living; ANALYZE home;
CREATE TEMP TABLE quality_found (rule text, member_id integer, family_id integer)
