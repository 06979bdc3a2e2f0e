"""Between the run's columns and PostgreSQL: rows go in by COPY, payees come out in batches."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.cases.opening import open_from_run

Cursor = psycopg.Cursor[Any]

_PAYEE = pa.schema(
    [
        ("member_id", pa.int32()),
        ("family_id", pa.int32()),
        ("name_en", pa.string()),
        ("ifsc", pa.string()),
        ("account_sealed", pa.binary()),
        ("account_last4", pa.string()),
        ("aadhaar_ref", pa.binary()),
        ("aadhaar_last4", pa.string()),
        ("heirless", pa.bool_()),
    ]
)
_BLOCK = 1 << 20
_LEFT = "month-"


def sweep() -> None:
    """Remove the rows that a killed run left in the data folder; hold the month's lock."""
    for left in (settings.HAQDAR_HOME / "tmp").glob(f"{_LEFT}*"):
        shutil.rmtree(left, ignore_errors=True)


def copy_rows(
    cursor: Cursor, duck: duckdb.DuckDBPyConnection, query: str, table: str, columns: tuple[str, ...]
) -> None:
    """COPY the rows of the DuckDB `query` into the PostgreSQL `table`, through a file, in bounded memory."""
    with tempfile.TemporaryDirectory(prefix=_LEFT, dir=settings.HAQDAR_HOME / "tmp") as folder:
        path = Path(folder) / "rows.csv"
        target = str(path).replace("'", "''")
        duck.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
        names = ", ".join(columns)
        with (
            path.open("rb") as rows,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')".encode()) as copy,
        ):
            while block := rows.read(_BLOCK):
                copy.write(block)


def post_decisions(cursor: Cursor, duck: duckdb.DuckDBPyConnection, run_id: int, month: Month) -> None:
    """Post work list, forecast, entitlements, changes of awards and notices of the run `run_id`, and open its cases."""
    work = ("action", "member_id", "pension_group", "from_scheme", "from_paise", "to_scheme", "to_paise", "reason",
            "area_code", "district_code", "occasion")  # fmt: skip
    copy_rows(
        cursor,
        duck,
        f"SELECT {run_id}, {', '.join(work)} FROM worklist WHERE action <> 'continue'",
        "cases_work_item",
        ("run_id", *work),
    )
    ahead = ("eligible_on", "action", "member_id", "pension_group", "from_scheme", "to_scheme", "to_paise",
             "area_code", "district_code")  # fmt: skip
    copy_rows(
        cursor,
        duck,
        f"SELECT {run_id}, {', '.join(ahead)} FROM forecast",
        "cases_forecast_item",
        ("run_id", *ahead),
    )
    for table in ("cases_work_item", "cases_forecast_item"):
        cursor.execute(
            f"UPDATE {table} i SET resident_key = r.key FROM registry_resident r"
            f" WHERE i.run_id = {run_id} AND r.member_id = i.member_id".encode()
        )
    entitled = ("member_id", "pension_group", "scheme", "paise", "area_code", "district_code")
    copy_rows(
        cursor,
        duck,
        f"SELECT {run_id}, {', '.join(entitled)} FROM entitlement",
        "cases_entitlement",
        ("run_id", *entitled),
    )
    changed = ("member_id", "pension_group", "kind", "scheme", "paise", "reason", "occasion")
    copy_rows(
        cursor,
        duck,
        f"SELECT {run_id}, DATE '{month.first_day}', 'platform', {', '.join(changed)} FROM change",
        "cases_award_change",
        ("run_id", "decided_month", "actor", *changed),
    )
    noticed = ("member_id", "pension_group", "kind", "given_month", "effective_month", "reason")
    copy_rows(
        cursor,
        duck,
        f"SELECT {run_id}, {', '.join(noticed)} FROM notice_now",
        "cases_notice",
        ("run_id", *noticed),
    )
    # what was just added is unknown to the planner, which would compare each row of the list with every case and award
    cursor.execute(b"ANALYZE cases_work_item, cases_award_change, cases_case")
    open_from_run(cursor, run_id, timezone.localdate())


def keep_sanctions(cursor: Cursor, duck: duckdb.DuckDBPyConnection, old_run: int, new_run: int) -> None:
    """Carry officers' sanctions from a run over to the one that supersedes it: none is lost, each keeps who made it.

    One that took effect in the new run is a change of it already and gets its officer's name back. Another (made while the month
    was computed, or of somebody whom new knowledge makes undecided or ineligible) is kept as it is: if it must end, it ends as
    every award does, with its notice.
    """
    cursor.execute(
        b"UPDATE cases_award_change n SET actor = o.actor, reason = o.reason FROM cases_award_change o"
        b" WHERE o.run_id = %s AND n.run_id = %s AND o.kind = 'start' AND n.kind = 'start' AND o.actor <> 'platform'"
        b" AND n.member_id = o.member_id AND n.pension_group = o.pension_group AND n.occasion = o.occasion",
        [old_run, new_run],
    )
    cursor.execute(
        b"SELECT o.id, o.member_id, o.pension_group FROM cases_award_change o"
        b" WHERE o.run_id = %s AND o.kind = 'start' AND o.actor <> 'platform' AND NOT EXISTS ("
        b"  SELECT 1 FROM cases_award_change n WHERE n.run_id = %s AND n.member_id = o.member_id"
        b"  AND n.pension_group = o.pension_group AND n.occasion = o.occasion)",
        [old_run, new_run],
    )
    left = cursor.fetchall()
    if not left:
        return
    listed = ", ".join(f"({change}, {member}, {group})" for change, member, group in left)
    # whoever holds something in the group all the same (the stop that was reversed is gone) needs no award of its own
    held = {
        row[0]
        for row in duck.execute(
            f"SELECT l.id FROM (VALUES {listed}) l(id, member_id, pension_group)"
            " SEMI JOIN settled s ON s.member_id = l.member_id AND s.pension_group = l.pension_group"
            # what was sanctioned to a number merged since went over to the person
            f" UNION SELECT l.id FROM (VALUES {listed}) l(id, member_id, pension_group) SEMI JOIN merged USING (member_id)"
        ).fetchall()
    }
    cursor.execute(
        b"INSERT INTO cases_award_change (run_id, member_id, pension_group, kind, scheme, paise, decided_month, reason, actor,"
        b" occasion) SELECT %s, member_id, pension_group, kind, scheme, paise, decided_month, reason, actor, occasion"
        b" FROM cases_award_change WHERE id = ANY(%s)",
        [new_run, [change for change, _, _ in left if change not in held]],
    )


def read_payees(
    pg: psycopg.Connection[tuple[object, ...]],
    duck: duckdb.DuckDBPyConnection,
    members: str,
    known_on: date,
    on: date,
) -> None:
    """Create ``payee``: name, area, category, drawing officer, sealed account and Aadhaar reference of each member of the query `members`.

    What is believed on `known_on` counts. Whose name, account and Aadhaar number they are says ``registry/sql/receiving.sql``:
    the person's own, those of a guardian or other receiver on the day `on`, of the dead those of an heir; `heirless` are the dead
    without one. A panchayat is rural, a ward urban. A sealed account carries the version of its
    key in front (two bytes); the Aadhaar number's reference key is its 16 bytes.
    """
    duck.register("empty", _PAYEE.empty_table())
    duck.execute("CREATE OR REPLACE TABLE payee_account AS FROM empty")
    duck.unregister("empty")
    with pg.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wanted_payee (member_id int) ON COMMIT DROP")
        copy_rows(cursor, duck, members, "wanted_payee", ("member_id",))
        cursor.execute("ANALYZE wanted_payee")
    with pg.cursor(name="export_payees") as cursor:
        cursor.execute(statement("haqdar.registry", "receiving").encode(), {"known_on": known_on, "on": on})
        while rows := cursor.fetchmany(20_000):
            columns = list(zip(*rows, strict=True))
            batch = pa.table([pa.array(columns[i], f.type) for i, f in enumerate(_PAYEE)], schema=_PAYEE)
            duck.register("batch", batch)
            duck.execute("INSERT INTO payee_account FROM batch")
            duck.unregister("batch")
    duck.execute("""
        CREATE OR REPLACE TABLE payee AS
        SELECT q.member_id, p.area_code, p.social_category, coalesce(a.kind, 'gp') <> 'ward' AS rural, a.ddo_code,
               q.name_en, q.ifsc, q.account_sealed, q.account_last4, q.aadhaar_ref, q.aadhaar_last4, q.heirless
        FROM payee_account q
        -- a number merged into another has its place with that person
        LEFT JOIN merged m ON m.member_id = q.member_id
        JOIN person p ON p.member_id = coalesce(m.survivor_id, q.member_id)
        LEFT JOIN area a ON a.area_code = p.area_code""")
