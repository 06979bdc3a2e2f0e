-- Who holds which pension: each claim takes its places in the shuffled row of its cell.
CREATE OR REPLACE TEMP TABLE pension AS
WITH standing AS (
    SELECT cell, member, u, pk, ago, age, coalesce(dead_ago, 0) AS until_ago,
        -- Fresh widows still hold what they held as wives; they come last where only widows could have been sanctioned.
        CASE WHEN status = 2 THEN 1 WHEN cell IN ('widow_60', 'widow_65') THEN 0 ELSE 2 END AS turn
    FROM resident WHERE cell IS NOT NULL
    UNION ALL
    SELECT mind_cell, member, u, pk + 1, ago, age, coalesce(dead_ago, 0), 0 FROM resident WHERE mind_cell IS NOT NULL
    UNION ALL
    SELECT parent_cell, member, u, pk + 2, ago, elder, coalesce(dead_ago, 0), 0 FROM parent WHERE parent_cell IS NOT NULL
    UNION ALL
    SELECT 'ghost', member(u, 39), u, person_key(k, 39), years(66), 66, 0, 0 FROM unit
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY cell ORDER BY turn, hash(pk + 60), member) - 1 AS place FROM standing
)
SELECT p.member, p.u, c.scheme, c.mark,
    CASE WHEN c.mark = 'right' AND draw(pk, 56, 100) < 2 THEN NULL
        WHEN c.rupees IS NOT NULL THEN c.rupees
        WHEN p.age >= 80 THEN 500 WHEN p.age >= 65 THEN 275 ELSE 200 END AS rupees,
    until_ago + 31 + draw(pk, 57, greatest(1, least(2700, ago - until_ago - years(c.from_age) - 31))) AS since_ago,
    (place - c.first_place) // 2 AS pair
FROM placed p JOIN claim c ON c.cell = p.cell AND p.place >= c.first_place AND p.place < c.last_place
ORDER BY p.member, c.scheme;

-- A second register entry of the same person: other spelling, other ID, same Aadhaar number, same pension.
CREATE OR REPLACE TEMP TABLE twin AS
SELECT r.member AS original, member(r.u, 38) AS member, r.* EXCLUDE (member), p.scheme, p.rupees, p.since_ago
FROM (SELECT min(member) AS member FROM pension WHERE mark = 'twin' GROUP BY u) m
JOIN resident r USING (member) JOIN pension p ON p.member = r.member AND p.mark = 'twin'
ORDER BY r.member;

-- Aadhaar numbers in order of need: everyone where they suffice, else those whom the schemes concern.
CREATE OR REPLACE TEMP TABLE vault AS
SELECT member FROM resident
WHERE CASE WHEN getvariable('aadhaar_for_all') THEN draw(pk, 58, 100) < 94
    ELSE member IN (SELECT member FROM pension) OR (cell IS NOT NULL AND cell NOT IN ('not_poor_old', 'too_young')) END
ORDER BY member;

-- Numbers that nobody bears, for rows that must be turned away.
CREATE OR REPLACE TEMP TABLE vacant AS
SELECT member(u, 39) AS member, person_key(k, 39) AS pk FROM unit
WHERE member(u, 39) NOT IN (SELECT member FROM pension) ORDER BY u;
