"""The difference between what the law says and what people hold: this month's work, and the two months ahead.

Everything here is SQL on the engine of the run (`entitlement.engines`); the semantics are those of the contract on ``worklist.csv``
and ``forecast.csv``.
"""

from __future__ import annotations

import calendar
from datetime import date

from sqlglot import exp

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.entitlement.cells import Cells, holds_on
from haqdar.entitlement.compile import missing_name_sql
from haqdar.entitlement.determine import judge, laws_between
from haqdar.entitlement.engines import Engine
from haqdar.law import LawBook, LawInForce

FORECAST_MONTHS = 2
#: A widow's start is called husband_died when the death was reported at most this many months before the day.
NEWS_MONTHS = 12
WIDOW_STATUS = "widowed"
#: What is found out for a person and a day (``sql/difference.sql``), in the order of ``decided``.
OUTCOME = (
    "pension_group",
    "action",
    "from_scheme",
    "from_paise",
    "to_scheme",
    "to_paise",
    "reason",
    "standing_paise",
    "best_scheme",
    "best_paise",
    "missing_rank",
)


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


def _groups(lawbook: LawBook, day: date) -> str:
    """SQL: WHEN … THEN of every scheme's group; an ended scheme is still held in its own until it is stopped."""
    groups = lawbook.scheme_groups() | {scheme.code: scheme.group for scheme in lawbook.on(day).schemes}
    return " ".join(f"WHEN '{code}' THEN {group}" for code, group in groups.items())


def hold(duck: Engine, lawbook: LawBook, day: date) -> None:
    """Create ``held`` (member_id, pension_group, scheme, paise): the registers' awards overlaid by our own changes.

    Needs the snapshot's ``pension`` and ``award_change`` (member_id, pension_group, scheme, paise), the latest change of
    each award made by an earlier month's run.
    """
    groups = _groups(lawbook, day)
    duck.execute(f"""
        CREATE OR REPLACE TABLE held AS
        WITH register AS (
            SELECT member_id, CASE scheme {groups} END AS pension_group, scheme, paise
            FROM pension WHERE NOT is_ghost AND since <= DATE '{day}'
        )
        SELECT r.member_id, r.pension_group, r.scheme, r.paise
        FROM register r
        ANTI JOIN award_change c ON c.member_id = r.member_id AND c.pension_group = r.pension_group
        WHERE r.pension_group IS NOT NULL
        UNION ALL
        SELECT member_id, pension_group, scheme, paise FROM award_change WHERE scheme IS NOT NULL""")


def since(duck: Engine, lawbook: LawBook, day: date) -> None:
    """Create ``award_since`` (member_id, pension_group, since): the first day of an award that the registers brought."""
    groups = _groups(lawbook, day)
    duck.execute(f"""
        CREATE OR REPLACE TABLE award_since AS
        SELECT member_id, CASE scheme {groups} END AS pension_group, min(since) AS since
        FROM pension WHERE NOT is_ghost GROUP BY ALL""")


def decide(duck: Engine, lawbook: LawBook, day: date) -> None:
    """Determine everybody of a district on `day` and create ``lived``, ``counted``, ``decided`` and ``suspect``.

    Needs a district of a snapshot, ``held`` and ``shared`` (see `hold`, `sharing.find_shared`). ``lived`` says to which cell a person
    belongs, ``counted`` how many people a cell has; each cell, and each cell with each thing held in it, is decided once.
    ``decided`` has a row for each person and group with anything held, entitled or undecided; ``suspect`` lists ghosts and
    duplicates. `worklist_sql` makes the contract's work list of both.
    """
    law = lawbook.on(day)
    cells = Cells.of([law])
    duck.execute(f"CREATE OR REPLACE TABLE lived AS {cells.lived(day)}")
    duck.execute(
        "CREATE OR REPLACE TABLE counted AS SELECT cell_no, count(*) AS people FROM lived GROUP BY cell_no"
    )
    duck.execute(
        "CREATE OR REPLACE TABLE holding AS SELECT h.*, l.cell_no, l.place_no"
        " FROM held h JOIN lived l ON l.member_id = h.member_id"
    )
    duck.execute(f"""
        CREATE OR REPLACE TABLE alike AS
        SELECT CAST(row_number() OVER (ORDER BY cell_no) AS INTEGER) AS case_no, DATE '{day}' AS day, *
        FROM (SELECT cell_no, NULL::INTEGER AS pension_group, NULL AS scheme, NULL::BIGINT AS paise FROM counted
              UNION ALL
              SELECT DISTINCT cell_no, pension_group, scheme, paise FROM holding)""")
    _decide_alike(duck, cells, [law], "now")
    duck.execute(f"CREATE OR REPLACE TABLE judged AS {_people('now', 'lived', 'holding')}")
    widow = ", ".join(f"'{code}'" for code in widow_schemes(law)) or "''"
    news = months_later(day, -NEWS_MONTHS)
    duck.execute(f"""
        CREATE OR REPLACE TABLE news AS
        SELECT DISTINCT member_id FROM span
        WHERE member_id IN (SELECT member_id FROM judged WHERE action = 'start' AND to_scheme IN ({widow}))
              AND {holds_on(day)} AND spouse_died_on <= DATE '{day}' AND spouse_death_reported_on >= DATE '{news}'""")
    reason = (
        f"CASE WHEN d.action <> 'start' OR d.action IS NULL THEN d.reason"
        f" WHEN n.member_id IS NOT NULL AND d.to_scheme IN ({widow}) THEN 'husband_died' ELSE 'entitled' END AS reason"
    )
    outcome = ", ".join(reason if name == "reason" else f"d.{name}" for name in OUTCOME)
    # A view, because it is read twice and the two tables that it joins to everybody's rows are tiny.
    duck.execute(f"""
        CREATE OR REPLACE VIEW decided AS
        SELECT d.member_id, {outcome}, DATE '{day}' AS day, p.area_code, p.social_category
        FROM judged d JOIN place p ON p.place_no = d.place_no LEFT JOIN news n ON n.member_id = d.member_id""")
    # A ghost's scheme may have ended before the day; it belongs to its group all the same.
    groups = " ".join(f"WHEN '{code}' THEN {group}" for code, group in lawbook.scheme_groups().items())
    duck.execute(f"""
        CREATE OR REPLACE TABLE suspect AS
        SELECT 'ghost' AS action, member_id, CASE scheme {groups} END AS pension_group, scheme AS from_scheme,
               paise AS from_paise, 'unknown_member' AS reason, NULL AS area_code
        FROM pension WHERE is_ghost
        UNION ALL
        SELECT 'duplicate', h.member_id, h.pension_group, h.scheme, h.paise, s.reason, p.area_code
        FROM holding h JOIN shared s ON s.member_id = h.member_id JOIN place p ON p.place_no = h.place_no""")


def worklist_sql(law: LawInForce, decided: str, suspect: str) -> str:
    """SQL: the contract's work list, ``continue`` included, amounts in paise, from what `decide` created."""
    return f"""
        SELECT action, member_id, pension_group, from_scheme, from_paise, to_scheme, to_paise,
               coalesce(reason, '') AS reason, area_code, district_code
        FROM {decided} WHERE action IN ('start', 'continue', 'revise', 'move', 'stop')
        UNION ALL
        SELECT 'undecided', member_id, pension_group, from_scheme, from_paise, NULL, NULL,
               {missing_name_sql(law, "missing_rank")}, area_code, district_code
        FROM {decided} WHERE missing_rank IS NOT NULL
        UNION ALL
        SELECT action, member_id, pension_group, from_scheme, from_paise, NULL, NULL, reason, area_code,
               CASE WHEN action <> 'ghost' THEN district_code END
        FROM {suspect}"""


def look_ahead(duck: Engine, lawbook: LawBook, day: date) -> None:
    """Create ``forecast``: the first thing that happens to each person and group within two months; follows `decide`.

    Assumes that the work list of `day` is carried out. Only people with a day inside the window on which anything about
    them changes are decided again, each on those days alone.
    """
    last = months_later(day, FORECAST_MONTHS)
    tomorrow = date.fromordinal(day.toordinal() + 1)
    laws = laws_between(lawbook, tomorrow, last)
    cells = Cells.of(laws)
    everyone = [law.day_from for law in laws if law.day_from >= tomorrow]
    duck.execute(f"CREATE OR REPLACE TABLE ahead AS {cells.ahead(day, last, everyone)}")
    duck.execute("""
        CREATE OR REPLACE TABLE held_after AS
        SELECT member_id, pension_group,
               CASE WHEN action IN ('continue', 'goes_on') THEN from_scheme ELSE to_scheme END AS scheme,
               CASE WHEN action IN ('continue', 'goes_on') THEN from_paise ELSE to_paise END AS paise
        FROM judged
        WHERE action IS NOT NULL AND action <> 'stop' AND member_id IN (SELECT member_id FROM ahead)""")
    # of a law only its first day inside the window matters: ages are in the cell, and nothing else asks for the day
    periods = " ".join(
        f"WHEN day >= DATE '{law.day_from}' THEN DATE '{max(law.day_from, tomorrow)}'" for law in laws[::-1]
    )
    duck.execute(f"CREATE OR REPLACE VIEW ahead_alike AS SELECT *, CASE {periods} END AS law_day FROM ahead")
    duck.execute(
        "CREATE OR REPLACE TABLE ahead_holding AS SELECT h.*, a.day, a.place_no, a.cell_no, a.law_day"
        " FROM held_after h JOIN ahead_alike a ON a.member_id = h.member_id"
    )
    duck.execute("""
        CREATE OR REPLACE TABLE alike AS
        SELECT CAST(row_number() OVER (ORDER BY cell_no) AS INTEGER) AS case_no, *
        FROM (SELECT DISTINCT law_day AS day, cell_no, NULL::INTEGER AS pension_group, NULL AS scheme,
                     NULL::BIGINT AS paise FROM ahead_alike
              UNION ALL
              SELECT DISTINCT law_day, cell_no, pension_group, scheme, paise FROM ahead_holding)""")
    _decide_alike(duck, cells, laws, "later")
    duck.execute(f"""
        CREATE OR REPLACE TABLE forecast AS
        SELECT d.day AS eligible_on, d.action, d.member_id, d.pension_group, d.from_scheme, d.to_scheme, d.to_paise,
               p.area_code
        FROM (SELECT * FROM ({_people("later", "ahead_alike", "ahead_holding")})
              WHERE action IN ('start', 'move', 'revise', 'stop')
              QUALIFY row_number() OVER (PARTITION BY member_id, pension_group ORDER BY day) = 1) d
        JOIN place p ON p.place_no = d.place_no""")


def _decide_alike(duck: Engine, cells: Cells, laws: list[LawInForce], name: str) -> None:
    """Decide ``alike`` (case_no, day, cell_no, pension_group, scheme, paise): people of one cell who hold the same.

    A case without a group stands for what is held nowhere. Creates ``<name>_case``: the difference of each case with its
    cell, and what is held.
    """
    duck.execute(
        f"CREATE OR REPLACE TABLE {name}_facts AS {cells.facts('alike', laws[0].vocabulary, key='case_no')}"
    )
    duck.execute(
        "CREATE OR REPLACE VIEW alike_held AS SELECT case_no AS member_id, pension_group, scheme, paise"
        " FROM alike WHERE pension_group IS NOT NULL"
    )
    judge(duck, laws, name, "alike_held")
    duck.execute(f"""
        CREATE OR REPLACE TABLE {name}_case AS
        SELECT a.cell_no, a.day AS law_day, a.pension_group IS NOT NULL AS is_held, a.scheme AS held_scheme,
               a.paise AS held_paise, {_listed("d")}
        FROM ({difference_sql(name)}) d JOIN alike a ON a.case_no = d.member_id
        WHERE a.pension_group IS NULL OR a.pension_group = d.pension_group""")


def _people(name: str, lived: str, holding: str) -> str:
    """SQL: the cases of `_decide_alike` as rows of people: for each group they hold, that case, and else the bare one.

    `holding` has the columns of `lived`, and what is held.
    """
    later = name == "later"
    dated = " AND c.law_day = l.law_day" if later else ""
    same_day = " AND h.day = l.day" if later else ""
    columns = f"SELECT l.member_id, l.place_no, {'l.day, ' if later else ''}{_listed('c')}"
    return f"""
        {columns}
        FROM {holding} l
        JOIN {name}_case c ON c.cell_no = l.cell_no{dated} AND c.is_held AND c.pension_group = l.pension_group
             AND c.held_scheme = l.scheme AND c.held_paise IS NOT DISTINCT FROM l.paise
        UNION ALL
        {columns}
        FROM (SELECT * FROM {name}_case WHERE NOT is_held) c
        JOIN {lived} l ON c.cell_no = l.cell_no{dated}
        ANTI JOIN {holding} h ON h.member_id = l.member_id AND h.pension_group = c.pension_group{same_day}"""


def _listed(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in OUTCOME)


def difference_sql(name: str) -> str:
    """The SELECT of differences over ``<name>_verdict`` and ``<name>_holding`` (see ``sql/difference.sql``)."""
    return (
        f"WITH verdict AS (SELECT * FROM {name}_verdict), holding AS (SELECT * FROM {name}_holding) "
        f"SELECT * FROM ({statement('haqdar.cases', 'difference')})"
    )
