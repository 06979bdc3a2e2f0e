-- The second award of a group that a person held under two numbers: a stop of the absorbed number, decided like any other.
-- It stands in ``award_change`` under a number that is nobody in the snapshot; the person's place is the survivor's.
CREATE OR REPLACE TEMP TABLE ending AS
SELECT c.member_id, c.pension_group, c.scheme, c.paise, p.area_code, p.district_code, p.social_category
FROM award_change c JOIN merged m ON m.member_id = c.member_id
LEFT JOIN person p ON p.member_id = m.survivor_id
WHERE c.scheme IS NOT NULL;
INSERT INTO decided BY NAME
SELECT district_code, member_id, pension_group, 'stop' AS action, scheme AS from_scheme, paise AS from_paise,
       '{reason}' AS reason, paise AS standing_paise, area_code, social_category
FROM ending;
INSERT INTO worklist BY NAME
SELECT 'stop' AS action, member_id, pension_group, scheme AS from_scheme, paise AS from_paise, '{reason}' AS reason,
       area_code, district_code
FROM ending
