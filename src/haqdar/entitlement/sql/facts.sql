-- The vocabulary's facts for every (member_id, day) asked: one row each, residents only.
WITH asked AS (
    SELECT DISTINCT member_id, day FROM {asks}
), marital_now AS (
    SELECT a.member_id, a.day, arg_max(m.status, m.from_day) AS status
    FROM asked a JOIN marital_period m ON m.member_id = a.member_id AND m.from_day <= a.day
    GROUP BY a.member_id, a.day
), spouse_now AS (
    SELECT a.member_id, a.day, arg_max(s.spouse_id, s.from_day) AS spouse_id
    FROM asked a JOIN spouse_period s ON s.member_id = a.member_id AND s.from_day <= a.day
    GROUP BY a.member_id, a.day
), migrated_now AS (
    SELECT a.member_id, a.day, arg_max(m.is_out, m.from_day) AS is_out
    FROM asked a JOIN migration_period m ON m.member_id = a.member_id AND m.from_day <= a.day
    GROUP BY a.member_id, a.day
), disability_now AS (
    SELECT a.member_id, a.day, max(d.percent) AS percent,
           bool_or(d.kind = 'intellectual') AS intellectual, bool_or(d.kind = 'multiple') AS multiple
    FROM asked a JOIN disability d ON d.member_id = a.member_id
         AND d.issued_on <= a.day AND (d.valid_to IS NULL OR a.day <= d.valid_to)
    GROUP BY a.member_id, a.day
), household AS (
    SELECT DISTINCT p.family_id, a.day FROM asked a JOIN person p ON p.member_id = a.member_id
), bpl_now AS (
    SELECT DISTINCT h.family_id, h.day
    FROM household h JOIN bpl b ON b.family_id = h.family_id
         AND b.valid_from <= h.day AND (b.valid_to IS NULL OR h.day <= b.valid_to)
), own AS (
    SELECT a.member_id, a.day, p.family_id, p.area_code, p.district_code, p.sex, p.born_on, p.died_on, p.destitute,
           p.income_tax_payer,
           (p.born_on IS NULL OR p.born_on <= a.day) AND (p.died_on IS NULL OR p.died_on >= a.day) AS alive,
           coalesce(m.status, p.base_status) AS marital_status,
           nullif(coalesce(s.spouse_id, p.base_spouse), 0) AS spouse_id,
           coalesce(g.is_out, false) AS migrated_out,
           b.family_id IS NOT NULL AS bpl,
           coalesce(d.percent, 0) AS disability_percent,
           coalesce(d.intellectual, false) AS intellectual_disability,
           coalesce(d.multiple, false) AS multiple_disability
    FROM asked a
    JOIN person p ON p.member_id = a.member_id
    LEFT JOIN marital_now m ON m.member_id = a.member_id AND m.day = a.day
    LEFT JOIN spouse_now s ON s.member_id = a.member_id AND s.day = a.day
    LEFT JOIN migrated_now g ON g.member_id = a.member_id AND g.day = a.day
    LEFT JOIN disability_now d ON d.member_id = a.member_id AND d.day = a.day
    LEFT JOIN bpl_now b ON b.family_id = p.family_id AND b.day = a.day
), couple AS (
    -- the partner is the living recorded husband of a woman who is married or whose status nobody knows
    SELECT o.*,
           coalesce(o.sex = 'M' AND s.sex = 'F' AND s.died_on < o.day, false) AS wife_died,
           s.died_on AS spouse_died_on, s.death_reported_on AS spouse_death_reported_on,
           coalesce(o.sex = 'F' AND (o.marital_status IS NULL OR o.marital_status = 'married') AND s.sex = 'M'
                    AND (s.born_on IS NULL OR s.born_on <= o.day) AND (s.died_on IS NULL OR s.died_on >= o.day),
                    false) AS partner_present,
           s.born_on AS spouse_born_on, s.income_tax_payer AS spouse_income_tax_payer
    FROM own o LEFT JOIN person s ON s.member_id = o.spouse_id
), child_now AS (
    SELECT c.member_id, c.day, k.sex
    FROM couple c JOIN parentage k ON k.parent_id = c.member_id
    WHERE (k.born_on IS NULL OR k.born_on <= c.day) AND (k.died_on IS NULL OR k.died_on >= c.day)
    UNION ALL
    SELECT c.member_id, c.day, k.sex
    FROM couple c JOIN parentage k ON k.parent_id = c.spouse_id
    WHERE c.partner_present
      AND (k.born_on IS NULL OR k.born_on <= c.day) AND (k.died_on IS NULL OR k.died_on >= c.day)
      AND k.mother_id IS DISTINCT FROM c.member_id AND k.father_id IS DISTINCT FROM c.member_id
), children AS (
    SELECT member_id, day,
           count(*) FILTER (WHERE sex = 'F') AS daughters, count(*) FILTER (WHERE sex = 'M') AS sons
    FROM child_now GROUP BY member_id, day
)
SELECT c.member_id, c.day, c.family_id, c.area_code, c.district_code,
       c.alive, c.migrated_out, c.sex, c.born_on, c.died_on,
       {own_age} AS age,
       c.marital_status, c.bpl, c.destitute, c.income_tax_payer,
       c.disability_percent, c.intellectual_disability, c.multiple_disability,
       c.wife_died, c.spouse_id, c.spouse_died_on, c.spouse_death_reported_on,
       CAST(coalesce(k.daughters, 0) AS INTEGER) AS living_daughters,
       CAST(coalesce(k.sons, 0) AS INTEGER) AS living_sons,
       c.partner_present,
       CASE WHEN c.partner_present THEN c.spouse_id END AS partner_id,
       CASE WHEN c.partner_present THEN c.spouse_born_on END AS partner_born_on,
       CASE WHEN c.partner_present THEN {partner_age} END AS partner_age,
       CASE WHEN c.partner_present THEN c.spouse_income_tax_payer END AS partner_income_tax_payer
FROM couple c
LEFT JOIN children k ON k.member_id = c.member_id AND k.day = c.day
