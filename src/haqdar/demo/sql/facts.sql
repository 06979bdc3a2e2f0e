-- What befalls the people of this block, in days before the day of determination (`_ago`; below 0: after it).
CREATE OR REPLACE TEMP TABLE fate AS
WITH died AS (
    SELECT *,
        CASE WHEN (wed_ago IS NULL OR wed_ago > 800) AND draw(pk, 30, 100000) < 1.5 * CASE
                WHEN ago < years(5) THEN 500 WHEN ago < years(40) THEN 130 WHEN ago < years(60) THEN 650
                WHEN ago < years(70) THEN 2000 WHEN ago < years(80) THEN 4800 ELSE 11000 END
            THEN 12 + draw(pk, 31, least(540, ago - 12)) END AS dead_ago
    FROM person
)
SELECT * EXCLUDE (ago),
    -- Older people often know the year alone: the register says 1 January.
    CASE WHEN ago > years(30) AND draw(pk, 32, 100) < 9
        THEN (getvariable('day') - make_date(year(getvariable('day') - ago), 1, 1))::INTEGER ELSE ago END AS ago,
    CASE WHEN dead_ago IS NOT NULL THEN greatest(getvariable('delivery_ago'), dead_ago
        - CASE WHEN draw(pk, 33, 100) < 15 THEN 60 + draw(pk, 34, 300) ELSE 3 + draw(pk, 34, 50) END) END AS death_known_ago,
    CASE WHEN status = 2 AND wed_ago > 700
        THEN 560 + draw(pk, 35, least(wed_ago - 600, years(18))) END AS widowed_ago,
    status = 3 AND wed_ago > 100 AND draw(pk, 36, 100) < 45 AS left_by_event,
    status = 4 AND wed_ago > 100 AND draw(pk, 36, 100) < 45 AS divorced_by_event,
    status = 1 AND spouse IS NOT NULL AND wed_ago < 700 AS newly_wed,
    CASE WHEN ago > years(16) AND dead_ago IS NULL AND draw(pk, 37, 1000) < 4 THEN 20 + draw(pk, 38, 1400) END AS moved_ago,
    draw(pk, 39, 100) < 25 AS moved_back,
    draw(pk, 40, 1000) < 2 AS no_birth,
    status <> 0 AND draw(pk, 41, 10000) < 25 AS no_status,
    draw(pk, 42, 1000) < 3 AS no_destitute,
    draw(pk, 43, 1000) < 3 AS no_tax
FROM died;

-- Families with their poverty card: 0 none, 1 open, 2 closed before the day, 3 closes soon, 4 opens soon.
CREATE OR REPLACE TEMP TABLE household AS
SELECT f.fam, u.u, u.k, u.area, u.urban, u.category,
    CASE WHEN draw(k + fam % 6, 30, 1000) < CASE u.category WHEN 'ST' THEN 590 WHEN 'SC' THEN 520 WHEN 'OBC' THEN 375 ELSE 210 END
            + CASE WHEN f.widows THEN 270 ELSE 0 END
        THEN CASE WHEN draw(k + fam % 6, 40, 1000) < 25 THEN 2 WHEN draw(k + fam % 6, 40, 1000) < 29 THEN 3
            WHEN draw(k + fam % 6, 40, 1000) < 33 THEN 4 ELSE 1 END
        ELSE 0 END AS card
FROM (SELECT fam, any_value(u) AS u, bool_or(girl AND status = 2) AS widows FROM person GROUP BY fam) f JOIN unit u USING (u)
ORDER BY fam;

CREATE OR REPLACE TEMP TABLE resident AS
WITH told AS (
    SELECT f.*, h.card, h.category, h.area, h.card IN (1, 3) AS bpl,
        s.dead_ago AS spouse_dead_ago, s.girl AS spouse_girl,
        CASE WHEN status = 2 AND f.ago < years(60) AND widowed_ago > 100 AND f.girl AND f.dead_ago IS NULL AND draw(f.pk, 44, 1000) < 16
            THEN 20 + draw(f.pk, 45, least(widowed_ago, 1500) - 40) END AS remarried_ago,
        date_sub('year', getvariable('day') - f.ago, getvariable('day'))::INTEGER AS age,
        draw(f.pk, 46, 10000) AS luck
    FROM fate f JOIN household h USING (fam) LEFT JOIN (
        SELECT member AS spouse, dead_ago, girl FROM fate WHERE dead_ago IS NOT NULL
    ) s USING (spouse)
),
certified AS (
    SELECT *,
        CASE WHEN remarried_ago IS NOT NULL THEN 1
            WHEN status = 1 AND spouse_dead_ago IS NOT NULL AND (dead_ago IS NULL OR dead_ago < spouse_dead_ago) THEN 2
            ELSE status END AS standing,
        CASE WHEN luck < CASE
                WHEN age < 6 THEN 40 WHEN age <= 18 THEN CASE WHEN bpl THEN 285 ELSE 110 END
                WHEN age <= 25 THEN CASE WHEN bpl THEN 310 ELSE 120 END
                WHEN age < 60 THEN CASE WHEN bpl THEN 265 ELSE 100 END ELSE CASE WHEN bpl THEN 330 ELSE 220 END END
            THEN CASE WHEN draw(pk, 47, 100) < 4 THEN 25 + draw(pk, 48, 15)
                WHEN draw(pk, 47, 100) < 50 THEN 40 + 5 * draw(pk, 48, 4)
                WHEN draw(pk, 47, 100) < 71 THEN 60 + 5 * draw(pk, 48, 4) ELSE 80 + 5 * draw(pk, 48, 5) END END AS percent,
        CASE WHEN percent IS NULL THEN NULL WHEN draw(pk, 49, 1000) < 350 THEN 'locomotor' WHEN draw(pk, 49, 1000) < 550 THEN 'visual'
            WHEN draw(pk, 49, 1000) < 740 THEN 'hearing' WHEN draw(pk, 49, 1000) < 810 THEN 'speech'
            WHEN draw(pk, 49, 1000) < 850 THEN 'intellectual' WHEN draw(pk, 49, 1000) < 880 THEN 'mental_illness'
            WHEN draw(pk, 49, 1000) < 910 THEN 'multiple' ELSE 'other' END AS handicap,
        -- The certificate: 0 for life, 1 for some years more, 2 expires soon, 3 expired.
        CASE WHEN percent IS NULL THEN NULL WHEN draw(pk, 50, 100) < 5 THEN 3 WHEN draw(pk, 50, 100) < 7 THEN 2 WHEN draw(pk, 50, 100) < 35 THEN 1 ELSE 0 END AS term,
        draw(pk, 51, 1000) < CASE WHEN age < 60 THEN 8 WHEN bpl THEN 260 ELSE 85 END AS destitute,
        age BETWEEN 22 AND 90 AND NOT bpl AND draw(pk, 52, 1000) < CASE WHEN girl THEN 4 WHEN category = 'GEN' THEN 90 ELSE 22 END AS taxpayer
    FROM told
),
weighed AS (
    SELECT *, CASE WHEN percent IS NULL OR term = 3 THEN 0 ELSE percent END AS grade,
        moved_ago IS NOT NULL AND NOT moved_back AS gone,
        girl AND standing = 2 AS widow, girl AND standing = 3 AS deserted,
        no_birth OR no_status OR no_destitute OR no_tax AS unsure
    FROM certified
)
-- The cell a person stands in: what the nine schemes would make of the facts, and the mistakes that can be made with them.
SELECT *,
    CASE
        WHEN unsure THEN NULL
        WHEN dead_ago IS NOT NULL THEN CASE WHEN gone THEN NULL WHEN widow AND age >= 40 THEN 'dead_widow' WHEN age >= 60 THEN 'dead_old'
            WHEN grade >= 40 AND age >= 6 THEN 'dead_disabled' END
        WHEN gone THEN CASE WHEN widow AND age BETWEEN 40 AND 79 THEN 'gone_widow' WHEN age >= 60 THEN 'gone_old' END
        WHEN bpl AND age >= 80 THEN CASE WHEN widow THEN 'widow_80' WHEN grade >= 80 THEN 'disabled_80' ELSE 'old_80' END
        WHEN bpl AND widow AND age >= 65 THEN 'widow_65'
        WHEN bpl AND widow AND age >= 60 THEN 'widow_60'
        WHEN bpl AND widow AND age >= 40 THEN 'widow_40'
        WHEN bpl AND grade >= 80 AND age >= 65 THEN 'disabled_65'
        WHEN bpl AND grade >= 80 AND age >= 60 THEN 'disabled_60'
        WHEN bpl AND grade >= 80 AND age > 25 THEN 'disabled_26'
        WHEN bpl AND grade >= 80 AND age >= 18 THEN 'disabled_18'
        WHEN bpl AND age >= 65 THEN 'old_65'
        WHEN bpl AND age >= 60 THEN CASE WHEN destitute THEN 'destitute_60' WHEN deserted THEN 'deserted_60' ELSE 'old_60' END
        WHEN age >= 60 AND destitute THEN 'destitute'
        WHEN age >= 60 THEN CASE WHEN card = 2 THEN 'lost_card_old' ELSE 'not_poor_old' END
        WHEN bpl AND widow AND age >= 18 THEN 'widow_18'
        WHEN bpl AND deserted AND age >= 18 THEN 'deserted_18'
        WHEN bpl AND age BETWEEN 6 AND 18 AND grade >= 40 THEN 'disabled_6'
        WHEN card = 2 AND widow AND age >= 40 THEN 'lost_card_widow'
        WHEN card = 2 AND age BETWEEN 6 AND 17 AND grade >= 40 THEN 'lost_card_disabled'
        WHEN bpl AND remarried_ago IS NOT NULL AND age < 60 THEN CASE WHEN age >= 40 THEN 'remarried_40' WHEN age >= 18 THEN 'remarried_18' END
        WHEN bpl AND term = 3 AND percent >= 40 AND age BETWEEN 20 AND 59 THEN 'expired_20'
        WHEN bpl AND term = 3 AND percent >= 40 AND age BETWEEN 6 AND 17 THEN 'expired_6'
        WHEN bpl AND grade >= 40 AND age BETWEEN 19 AND 25 THEN 'disabled_19'
        WHEN bpl AND grade < 80 AND age BETWEEN 55 AND 58 THEN 'too_young'
    END AS cell,
    CASE
        WHEN unsure OR gone THEN NULL
        WHEN grade > 0 AND handicap IN ('intellectual', 'multiple') THEN CASE WHEN dead_ago IS NULL THEN 'mind' ELSE 'dead_mind' END
        WHEN grade >= 40 AND dead_ago IS NULL THEN 'other_disability'
    END AS mind_cell
FROM weighed;
