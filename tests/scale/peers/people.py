"""Makes the people whom every contender decides: one row of facts a person, set-wise in DuckDB, the same for the same seed.

    python -m tests.scale.peers.people 1000000 build/bench-peers/people-1000000.parquet

Ages of a growing State, couples, widows, deserted women, children; BPL two families in five; disabilities with percentages
on and beside the limits; birthdays on, before and after the day of determination; births on 29 February; the dead, the unborn,
the migrated; and facts that nobody knows: dates of birth, marital status, support, income tax. Rows are sorted by district,
family and member. A couple is two rows: the woman's row carries her living recorded husband's facts (`partner_…`), as the
engine's facts relation does, and `partner_id` names his row.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb

DAY = date(2016, 10, 1)
DISTRICTS = 51

#: People come in blocks of thirteen: two couples with children and a family without a couple, 4.3 a family.
_BLOCK = 13

_MACROS = """
-- A number in [0, 1) that depends on a person and on what is drawn, and on nothing else.
CREATE OR REPLACE TEMP MACRO u(i, what) AS (hash(i, what, {seed}) >> 11) / 9007199254740992.0;
-- Places in a block: 0 and 4 wives, 1 and 5 their husbands, 9 and 10 adults without a couple, the others children.
CREATE OR REPLACE TEMP MACRO place(i) AS CASE WHEN i >= {whole} THEN 9 ELSE i % {block} END;
CREATE OR REPLACE TEMP MACRO is_wife(i) AS place(i) IN (0, 4);
CREATE OR REPLACE TEMP MACRO is_husband(i) AS place(i) IN (1, 5);
CREATE OR REPLACE TEMP MACRO is_alone(i) AS place(i) IN (9, 10);
CREATE OR REPLACE TEMP MACRO years(i) AS CASE
    WHEN is_wife(i) THEN 18 + 68 * power(u(i, 'age'), 1.4)
    WHEN is_husband(i) THEN 18 + 68 * power(u(i - 1, 'age'), 1.4) + 12 * u(i, 'age') - 2
    WHEN place(i) = 9 THEN 18 + 74 * u(i, 'age')
    WHEN place(i) = 10 THEN 52 + 46 * power(u(i, 'age'), 1.6)
    ELSE 26 * power(u(i, 'age'), 1.1) END;
CREATE OR REPLACE TEMP MACRO near(i) AS DATE '{day}' + CAST(floor(3 * u(i, 'near')) AS INTEGER) - 1;
CREATE OR REPLACE TEMP MACRO leap_year(i) AS
    CASE (year(DATE '{day}') - CAST(years(i) AS INTEGER)) // 4 * 4 WHEN 1900 THEN 1904
         ELSE (year(DATE '{day}') - CAST(years(i) AS INTEGER)) // 4 * 4 END;
CREATE OR REPLACE TEMP MACRO birth(i) AS CASE
    WHEN u(i, 'no birth') < 0.015 THEN NULL
    WHEN u(i, 'leap') < 0.004 THEN make_date(leap_year(i), 2, 29)
    WHEN u(i, 'edge') < 0.02 THEN make_date(year(near(i)) - CAST(years(i) AS INTEGER), month(near(i)),
                                            least(day(near(i)), 28))
    WHEN place(i) IN (2, 6) AND u(i, 'unborn') < 0.004 THEN DATE '{day}' + CAST(60 * u(i, 'age') AS INTEGER)
    ELSE DATE '{day}' - CAST(floor(365.2425 * years(i)) AS INTEGER) END;
CREATE OR REPLACE TEMP MACRO lives(i) AS u(i, 'dead') >= 0.02 AND coalesce(birth(i) <= DATE '{day}', true);
CREATE OR REPLACE TEMP MACRO tax(i) AS CASE
    WHEN u(i, 'tax') < 0.02 THEN NULL ELSE u(i, 'tax') < 0.05 END;
CREATE OR REPLACE TEMP MACRO gender(i) AS CASE
    WHEN is_wife(i) THEN 'F' WHEN is_husband(i) THEN 'M'
    WHEN u(i, 'sex') < 0.004 THEN 'T'
    WHEN is_alone(i) THEN CASE WHEN u(i, 'sex') < 0.72 THEN 'F' ELSE 'M' END
    ELSE CASE WHEN u(i, 'sex') < 0.49 THEN 'F' ELSE 'M' END END;
CREATE OR REPLACE TEMP MACRO status(i) AS CASE
    WHEN u(i, 'status') < 0.015 THEN NULL
    WHEN is_wife(i) THEN CASE WHEN NOT lives(i + 1) THEN 'widowed' WHEN u(i, 'status') < 0.028 THEN 'deserted'
                              WHEN u(i, 'status') < 0.033 THEN 'divorced' ELSE 'married' END
    WHEN is_husband(i) THEN CASE WHEN NOT lives(i - 1) THEN 'widowed' ELSE 'married' END
    WHEN is_alone(i) THEN CASE WHEN u(i, 'status') < 0.46 THEN 'widowed' WHEN u(i, 'status') < 0.60 THEN 'deserted'
                               WHEN u(i, 'status') < 0.66 THEN 'divorced' WHEN u(i, 'status') < 0.74 THEN 'married'
                               ELSE 'never_married' END
    ELSE 'never_married' END;
-- The children of a couple are counted once, under the wife's number; adults alone have their own.
CREATE OR REPLACE TEMP MACRO children(i, what) AS CASE
    WHEN is_wife(i) OR is_alone(i) THEN CAST(floor(3.4 * u(i, what) - 0.7 * u(i, 'few')) AS INTEGER)
    WHEN is_husband(i) THEN CAST(floor(3.4 * u(i - 1, what) - 0.7 * u(i - 1, 'few')) AS INTEGER)
    ELSE 0 END;
CREATE OR REPLACE TEMP MACRO has_husband(i) AS
    is_wife(i) AND coalesce(status(i) = 'married', true) AND lives(i + 1);
"""

_PEOPLE = """
SELECT CAST(100000000 + i AS INTEGER) AS member_id,
       CAST(10000000 + i // {block} * 3 + CASE WHEN place(i) < 4 THEN 0 WHEN place(i) < 9 THEN 1 ELSE 2 END AS INTEGER)
           AS family_id,
       printf('D%02d', CAST(least(i // {block} * {districts} // {blocks}, {districts} - 1) AS INTEGER)) AS district_code,
       lives(i) AS alive,
       u(i, 'out') < 0.02 AS migrated_out,
       gender(i) AS sex,
       birth(i) AS born_on,
       status(i) AS marital_status,
       u(i // {block} * 3 + CASE WHEN place(i) < 4 THEN 0 WHEN place(i) < 9 THEN 1 ELSE 2 END, 'bpl') < 0.4 AS bpl,
       CASE WHEN u(i, 'destitute') < 0.02 THEN NULL
            ELSE u(i, 'destitute') < CASE WHEN years(i) >= 58 THEN 0.2 ELSE 0.03 END END AS destitute,
       tax(i) AS income_tax_payer,
       CAST(CASE WHEN u(i, 'disabled') >= 0.03 THEN 0
                 WHEN u(i, 'limit') < 0.3 THEN list_extract([39.5, 40, 79.5, 80], 1 + CAST(floor(4 * u(i, 'percent')) AS INTEGER))
                 ELSE round(20 + 80 * u(i, 'percent')) END AS DOUBLE) AS disability_percent,
       u(i, 'disabled') < 0.03 AND u(i, 'mind') < 0.14 AS intellectual_disability,
       u(i, 'disabled') < 0.03 AND u(i, 'several') < 0.08 AS multiple_disability,
       CASE WHEN is_husband(i) THEN NOT lives(i - 1)
            ELSE is_alone(i) AND gender(i) = 'M' AND coalesce(status(i) = 'widowed', true) AND u(i, 'wife') < 0.7
            END AS wife_died,
       greatest(children(i, 'daughters'), 0) AS living_daughters,
       greatest(children(i, 'sons'), 0) AS living_sons,
       has_husband(i) AS partner_present,
       CASE WHEN has_husband(i) THEN CAST(100000001 + i AS INTEGER) END AS partner_id,
       CASE WHEN has_husband(i) THEN birth(i + 1) END AS partner_born_on,
       CASE WHEN has_husband(i) THEN tax(i + 1) END AS partner_income_tax_payer
FROM range({people}) AS r(i)
"""


def people_sql(duck: duckdb.DuckDBPyConnection, people: int, seed: int = 1, day: date = DAY) -> str:
    """The SELECT that gives `people` rows of facts on `day`, ages left to be computed; its macros are made in `duck`."""
    blocks = people // _BLOCK
    values = {
        "people": people,
        "seed": seed,
        "day": day.isoformat(),
        "block": _BLOCK,
        "whole": blocks * _BLOCK,
        "blocks": max(blocks, 1),
        "districts": DISTRICTS,
    }
    duck.execute(_MACROS.format(**values))
    return _PEOPLE.format(**values)


def write_people(path: Path, people: int, seed: int = 1, day: date = DAY) -> None:
    """Write `people` rows of facts to the Parquet file `path`; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as duck:
        rows = people_sql(duck, people, seed, day)
        duck.execute(f"COPY ({rows}) TO '{partial}' (FORMAT parquet, COMPRESSION zstd)")
    partial.rename(path)


if __name__ == "__main__":
    write_people(Path(sys.argv[2]), int(sys.argv[1].replace("_", "")))
