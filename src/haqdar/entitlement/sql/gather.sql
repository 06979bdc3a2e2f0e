-- Cutting the registers by district, and finding whose facts cross a border.

-- name: district
-- Districts by number; 0 stands for people whose area lies in no known district.
CREATE OR REPLACE TABLE district AS
SELECT CAST(row_number() OVER (ORDER BY district_code) AS INTEGER) AS district_no, district_code
FROM (SELECT DISTINCT district_code FROM area WHERE district_code IS NOT NULL)
UNION ALL SELECT 0, NULL;
CREATE OR REPLACE TABLE area_home AS
SELECT a.area_code, d.district_no FROM area a JOIN district d ON d.district_code = a.district_code;

-- name: identity
-- Who shares an Aadhaar number or a bank account with others, named by the first resident who has it: enough to find
-- duplicates, and nothing of the number or of its keyed hash leaves the register. Eight bytes find the candidates, the whole
-- values decide, so that a State's worth of keys stays small.
CREATE OR REPLACE TABLE identity AS
WITH keyed AS (
    SELECT member_id, 'aadhaar' AS what, aadhaar_ref AS value FROM every_resident WHERE aadhaar_ref IS NOT NULL
        AND hash(aadhaar_ref) IN (SELECT hash(aadhaar_ref) FROM every_resident WHERE aadhaar_ref IS NOT NULL
                                   GROUP BY hash(aadhaar_ref) HAVING count(*) > 1)
    UNION ALL
    SELECT member_id, 'account', account_hash FROM every_resident WHERE account_hash IS NOT NULL
        AND hash(account_hash) IN (SELECT hash(account_hash) FROM every_resident WHERE account_hash IS NOT NULL
                                   GROUP BY hash(account_hash) HAVING count(*) > 1)
), shared AS (
    SELECT member_id, what, min(member_id) OVER (PARTITION BY what, value) AS first_member
    FROM keyed QUALIFY count(*) OVER (PARTITION BY what, value) > 1
)
SELECT member_id, max(first_member) FILTER (WHERE what = 'aadhaar') AS aadhaar_of,
       max(first_member) FILTER (WHERE what = 'account') AS account_of
FROM shared GROUP BY member_id;
CREATE OR REPLACE TABLE identity_home AS
SELECT member_id, district_no FROM every_resident SEMI JOIN identity USING (member_id);

-- name: foreign_link
CREATE OR REPLACE TABLE foreign_link (district_no INTEGER, member_id INTEGER, other_id INTEGER, is_parent BOOLEAN);

-- name: foreign_links_of
-- Spouses and parents named by people of one district who do not live in it; of marriages on one day the last counts.
INSERT INTO foreign_link
SELECT DISTINCT {district}, x.member_id, x.other_id, x.is_parent
FROM (SELECT member_id, spouse_id AS other_id, false AS is_parent FROM own_raw_resident
      UNION ALL SELECT member_id, last(spouse_id ORDER BY event_id), false FROM own_raw_event
          WHERE kind IN ('marriage', 'remarriage') GROUP BY member_id, happened_on
      UNION ALL SELECT member_id, mother_id, true FROM own_raw_resident
      UNION ALL SELECT member_id, father_id, true FROM own_raw_resident) x
ANTI JOIN own_raw_resident r ON r.member_id = x.other_id
WHERE x.other_id IS NOT NULL;

-- name: kin_needed
-- (district_no, member_id): a spouse living elsewhere, own children living elsewhere, and a spouse's children wherever they live.
CREATE OR REPLACE TABLE kin_needed AS
WITH home AS (
    SELECT member_id, district_no FROM every_resident
    SEMI JOIN (SELECT other_id AS member_id FROM foreign_link UNION SELECT member_id FROM foreign_link) USING (member_id)
), spouse AS (
    SELECT DISTINCT l.district_no, l.other_id AS member_id
    FROM foreign_link l JOIN home h ON h.member_id = l.other_id WHERE NOT l.is_parent
), needed AS (
    SELECT district_no, member_id FROM spouse
    UNION SELECT h.district_no, l.member_id
          FROM foreign_link l JOIN home h ON h.member_id = l.other_id WHERE l.is_parent
    UNION SELECT s.district_no, r.member_id FROM every_resident r JOIN spouse s ON s.member_id = r.mother_id
    UNION SELECT s.district_no, r.member_id FROM every_resident r JOIN spouse s ON s.member_id = r.father_id
)
SELECT n.district_no, n.member_id
FROM needed n JOIN (SELECT member_id, district_no FROM every_resident SEMI JOIN needed USING (member_id)) r USING (member_id)
WHERE r.district_no <> n.district_no;

-- name: kin_of_touched
-- For an increment: the touched people as kin of other districts than their own (home), as in kin_needed.
CREATE OR REPLACE TABLE kin_of_touched AS
WITH spouse AS (
    SELECT member_id, base_spouse AS spouse_id FROM person WHERE base_spouse <> 0
    UNION SELECT member_id, spouse_id FROM spouse_period WHERE spouse_id <> 0
), elsewhere AS (
    -- spouses who live in another district than the person
    SELECT h.home, s.spouse_id
    FROM spouse s JOIN home h ON h.member_id = s.member_id JOIN home o ON o.member_id = s.spouse_id
    WHERE h.home <> o.home
), needed AS (
    SELECT home, spouse_id AS member_id FROM elsewhere
    UNION SELECT h.home, p.child_id FROM parentage p JOIN home h ON h.member_id = p.parent_id
    UNION SELECT e.home, p.child_id FROM parentage p JOIN elsewhere e ON e.spouse_id = p.parent_id
)
SELECT p.* REPLACE (CAST(NULL AS VARCHAR) AS area_code, CAST(NULL AS VARCHAR) AS district_code,
                    CAST(NULL AS VARCHAR) AS social_category), n.home
FROM needed n JOIN person p USING (member_id) JOIN home h USING (member_id)
SEMI JOIN own ON own.member_id = p.member_id
WHERE n.home <> h.home;
