"""Spans: everybody's facts over stretches of days in which nothing about them changes but their age.

The timelines know when anything about a person changes. Cut at those days, a life becomes a few spans, and the facts of
all spans of a district are a few thousand distinct combinations: its *profiles*. A day of determination then needs
three things of a person: which profile holds on the day, the date of birth, the husband's date of birth.

    span     member_id, from_day, until_day (NULL: for ever), profile_no, place_no, born_on, partner_born_on,
             spouse_died_on, spouse_death_reported_on
    steady   the spans of people about whom nothing more is known to change, without the two days: nearly everybody
    changing the other spans, by member_id and from_day
    profile  profile_no, and every fact of the vocabulary but the ages; numbered in the order of the facts
    place    place_no, area_code, social_category: where people of which category live

Spans cover every day from the snapshot's first day on, those of events still to come included, and once for each person.
"""

from __future__ import annotations

from datetime import date

import duckdb

from haqdar.entitlement.facts import edge_days_sql, facts_sql
from haqdar.law import Vocabulary

#: The facts that change by themselves every year, with the column of a span that they follow from.
AGES = {"age": "born_on", "partner_age": "partner_born_on"}

#: The columns of a span but its days.
COLUMNS = (
    "member_id, profile_no, place_no, born_on, partner_born_on, spouse_died_on, spouse_death_reported_on"
)
#: The parts of ``span`` as a snapshot keeps them. Asking two more columns of everybody would cost as much as the ages.
PARTS = {
    "steady": f"SELECT {COLUMNS} FROM span WHERE from_day = DATE '{{first_day}}' AND until_day IS NULL",
    "changing": "SELECT * FROM span WHERE from_day > DATE '{first_day}' OR until_day IS NOT NULL",
}

_FOREVER = date(9999, 12, 31)


def profile_columns(vocabulary: Vocabulary) -> list[str]:
    """The facts that make a profile: all columns of the vocabulary but the ages."""
    return [name for name, _ in vocabulary.columns if name not in AGES]


def whole(first_day: date) -> str:
    """SQL: ``span`` put together again from its parts."""
    return (
        f"SELECT {COLUMNS}, DATE '{first_day}' AS from_day, CAST(NULL AS DATE) AS until_day FROM steady"
        f" UNION ALL SELECT {COLUMNS}, from_day, until_day FROM changing"
    )


def build_spans(duck: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, first_day: date) -> None:
    """Create ``span``, ``profile`` and ``place`` for the people of ``own`` (member_id) from the timelines in `duck`."""
    duck.execute(f"""
        CREATE OR REPLACE TABLE edge AS
        SELECT * FROM ({edge_days_sql(first_day, _FOREVER, [])}) SEMI JOIN own USING (member_id)""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE stretch AS
        SELECT member_id, day AS from_day, lead(day) OVER (PARTITION BY member_id ORDER BY day) AS until_day FROM edge
        UNION ALL
        SELECT o.member_id, DATE '{first_day}', e.day
        FROM own o LEFT JOIN (SELECT member_id, min(day) AS day FROM edge GROUP BY member_id) e USING (member_id)""")
    duck.execute(
        "CREATE OR REPLACE TABLE span_facts AS "
        + facts_sql("(SELECT member_id, from_day AS day FROM stretch)")
    )
    names = profile_columns(vocabulary)
    listed = ", ".join(names)
    same = " AND ".join(f"f.{name} IS NOT DISTINCT FROM p.{name}" for name in names)
    duck.execute(f"""
        CREATE OR REPLACE TABLE profile AS
        SELECT CAST(row_number() OVER (ORDER BY {listed}) - 1 AS INTEGER) AS profile_no, {listed}
        FROM (SELECT DISTINCT {listed} FROM span_facts)""")
    duck.execute("""
        CREATE OR REPLACE TABLE place AS
        SELECT CAST(row_number() OVER (ORDER BY area_code, social_category) - 1 AS INTEGER) AS place_no, area_code,
               social_category
        FROM (SELECT DISTINCT area_code, social_category FROM person SEMI JOIN own USING (member_id))""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE cut AS
        SELECT f.member_id, f.day AS from_day, s.until_day, p.profile_no, l.place_no, f.born_on, f.partner_born_on,
               f.spouse_died_on, f.spouse_death_reported_on
        FROM span_facts f
        JOIN stretch s ON s.member_id = f.member_id AND s.from_day = f.day
        JOIN person w ON w.member_id = f.member_id
        JOIN place l ON l.area_code IS NOT DISTINCT FROM w.area_code
             AND l.social_category IS NOT DISTINCT FROM w.social_category
        JOIN profile p ON {same}""")
    # A day on which something could have changed and nothing did is no border: what the spans are follows from the facts alone.
    duck.execute(f"""
        CREATE OR REPLACE TABLE span AS
        SELECT * FROM cut WHERE from_day = DATE '{first_day}' AND until_day IS NULL
        UNION ALL
        SELECT * REPLACE (lead(from_day) OVER (PARTITION BY member_id ORDER BY from_day) AS until_day)
        FROM (SELECT * FROM cut WHERE NOT (from_day = DATE '{first_day}' AND until_day IS NULL)
              QUALIFY row(profile_no, partner_born_on, spouse_died_on, spouse_death_reported_on) IS DISTINCT FROM
                      lag(row(profile_no, partner_born_on, spouse_died_on, spouse_death_reported_on))
                      OVER (PARTITION BY member_id ORDER BY from_day))""")
    for name in ("edge", "stretch", "span_facts", "cut"):
        duck.execute(f"DROP TABLE {name}")
