"""A list's cells as values that can be compared, what is wrong with them, and who stands in the list twice.

Input is the table `raw` (line and a text column for each field, NULL where the list lacks it; Aadhaar numbers exchanged by
`numbers.refer`). Out of it come

- `clean`: one row a line with typed values; what cannot be read is NULL.
- `problems` (line, field, code): one row a cell that cannot be read or used. A value is never repeated there.
- `aside` (line, code, of_line): lines that are not compared: shifted, without name or number, repeated.

Every step is one statement over the whole list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from haqdar.base.names import given_key_sql, name_key_sql
from haqdar.base.refusal import Words
from haqdar.identity.seeding.fields import FIELDS
from haqdar.identity.seeding.numbers import HELD
from haqdar.identity.seeding.refusals import (
    AadhaarAsIdentifier,
    ColumnsShifted,
    EmptyList,
    NotAnIdentifier,
    RowsShifted,
)
from haqdar.sources.reader import UNREADABLE
from haqdar.sources.verhoeff import aadhaar_holds

OLDEST = 120
_ENOUGH = 20
"""Filled cells from which a share says something about a column."""
_SHIFTED = 0.5
_SHIFTED_ROWS = 0.2
_DATES = {
    "dmy": ["%d/%m/%Y", "%d/%m/%y", "%d/%b/%Y", "%d/%B/%Y"],
    "mdy": ["%m/%d/%Y", "%m/%d/%y", "%b/%d/%Y"],
    "ymd": ["%Y/%d/%m"],
}
_SEXES = {
    "F": ("f", "female", "woman", "w", "स्त्री", "महिला", "girl", "2"),
    "M": ("m", "male", "man", "पुरुष", "boy", "1"),
    "T": ("t", "transgender", "third", "other", "o", "तृतीय लिंग", "अन्य", "ट्रांसजेंडर", "3"),
}
_JOINED = "replace(replace(domain_id, ' ', ''), '-', '')"
TYPED = tuple(field.name for field in FIELDS if field.typed)


def cleanse(
    duck: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    day_order: str,
    on: date,
    titles: Mapping[str, Words],
) -> None:
    """Make `clean`, `problems` and `aside` of `raw`.

    `columns` says which field came from which column, `on` is the day of the list, `titles` name the fields for refusals. Raises
    `ColumnsShifted`, `RowsShifted`, `NotAnIdentifier`, `AadhaarAsIdentifier`, `EmptyList`.
    """
    _typed(duck, day_order, on)
    _shifted_columns(duck, columns, titles)
    _shifted_rows(duck)
    _identifier(duck, columns["domain_id"])
    _problems(duck, on)
    duck.execute("DROP TABLE raw")


def own_duplicates(duck: duckdb.DuckDBPyConnection) -> None:
    """Put aside who stands in the list more than once; the first line stays. Needs `clean` with `aadhaar_rows`.

    `repeat`: the same number with the same row. `id_twice`: the same number with another row, which of the two is right nobody can
    say. `same_aadhaar` and `same_person`: another number of the same person (name, relation, sex, exact day of birth, and mobile
    or village or family). 1 January counts as no exact day, so that people whose age was estimated are never taken for one.

    An Aadhaar number that stands with two people (a husband's in his wife's row, mostly) says nothing of either: both stay in the list
    without it, and both cells are among the `problems`.
    """
    duck.execute(
        "INSERT INTO aside SELECT line, CASE WHEN fingerprint = first_print THEN 'repeat' ELSE 'id_twice' END, first_line"
        " FROM (SELECT line, fingerprint, min(line) OVER w AS first_line, first(fingerprint) OVER (w ORDER BY line) AS first_print"
        "  FROM clean WHERE line NOT IN (SELECT line FROM aside) WINDOW w AS (PARTITION BY domain_id)) WHERE line > first_line"
    )
    _shared_numbers(duck)
    known_day = "born_on IS NOT NULL AND NOT (month(born_on) = 1 AND day(born_on) = 1)"
    for code, same, asked in (
        ("same_aadhaar", "aadhaar_rows", "aadhaar_rows IS NOT NULL"),
        ("same_person", "key, relation_key, sex, born_on, mobile", f"mobile IS NOT NULL AND {known_day}"),
        ("same_person", "key, relation_key, sex, born_on, family_id", f"family_id IS NOT NULL AND {known_day}"),
        ("same_person", "key, relation_key, sex, born_on, village_key", f"village_key IS NOT NULL AND {known_day}"),
    ):  # fmt: skip
        # without a relation's name a namesake of one's age in the village is too likely
        also = "" if code == "same_aadhaar" else " AND key <> '' AND relation_key <> '' AND sex IS NOT NULL"
        duck.execute(
            f"INSERT INTO aside SELECT line, '{code}', first_line FROM (SELECT line, min(line) OVER (PARTITION BY {same})"
            f" AS first_line FROM clean WHERE line NOT IN (SELECT line FROM aside) AND {asked}{also}) WHERE line > first_line"
        )


def _shared_numbers(duck: duckdb.DuckDBPyConnection) -> None:
    """Drop Aadhaar numbers that stand with people of different given names or sexes."""
    given = " <> ".join(given_key_sql(f"{one}.key") for one in "cf")
    duck.execute(
        "CREATE OR REPLACE TABLE shared AS SELECT line FROM clean WHERE aadhaar_rows IN ("
        "SELECT c.aadhaar_rows FROM clean c JOIN clean f ON f.line = c.aadhaar_rows"
        # a row that is put aside already takes no number from the one that stays
        " WHERE c.line <> f.line AND c.line NOT IN (SELECT line FROM aside)"
        f" AND (c.key = '' OR (c.key <> f.key AND {given}) OR c.sex <> f.sex))"
    )
    duck.execute(
        "INSERT INTO problems SELECT line, 'aadhaar', 'shared' FROM shared;"
        " UPDATE clean SET aadhaar_ref = NULL, aadhaar_rows = NULL WHERE line IN (FROM shared); DROP TABLE shared"
    )


def report(duck: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The cleansing report: rows, what was put aside by code, and for each field how many cells are filled, read and faulty."""
    rows = _number(duck, "SELECT (SELECT count(*) FROM clean) + (SELECT count(*) FROM widths)")
    aside = dict(duck.execute("SELECT code, count(*) FROM aside GROUP BY 1 ORDER BY 2 DESC, 1").fetchall())
    faults = duck.execute(
        "SELECT field, code, count(*) FROM problems GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    filled = duck.execute("FROM filled").fetchall()
    return {
        "rows": rows,
        "aside": aside,
        "fields": dict(filled),
        "problems": [[name, code, count] for name, code, count in faults],
    }


def _typed(duck: duckdb.DuckDBPyConnection, day_order: str, on: date) -> None:
    duck.execute(
        "CREATE OR REPLACE TABLE problems (line BIGINT, field VARCHAR, code VARCHAR);"
        "CREATE OR REPLACE TABLE aside (line BIGINT, code VARCHAR, of_line BIGINT)"
    )
    if not _number(duck, "SELECT count(*) FROM raw"):
        raise EmptyList(file="")
    names = [field.name for field in FIELDS]
    # one kind of digits and spaces for everything that follows
    cells = ", ".join(
        f"nullif(trim(regexp_replace(translate({name}, '०१२३४५६७८९\u00a0', '0123456789 '), '\\s+', ' ', 'g')), '') AS {name}"
        for name in names
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE cells AS SELECT line, {cells}, aadhaar_ref, aadhaar_last4, aadhaar_rows FROM raw"
    )
    counted = ", ".join(f"count({name}) AS {name}" for name in names)
    duck.execute(
        f"CREATE OR REPLACE TABLE filled AS SELECT field, rows FROM (UNPIVOT (SELECT {counted} FROM cells)"
        f" ON {', '.join(names)} INTO NAME field VALUE rows) WHERE rows > 0"
    )
    sexes = " ".join(
        f"WHEN lower(sex) IN ({', '.join(repr(word) for word in words)}) THEN '{code}'"
        for code, words in _SEXES.items()
    )
    formats = ", ".join(f"'{one}'" for one in ("%Y/%m/%d", "%Y%m%d", *_DATES[day_order]))
    plain_date = "regexp_replace(regexp_replace(born_on, '[ T][0-9]{1,2}:.*$', ''), '[-. ]+', '/', 'g')"
    digits = "regexp_replace({}, '[^0-9]', '', 'g')"
    mobile = f"regexp_replace({digits.format('mobile')}, '^(0091|91|0)([6-9][0-9]{{9}})$', '\\2')"
    whole = "regexp_replace({}, '[.]0+$', '')"
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE clean AS SELECT line, domain_id, name, name_hi,
            coalesce(husband_name, father_name, relation_name) AS relation_name,
            CASE WHEN husband_name IS NOT NULL THEN 'husband' WHEN father_name IS NOT NULL THEN 'father' END AS relation_type,
            CASE {sexes} END AS sex,
            TRY(try_strptime({plain_date}, [{formats}])::DATE) AS born_on,
            CASE WHEN regexp_full_match(born_on, '(18|19|20)[0-9]{{2}}') THEN born_on::INTEGER
                 ELSE year(DATE '{on}') - TRY_CAST({whole.format("age")} AS INTEGER) END AS birth_year,
            CASE WHEN regexp_full_match({mobile}, '[6-9][0-9]{{9}}') AND NOT regexp_full_match({mobile}, '9{{10}}|8{{10}}|7{{10}}|6{{10}}')
                 THEN {mobile} END AS mobile,
            CASE WHEN aadhaar = '{HELD}' THEN aadhaar END AS aadhaar, aadhaar_ref, aadhaar_last4, aadhaar_rows,
            CASE WHEN regexp_full_match({whole.format("member_id")}, '[0-9]{{7,9}}') THEN {whole.format("member_id")}::INTEGER END AS member_id,
            CASE WHEN regexp_full_match({whole.format("family_id")}, '[0-9]{{6,8}}') THEN {whole.format("family_id")}::INTEGER END AS family_id,
            village, area_code, district, regexp_extract(pin, '[1-9][0-9]{{5}}') AS pin,
            CAST(round(TRY_CAST(regexp_replace(amount, '[₹,/ -]|Rs[.]?', '', 'g') AS DECIMAL(18, 2)) * 100) AS BIGINT) AS paise
        FROM cells"""
    )
    # dates of two-digit years belong to the past
    duck.execute(
        f"UPDATE clean SET born_on = born_on - INTERVAL 100 YEAR WHERE born_on > DATE '{on}' AND year(born_on) < 2100"
        f" AND line IN (SELECT line FROM cells WHERE NOT regexp_matches(born_on, '[0-9]{{4}}'))"
    )
    duck.execute(
        f"INSERT INTO problems SELECT line, 'born_on', CASE WHEN born_on > DATE '{on}' THEN 'in_future' ELSE 'too_old' END"
        f" FROM clean WHERE born_on > DATE '{on}' OR born_on < DATE '{on}' - INTERVAL {OLDEST} YEAR"
    )
    duck.execute("UPDATE clean SET born_on = NULL WHERE line IN (SELECT line FROM problems)")
    duck.execute(
        f"UPDATE clean SET birth_year = NULL WHERE birth_year > year(DATE '{on}') OR birth_year < year(DATE '{on}') - {OLDEST}"
    )


def _faulty(name: str) -> str:
    """SQL that is true if a typed cell is filled and could not be read; over `cells s` beside `clean c`."""
    if name == "born_on":
        return "s.born_on IS NOT NULL AND c.born_on IS NULL AND NOT regexp_full_match(s.born_on, '(18|19|20)[0-9]{2}')"
    if name == "age":
        # an age beside a year of birth is not asked
        return "s.age IS NOT NULL AND NOT coalesce(TRY_CAST(regexp_replace(s.age, '[.]0+$', '') AS INTEGER) BETWEEN 0 AND 120, false)"
    column = {"amount": "paise"}.get(name, name)
    return f"s.{name} IS NOT NULL AND c.{column} IS NULL"


def _shifted_columns(
    duck: duckdb.DuckDBPyConnection, columns: Mapping[str, str], titles: Mapping[str, Words]
) -> None:
    """Refuse a list in which most cells of a column are not what it was said to hold."""
    asked = {name: _faulty(name) for name in TYPED if name in columns}
    asked["name"] = (
        "s.name IS NOT NULL AND (regexp_matches(s.name, '[0-9]{3}') OR NOT regexp_matches(s.name, '[^0-9 .,/-]'))"
    )
    for name, faulty in asked.items():
        row = duck.execute(
            f"SELECT count(s.{name}), count(*) FILTER (WHERE {faulty}), min(s.line) FILTER (WHERE {faulty})"
            " FROM cells s JOIN clean c USING (line)"
        ).fetchone()
        filled, bad, first = row or (0, 0, None)
        if filled >= _ENOUGH and bad > _SHIFTED * filled:
            raise ColumnsShifted(
                column=columns[name], field=titles[name], share=100 * bad // filled, line=first
            )


def _shifted_rows(duck: duckdb.DuckDBPyConnection) -> None:
    """Put single rows aside whose cells stand under other titles; refuse the list when they are many."""
    typed = [name for name in TYPED if name != "amount"]
    bad = " + ".join(f"({_faulty(name)})::INTEGER" for name in typed)
    filled = " + ".join(f"(s.{name} IS NOT NULL)::INTEGER" for name in typed)
    duck.execute(
        f"INSERT INTO aside SELECT line, 'shifted', NULL FROM (SELECT s.line, {bad} AS bad, {filled} AS filled"
        " FROM cells s JOIN clean c USING (line)) WHERE bad >= 2 AND 2 * bad >= filled"
    )
    duck.execute("INSERT INTO aside SELECT line, 'wrong_width', NULL FROM widths")
    every = _number(duck, "SELECT (SELECT count(*) FROM clean) + (SELECT count(*) FROM widths)")
    row = duck.execute("SELECT count(*), min(line) FROM aside").fetchone()
    rows, first = row or (0, None)
    if rows >= _ENOUGH and rows > _SHIFTED_ROWS * every:
        raise RowsShifted(rows=rows, all=every, line=first)


def _identifier(duck: duckdb.DuckDBPyConnection, column: str) -> None:
    row = duck.execute(
        "SELECT count(domain_id), count(DISTINCT domain_id), count(*) FILTER (WHERE"
        f" {aadhaar_holds(_JOINED)}) FROM clean"
    ).fetchone()
    filled, distinct, aadhaars = row or (0, 0, 0)
    rows = _number(duck, "SELECT count(*) FROM clean")
    if filled and aadhaars > _SHIFTED * filled:
        raise AadhaarAsIdentifier(column=column)
    if rows >= _ENOUGH and (2 * filled < rows or 2 * distinct < filled):
        raise NotAnIdentifier(column=column, distinct=distinct, all=rows)
    # a single Aadhaar number that slipped into the department's column is not kept there either
    duck.execute(f"UPDATE clean SET domain_id = NULL WHERE {aadhaar_holds(_JOINED)}")


def _problems(duck: duckdb.DuckDBPyConnection, on: date) -> None:
    for name in TYPED:
        duck.execute(
            f"INSERT INTO problems SELECT s.line, '{name}', 'unreadable' FROM cells s JOIN clean c USING (line)"
            f" WHERE {_faulty(name)} AND s.line NOT IN (SELECT line FROM problems WHERE field = '{name}')"
            f" AND s.line NOT IN (SELECT line FROM aside)"
        )
    for name in ("domain_id", "name", "name_hi", "relation_name", "village"):
        duck.execute(
            f"INSERT INTO problems SELECT line, '{name}', 'bad_letters' FROM cells WHERE contains({name}, '{UNREADABLE}')"
        )
    for name in ("domain_id", "name"):
        empty = "name IS NULL AND name_hi IS NULL" if name == "name" else "domain_id IS NULL"
        duck.execute(
            f"INSERT INTO problems SELECT line, '{name}', 'missing' FROM clean WHERE {empty}"
            " AND line NOT IN (SELECT line FROM aside)"
        )
        duck.execute(
            f"INSERT INTO aside SELECT line, 'no_{name}', NULL FROM clean WHERE {empty}"
            " AND line NOT IN (SELECT line FROM aside)"
        )
    duck.execute(
        "INSERT INTO problems SELECT line, 'born_on', 'first_january' FROM clean WHERE month(born_on) = 1 AND day(born_on) = 1"
    )
    duck.execute("UPDATE clean SET name = name_hi WHERE name IS NULL")
    duck.execute("DROP TABLE cells")
    _keys(duck)


def _keys(duck: duckdb.DuckDBPyConnection) -> None:
    """Keys of each distinct name, and the fingerprint of what the department wrote (without the Aadhaar number)."""
    duck.execute(
        "CREATE OR REPLACE TABLE key_of AS SELECT text, " + name_key_sql("text") + " AS key FROM ("
        "SELECT name AS text FROM clean UNION SELECT relation_name FROM clean UNION SELECT village FROM clean)"
        " WHERE text IS NOT NULL"
    )
    duck.execute(
        """
        CREATE OR REPLACE TABLE keyed AS
        SELECT c.* EXCLUDE (aadhaar), coalesce(n.key, '') AS key, coalesce(r.key, '') AS relation_key, nullif(v.key, '') AS village_key,
            CAST(md5(concat_ws(chr(31), c.name, coalesce(c.name_hi, '-'), coalesce(c.relation_name, '-'), coalesce(c.sex, '-'),
                coalesce(c.born_on::VARCHAR, c.birth_year::VARCHAR, '-'), coalesce(c.mobile, '-'), coalesce(c.member_id::VARCHAR, '-'),
                coalesce(c.family_id::VARCHAR, '-'), coalesce(c.village, '-'), coalesce(c.area_code, '-'))) AS UUID) AS fingerprint
        FROM clean c LEFT JOIN key_of n ON n.text = c.name LEFT JOIN key_of r ON r.text = c.relation_name
        LEFT JOIN key_of v ON v.text = c.village"""
    )
    duck.execute("DROP TABLE clean; DROP TABLE key_of; ALTER TABLE keyed RENAME TO clean")


def _number(duck: duckdb.DuckDBPyConnection, query: str) -> int:
    row = duck.execute(query).fetchone()
    return int(row[0]) if row else 0
