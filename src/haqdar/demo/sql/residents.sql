-- residents.csv
WITH named AS (
    SELECT *,
        getvariable('surnames_latin')[family_name] AS last_latin, getvariable('surnames_hindi')[family_name] AS last_hindi,
        getvariable('surnames_muslim')[family_name] AS muslim,
        (CASE WHEN girl THEN 4 ELSE 0 END + CASE WHEN ago < years(42) THEN 2 ELSE 0 END
            + CASE WHEN getvariable('surnames_muslim')[family_name] THEN 1 ELSE 0 END) * 1024 + 1 + draw(pk - pk % 64, 10, 1024) AS given_name
    FROM entry
),
styled AS (
    SELECT *,
        -- What stands after the given name: 1 the family name, then Bai, Devi, Bi, Bano, Kumari.
        CASE WHEN NOT girl THEN 1
            WHEN muslim THEN CASE WHEN ago < years(18) THEN 1 WHEN draw(pk, 11, 100) < 40 THEN 4 WHEN draw(pk, 11, 100) < 75 THEN 5 ELSE 1 END
            WHEN ago < years(18) THEN CASE WHEN draw(pk, 11, 100) < 15 THEN 6 ELSE 1 END
            WHEN draw(pk, 11, 100) < CASE WHEN ago > years(42) THEN 60 ELSE 25 END THEN 2
            WHEN draw(pk, 11, 100) < CASE WHEN ago > years(42) THEN 75 ELSE 35 END THEN 3 ELSE 1 END AS style
    FROM named
),
written AS (
    SELECT *,
        concat(getvariable('given_latin')[given_name], ' ',
            CASE WHEN style = 1 THEN last_latin ELSE ['', 'Bai', 'Devi', 'Bi', 'Bano', 'Kumari'][style] END) AS latin,
        concat(getvariable('given_hindi')[given_name], ' ',
            CASE WHEN style = 1 THEN last_hindi ELSE ['', 'बाई', 'देवी', 'बी', 'बानो', 'कुमारी'][style] END) AS hindi,
        CASE WHEN status = 0 OR newly_wed THEN 'never_married'
            WHEN status = 1 OR left_by_event OR divorced_by_event THEN 'married'
            WHEN status = 2 THEN 'widowed' WHEN status = 3 THEN 'deserted' ELSE 'divorced' END AS marital,
        CASE WHEN status = 0 OR newly_wed THEN NULL
            WHEN status = 1 OR left_by_event OR divorced_by_event THEN wed_ago
            WHEN status = 2 THEN widowed_ago
            WHEN wed_ago > 700 THEN 700 + draw(pk, 54, least(wed_ago - 650, 5000)) END AS marital_ago,
        payee AND draw(pk, 19, 100) < 97 OR age >= 18 AND draw(pk, 19, 100) < 84 AS has_account,
        -- Neighbours have the same four branches to choose from.
        1 + ((area * 3 + draw(pk, 21, 4)) % len(getvariable('branches')))::INTEGER AS bank,
        -- What is wrong with an account, of ten thousand: see below.
        draw(pk, 60, 10000) AS slip
    FROM styled
),
banked AS (
    SELECT *,
        -- A bank that is part of another today.
        CASE WHEN slip BETWEEN 25 AND 49 THEN getvariable('merged')[1 + slip % len(getvariable('merged'))]
            ELSE getvariable('branches')[bank] END AS branch,
        CASE WHEN slip BETWEEN 25 AND 49 THEN getvariable('merged_digits')[1 + slip % len(getvariable('merged'))]
            ELSE getvariable('branch_digits')[bank] END AS digits
    FROM written
)
SELECT member::VARCHAR AS member_id,
    CASE WHEN dirt BETWEEN 70 AND 89 THEN '99999999' ELSE fam::VARCHAR END AS family_id,
    CASE WHEN twin OR draw(pk, 13, 100) < 4 THEN CASE draw(pk, 14, 5)
            WHEN 0 THEN replace(latin, 'ee', 'i') WHEN 1 THEN replace(latin, 'sh', 's') WHEN 2 THEN replace(latin, 'v', 'w')
            WHEN 3 THEN upper(latin) ELSE replace(latin, 'a ', ' ') END
        ELSE latin END AS name_en,
    CASE WHEN twin OR draw(pk, 15, 100) >= 1 THEN hindi END AS name_hi,
    CASE WHEN dirt BETWEEN 10000 AND 10040 AND ago > years(18) THEN 'T' WHEN girl THEN 'F' ELSE 'M' END AS sex,
    CASE WHEN no_birth THEN NULL
        WHEN dirt BETWEEN 90 AND 149 THEN strftime(getvariable('day') - ago, '%d/%m/%Y')
        WHEN dirt BETWEEN 150 AND 169 THEN (getvariable('day') + 40)::VARCHAR
        WHEN twin THEN make_date(year(getvariable('day') - ago), 1, 1)::VARCHAR
        ELSE (getvariable('day') - ago)::VARCHAR END AS born_on,
    -- The survey came before the wedding.
    CASE WHEN newly_wed AND girl THEN 'other' ELSE relation END AS relation_to_head,
    mother::VARCHAR AS mother_id, father::VARCHAR AS father_id,
    CASE WHEN NOT newly_wed THEN spouse::VARCHAR END AS spouse_id,
    CASE WHEN NOT no_status THEN marital END AS marital_status,
    CASE WHEN NOT no_status AND NOT twin AND draw(pk, 16, 100) < 62 THEN getvariable('day') - marital_ago END AS marital_since,
    CASE WHEN NOT no_destitute THEN destitute END AS destitute,
    CASE WHEN NOT no_tax THEN taxpayer END AS income_tax_payer,
    CASE WHEN dirt BETWEEN 170 AND 199 THEN '12345'
        WHEN age >= 16 AND draw(pk, 17, 100) < 68 THEN (6000000000 + draw(pk, 18, 1000000))::VARCHAR END AS mobile,
    CASE WHEN serial IS NULL THEN NULL
        WHEN dirt BETWEEN 0 AND 69 THEN concat(left(aadhaar_of(serial), 11), (right(aadhaar_of(serial), 1)::INTEGER + 1) % 10)
        ELSE aadhaar_of(serial) END AS aadhaar,
    CASE WHEN shared THEN getvariable('branches')[1]
        WHEN has_account THEN CASE WHEN dirt BETWEEN 200 AND 259 THEN left(branch, 4) || 'X' || right(branch, 6)
            -- No branch has such a code.
            WHEN slip < 25 THEN left(branch, 5) || '999' || right(branch, 3) ELSE branch END END AS ifsc,
    -- Two strangers with one number, which begins as no member's own does; a number with a digit left out.
    CASE WHEN shared THEN '98' || lpad((getvariable('first_unit') * 40 + pair)::VARCHAR, 9, '0')
        WHEN has_account THEN account_of(member, digits - CASE WHEN slip BETWEEN 50 AND 74 THEN 1 ELSE 0 END) END AS account_no,
    getvariable('day') - greatest(getvariable('delivery_ago'),
        least(recorded_ago(k), ago, coalesce(marital_ago, ago)) - CASE WHEN least(ago, coalesce(marital_ago, ago)) < recorded_ago(k) THEN 5 + draw(pk, 22, 60) ELSE 0 END
        - CASE WHEN twin THEN 400 ELSE 0 END) AS recorded_on
FROM banked
