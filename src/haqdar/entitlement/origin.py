"""What a snapshot of the database was built from, and which beliefs were added since.

A snapshot's manifest says how many beliefs of which delivery each register had, and up to which transaction the database had
come. Beliefs are only ever appended (a trigger sees to it), so what a later snapshot must look at anew are the rows of later
transactions, and those whose day of knowledge has come meanwhile. PostgreSQL keeps a row's transaction with the row, whoever
wrote it: a load, a desk, a load that was interrupted and went on. No column or index has to be kept for it.

The counts are the proof: if the beliefs that are not new are more than there were, or a delivery or a table is another
one than it was (a restored backup, say), nothing is taken over from the earlier snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from haqdar.base.files import sha256_of
from haqdar.base.progress import progress
from haqdar.entitlement.registers import EVERY_REGISTER

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi

#: PostgreSQL compares transaction numbers in 32 bits; half of them lie behind.
_FAR = 2**31

# The cluster (a copy has the same identifier, a restore to a point in time another timeline), the database, the state of
# its transactions.
_DATABASE = """
SELECT (pg_control_system()).system_identifier::text AS system,
       substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
       pg_snapshot_xmin(pg_current_snapshot())::text AS finished,
       pg_snapshot_xmax(pg_current_snapshot())::text AS next
"""
_DELIVERIES = """
SELECT d.id::text AS id, d.code::text AS code, d.delivered_on::text AS delivered_on,
       (d.received_at AT TIME ZONE 'UTC')::text AS received_at,
       coalesce((SELECT json_object_agg(f.name, f.sha256 ORDER BY f.name) FROM sources_delivered_file f
                 WHERE f.delivery_id = d.id AND f.refusal_code = ''), '{}')::text AS files
FROM sources_delivery d ORDER BY d.id
"""


@dataclass(frozen=True)
class Origin:
    """The state of a database at one moment, as far as a snapshot of the knowledge of one day depends on it.

    `finished` is a transaction number: every earlier transaction was over. `beliefs` counts, for each register's relation
    and delivery, the beliefs known by the day of knowledge.
    """

    database: Mapping[str, str]
    tables: Mapping[str, int]
    finished: int
    next: int
    deliveries: Mapping[str, Mapping[str, Any]]
    beliefs: Mapping[str, Mapping[str, int]]

    def manifest(self) -> dict[str, Any]:
        """The origin as a snapshot's manifest has it."""
        return {
            "database": dict(self.database),
            "tables": dict(self.tables),
            "transactions": {"finished": self.finished, "next": self.next},
            "deliveries": {number: dict(delivery) for number, delivery in self.deliveries.items()},
            "beliefs": {relation: dict(counts) for relation, counts in self.beliefs.items()},
        }

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Origin | None:
        """The origin in a manifest; None when the snapshot was not built from a database."""
        try:
            return cls(
                manifest["database"],
                manifest["tables"],
                manifest["transactions"]["finished"],
                manifest["transactions"]["next"],
                manifest["deliveries"],
                manifest["beliefs"],
            )
        except KeyError:
            return None

    def continues(self, earlier: Origin) -> bool:
        """Whether this is the same database at a later moment, with all that was delivered to it by then."""
        return (
            self.database == earlier.database
            and self.tables == earlier.tables
            and earlier.finished <= self.finished < earlier.finished + _FAR
            and earlier.next <= self.next
            and all(
                self.deliveries.get(number, {}).get(what) == delivery[what]
                for number, delivery in earlier.deliveries.items()
                for what in ("code", "delivered_on", "received_at")
            )
        )


def origin_of(cursor: adbc_driver_postgresql.dbapi.Cursor, known_on: date) -> Origin:
    """The state of the database as the transaction of `cursor` sees it."""
    (state,) = _rows(cursor, _DATABASE)
    tables = {r.table: r for r in EVERY_REGISTER.values()}
    nodes = ", ".join(f"pg_relation_filenode('{table}')::bigint AS {table}" for table in tables)
    (files,) = _rows(cursor, f"SELECT {nodes}")
    beliefs: dict[str, dict[str, int]] = {}
    for name, register in EVERY_REGISTER.items():
        counted = _rows(
            cursor,
            f"SELECT delivery_id::text AS delivery, count(*) AS beliefs FROM {register.table} b"
            f" WHERE b.known_from <= DATE '{known_on}' GROUP BY 1 ORDER BY 1",
        )
        beliefs[name] = {row["delivery"]: row["beliefs"] for row in counted}
    return Origin(
        {"system": state["system"], "timeline": state["timeline"], "database": str(state["database"])},
        files,
        int(state["finished"]),
        int(state["next"]),
        {
            row["id"]: {
                "code": row["code"],
                "delivered_on": row["delivered_on"],
                "received_at": row["received_at"],
                "files": json.loads(row["files"]),
            }
            for row in _rows(cursor, _DELIVERIES)
        },
        beliefs,
    )


@dataclass(frozen=True)
class Added:
    """Beliefs of one register that an earlier snapshot did not see: whom they are about, and the latest day of knowledge."""

    owners: pa.Table
    known_at: date | None


def added_since(
    cursor: adbc_driver_postgresql.dbapi.Cursor,
    now: Origin,
    known_on: date,
    earlier: Origin,
    earlier_known_on: date,
) -> dict[str, Added] | None:
    """What each register has learned since an earlier state of knowledge, by relation; None where the counts do not add up.

    `now` continues `earlier` (see `Origin.continues`), `known_on` is not before `earlier_known_on`.
    """
    found = {}
    for name, register in EVERY_REGISTER.items():
        then, today = earlier.beliefs.get(name), now.beliefs[name]
        if then is None or any(today.get(delivery, 0) < count for delivery, count in then.items()):
            return None
        # A transaction may have been under way when the earlier snapshot was taken, so a row may be found that it has seen;
        # none that it has not seen is missed. That a belief was verified since looks the same and does no harm.
        is_new = (
            f"b.known_from <= DATE '{known_on}' AND (age(b.xmin) <= age('{earlier.finished % 2**32}'::xid)"
            f" OR b.known_from > DATE '{earlier_known_on}')"
        )
        counted = _rows(
            cursor,
            f"SELECT delivery_id::text AS delivery, count(*) AS beliefs, max(known_from) AS known_at FROM {register.table} b"
            f" WHERE {is_new} GROUP BY 1",
        )
        new = {row["delivery"]: row["beliefs"] for row in counted}
        if any(count - new.get(delivery, 0) > then.get(delivery, 0) for delivery, count in today.items()):
            return None
        owner = register.owner
        about = f"SELECT b.{owner} AS owner FROM {register.table} b WHERE {is_new}"
        if owner not in register.key:
            # a corrected row may have been about somebody else before
            same = " AND ".join(f"o.{column} = b.{column}" for column in register.key)
            about += f" UNION SELECT o.{owner} FROM {register.table} o JOIN {register.table} b ON {same} WHERE {is_new}"
        cursor.execute(f"SELECT DISTINCT owner FROM ({about}) x" if new else f"{about} AND false")
        found[name] = Added(
            cursor.fetch_arrow_table(), max((row["known_at"] for row in counted), default=None)
        )
    return found


def origin_of_files(folder: Path) -> dict[str, Any]:
    """What the manifest of a snapshot of register files says of them: name, size and SHA-256 of each."""
    files = sorted(folder.glob("*.parquet"))
    with progress(len(files), "hash", "files") as bar:
        found = {}
        for file in files:
            found[file.name] = {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
            bar.advance()
    return {"files": found}


def _rows(cursor: adbc_driver_postgresql.dbapi.Cursor, query: str) -> list[dict[str, Any]]:
    cursor.execute(query)
    return list(cursor.fetch_arrow_table().to_pylist())
