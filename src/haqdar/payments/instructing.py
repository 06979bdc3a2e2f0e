"""What a bank is to be told for a month: one credit for each person and scheme, with its rail and its reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import pyarrow as pa
from duckdb import DuckDBPyConnection

from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.payments.rules import latin_name

PACKAGE = "haqdar.payments"


def reference_key(secret: bytes) -> str:
    """The key of transaction references, derived from the platform's secret (32 bytes in hexadecimal)."""
    return blake2b(secret[:64], digest_size=32, person=b"haqdar-reference").hexdigest()


def prepare(duck: DuckDBPyConnection, month: Month, secret: bytes, rails: Sequence[str]) -> None:
    """Make `instruction` and `not_payable` from `bill_line`, `unbilled` and `payee`.

    `instruction` holds one row per person and scheme with the billed sum in paise, the transaction reference of 30
    characters, the rail (the first of the law's `rails` by which the payee can be reached: an account with its branch, or an
    Aadhaar number) and the sealed destination; `not_payable` what cannot be sent, with a reason: no_ddo, no_heir,
    no_account, no_ifsc, no_name. Nothing is unsealed.
    """
    names = duck.execute(
        "SELECT DISTINCT name_en FROM payee JOIN (SELECT DISTINCT member_id FROM bill_line) USING (member_id)"
        " WHERE regexp_matches(name_en, '[^ -~]') ORDER BY name_en"
    ).fetchall()
    spelled = pa.table(
        {
            "name_en": pa.array([name for (name,) in names], pa.string()),
            "latin": pa.array([latin_name(name) for (name,) in names], pa.string()),
        }
    )
    duck.register("spelled_name", spelled)
    try:
        duck.execute(
            statement(PACKAGE, "instruction"),
            {"month": month.first_day, "key": reference_key(secret), "rails": list(rails)},
        )
    finally:
        duck.unregister("spelled_name")
    duck.execute(
        "CREATE OR REPLACE TABLE instruction AS SELECT * EXCLUDE (reason) FROM credit WHERE reason IS NULL"
        " ORDER BY member_id, pension_group, scheme"
    )
    duck.execute(
        "CREATE OR REPLACE TABLE not_payable AS"
        " SELECT member_id, pension_group, scheme, paise, 'no_ddo' AS reason FROM unbilled"
        " UNION ALL SELECT member_id, pension_group, scheme, paise, reason FROM credit WHERE reason IS NOT NULL"
        " ORDER BY member_id, pension_group, scheme, reason"
    )
    duck.execute("DROP TABLE credit")


@dataclass(frozen=True, slots=True)
class Totals:
    """Number of credits and their sum in paise."""

    items: int
    paise: int


def totals(duck: DuckDBPyConnection) -> Totals:
    """Control totals of `instruction`."""
    row = duck.execute("SELECT count(*), coalesce(sum(paise), 0) FROM instruction").fetchone()
    assert row is not None
    return Totals(int(row[0]), int(row[1]))
