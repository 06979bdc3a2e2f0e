-- One row per lineage of this block: a founding couple (or the one of the two who is left) at one place.
CREATE OR REPLACE TEMP TABLE unit AS
WITH numbered AS (
    SELECT u, getvariable('seed_key') + u * 4096 AS k
    FROM range(getvariable('first_unit'), getvariable('last_unit')) AS t(u)
),
founded AS (
    SELECT u, k,
        years(getvariable('founder_ages')[1 + draw(k, 1, 1000)]) + draw(k, 2, 1826) AS wife_ago,
        draw(k, 4, 1000) AS fate,
        draw(k, 5, 1000) AS fertility,
        years(18) + draw(k, 6, 1900) AS first_birth,
        900 + draw(k, 7, 600) AS spacing,
        (draw(k, 8, 1000) < 482)::TINYINT + 2 * (draw(k, 9, 1000) < 477)::TINYINT
        + 4 * (draw(k, 10, 1000) < 482)::TINYINT + 8 * (draw(k, 11, 1000) < 477)::TINYINT
        + 16 * (draw(k, 12, 1000) < 482)::TINYINT + 32 * (draw(k, 13, 1000) < 477)::TINYINT AS girls
    FROM numbered
),
sized AS (
    SELECT *,
        wife_ago + 300 + draw(k, 3, 2700) AS husband_ago,
        couple_state(wife_ago, fate) AS state,
        CASE
            WHEN wife_ago < years(42) THEN
                CASE WHEN fertility < 20 THEN 0 WHEN fertility < 90 THEN 1 WHEN fertility < 300 THEN 2
                    WHEN fertility < 590 THEN 3 WHEN fertility < 820 THEN 4 WHEN fertility < 940 THEN 5 ELSE 6 END
            ELSE
                CASE WHEN fertility < 40 THEN 0 WHEN fertility < 90 THEN 1 WHEN fertility < 240 THEN 2
                    WHEN fertility < 470 THEN 3 WHEN fertility < 710 THEN 4 WHEN fertility < 880 THEN 5 ELSE 6 END
        END AS births
    FROM founded
)
SELECT s.u, s.k, s.wife_ago, s.husband_ago, s.state, s.births, s.first_birth, s.spacing,
    -- Couples go on until there is a son more often than chance would have it.
    (CASE WHEN births >= 2 AND (girls & (1 << births) - 1) = (1 << births) - 1 AND draw(k, 14, 100) < 85
        THEN girls - 1 ELSE girls END)::TINYINT AS girls,
    a.area, a.urban,
    CASE WHEN draw(k, 15, 10000) < a.st_share THEN 'ST'
        WHEN draw(k, 15, 10000) < a.st_share + a.sc_share THEN 'SC'
        WHEN draw(k, 16, 1000) < 790 THEN 'OBC' ELSE 'GEN' END AS category
FROM sized s ASOF JOIN area_plan a ON s.u >= a.first_unit;
