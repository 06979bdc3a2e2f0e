"""Aadhaar numbers of a list: exchanged for the vault's references at once, so that no later step, file or table holds one."""

from __future__ import annotations

import duckdb

from haqdar.access.actors import Actor
from haqdar.sources.verhoeff import aadhaar_holds
from haqdar.vault.store import deposit

HELD, OTHER = "a number", "no number"


def refer(actor: Actor, duck: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give `table` the columns aadhaar_ref, aadhaar_last4 and aadhaar_rows in place of what stands in its column aadhaar.

    Of the column aadhaar only `HELD` is left where there was a number, `OTHER` where there was something else. Numbers that the vault
    does not know stay unknown to it: nobody becomes known by standing in a list. `aadhaar_rows` is the first line with the same
    number, so that who is listed twice is found all the same.
    """
    digits = "regexp_replace(translate(aadhaar, '०१२३४५६७८९', '0123456789'), '[^0-9]', '', 'g')"
    duck.execute(
        f"CREATE OR REPLACE TABLE exchanging AS SELECT * REPLACE (nullif(trim(aadhaar), '') AS aadhaar),"
        f" CASE WHEN {aadhaar_holds(digits)} THEN {digits} END AS number FROM {table}; DROP TABLE {table}"
    )
    referred = deposit(
        duck, "exchanging", "number", actor=actor, purpose="seeding", into="referred", add=False
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT t.* EXCLUDE (number) REPLACE ("
        f"CASE WHEN t.number IS NOT NULL THEN '{HELD}' WHEN t.aadhaar IS NOT NULL THEN '{OTHER}' END AS aadhaar),"
        " r.ref AS aadhaar_ref, right(t.number, 4) AS aadhaar_last4,"
        " CASE WHEN t.number IS NOT NULL THEN min(t.line) OVER (PARTITION BY t.number) END AS aadhaar_rows"
        f" FROM exchanging t LEFT JOIN {referred} r ON r.number = t.number"
    )
    duck.execute(f"DROP TABLE {referred}; DROP TABLE exchanging")
