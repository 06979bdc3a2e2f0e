"""Benefits beside the pensions in the month's run: work list, awards, and what each occasion brings.

An award of a one-time benefit is for one occasion; that of a periodic one stands for a person, couple or family and pays for
every later occasion whose conditions hold. What should have been paid for an occasion under today's knowledge is compared with
what was posted for it, whatever the month: what is missing is due, what is too much is recovered.
"""

from __future__ import annotations

from datetime import date

import duckdb
import psycopg
import pyarrow as pa

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.cases import merged
from haqdar.entitlement.occasions import decide_occasions
from haqdar.law import LawBook

Postgres = psycopg.Connection[tuple[object, ...]]

_AWARDS = """
    SELECT c.scheme, c.occasion, min(c.decided_month) AS since
    FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id
    WHERE r.state = 'complete' AND r.posted AND c.occasion <> '' AND c.kind = 'start' AND c.decided_month {when} %s
    GROUP BY c.scheme, c.occasion"""
_AWARD = pa.schema(
    [("scheme", pa.string()), ("award_key", pa.string()), ("since", pa.date32()), ("start_day", pa.date32())]
)
#: What benefits bring in a month: what an occasion should have brought a payee in all, and what was posted before.
NO_BENEFIT_DUES = """
    CREATE TABLE IF NOT EXISTS benefit_due (member_id INTEGER, pension_group SMALLINT, scheme VARCHAR, kind VARCHAR,
        for_month DATE, target_paise BIGINT, before_paise BIGINT, occasion VARCHAR, occasion_paise BIGINT)
"""
#: The work list and the changes of awards name the occasion; it is empty for pensions.
_OCCASION_COLUMN = "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS occasion VARCHAR DEFAULT ''"


def read_books(pg: Postgres, duck: duckdb.DuckDBPyConnection, lawbook: LawBook, month: Month) -> None:
    """Create ``benefit_award`` (awards of earlier months) and ``benefit_sanctioned`` (those the month's present run made).

    `start_day` is the first occasion that an award pays for: that which stood open when it was sanctioned.
    """
    benefits = {draft.code: draft.benefit for draft in lawbook.drafts}
    for name, when in (("benefit_award", "<"), ("benefit_sanctioned", "=")):
        rows = pg.execute(_AWARDS.format(when=when).encode(), [month.first_day]).fetchall()
        starts: list[date | None] = []
        for scheme, _, since in rows:
            benefit = benefits.get(str(scheme))
            assert isinstance(since, date)
            periodic = benefit is not None and benefit.event is None
            starts.append(
                (benefit.occasion_day(since) if benefit is not None and periodic else None) or since
            )
        columns = [*zip(*rows, strict=True)] or [(), (), ()]
        table = pa.table([*map(list, columns), starts], schema=_AWARD)
        duck.register("incoming", table)
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
        duck.unregister("incoming")


_NUMBER = "(?:^|:)(?:death:|birth:|marriage:|m|c)([0-9]+)$"
"""The member number in the key of an occasion or of a standing award; a family's key has none (``entitlement.occasions``)."""


def as_one(duck: duckdb.DuckDBPyConnection) -> None:
    """Read what was awarded and posted for merged numbers as their person's; ``benefit_beside`` keeps what was posted to them.

    A merge moves no row: the occasions of a merged number go by the number of the person behind it, so that what was given once is
    not given again. Needs ``merged`` and the snapshot.
    """
    duck.execute(
        "CREATE OR REPLACE TABLE benefit_beside AS SELECT scheme, occasion, member_id, paise FROM benefit_posted WHERE false"
    )
    if not merged.is_there(duck):
        return
    couple = (
        "least(m.survivor_id, coalesce(nullif(coalesce((SELECT arg_max(s.spouse_id, s.from_day) FROM spouse_period s"
        " WHERE s.member_id = m.survivor_id), p.base_spouse), 0), m.survivor_id))"
    )
    duck.execute(f"""
        CREATE OR REPLACE TEMP TABLE key_of_person AS
        SELECT k.key, regexp_replace(k.key, '[0-9]+$', (CASE WHEN k.key SIMILAR TO '(.*:)?c[0-9]+' THEN {couple}
            ELSE m.survivor_id END)::VARCHAR) AS now
        FROM (SELECT award_key AS key FROM benefit_award UNION SELECT award_key FROM benefit_sanctioned
              UNION SELECT occasion FROM benefit_posted) k
        JOIN merged m ON m.member_id = try_cast(regexp_extract(k.key, '{_NUMBER}', 1) AS INTEGER)
        LEFT JOIN person p ON p.member_id = m.survivor_id""")
    for name in ("benefit_award", "benefit_sanctioned"):
        duck.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT a.scheme, coalesce(k.now, a.award_key) AS award_key, min(a.since) AS since,"
            f" min(a.start_day) AS start_day FROM {name} a LEFT JOIN key_of_person k ON k.key = a.award_key GROUP BY ALL"
        )
    posted = (
        "SELECT b.scheme, coalesce(k.now, b.occasion) AS occasion, coalesce(m.survivor_id, b.member_id) AS member_id"
        " {columns} FROM benefit_posted b LEFT JOIN key_of_person k ON k.key = b.occasion"
        " LEFT JOIN merged m ON m.member_id = b.member_id {only} GROUP BY ALL"
    )
    duck.execute(
        "INSERT INTO benefit_beside "
        + posted.format(columns=", sum(b.paise) AS paise", only="WHERE m.member_id IS NOT NULL")
    )
    duck.execute(
        "CREATE OR REPLACE TABLE benefit_posted AS "
        + posted.format(
            columns=", arg_min(b.pension_group, b.for_month) AS pension_group, min(b.for_month) AS for_month,"
            " sum(b.paise)::BIGINT AS paise",
            only="",
        )
    )


def decide(
    duck: duckdb.DuckDBPyConnection,
    lawbook: LawBook,
    earlier: list[Month],
    month: Month,
    sanction_starts: bool,
) -> None:
    """Add the benefits' rows to ``worklist`` and ``change``, and create ``benefit_due`` for the ledger.

    Needs ``benefit_award``, ``benefit_sanctioned``, ``benefit_posted`` and ``merged``. Changes nothing under a law without benefits.
    """
    for table in ("worklist", "change"):
        duck.execute(_OCCASION_COLUMN.format(table=table))
    duck.execute(NO_BENEFIT_DUES)
    if not lawbook.has_benefits:
        return
    as_one(duck)
    first = min([*earlier, month])
    decide_occasions(duck, lawbook, first, month)
    duck.execute(
        statement("haqdar.cases", "benefits").format(
            month=month.first_day, sanctioned="true" if sanction_starts else "false"
        )
    )


#: What a run of benefits is computed from, beside the snapshot and the law.
INPUTS = ("benefit_award", "benefit_posted", "(SELECT award_key FROM change_of_benefit)")

OCCASIONS_CSV = """
    SELECT scheme, occasion, lpad(member_id::VARCHAR, 9, '0') AS member_id, day AS decided_for,
        strftime(for_month, '%Y-%m') AS for_month,
        CASE WHEN verdict THEN 'entitled' WHEN verdict IS NULL THEN 'undecided' ELSE 'refused' END AS verdict,
        coalesce(missing, fails, CASE WHEN verdict AND payee IS NULL THEN 'payee' END) AS reason,
        lpad(payee::VARCHAR, 9, '0') AS payee, paise // 100 AS amount, is_awarded AS awarded
    FROM occasion_now
    WHERE verdict IS DISTINCT FROM false OR event <> '' OR is_awarded
    ORDER BY scheme, occasion
"""
