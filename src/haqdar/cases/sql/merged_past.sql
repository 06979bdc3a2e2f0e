-- Earlier months of people who had two numbers. The absorbed number keeps what it was paid, but for months after the person's
-- death; the survivor should have had what is due less that, and is asked for nothing back on account of it.
CREATE OR REPLACE TEMP TABLE paid_beside AS
SELECT m.survivor_id AS member_id, q.for_month, q.pension_group, sum(q.paise) AS paise
FROM posted q JOIN merged m ON m.member_id = q.member_id GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE paid_itself AS
SELECT q.member_id, q.for_month, q.pension_group, sum(q.paise) AS paise, arg_max(q.scheme, q.paise) AS scheme
FROM posted q WHERE q.member_id IN (SELECT survivor_id FROM merged) GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE should_have AS
SELECT r.month, r.member_id, r.pension_group, r.scheme, r.paise, coalesce(i.paise, 0) AS own, i.scheme AS own_scheme, b.paise AS beside
FROM redetermined r
JOIN paid_beside b ON b.member_id = r.member_id AND b.for_month = r.month AND b.pension_group = r.pension_group
LEFT JOIN paid_itself i ON i.member_id = r.member_id AND i.for_month = r.month AND i.pension_group = r.pension_group
WHERE b.paise > 0 AND r.paise IS NOT NULL AND r.paise >= coalesce(i.paise, 0);
DELETE FROM redetermined r WHERE r.member_id IN (SELECT member_id FROM merged)
    OR EXISTS (FROM should_have s WHERE s.month = r.month AND s.member_id = r.member_id AND s.pension_group = r.pension_group);
INSERT INTO redetermined
-- the person had enough: what the survivor was paid stands as it was posted
SELECT s.month, s.member_id, s.pension_group, q.scheme, q.paise
FROM should_have s
JOIN posted q ON q.member_id = s.member_id AND q.for_month = s.month AND q.pension_group = s.pension_group
WHERE s.paise - s.beside <= s.own;
INSERT INTO redetermined
SELECT s.month, s.member_id, s.pension_group, s.scheme, s.paise - s.beside
FROM should_have s WHERE s.paise - s.beside > s.own;
INSERT INTO redetermined
SELECT q.for_month, q.member_id, q.pension_group, q.scheme, q.paise
FROM posted q JOIN merged m ON m.member_id = q.member_id LEFT JOIN person p ON p.member_id = m.survivor_id
WHERE q.paise <> 0 AND NOT coalesce(p.died_on < q.for_month, false)
