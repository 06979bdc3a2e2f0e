-- The founders' children who are still in the register of this lineage: at home, married with their parents or apart.
CREATE OR REPLACE TEMP TABLE kid AS
WITH born AS (
    SELECT u.u, u.k, j::TINYINT AS j, person_key(u.k, 2 + j) AS pk,
        (u.girls >> j) & 1 = 1 AS girl,
        u.first_birth + j * u.spacing + draw(person_key(u.k, 2 + j), 1, 400) AS at_birth,
        u.wife_ago, u.state
    FROM unit u, range(6) AS t(j)
    WHERE j < u.births
),
grown AS (
    SELECT *, wife_ago - at_birth AS ago, wife_ago - at_birth - CASE WHEN girl
            THEN years(17.5) + draw(pk, 2, 2200) ELSE years(19.5) + draw(pk, 2, 2900) END AS wed_ago,
        draw(pk, 3, 1000) AS fate
    FROM born
    WHERE wife_ago - at_birth > 24 AND at_birth < years(45)
        AND draw(pk, 4, 1000) >= CASE WHEN wife_ago - at_birth < years(20) OR girl THEN 25 ELSE 30 END
),
placed AS (
    SELECT *,
        -- 0 unmarried at home, 1 son with a wife, 2 daughter who came back or stayed
        CASE WHEN wed_ago <= 0 THEN 0 WHEN girl THEN 2 WHEN fate >= 965 THEN 0 ELSE 1 END AS part,
        CASE WHEN wed_ago < years(8) THEN 640 ELSE 420 END
        + CASE WHEN state <> 0 AND wife_ago > years(60) THEN 250 ELSE 0 END AS joint_chance
    FROM grown
    WHERE NOT girl OR wed_ago <= 0 OR (fate < 40 AND ago < years(60))
)
SELECT u, k, j, pk, girl, ago, wed_ago, fate, part,
    -- Family numbers have six places to a lineage: the parents' and five sons'.
    part = 1 AND j < 5 AND draw(pk, 5, 1000) >= joint_chance AS apart,
    CASE WHEN part = 1 THEN greatest(ago - 180 - draw(pk, 6, 2000), least(ago, years(17)) + draw(pk, 6, 200)) END AS bride_ago
FROM placed;
