"""Facts of any resident on any day, from the timelines of one state of knowledge.

The timelines (``sql/timelines.sql``) say what was true when, as believed at K; ``facts_sql`` reads them on the days that
are asked for. The month, the forecast, arrears of past months and one person's check all use this one reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

import duckdb

from haqdar.base.sql import statement

TIMELINES = (
    "death",
    "spouse_period",
    "migration_period",
    "person",
    "spouse_death",
    "marital_period",
    "parentage",
    "bpl",
    "disability",
    "pension",
)


def build_timelines(duck: duckdb.DuckDBPyConnection, only: Iterable[str] = TIMELINES) -> None:
    """Create the timeline tables in `duck` from its relations ``raw_*`` and ``area``."""
    named = re.split(r"^-- name: (\w+)$", statement("haqdar.entitlement", "timelines"), flags=re.MULTILINE)
    statements = dict(zip(named[1::2], named[2::2], strict=True))
    for name in only:
        duck.execute(statements[name])


def facts_sql(asks: str) -> str:
    """One SELECT giving the vocabulary's facts for each distinct (member_id, day) of the relation `asks`."""
    return statement("haqdar.entitlement", "facts").format(
        asks=asks,
        own_age=age_sql("c.born_on", "c.day"),
        partner_age=age_sql("c.spouse_born_on", "c.day"),
    )


def age_sql(born_on: str, day: str) -> str:
    """Completed years on a day as SQL; one born on 29 February completes a year on 1 March of a common year.

    Written as calendar numbers (20161001 - 19760229 = 400772, 40 years) because engines' own date differences disagree
    about leap days.
    """

    def number(value: str) -> str:
        return f"(year({value}) * 10000 + month({value}) * 100 + day({value}))"

    return f"CAST(floor(({number(day)} - {number(born_on)}) / 10000) AS INTEGER)"


def birthday_sql(born_on: str, years: str) -> str:
    """The day on which a person completes `years` years, as SQL (1 March for a leap-day birth in a common year)."""
    year = f"(year({born_on}) + {years})"
    leap = f"(({year} % 4 = 0 AND {year} % 100 <> 0) OR {year} % 400 = 0)"
    return (
        f"CASE WHEN month({born_on}) = 2 AND day({born_on}) = 29 AND NOT {leap} THEN make_date({year}, 3, 1) "
        f"ELSE make_date({year}, month({born_on}), day({born_on})) END"
    )


def edge_days_sql(first: date, last: date, ages: Sequence[int]) -> str:
    """(member_id, day) for every day after `first` up to `last` on which any fact of the person can change.

    Own and spouses' birthdays at the law's ages, births, deaths (the day itself and the day after), events, statuses,
    cards and certificates beginning and ending, children's births and deaths.
    """
    years = ", ".join(str(age) for age in ages) or "0"
    return f"""
WITH window_birthday AS (
    SELECT p.member_id, {birthday_sql("p.born_on", "t.years")} AS day
    FROM person p, (SELECT unnest([{years}]) AS years) t
    WHERE year(p.born_on) + t.years BETWEEN {first.year} AND {last.year}
), personal AS (
    -- days on which a person's own life changes; a spouse and the parents look at them too
    SELECT member_id, day FROM window_birthday
    UNION ALL SELECT member_id, born_on FROM person
    UNION ALL SELECT member_id, died_on FROM person
    UNION ALL SELECT member_id, died_on + 1 FROM person
), near AS (
    SELECT DISTINCT member_id, CAST(day AS DATE) AS day FROM personal
    WHERE day > DATE '{first}' AND day <= DATE '{last}'
), spouse_link AS (
    SELECT member_id, base_spouse AS spouse_id FROM person WHERE base_spouse <> 0
    UNION SELECT member_id, spouse_id FROM spouse_period WHERE spouse_id <> 0
), edge AS (
    SELECT member_id, day FROM near
    UNION ALL SELECT s.member_id, n.day FROM near n JOIN spouse_link s ON s.spouse_id = n.member_id
    UNION ALL SELECT k.parent_id, n.day FROM near n JOIN parentage k ON k.child_id = n.member_id
    UNION ALL SELECT s.member_id, n.day FROM near n
        JOIN parentage k ON k.child_id = n.member_id
        JOIN spouse_link s ON s.spouse_id = k.parent_id
    UNION ALL SELECT member_id, from_day FROM marital_period
    UNION ALL SELECT member_id, from_day FROM spouse_period
    UNION ALL SELECT member_id, from_day FROM migration_period
    UNION ALL SELECT p.member_id, c.day
        FROM (SELECT family_id, valid_from AS day FROM bpl UNION ALL SELECT family_id, valid_to + 1 FROM bpl) c
        JOIN person p ON p.family_id = c.family_id
        WHERE c.day > DATE '{first}' AND c.day <= DATE '{last}'
    UNION ALL SELECT member_id, issued_on FROM disability
    UNION ALL SELECT member_id, valid_to + 1 FROM disability
)
SELECT DISTINCT e.member_id, CAST(e.day AS DATE) AS day
FROM edge e JOIN person USING (member_id)
WHERE e.day > DATE '{first}' AND e.day <= DATE '{last}'"""
