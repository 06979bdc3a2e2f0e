"""The difference between what the law says and what people hold: this month's work, and the two months ahead.

Everything here is SQL on the DuckDB connection of the run; the semantics are those of the contract on ``worklist.csv``
and ``forecast.csv``.
"""

from __future__ import annotations

import calendar
from datetime import date

import duckdb
from sqlglot import exp

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.entitlement.compile import missing_name_sql
from haqdar.entitlement.determine import determine, laws_between
from haqdar.entitlement.facts import age_edges, edge_days_sql
from haqdar.law import LawBook, LawInForce

FORECAST_MONTHS = 2
#: A widow's start is called husband_died when the death was reported at most this many months before the day.
NEWS_MONTHS = 12
WIDOW_STATUS = "widowed"

#: Payees who share an Aadhaar number or a bank account with another payee.
_SHARED = """
    SELECT member_id, CASE WHEN bool_or(same_aadhaar) THEN 'same_aadhaar' ELSE 'same_account' END AS reason
    FROM (SELECT member_id,
                 aadhaar_of IS NOT NULL AND count(*) OVER (PARTITION BY aadhaar_of) > 1 AS same_aadhaar,
                 account_of IS NOT NULL AND count(*) OVER (PARTITION BY account_of) > 1 AS same_account
          FROM (SELECT DISTINCT h.member_id, i.aadhaar_of, i.account_of FROM held h JOIN identity i USING (member_id)))
    WHERE same_aadhaar OR same_account GROUP BY member_id"""


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), the last day of a shorter month."""
    month = Month(day.year, day.month).plus(months)
    return date(month.year, month.month, min(day.day, calendar.monthrange(month.year, month.month)[1]))


def widow_schemes(law: LawInForce) -> list[str]:
    """The codes of schemes for which widowhood is a condition and no other status will do."""

    def demands_widowhood(test: exp.Expr) -> bool:
        return any(
            isinstance(part, exp.EQ)
            and part.left.name == "marital_status"
            and part.right.name == WIDOW_STATUS
            for part in (test.flatten() if isinstance(test, exp.And) else [test])
        )

    return [s.code for s in law.schemes if any(demands_widowhood(c.condition) for c in s.criteria)]


def hold(duck: duckdb.DuckDBPyConnection, lawbook: LawBook, day: date) -> None:
    """Create ``held`` (member_id, pension_group, scheme, paise): the registers' awards overlaid by our own changes.

    And ``award_since``, the first day of an award that the registers brought.

    Needs the snapshot's ``pension`` and ``award_change`` (member_id, pension_group, scheme, paise), the latest change of
    each award made by an earlier month's run.
    """
    groups = " ".join(f"WHEN '{s.code}' THEN {s.group}" for s in lawbook.on(day).schemes)
    duck.execute(f"""
        CREATE OR REPLACE TABLE held AS
        WITH register AS (
            SELECT member_id, CASE scheme {groups} END AS pension_group, scheme, paise
            FROM pension WHERE NOT is_ghost AND since <= DATE '{day}'
        )
        SELECT r.member_id, r.pension_group, r.scheme, r.paise
        FROM register r ANTI JOIN award_change c USING (member_id, pension_group)
        WHERE r.pension_group IS NOT NULL
        UNION ALL
        SELECT member_id, pension_group, scheme, paise FROM award_change WHERE scheme IS NOT NULL""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE award_since AS
        SELECT member_id, CASE scheme {groups} END AS pension_group, min(since) AS since
        FROM pension WHERE NOT is_ghost GROUP BY ALL""")


def decide(duck: duckdb.DuckDBPyConnection, lawbook: LawBook, day: date) -> None:
    """Determine everybody on `day` and create ``decided``, ``entitlement`` and ``worklist``.

    ``worklist`` holds the contract's rows, ``continue`` included, amounts in paise.
    """
    law = lawbook.on(day)
    duck.execute(f"CREATE OR REPLACE VIEW today AS SELECT member_id, DATE '{day}' AS day FROM person")
    determine(duck, [law], "today", "now")
    duck.execute(f"CREATE OR REPLACE TABLE decided AS {difference_sql('now')}")
    duck.execute("""
        CREATE OR REPLACE TABLE entitlement AS
        SELECT d.member_id, d.pension_group, d.best_scheme AS scheme, d.best_paise AS paise, f.area_code, f.district_code
        FROM decided d JOIN now_facts f USING (member_id) WHERE d.best_scheme IS NOT NULL""")
    widow = ", ".join(f"'{code}'" for code in widow_schemes(law)) or "''"
    news = months_later(day, -NEWS_MONTHS)
    # A ghost's scheme may have ended before the day; it belongs to its group all the same.
    groups = " ".join(f"WHEN '{code}' THEN {group}" for code, group in lawbook.scheme_groups().items())
    duck.execute(f"""
        CREATE OR REPLACE TABLE worklist AS
        WITH shared AS ({_SHARED})
        SELECT d.action, d.member_id, d.pension_group, d.from_scheme, d.from_paise, d.to_scheme, d.to_paise,
               CASE WHEN d.action = 'start' THEN
                        CASE WHEN d.to_scheme IN ({widow}) AND f.spouse_died_on <= f.day
                                  AND f.spouse_death_reported_on >= DATE '{news}'
                             THEN 'husband_died' ELSE 'entitled' END
                    ELSE coalesce(d.reason, '') END AS reason,
               f.area_code, f.district_code
        FROM decided d JOIN now_facts f USING (member_id)
        WHERE d.action IN ('start', 'continue', 'revise', 'move', 'stop')
        UNION ALL
        SELECT 'undecided', d.member_id, d.pension_group, d.from_scheme, d.from_paise, NULL, NULL,
               {missing_name_sql(law, "d.missing_rank")}, f.area_code, f.district_code
        FROM decided d JOIN now_facts f USING (member_id)
        WHERE d.missing_rank IS NOT NULL
        UNION ALL
        SELECT 'ghost', member_id, CASE scheme {groups} END, scheme, paise, NULL, NULL, 'unknown_member', NULL, NULL
        FROM pension WHERE is_ghost
        UNION ALL
        SELECT 'duplicate', h.member_id, h.pension_group, h.scheme, h.paise, NULL, NULL, s.reason,
               f.area_code, f.district_code
        FROM held h JOIN shared s USING (member_id) JOIN now_facts f USING (member_id)""")


def look_ahead(duck: duckdb.DuckDBPyConnection, lawbook: LawBook, day: date) -> None:
    """Create ``forecast``: the first thing that happens to each person and group within two months.

    Assumes that the work list of `day` is carried out. Only people with an edge inside the window are decided again, each
    on those days alone.
    """
    last = months_later(day, FORECAST_MONTHS)
    tomorrow = date.fromordinal(day.toordinal() + 1)
    laws = laws_between(lawbook, tomorrow, last)
    ages = sorted({age for law in laws for age in age_edges(law)})
    everyone = [law.day_from for law in laws if tomorrow <= law.day_from <= last]
    changes = "".join(f" UNION SELECT member_id, DATE '{start}' FROM person" for start in everyone)
    duck.execute(f"CREATE OR REPLACE TABLE ahead AS {edge_days_sql(day, last, ages)}{changes}")
    duck.execute("""
        CREATE OR REPLACE TABLE held_after AS
        SELECT member_id, pension_group,
               CASE WHEN action IN ('continue', 'goes_on') THEN from_scheme ELSE to_scheme END AS scheme,
               CASE WHEN action IN ('continue', 'goes_on') THEN from_paise ELSE to_paise END AS paise
        FROM decided WHERE action IS NOT NULL AND action <> 'stop'""")
    determine(duck, laws, "ahead", "later", held="held_after")
    duck.execute(f"""
        CREATE OR REPLACE TABLE forecast AS
        SELECT d.day AS eligible_on, d.action, d.member_id, d.pension_group, d.from_scheme,
               d.to_scheme, d.to_paise, f.area_code, f.district_code
        FROM (SELECT * FROM ({difference_sql("later")}) WHERE action IN ('start', 'move', 'revise', 'stop')
              QUALIFY row_number() OVER (PARTITION BY member_id, pension_group ORDER BY day) = 1) d
        JOIN later_facts f ON f.member_id = d.member_id AND f.day = d.day""")


def difference_sql(name: str) -> str:
    """The SELECT of differences over ``<name>_verdict`` and ``<name>_holding`` (see ``sql/difference.sql``)."""
    return (
        f"WITH verdict AS (SELECT * FROM {name}_verdict), holding AS (SELECT * FROM {name}_holding) "
        f"SELECT * FROM ({statement('haqdar.cases', 'difference')})"
    )
