"""People of any table as linkage compares them: names by sound, dates with what is known of them, places, kin.

A *table of people* is a table of the engine with `row_id` (BIGINT, unique) and any of the columns of `COLUMNS`; what it lacks
counts as unknown. `prepare` makes the *records* of it. Every key is computed once for each distinct name.
"""

from __future__ import annotations

import duckdb

from haqdar.base.names import clean_sql, joined_key_sql, name_key_sql, vowel_key_sql

COLUMNS = {
    "name": "VARCHAR",  # in Latin or Hindi letters
    "name_hi": "VARCHAR",
    "father_name": "VARCHAR",
    "husband_name": "VARCHAR",  # of the spouse, whichever the sex
    "mother_name": "VARCHAR",
    "relation_name": "VARCHAR",  # the one relation that lists give, with its type
    "relation_type": "VARCHAR",  # father, husband, mother; NULL where the list does not say
    "sex": "VARCHAR",  # F, M, T
    "born_on": "DATE",
    "birth_year": "INTEGER",  # where only the year or an age is known
    "mobile": "VARCHAR",
    "village": "VARCHAR",  # name
    "area_code": "VARCHAR",  # of the panchayat or ward
    "block_code": "VARCHAR",
    "district": "VARCHAR",  # area code, in both tables or in none
    "pin": "VARCHAR",
    "address": "VARCHAR",
    "family_id": "BIGINT",
    "aadhaar_ref": "VARCHAR",
}
"""What a table of people may say, with the engine's types. Text that is empty is unknown."""

#: Second words that follow any woman's or man's name and tell no family from another.
_FILLERS = ("bai", "devi", "bi", "bano", "begum", "khatoon", "khatun", "kumari", "kumar", "ji", "kaur", "बाई",
            "देवी", "बी", "बानो", "बेगम", "कुमारी", "कुमार", "जी")  # fmt: skip


def prepare(duck: duckdb.DuckDBPyConnection, people: str, records: str) -> int:
    """Make the table `records` of the table `people`; returns how many rows it has.

    `given` and `last` are vowel keys (one for all ways to write a name), `…_key` consonant keys (one for names that sound
    alike); a filler (Bai, Devi, Kumar) is no last name, `middle_key` is what stands between. `family_key` is the last
    name, of whoever has none that of the husband, else of the father. `born` is the date as text where the day is known: a birthday on 1 January counts as a year alone.
    """
    there = {row[0] for row in duck.execute(f"DESCRIBE {people}").fetchall()}
    columns = ", ".join(
        f"nullif(trim({name}), '') AS {name}"
        if kind == "VARCHAR" and name in there
        else f"CAST({name if name in there else 'NULL'} AS {kind}) AS {name}"
        for name, kind in COLUMNS.items()
    )
    duck.execute(f"CREATE OR REPLACE TEMP VIEW linkage_people AS SELECT row_id, {columns} FROM {people}")
    _names(duck)
    duck.execute(f"""
        CREATE OR REPLACE TABLE {records} AS
        WITH kin AS (
            SELECT *, coalesce(father_name, CASE WHEN relation_type = 'father' THEN relation_name END) AS father,
                coalesce(husband_name, CASE WHEN relation_type = 'husband' THEN relation_name END) AS husband,
                coalesce(mother_name, CASE WHEN relation_type = 'mother' THEN relation_name END) AS mother,
                CASE WHEN relation_type IS NULL OR relation_type NOT IN ('father', 'husband', 'mother')
                    THEN relation_name END AS anybody,
                coalesce(year(born_on), birth_year) AS year_born,
                born_on IS NOT NULL AND NOT (month(born_on) = 1 AND day(born_on) = 1) AS day_known
            FROM linkage_people
        )
        SELECT k.row_id AS unique_id, n.given, n.given_key, n.middle_key, n.last, n.last_key, n.whole, n.whole_key,
            coalesce(n.last_key, h.last_key, f.last_key, a.last_key) AS family_key,
            f.given_key AS father_key, h.given_key AS spouse_key, m.given_key AS mother_key, a.given_key AS kin_key,
            f.given AS father_given, h.given AS spouse_given, m.given AS mother_given, a.given AS kin_given,
            CASE WHEN k.sex IN ('F', 'M', 'T') THEN k.sex END AS sex,
            CASE WHEN day_known THEN strftime(born_on, '%Y-%m-%d') END AS born,
            CASE WHEN day_known THEN strftime(born_on, '%Y-%d-%m') END AS born_swapped,
            CAST(year_born AS INTEGER) AS birth_year,
            right(regexp_replace(k.mobile, '[^0-9]', '', 'g'), 10) AS mobile,
            v.place_key AS village_key, k.area_code, k.block_code, k.district, k.pin,
            CASE WHEN k.address IS NOT NULL THEN md5(k.address) END AS address_key, k.family_id, k.aadhaar_ref
        FROM kin k
        LEFT JOIN linkage_name n ON n.name = coalesce(k.name, k.name_hi)
        LEFT JOIN linkage_name f ON f.name = k.father
        LEFT JOIN linkage_name h ON h.name = k.husband
        LEFT JOIN linkage_name m ON m.name = k.mother
        LEFT JOIN linkage_name a ON a.name = k.anybody
        LEFT JOIN linkage_name v ON v.name = k.village""")
    (rows,) = duck.execute(f"SELECT count(*) FROM {records}").fetchone() or (0,)
    duck.execute("DROP VIEW linkage_people; DROP TABLE linkage_name")
    return int(rows)


def _names(duck: duckdb.DuckDBPyConnection) -> None:
    """Create ``linkage_name``: every distinct name of ``linkage_people`` with its parts and keys."""
    fillers = ", ".join(f"'{word}'" for word in _FILLERS)
    distinct = " UNION ".join(
        f"SELECT {column} AS name FROM linkage_people WHERE {column} IS NOT NULL"
        for column in ("coalesce(name, name_hi)", "father_name", "husband_name", "mother_name", "relation_name", "village")
    )  # fmt: skip
    duck.execute(f"""
        CREATE OR REPLACE TEMP TABLE linkage_name AS
        WITH split AS (
            SELECT name, list_filter(string_split({clean_sql("name")}, ' '), lambda word: word <> '') AS words
            FROM ({distinct})
        ), parted AS MATERIALIZED (
            SELECT name, coalesce(words[1], '') AS given,
                CASE WHEN len(words) > 1 AND NOT list_contains([{fillers}], words[-1]) THEN words[-1] END AS last,
                CASE WHEN len(words) > 2 THEN array_to_string(list_filter(words[2:-2], lambda word:
                    NOT list_contains([{fillers}], word)), ' ') END AS middle
            FROM split
        )
        SELECT name, nullif({vowel_key_sql("given")}, '') AS given, nullif({name_key_sql("given")}, '') AS given_key,
            nullif({name_key_sql("middle")}, '') AS middle_key,
            nullif({vowel_key_sql("last")}, '') AS last, nullif({name_key_sql("last")}, '') AS last_key,
            nullif({vowel_key_sql(f"replace({clean_sql('name')}, ' ', '')")}, '') AS whole,
            nullif({joined_key_sql("name")}, '') AS whole_key,
            -- Kishanpatan Ward 4 is not Ward 5
            nullif(concat({joined_key_sql("name")}, regexp_replace(translate(name, '०१२३४५६७८९', '0123456789'), '[^0-9]+', '', 'g')), '')
                AS place_key
        FROM parted""")
