-- How names, dates and numbers come out when somebody types them again. `d` is a draw of 0..999 of its own.
CREATE OR REPLACE TEMP MACRO chance(id, salt, n) AS (hash(id, getvariable('slip_seed'), salt) % n)::INTEGER;
-- Whether a value of a list is written as the register has it (`CLEAN`).
CREATE OR REPLACE TEMP MACRO clean(id, salt) AS chance(id, 'clean ' || salt, 1000) < coalesce(getvariable('clean'), 0);
-- Another spelling of the same name: what ear and keyboard confuse.
CREATE OR REPLACE TEMP MACRO respelt(name, d) AS CASE d % 14
    WHEN 0 THEN replace(name, 'ee', 'i') WHEN 1 THEN regexp_replace(name, 'i([a-z])', 'ee\1') WHEN 2 THEN replace(name, 'sh', 's')
    WHEN 3 THEN replace(name, 'v', 'w') WHEN 4 THEN regexp_replace(name, '([^a ])a([b-z])', '\1aa\2') WHEN 5 THEN replace(name, 'aa', 'a')
    WHEN 6 THEN replace(replace(name, 'oo', 'u'), 'w', 'v') WHEN 7 THEN regexp_replace(name, 'u([b-z])', 'oo\1')
    WHEN 8 THEN regexp_replace(name, 'a( |$)', '\1') WHEN 9 THEN regexp_replace(name, '([b-df-hj-np-tv-z])( |$)', '\1a\2')
    WHEN 10 THEN replace(replace(name, 'ksh', 'x'), 'ph', 'f') WHEN 11 THEN regexp_replace(name, '([lmnt])([aeiou])', '\1\1\2')
    WHEN 12 THEN upper(name) ELSE replace(replace(name, 'th', 't'), 'dh', 'd') END;
-- A letter too many, too few or another one, behind the first.
CREATE OR REPLACE TEMP MACRO mistyped(name, d) AS CASE d % 3
    WHEN 0 THEN name[:2 + d % 4] || name[4 + d % 4:]
    WHEN 1 THEN name[:2 + d % 4] || chr(97 + d % 26) || name[3 + d % 4:]
    ELSE name[:2 + d % 4] || chr(97 + d % 26) || name[4 + d % 4:] END;
-- A date with one digit wrong, or day and month exchanged.
CREATE OR REPLACE TEMP MACRO misdated(day, d) AS CASE
    WHEN d % 3 = 0 AND day(day) <= 12 THEN make_date(year(day), day(day), month(day))
    WHEN d % 3 = 1 THEN make_date(year(day) + CASE WHEN d % 2 = 0 THEN 1 ELSE -1 END, month(day), least(day(day), 28))
    ELSE make_date(year(day), month(day), 1 + (day(day) + 9) % 28) END;
-- The year guessed: 1 January of a year near it.
CREATE OR REPLACE TEMP MACRO guessed(day, d) AS make_date(year(day) - 3 + d % 6, 1, 1);
