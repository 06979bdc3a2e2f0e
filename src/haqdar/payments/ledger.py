"""The ledger of one month as DuckDB relations: what is due, and what is kept back for over-payments.

Invariant: over all counted runs, the dues of a person, scheme and month add up to what today's knowledge says should have
been paid; and what is kept back never exceeds the recoveries posted.
"""

from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from haqdar.base.files import atomic_write
from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.cases.benefits import NO_BENEFIT_DUES
from haqdar.law.book import LawInForce

PACKAGE = "haqdar.payments"

DUES_CSV = """
    SELECT
        lpad(member_id::VARCHAR, 9, '0') AS member_id,
        scheme,
        kind,
        strftime(for_month, '%Y-%m') AS for_month,
        format('{}{}.{:02d}', CASE WHEN paise < 0 THEN '-' ELSE '' END, abs(paise) // 100, abs(paise) % 100) AS amount
    FROM dues
    ORDER BY due_no
"""


def dues(duck: DuckDBPyConnection, month: Month, since: date | None = None) -> None:
    """Make relation `dues` from `settled`, `redetermined` and `posted`, in the order of dues.csv.

    Rows are numbered by `due_no` in the order member, group, kind (regular, arrears, recovery), month, scheme. Amounts are
    paise; a recovery is negative and is the whole over-payment found, whatever can be withheld of it now. Months before
    `since` are closed (the law's `redetermine_from`): nothing is paid or recovered for them any more. What benefits beside
    the pensions bring stands in `benefit_due`, if the law has any.
    """
    duck.execute(NO_BENEFIT_DUES)
    duck.execute(statement(PACKAGE, "dues"), {"month": month.first_day, "since": since or date.min})


def withhold(duck: DuckDBPyConnection, law: LawInForce, month: Month) -> None:
    """Make `withholding`, `withheld` and `outstanding_after` from `dues` and `outstanding`.

    Arrears and a recovery of the same person, group and month are two halves of one correction and are set off in full.
    Of what remains due, at most `law.recovery_share` (rounded down to a paisa) is withheld for recoveries, the oldest
    month first, from the person's largest due first. A person with nothing due keeps everything outstanding.
    """
    share = law.recovery_share
    if not 0 <= share <= 1:
        raise ValueError(f"the share of dues to withhold must lie between 0 and 1, not {share}")
    duck.execute(
        statement(PACKAGE, "withholding"),
        {"numerator": share.numerator, "denominator": share.denominator},
    )
    duck.execute(statement(PACKAGE, "withheld"))
    duck.execute(statement(PACKAGE, "outstanding_after"))


def write_dues(duck: DuckDBPyConnection, path: Path) -> int:
    """Write `dues` as dues.csv (rupees with two decimals); returns the number of rows."""
    return write_csv(duck, DUES_CSV, path)


def write_csv(duck: DuckDBPyConnection, query: str, path: Path) -> int:
    """Write the rows of `query` as CSV with a header, LF line ends, quotes only where needed; replaces `path` whole."""
    with atomic_write(path) as temporary:
        target = str(temporary).replace("'", "''")
        row = duck.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER, DELIMITER ',')").fetchone()
    return int(row[0]) if row else 0
