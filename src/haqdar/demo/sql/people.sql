-- Everyone of this block: founders, their children, the wives of their sons, grandchildren.
CREATE OR REPLACE TEMP TABLE couple AS
SELECT *, couple_state(bride_ago, draw(pk, 7, 1000)) AS tie,
    family(u, CASE WHEN apart THEN 1 + j ELSE 0 END) AS fam
FROM (SELECT * REPLACE (greatest(bride_ago, wed_ago + years(17)) AS bride_ago) FROM kid WHERE part = 1);

CREATE OR REPLACE TEMP TABLE house AS
SELECT u.*, least(wife_ago - years(16), greatest(wife_ago - first_birth + 300 + draw(k, 20, 500), 200 + draw(k, 21, 300))) AS wed_ago,
    -- A widowed mother in the house of her eldest son there.
    CASE WHEN u.state = 1 AND draw(k, 22, 100) < 75 THEN h.j END AS host,
    getvariable('first_unit') + draw(k, 23, getvariable('last_unit') - getvariable('first_unit')) AS v
FROM unit u LEFT JOIN (
    SELECT u, min(j) AS j FROM couple WHERE NOT apart AND tie IN (0, 2, 4) GROUP BY u
) h USING (u);

CREATE OR REPLACE TEMP TABLE person AS
WITH brides AS (
    SELECT c.*, person_key(c.k, 8 + j) AS bk, h.host,
        -- A wife's parents: a lineage picked at random, if the founding mother there is of an age to be her mother.
        getvariable('first_unit') + draw(c.pk, 20, getvariable('last_unit') - getvariable('first_unit')) AS v
    FROM couple c JOIN house h USING (u)
),
grand AS (
    SELECT c.*, h.host, m::TINYINT AS m, person_key(c.k, 14 + 4 * j + m) AS gk,
        c.wed_ago - 300 - m * 1050 - draw(person_key(c.k, 14 + 4 * j + m), 1, 1300) AS child_ago,
        draw(person_key(c.k, 14 + 4 * j + m), 2, 1000) < 482 AS child_girl
    FROM couple c JOIN house h USING (u), range(4) AS t(m)
    WHERE m < CASE WHEN draw(pk, 8, 100) < 3 THEN 0 WHEN draw(pk, 8, 100) < 10 THEN 1
        WHEN draw(pk, 8, 100) < 34 THEN 2 WHEN draw(pk, 8, 100) < 66 THEN 3 ELSE 4 END
),
everyone AS (
    SELECT u, 0::TINYINT AS slot, person_key(k, 0) AS pk, family(u, 0) AS fam, false AS girl, husband_ago AS ago,
        NULL::INTEGER AS mother, NULL::INTEGER AS father,
        CASE WHEN state = 0 THEN member(u, 1) END AS spouse,
        CASE WHEN state = 0 THEN 1 WHEN state = 2 THEN 2 ELSE 4 END::TINYINT AS status, wed_ago, 'self' AS relation
    FROM house WHERE state IN (0, 2)
    UNION ALL
    SELECT h.u, 1, person_key(h.k, 1), family(h.u, 0), true, h.wife_ago,
        CASE WHEN n.births > 1 AND n.wife_ago - h.wife_ago BETWEEN years(18) AND years(40) THEN member(n.u, 1) END,
        CASE WHEN n.births > 1 AND n.wife_ago - h.wife_ago BETWEEN years(18) AND years(40) THEN member(n.u, 0) END,
        CASE WHEN h.state = 0 THEN member(h.u, 0) END,
        CASE h.state WHEN 0 THEN 1 WHEN 1 THEN 2 WHEN 3 THEN 3 ELSE 4 END, h.wed_ago,
        CASE WHEN h.state = 0 THEN 'wife' WHEN h.host IS NOT NULL THEN 'mother' ELSE 'self' END
    FROM house h LEFT JOIN unit n ON n.u = h.v
    WHERE h.state <> 2
    UNION ALL
    SELECT d.u, 2 + d.j, d.pk, CASE WHEN d.part = 1 AND d.apart THEN family(d.u, 1 + d.j) ELSE family(d.u, 0) END,
        d.girl, d.ago, member(d.u, 1), member(d.u, 0),
        CASE WHEN c.tie = 0 THEN member(d.u, 8 + d.j) END,
        CASE d.part WHEN 0 THEN 0
            WHEN 1 THEN CASE c.tie WHEN 0 THEN 1 WHEN 2 THEN 2 ELSE 4 END
            ELSE CASE WHEN d.fate < 20 THEN 2 WHEN d.fate < 32 THEN 3 WHEN d.fate < 38 THEN 0 ELSE 4 END END,
        CASE WHEN d.part <> 0 THEN d.wed_ago END,
        CASE WHEN d.part = 1 AND (d.apart OR d.j = h.host) THEN 'self'
            WHEN h.host IS NOT NULL THEN CASE WHEN d.girl THEN 'sister' ELSE 'brother' END
            WHEN d.girl THEN 'daughter' ELSE 'son' END
    FROM kid d JOIN house h USING (u) LEFT JOIN couple c ON c.u = d.u AND c.j = d.j
    WHERE d.part <> 1 OR c.tie IN (0, 2, 4)
    UNION ALL
    SELECT b.u, 8 + b.j, b.bk, b.fam, true, b.bride_ago,
        CASE WHEN n.births > 1 AND n.wife_ago - b.bride_ago BETWEEN years(18) AND years(40) THEN member(n.u, 1) END,
        CASE WHEN n.births > 1 AND n.wife_ago - b.bride_ago BETWEEN years(18) AND years(40) THEN member(n.u, 0) END,
        CASE WHEN b.tie = 0 THEN member(b.u, 2 + b.j) END,
        CASE b.tie WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 3 END, b.wed_ago,
        CASE WHEN b.tie <> 0 AND b.apart THEN 'self' WHEN b.apart OR b.j = b.host THEN 'wife'
            WHEN b.host IS NOT NULL THEN 'sister_in_law' ELSE 'daughter_in_law' END
    FROM brides b LEFT JOIN unit n ON n.u = b.v
    WHERE b.tie IN (0, 1, 3)
    UNION ALL
    SELECT u, 14 + 4 * j + m, gk, fam, child_girl, child_ago, member(u, 8 + j), member(u, 2 + j), NULL, 0, NULL,
        CASE WHEN apart OR j = host THEN CASE WHEN child_girl THEN 'daughter' ELSE 'son' END
            WHEN host IS NOT NULL THEN CASE WHEN child_girl THEN 'niece' ELSE 'nephew' END
            WHEN child_girl THEN 'granddaughter' ELSE 'grandson' END
    FROM grand
    -- Grown grandchildren live in lineages of their own; a few stay unmarried.
    WHERE child_ago > 24 AND draw(gk, 3, 1000) >= 20
        AND (child_ago < CASE WHEN child_girl THEN years(17) ELSE years(19.5) END + draw(gk, 4, 2200)
            OR child_ago < years(35) AND draw(gk, 5, 100) < 6)
)
SELECT member(u, slot) AS member, u, slot::TINYINT AS slot, pk, fam, girl, ago::INTEGER AS ago, mother, father, spouse,
    status::TINYINT AS status, wed_ago::INTEGER AS wed_ago, relation
FROM everyone;
