"""Aadhaar numbers of a list: exchanged for references at once, so that no later step, file or table holds one."""

from __future__ import annotations

import duckdb

from haqdar.registry.sealing import AADHAAR, sealer

REGISTER_COLUMN = "aadhaar_hash"
"""Where the register keeps the reference."""


def refer(duck: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give `table` the columns aadhaar_ref and aadhaar_last4 in place of its column aadhaar."""
    reference, keys = sealer().hash_sql(AADHAAR, "aadhaar")
    duck.execute(
        f"CREATE OR REPLACE TABLE referred AS SELECT * EXCLUDE (aadhaar), {reference} AS aadhaar_ref,"
        f" right(aadhaar, 4) AS aadhaar_last4 FROM {table}",
        keys,
    )
    duck.execute(f"DROP TABLE {table}; ALTER TABLE referred RENAME TO {table}")
