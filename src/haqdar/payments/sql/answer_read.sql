-- What a file of answers says, line by line; `full_reference` is ours where the file carries only a part of it.
CREATE TEMP TABLE answer_read (
    line_no integer NOT NULL,
    reference text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    reason_code text COLLATE "C" NOT NULL,
    paise bigint,
    value_on date,
    utr text COLLATE "C" NOT NULL,
    account_name text COLLATE "C" NOT NULL,
    problem text NOT NULL,
    full_reference text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN problem = '' THEN reference ELSE '' END) STORED
) ON COMMIT DROP
