-- Everybody whose decisions a change about the members %(members)s or the families %(families)s can touch.
-- All beliefs count, earlier ones too: a correction touches the old mother as well as the new one.
WITH changed AS (
    SELECT unnest(%(members)s::int[]) AS member_id
    UNION SELECT member_id FROM registry_event_belief WHERE event_id = ANY(%(events)s)
), parent AS (
    SELECT p.parent_id AS member_id
    FROM registry_resident_belief b CROSS JOIN LATERAL (VALUES (b.mother_id), (b.father_id)) p(parent_id)
    WHERE b.member_id IN (SELECT member_id FROM changed) AND p.parent_id IS NOT NULL
), couple AS (
    -- the children of the spouse count as well as the own ones, so the spouses of the parents look at the person too
    SELECT member_id FROM changed UNION SELECT member_id FROM parent
), spouse AS (
    SELECT b.spouse_id AS member_id FROM registry_resident_belief b
    WHERE b.member_id IN (SELECT member_id FROM couple) AND b.spouse_id IS NOT NULL
    UNION
    SELECT b.spouse_id FROM registry_event_belief b
    WHERE b.member_id IN (SELECT member_id FROM couple) AND b.spouse_id IS NOT NULL
    UNION
    SELECT b.member_id FROM registry_resident_belief b WHERE b.spouse_id IN (SELECT member_id FROM couple)
    UNION
    SELECT b.member_id FROM registry_event_belief b WHERE b.spouse_id IN (SELECT member_id FROM couple)
), child AS (
    SELECT member_id FROM registry_resident_belief WHERE mother_id IN (SELECT member_id FROM changed)
    UNION
    SELECT member_id FROM registry_resident_belief WHERE father_id IN (SELECT member_id FROM changed)
), household AS (
    SELECT member_id FROM registry_resident_belief WHERE family_id = ANY(%(families)s)
)
SELECT r.member_id
FROM registry_resident r
WHERE r.member_id IN (SELECT member_id FROM couple UNION SELECT member_id FROM spouse
                      UNION SELECT member_id FROM child UNION SELECT member_id FROM household)
ORDER BY r.member_id
