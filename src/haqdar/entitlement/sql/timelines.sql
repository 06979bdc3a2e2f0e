-- From registers as believed on one day (raw_*) to timelines in valid time: what was true on any day, as believed then.
-- The rules are those of "What the files mean" in the contract. Bytewise text order decides between events of one day.

-- name: death
-- Of several death events the earliest counts; its report date decides what the news of the month is.
CREATE OR REPLACE TABLE death AS
SELECT member_id,
       min(happened_on) AS died_on,
       first(reported_on ORDER BY happened_on, event_id) AS death_reported_on
FROM raw_event
WHERE kind = 'death'
GROUP BY member_id;

-- name: spouse_period
-- From each marriage on, the spouse it names (0: it names nobody). Before the first, the residents row speaks.
CREATE OR REPLACE TABLE spouse_period AS
SELECT member_id, happened_on AS from_day, last(coalesce(spouse_id, 0) ORDER BY event_id) AS spouse_id
FROM raw_event
WHERE kind IN ('marriage', 'remarriage')
GROUP BY member_id, happened_on;

-- name: migration_period
CREATE OR REPLACE TABLE migration_period AS
SELECT member_id, happened_on AS from_day, last(kind = 'migration_out' ORDER BY event_id) AS is_out
FROM raw_event
WHERE kind IN ('migration_out', 'migration_in')
GROUP BY member_id, happened_on;

-- name: person
-- One wide row per resident. base_status and base_spouse hold until the first dated fact of the person.
-- Before a dated residents row with no earlier fact: a person now single or married was single, any other was married.
CREATE OR REPLACE TABLE person AS
SELECT r.member_id, r.family_id, f.area_code, a.district_code, f.social_category,
       r.sex, r.born_on, d.died_on, d.death_reported_on, r.mother_id, r.father_id,
       coalesce(r.spouse_id, 0) AS base_spouse,
       CASE WHEN r.marital_since IS NULL OR r.marital_status IS NULL THEN r.marital_status
            WHEN r.marital_status IN ('never_married', 'married') THEN 'never_married'
            ELSE 'married' END AS base_status,
       r.destitute, r.income_tax_payer
FROM raw_resident r
LEFT JOIN raw_family f ON f.family_id = r.family_id
LEFT JOIN area a ON a.area_code = f.area_code
LEFT JOIN death d ON d.member_id = r.member_id;

-- name: spouse_death
-- The death of whoever was the recorded spouse on that day.
CREATE OR REPLACE TABLE spouse_death AS
WITH span AS (
    SELECT member_id, from_day, spouse_id,
           lead(from_day) OVER (PARTITION BY member_id ORDER BY from_day) AS until_day
    FROM (SELECT member_id, DATE '0001-01-01' AS from_day, base_spouse AS spouse_id FROM person
          UNION ALL
          SELECT member_id, from_day, spouse_id FROM spouse_period)
)
SELECT span.member_id, death.died_on AS day
FROM span
JOIN death ON death.member_id = span.spouse_id
WHERE death.died_on >= span.from_day AND (span.until_day IS NULL OR death.died_on < span.until_day);

-- name: marital_period
-- Status-changing facts in their order; a spouse's death counts only for a person married at that moment. Two such deaths are
-- never neighbours (a marriage lies between), so the fact before decides.
CREATE OR REPLACE TABLE marital_period AS
WITH fact AS (
    SELECT member_id, marital_since AS day, 0 AS class, '' AS event_id, marital_status AS status
    FROM raw_resident WHERE marital_status IS NOT NULL AND marital_since IS NOT NULL
    UNION ALL
    SELECT member_id, happened_on, 1, event_id,
           CASE kind WHEN 'desertion' THEN 'deserted' WHEN 'divorce' THEN 'divorced' ELSE 'married' END
    FROM raw_event WHERE kind IN ('marriage', 'remarriage', 'desertion', 'divorce')
    UNION ALL
    SELECT member_id, day, 2, '', 'widowed' FROM spouse_death
), ordered AS (
    SELECT fact.*,
           coalesce(lag(fact.status) OVER (PARTITION BY fact.member_id ORDER BY day, class, event_id),
                    person.base_status) AS status_before
    FROM fact JOIN person USING (member_id)
)
SELECT member_id, day AS from_day, last(status ORDER BY class, event_id) AS status
FROM ordered
WHERE class < 2 OR status_before = 'married'
GROUP BY member_id, day;

-- name: parentage
-- Who is a child of whom: by the pointers, not by the household, so that a son who moved out counts.
CREATE OR REPLACE VIEW parentage AS
SELECT mother_id AS parent_id, member_id AS child_id, mother_id, father_id, sex, born_on, died_on
FROM person WHERE mother_id IS NOT NULL
UNION ALL
SELECT father_id, member_id, mother_id, father_id, sex, born_on, died_on
FROM person WHERE father_id IS NOT NULL AND father_id IS DISTINCT FROM mother_id;

-- name: bpl
CREATE OR REPLACE TABLE bpl AS
SELECT DISTINCT family_id, valid_from, valid_to FROM raw_bpl;

-- name: disability
CREATE OR REPLACE TABLE disability AS
SELECT DISTINCT member_id, kind, CAST(percent AS DOUBLE) AS percent, issued_on, valid_to FROM raw_disability;

-- name: pension
-- What the pensioners register says is paid. A row whose member is not (yet) a resident is a ghost.
CREATE OR REPLACE TABLE pension AS
SELECT p.member_id, p.scheme, p.since, p.paise, r.member_id IS NULL AS is_ghost
FROM raw_pension p
LEFT JOIN raw_resident r ON r.member_id = p.member_id
WHERE r.member_id IS NULL OR NOT p.is_ghost;
