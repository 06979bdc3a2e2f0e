"""What people hold, how this month's decisions change it, and what is owed for the month and for the months before.

An award is what an officer sanctioned. The registers bring the first awards; every later change is a row of
``cases_award_change`` made by a month's run. A change that pays less, and every stop except for death and migration,
first runs out its notice (``cases_notice``), and the award goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb
import psycopg
import pyarrow as pa
from django.conf import settings

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.cases import merged
from haqdar.cases.difference import difference_sql, hold
from haqdar.entitlement.determine import determine
from haqdar.law import LawBook, LawInForce

Postgres = psycopg.Connection[tuple[object, ...]]

_HELD = pa.schema(
    [
        ("member_id", pa.int32()),
        ("pension_group", pa.int32()),
        ("scheme", pa.string()),
        ("paise", pa.int64()),
    ]
)
_NOTICE = pa.schema(
    [
        ("member_id", pa.int32()),
        ("pension_group", pa.int32()),
        ("kind", pa.string()),
        ("given_month", pa.date32()),
        ("effective_month", pa.date32()),
    ]
)


def months_run(pg: Postgres, before: Month) -> list[Month]:
    """The months before `before` whose run was posted, in order."""
    rows = pg.execute(
        "SELECT month FROM cases_month_run WHERE state = 'complete' AND posted AND month < %s ORDER BY month",
        [before.first_day],
    ).fetchall()
    return [Month.of(day) for (day,) in rows if isinstance(day, date)]


def read_changes(pg: Postgres, duck: duckdb.DuckDBPyConnection, month: Month, known_on: date) -> None:
    """Create ``award_change`` and ``notice``: the latest change of each award and the notices standing before `month`.

    Awards are those of the merges known on `known_on` (`cases.merged`); an award under notice keeps it when it goes over.
    """
    merged.read_merged(pg, duck, known_on)
    relation(
        pg,
        duck,
        "award_change",
        _HELD,
        merged.awards_sql(),
        {"before": month.first_day, **merged.as_known(known_on)},
    )
    relation(
        pg,
        duck,
        "notice",
        _NOTICE,
        """
        SELECT n.member_id, n.pension_group, n.kind, n.given_month, n.effective_month
        FROM cases_notice n JOIN cases_month_run r ON r.id = n.run_id
        WHERE r.state = 'complete' AND r.posted AND r.month = (
            SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted AND month < %(month)s)""",
        {"month": month.first_day},
    )
    merged.move_notices(duck)


def read_sanctioned(pg: Postgres, duck: duckdb.DuckDBPyConnection, month: Month) -> None:
    """Create ``sanctioned`` (member_id, pension_group): the starts that the month's present run has sanctioned."""
    relation(
        pg,
        duck,
        "sanctioned",
        _HELD,
        """
        SELECT c.member_id, c.pension_group, c.scheme, c.paise
        FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id
        WHERE r.state = 'complete' AND r.posted AND c.kind = 'start' AND c.decided_month = %(month)s
          AND c.occasion = ''""",
        {"month": month.first_day},
    )


_OBJECTION = pa.schema([("member_id", pa.int32()), ("pension_group", pa.int32()), ("kind", pa.string())])
#: An objection that stood on a day: undecided, or accepted while the facts that it says are wrong wait to be corrected.
_OBJECTIONS = """
    SELECT DISTINCT a.member_id, a.pension_group, a.kind
    FROM cases_case o JOIN cases_case a ON a.id = o.about_id
    WHERE o.kind = 'objection' AND a.kind IN ('stop', 'move', 'revise') AND a.member_id IS NOT NULL
      AND a.pension_group IS NOT NULL AND o.opened_on <= %(known_on)s
      AND (o.closed_at IS NULL OR (o.closed_at AT TIME ZONE %(zone)s)::date > %(known_on)s
           OR o.outcome = 'accepted' AND EXISTS (
               SELECT 1 FROM cases_case h WHERE h.about_id = o.id AND h.kind = 'undecided' AND h.opened_on <= %(known_on)s
                 AND (h.closed_at IS NULL OR (h.closed_at AT TIME ZONE %(zone)s)::date > %(known_on)s)))"""


def read_objections(pg: Postgres, duck: duckdb.DuckDBPyConnection, known_on: date) -> None:
    """Create ``objection`` (member_id, pension_group, kind): the notices that an objection held up on `known_on`."""
    relation(
        pg, duck, "objection", _OBJECTION, _OBJECTIONS, {"known_on": known_on, "zone": settings.TIME_ZONE}
    )


def first_month_after_notice(day: date, notice_days: int) -> date:
    """The first day of the first month that begins `notice_days` or more after `day`.

    >>> first_month_after_notice(date(2016, 10, 1), 30)
    datetime.date(2016, 11, 1)
    >>> first_month_after_notice(date(2015, 2, 1), 30)
    datetime.date(2015, 4, 1)
    """
    earliest = day + timedelta(days=notice_days)
    month = Month.of(earliest)
    return month.first_day if month.first_day >= earliest else month.next().first_day


def settle(duck: duckdb.DuckDBPyConnection, law: LawInForce, month: Month) -> None:
    """Create ``change``, ``notice_now`` and ``settled`` from ``decided``, ``worklist``, ``sanctioned`` and ``notice``.

    ``settled`` (member_id, pension_group, scheme, paise) are the awards in force for the month. A notice that an ``objection``
    stands against takes effect in the next month at the earliest (none stands where there is no such relation).
    """
    day = month.first_day
    duck.execute(
        "CREATE TABLE IF NOT EXISTS objection (member_id INTEGER, pension_group INTEGER, kind VARCHAR)"
    )
    duck.execute(
        statement("haqdar.cases", "settle").format(
            month=day,
            effective=first_month_after_notice(day, law.notice_days),
            next_month=month.next().first_day,
        )
    )


def stand_on_posted(duck: duckdb.DuckDBPyConnection) -> None:
    """Let a pension that the registers brought without an amount stand at what was paid last, not at its lowest amount.

    It matters where the law gives no amount any more: an award under notice or undecided goes on as it was paid. Works on
    ``decided`` with ``posted``.
    """
    duck.execute("""
        UPDATE decided SET standing_paise = last.paise
        FROM (SELECT member_id, pension_group, scheme, arg_max(paise, for_month) AS paise
              FROM posted WHERE paise > 0 GROUP BY ALL) last
        WHERE last.member_id = decided.member_id AND last.pension_group = decided.pension_group
          AND last.scheme = decided.from_scheme AND decided.from_paise IS NULL
          AND decided.action IN ('stop', 'move', 'goes_on')""")


def redetermine(
    duck: duckdb.DuckDBPyConnection, lawbook: LawBook, months: Sequence[Month], month: Month
) -> None:
    """Create ``redetermined`` (month, member_id, pension_group, scheme, paise): what each earlier month should have paid.

    Decides every award holder again on each earlier day of determination with today's knowledge, against what was posted
    for that month. Months under notice keep what was paid: that was owed. Needs ``settled``, ``posted``,
    ``notice_given`` (all notices of posted runs) and ``pension``.
    """
    duck.execute(
        "CREATE OR REPLACE TABLE redetermined (month DATE, member_id INT, pension_group INT, scheme VARCHAR, paise BIGINT)"
    )
    law = lawbook.on(month.first_day)
    for earlier in months:
        day = earlier.first_day
        if law.redetermine_from is not None and day < law.redetermine_from:
            continue
        duck.execute(f"""
            CREATE OR REPLACE TABLE paid_then AS
            SELECT member_id, pension_group, scheme, paise FROM posted
            WHERE for_month = DATE '{day}' AND paise > 0
            QUALIFY row_number() OVER (PARTITION BY member_id, pension_group ORDER BY paise DESC, scheme) = 1""")
        duck.execute(f"""
            CREATE OR REPLACE VIEW then_asked AS
            SELECT DISTINCT member_id, DATE '{day}' AS day
            FROM (SELECT member_id FROM settled UNION ALL SELECT member_id FROM posted WHERE for_month = DATE '{day}')""")
        determine(duck, [lawbook.on(day)], "then_asked", "back", held="paid_then")
        duck.execute(f"CREATE OR REPLACE TABLE back_decided AS {difference_sql('back')}")
        duck.execute(statement("haqdar.cases", "redetermined").format(month=day))


def relation(
    pg: Postgres,
    duck: duckdb.DuckDBPyConnection,
    name: str,
    schema: pa.Schema,
    query: str,
    values: Mapping[str, object],
) -> None:
    """Stream the rows of `query` into the DuckDB table `name`, a batch of columns at a time."""
    duck.register("empty", schema.empty_table())
    duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM empty")
    duck.unregister("empty")
    with pg.cursor(name=f"export_{name}") as cursor:
        cursor.itersize = 50_000
        cursor.execute(query.encode(), values)
        while rows := cursor.fetchmany(50_000):
            columns = list(zip(*rows, strict=True))
            batch = pa.table(
                {field.name: pa.array(columns[i], field.type) for i, field in enumerate(schema)},
                schema=schema,
            )
            duck.register("batch", batch)
            duck.execute(f"INSERT INTO {name} FROM batch")
            duck.unregister("batch")


def read_all_notices(pg: Postgres, duck: duckdb.DuckDBPyConnection, month: Month) -> None:
    """Create ``notice_given``: every notice of the posted runs before `month`."""
    relation(
        pg,
        duck,
        "notice_given",
        _NOTICE,
        """
        SELECT DISTINCT n.member_id, n.pension_group, n.kind, n.given_month, n.effective_month
        FROM cases_notice n JOIN cases_month_run r ON r.id = n.run_id
        WHERE r.state = 'complete' AND r.posted AND r.month < %(month)s""",
        {"month": month.first_day},
    )


__all__ = [
    "first_month_after_notice",
    "hold",
    "months_run",
    "read_all_notices",
    "read_changes",
    "read_objections",
    "read_sanctioned",
    "redetermine",
    "relation",
    "settle",
    "stand_on_posted",
]
