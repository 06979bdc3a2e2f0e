"""Aadhaar numbers of a list: exchanged for the vault's references at once, so that no later step, file or table holds one."""

from __future__ import annotations

import duckdb

from haqdar.access.actors import Actor
from haqdar.vault.store import deposit


def refer(actor: Actor, duck: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give `table` the columns aadhaar_ref, aadhaar_last4 and aadhaar_rows in place of its column aadhaar.

    Numbers that the vault does not know stay unknown to it: nobody becomes known by standing in a list. `aadhaar_rows` is the first
    line with the same number, so that who is listed twice is found all the same.
    """
    referred = deposit(duck, table, "aadhaar", actor=actor, purpose="seeding", into="referred", add=False)
    duck.execute(
        f"CREATE OR REPLACE TABLE exchanged AS SELECT t.* EXCLUDE (aadhaar), r.ref AS aadhaar_ref,"
        " right(t.aadhaar, 4) AS aadhaar_last4,"
        " CASE WHEN t.aadhaar IS NOT NULL THEN min(t.line) OVER (PARTITION BY t.aadhaar) END AS aadhaar_rows"
        f" FROM {table} t LEFT JOIN {referred} r ON r.number = t.aadhaar"
    )
    duck.execute(f"DROP TABLE {referred}; DROP TABLE {table}; ALTER TABLE exchanged RENAME TO {table}")
