-- A draw from 0..n-1: the same key and salt always give the same number. Salts stay below 64.
CREATE OR REPLACE TEMP MACRO draw(key, salt, n) AS (hash(key + salt) % n)::INTEGER;
-- The key of a person's draws; person slots are 0..39, unit draws use the unit's own key.
CREATE OR REPLACE TEMP MACRO person_key(unit_key, slot) AS unit_key + 64 * (slot::BIGINT + 1);
CREATE OR REPLACE TEMP MACRO member(unit, slot) AS (100000000 + unit * 40 + slot::BIGINT)::INTEGER;
CREATE OR REPLACE TEMP MACRO family(unit, place) AS (10000000 + unit * 6 + place::BIGINT)::INTEGER;
CREATE OR REPLACE TEMP MACRO years(n) AS (n * 365.25)::INTEGER;
-- Marriages out of 1000 by how they stand at the wife's age: 0 both, 1 widow, 2 widower, 3 deserted, 4 divorced.
CREATE OR REPLACE TEMP MACRO couple_state(ago, per_mille) AS CASE
    WHEN per_mille < CASE
        WHEN ago < years(25) THEN 4 WHEN ago < years(30) THEN 8 WHEN ago < years(40) THEN 24
        WHEN ago < years(50) THEN 84 WHEN ago < years(60) THEN 190 WHEN ago < years(65) THEN 345
        WHEN ago < years(70) THEN 440 WHEN ago < years(80) THEN 570 ELSE 720 END THEN 1
    WHEN per_mille >= 1000 - CASE
        WHEN ago < years(40) THEN 10 WHEN ago < years(60) THEN 40 WHEN ago < years(80) THEN 140 ELSE 180 END THEN 2
    WHEN per_mille BETWEEN 800 AND CASE WHEN ago < years(60) THEN 804 ELSE 801 END THEN 3
    WHEN per_mille BETWEEN 810 AND 812 THEN 4
    ELSE 0 END;
-- The survey that put a lineage's families on the register, days before the day of determination.
CREATE OR REPLACE TEMP MACRO recorded_ago(unit_key) AS 1150 + draw(unit_key, 31, 640);
-- An account number of its own for every member, `digits` long: nines, then nine digits that look drawn (the factor and the
-- modulus have no common divisor, so no two are alike).
CREATE OR REPLACE TEMP MACRO account_of(member, digits) AS
    repeat('9', digits - 9) || lpad((member::BIGINT * 123456787 % 1000000000)::VARCHAR, 9, '0');
-- An Aadhaar number that cannot be a real one: 9999, seven digits, Verhoeff check digit.
CREATE OR REPLACE TEMP MACRO aadhaar_of(serial) AS concat('9999', lpad(serial::VARCHAR, 7, '0'),
    getvariable('verhoeff_close')[1 + 10 * getvariable('verhoeff_low')[1 + serial % 10000] + getvariable('verhoeff_high')[1 + serial // 10000]]);
