"""Posting a month's money: every row of one run in the caller's transaction, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import psycopg
import pyarrow.csv as pacsv
from django.utils import timezone
from duckdb import DuckDBPyConnection

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.cases.opening import open_payment_cases
from haqdar.payments.ledger import PACKAGE

BATCH = 100_000


Cursor = psycopg.Cursor[Any]


class LaterMonthPosted(Refusal):
    """A month cannot be posted again once the dues of a later one stand on it."""

    code = "later_month_posted"
    en = (
        "{month} cannot be posted again, because {later} is posted already and builds on it. What is known now about"
        " {month} is paid as arrears or recovered with the next month: run that one."
    )
    hi = (
        "{month} को फिर दर्ज नहीं किया जा सकता, क्योंकि {later} पहले ही दर्ज है और उसी पर आधारित है। {month} के बारे में अब जो पता है वह"
        " अगले महीने के साथ बकाया या वसूली में आएगा: अगला महीना चलाएँ।"
    )


class SettledMeanwhile(Refusal):
    """A recall or a write-off settled an over-payment while the month was worked out."""

    code = "settled_meanwhile"
    en = (
        "While {month} was worked out, an over-payment was settled: a bank gave it back, or it was given up. Run the month again,"
        " so that nothing is kept back twice. Nothing was posted."
    )
    hi = (
        "{month} की गणना के दौरान एक ज़्यादा भुगतान निपट गया: बैंक ने लौटाया, या बट्टे खाते में गया। महीना फिर चलाएँ, ताकि दो बार कटौती न हो।"
        " कुछ दर्ज नहीं हुआ।"
    )


@dataclass(frozen=True, slots=True)
class Posted:
    """How many rows a posting added."""

    dues: int
    withholdings: int
    bills: int
    bill_lines: int
    instructions: int
    not_payable: int


COPIES: Mapping[str, tuple[str, str]] = {
    "payments_due": (
        "id, run_id, member_id, pension_group, scheme, kind, for_month, paise, area_code, ddo_code,"
        " occasion, occasion_paise",
        """
        SELECT $base + due_no, $run, member_id, pension_group, scheme, kind, for_month, paise, area_code, ddo_code,
            occasion, occasion_paise
        FROM dues LEFT JOIN payee USING (member_id)
        ORDER BY due_no
        """,
    ),
    "payments_withholding": (
        "run_id, due_id, recovery_id, kind, paise",
        """
        SELECT $run, $base + due_no, coalesce(recovery_id, $base + recovery_due_no), kind, paise
        FROM withholding
        ORDER BY ALL
        """,
    ),
    "payments_bill": (
        "run_id, bill_no, ddo_code, scheme, head, month, persons, paise",
        "SELECT $run, bill_no, ddo_code, scheme, head, month, persons, paise FROM bill ORDER BY bill_no",
    ),
    "payments_bill_line": (
        "bill_id, due_id, component, paise",
        """
        SELECT bill_id, $base + due_no, component, line.paise
        FROM bill_line AS line JOIN posted_bill USING (ddo_code, scheme, head)
        ORDER BY due_no, component_no
        """,
    ),
    "payments_instruction": (
        "run_id, reference, member_id, pension_group, scheme, paise, ifsc, account_last4, state, rail, payee_name,"
        " destination_sealed, area_code, ddo_code",
        """
        SELECT $run, reference, member_id, pension_group, scheme, paise, instruction.ifsc, last4, 'written', rail,
            payee_name, '\\x' || hex(destination_sealed), area_code, ddo_code
        FROM instruction LEFT JOIN payee USING (member_id)
        ORDER BY member_id, pension_group, scheme
        """,
    ),
    "payments_not_payable": (
        "run_id, member_id, pension_group, scheme, paise, reason, area_code",
        """
        SELECT $run, member_id, pension_group, scheme, paise, reason, area_code
        FROM not_payable LEFT JOIN payee USING (member_id)
        ORDER BY member_id, pension_group, scheme
        """,
    ),
    "payments_area_total": (
        "run_id, area_code, scheme, persons, regular_paise, arrears_paise, recovery_paise, withheld_paise,"
        " instructed_paise",
        "SELECT $run, area_total.* FROM area_total",
    ),
}
"""Table -> its columns, and the query over the month's relations that fills them."""


def post(cursor: Cursor, duck: DuckDBPyConnection, run_id: int, month: Month) -> Posted:
    """Add the dues, withholdings, bills, instructions and totals of a run, by COPY, in the caller's transaction.

    The relations must be complete (`ledger`, `bills`, `instructing.prepare`). Instructions of earlier versions of the month are
    marked as superseded; their other rows stay and no longer count, because their run is no longer `complete`. Raises
    LaterMonthPosted, SettledMeanwhile, and the database's own errors when sums do not agree or a credit would be paid twice.
    """
    _refuse_behind_a_later_month(cursor, month)
    cursor.execute(
        "UPDATE payments_instruction SET state = 'superseded' WHERE state = 'written' AND run_id IN"
        " (SELECT id FROM cases_month_run WHERE month = %s AND id <> %s)",
        [month.first_day, run_id],
    )
    # the checks of a State's month group millions of rows: in memory that is seconds
    cursor.execute("SET LOCAL work_mem = '256MB'")
    duck.execute(statement(PACKAGE, "area_total"))
    base = _reserved(cursor, _count(duck, "dues"))
    counts: dict[str, int] = {}
    for table, (columns, query) in COPIES.items():
        if table == "payments_bill_line":
            _number_bills(cursor, duck, run_id)
        names = {name: value for name, value in (("run", run_id), ("base", base)) if f"${name}" in query}
        try:
            counts[table] = _copy(
                cursor, duck, f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)", query, names
            )
        except psycopg.errors.CheckViolation as error:
            if "more is withheld than was over-paid" in str(error):
                raise SettledMeanwhile(month=month) from error
            raise
    duck.execute("DROP TABLE posted_bill")
    _open_cases_of_the_unpaid(cursor, run_id, month)
    # The checks at the end of the transaction look up lines by bill; without statistics each would read the whole table.
    cursor.execute("ANALYZE payments_due, payments_bill, payments_bill_line, payments_instruction")
    return Posted(
        dues=counts["payments_due"],
        withholdings=counts["payments_withholding"],
        bills=counts["payments_bill"],
        bill_lines=counts["payments_bill_line"],
        instructions=counts["payments_instruction"],
        not_payable=counts["payments_not_payable"],
    )


def _open_cases_of_the_unpaid(cursor: Cursor, run_id: int, month: Month) -> None:
    cursor.execute(
        "CREATE TEMP TABLE payment_trouble ON COMMIT DROP AS"
        " SELECT member_id, pension_group, scheme, paise, reason, area_code FROM payments_not_payable WHERE run_id = %(run)s"
        # what came back from a bank and waits for somebody is trouble still
        f" UNION ALL SELECT * FROM ({statement(PACKAGE, 'return_trouble')}) came_back"
        # and what an earlier month owes to somebody who cannot be reached still, though this one owes him nothing
        " UNION ALL SELECT member_id, pension_group, scheme, paise, reason, area_code"
        f" FROM ({statement(PACKAGE, 'late')}) l WHERE NOT EXISTS (SELECT FROM payments_not_payable n"
        "  WHERE n.run_id = %(run)s AND n.member_id = l.member_id AND n.scheme = l.scheme)"
        " AND NOT EXISTS (SELECT FROM payments_instruction i WHERE i.run_id = %(run)s AND i.member_id = l.member_id)",
        {"run": run_id, "month": month.first_day},
    )
    open_payment_cases(cursor, run_id, timezone.localdate())
    cursor.execute("DROP TABLE payment_trouble")


def _refuse_behind_a_later_month(cursor: Cursor, month: Month) -> None:
    cursor.execute(
        "SELECT max(month) FROM cases_month_run WHERE month > %s AND state = 'complete' AND posted",
        [month.first_day],
    )
    (later,) = cursor.fetchone() or (None,)
    if later is not None:
        raise LaterMonthPosted(month=month, later=Month.of(later))


def _reserved(cursor: Cursor, count: int) -> int:
    """Reserve `count` ids of dues; returns the number before the first."""
    # Withholdings and bill lines name dues by id, so the ids are known before anything is copied. The lock keeps the
    # block in one piece; nobody else adds dues while a month is posted.
    cursor.execute("LOCK TABLE payments_due IN EXCLUSIVE MODE")
    cursor.execute("SELECT nextval(pg_get_serial_sequence('payments_due', 'id'))")
    (first,) = cursor.fetchone() or (1,)
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence('payments_due', 'id'), %s)", [first + max(count, 1) - 1]
    )
    return first - 1


def _number_bills(cursor: Cursor, duck: DuckDBPyConnection, run_id: int) -> None:
    """Make `posted_bill` in DuckDB: the database's id of each bill of the run."""
    duck.execute(
        "CREATE OR REPLACE TABLE posted_bill (bill_id BIGINT, ddo_code VARCHAR, scheme VARCHAR, head VARCHAR)"
    )
    cursor.execute("SELECT id, ddo_code, scheme, head FROM payments_bill WHERE run_id = %s", [run_id])
    rows = cursor.fetchall()
    if rows:
        duck.execute(
            "INSERT INTO posted_bill SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _copy(cursor: Cursor, duck: DuckDBPyConnection, into: str, query: str, names: Mapping[str, int]) -> int:
    count = 0
    options = pacsv.WriteOptions(include_header=False)
    with cursor.copy(into.encode()) as copy:
        for batch in duck.execute(query, dict(names)).to_arrow_reader(BATCH):
            text = BytesIO()
            pacsv.write_csv(batch, text, options)
            copy.write(text.getvalue())
            count += batch.num_rows
    return count


def _count(duck: DuckDBPyConnection, relation: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {relation}").fetchone()
    assert row is not None
    return int(row[0])
