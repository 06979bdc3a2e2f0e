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
        ("aadhaar_sealed", pa.binary()),
        ("aadhaar_last4", pa.string()),
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
    """Create ``payee``: name, area, category, drawing officer, sealed account and Aadhaar of each member of the query `members`.

    What is believed on `known_on` counts. Account and Aadhaar number are those of the guardian or other receiver where an arrangement holds
    on the day `on` and the receiver lives, else the person's own; the name is always the person's. A panchayat is rural, a
    ward urban. A sealed number carries the version of its key in front (two bytes).
    """
    duck.register("empty", _PAYEE.empty_table())
    duck.execute("CREATE OR REPLACE TABLE payee_account AS FROM empty")
    duck.unregister("empty")
    with pg.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wanted_payee (member_id int) ON COMMIT DROP")
        copy_rows(cursor, duck, members, "wanted_payee", ("member_id",))
        cursor.execute("ANALYZE wanted_payee")
    with pg.cursor(name="export_payees") as cursor:
        cursor.execute(
            """
            WITH arranged AS (
                SELECT DISTINCT ON (p.member_id) p.* FROM wanted_payee w JOIN registry_payee_belief p USING (member_id)
                WHERE p.known_from <= %(known_on)s ORDER BY p.member_id, p.belief_no DESC
            ), dead AS (
                SELECT e.member_id FROM (
                    SELECT DISTINCT ON (e.event_id) e.member_id, e.kind, e.happened_on FROM registry_event_belief e
                    WHERE e.known_from <= %(known_on)s AND e.event_id IN (
                        SELECT event_id FROM registry_event_belief WHERE member_id IN (SELECT receiver_id FROM arranged))
                    ORDER BY e.event_id, e.belief_no DESC) e
                WHERE e.kind = 'death' AND e.happened_on < %(on)s
            ), receives AS (
                SELECT a.member_id, r.* FROM arranged a CROSS JOIN LATERAL (
                    SELECT b.ifsc, int2send(b.key_version) || b.account_sealed AS sealed, b.account_last4,
                           int2send(b.key_version) || b.aadhaar_sealed AS aadhaar, b.aadhaar_last4
                    FROM registry_resident_belief b
                    WHERE b.member_id = a.receiver_id AND b.known_from <= %(known_on)s
                    ORDER BY b.belief_no DESC LIMIT 1) r
                WHERE a.from_on <= %(on)s AND (a.to_on IS NULL OR a.to_on >= %(on)s)
                  AND a.receiver_id NOT IN (SELECT member_id FROM dead)
            ), own AS (
                SELECT DISTINCT ON (b.member_id) b.member_id, b.family_id, b.name_en, b.ifsc,
                       int2send(b.key_version) || b.account_sealed AS sealed, b.account_last4,
                       int2send(b.key_version) || b.aadhaar_sealed AS aadhaar, b.aadhaar_last4
                FROM wanted_payee w JOIN registry_resident_belief b USING (member_id)
                WHERE b.known_from <= %(known_on)s ORDER BY b.member_id, b.belief_no DESC
            )
            SELECT o.member_id, o.family_id, o.name_en,
                   CASE WHEN r.member_id IS NULL THEN o.ifsc ELSE r.ifsc END,
                   CASE WHEN r.member_id IS NULL THEN o.sealed ELSE r.sealed END,
                   CASE WHEN r.member_id IS NULL THEN o.account_last4 ELSE r.account_last4 END,
                   CASE WHEN r.member_id IS NULL THEN o.aadhaar ELSE r.aadhaar END,
                   CASE WHEN r.member_id IS NULL THEN o.aadhaar_last4 ELSE r.aadhaar_last4 END
            FROM own o LEFT JOIN receives r USING (member_id) ORDER BY o.member_id""",
            {"known_on": known_on, "on": on},
        )
        while rows := cursor.fetchmany(20_000):
            columns = list(zip(*rows, strict=True))
            batch = pa.table([pa.array(columns[i], f.type) for i, f in enumerate(_PAYEE)], schema=_PAYEE)
            duck.register("batch", batch)
            duck.execute("INSERT INTO payee_account FROM batch")
            duck.unregister("batch")
    duck.execute("""
        CREATE OR REPLACE TABLE payee AS
        SELECT q.member_id, p.area_code, p.social_category, coalesce(a.kind, 'gp') <> 'ward' AS rural, a.ddo_code,
               q.name_en, q.ifsc, q.account_sealed, q.account_last4, q.aadhaar_sealed, q.aadhaar_last4
        FROM payee_account q
        JOIN person p ON p.member_id = q.member_id
        LEFT JOIN area a ON a.area_code = p.area_code""")
