"""Whole columns of numbers: from a DuckDB table to reference keys, in bounded memory.

Hashes are compared inside the vault; what is new is sealed batch by batch on its way in.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from uuid import UUID

import duckdb
import pyarrow as pa

from haqdar.access.actors import Actor
from haqdar.base.duck import connect_duck
from haqdar.vault.keys import Keys, keys_of
from haqdar.vault.purposes import purpose_for
from haqdar.vault.rooms import Cursor, entered, sealing

_BATCH = 50_000
_VERSION_4 = bytes(one & 0x0F | 0x40 for one in range(256))
_VARIANT = bytes(one & 0x3F | 0x80 for one in range(256))


def deposit(
    duck: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    *,
    actor: Actor,
    purpose: str,
    into: str = "deposited",
    add: bool = True,
) -> str:
    """Make the DuckDB table `into` (number VARCHAR, ref UUID) of every number that stands in a column; gives its name.

    Numbers that the vault does not know are deposited, or with `add=False` left out. The numbers' form was checked before.
    """
    why = purpose_for(actor, purpose)
    with entered(actor, "deposit" if add else "find", why) as (cursor, entry):
        keys = keys_of(cursor)
        hashed, parameters = keys.hash_sql("number")
        duck.execute(
            f"CREATE OR REPLACE TABLE vault_asked AS SELECT number, {hashed} AS hash"
            f" FROM (SELECT DISTINCT {column} AS number FROM {table} WHERE {column} IS NOT NULL)",
            parameters,
        )
        entry.asked = _count(duck, "vault_asked")
        _pull_known(cursor, duck)
        if add and _count(duck, "vault_known") < entry.asked:
            # only from here on a rotation has to wait; which key seals is asked once more
            sealing(cursor)
            sent = _send_new(cursor, duck, keys_of(cursor))
            if sent != cursor.rowcount:
                # somebody else deposited some of them in between: the vault's reference counts
                _pull_known(cursor, duck)
        duck.execute(
            f"CREATE OR REPLACE TABLE {into} AS SELECT a.number, k.ref FROM vault_asked a JOIN vault_known k USING (hash)"
        )
        entry.given = _count(duck, into)
        duck.execute("DROP TABLE vault_asked; DROP TABLE vault_known")
    return into


def refer_many(actor: Actor, numbers: Collection[str], purpose: str) -> dict[str, UUID]:
    """The reference keys of some numbers held in memory, deposited where they are new."""
    with connect_duck() as duck:
        duck.register("given", pa.table({"number": pa.array(sorted(set(numbers)), pa.string())}))
        deposit(duck, "given", "number", actor=actor, purpose=purpose)
        return dict(duck.execute("SELECT number, ref FROM deposited").fetchall())


def _pull_known(cursor: Cursor, duck: duckdb.DuckDBPyConnection) -> None:
    """Make `vault_known` (hash, ref) of the hashes in `vault_asked` that stand in the vault."""
    duck.execute("CREATE OR REPLACE TABLE vault_known (hash UUID, ref UUID)")
    cursor.execute("SELECT EXISTS (SELECT FROM vault.number)")
    if cursor.fetchone() == (False,):
        return
    cursor.execute("DROP TABLE IF EXISTS asked")
    cursor.execute("CREATE TEMP TABLE asked (hash uuid) ON COMMIT DROP")
    _send(cursor, duck, "SELECT hash::VARCHAR || chr(10) AS line FROM vault_asked", "asked (hash)")
    cursor.execute("ANALYZE asked")
    with tempfile.NamedTemporaryFile(dir=_folder(duck), suffix=".csv") as file:
        found = (
            "COPY (SELECT n.hash, n.ref FROM asked JOIN vault.number n USING (hash)) TO STDOUT (FORMAT csv)"
        )
        with cursor.copy(found) as copy:
            for data in copy:
                file.write(data)
        file.flush()
        if file.tell():
            duck.execute(
                f"INSERT INTO vault_known FROM read_csv('{file.name}', header = false, auto_detect = false,"
                " columns = {'hash': 'UUID', 'ref': 'UUID'})"
            )


def _send_new(cursor: Cursor, duck: duckdb.DuckDBPyConnection, keys: Keys) -> int:
    """Seal and deposit what is not known, and add it to `vault_known`; returns how many were sent."""
    cursor.execute("CREATE TEMP TABLE arriving (hash uuid, ref uuid, sealed bytea) ON COMMIT DROP")
    reading = duck.cursor()
    reading.execute(
        "SELECT number, hash::VARCHAR AS hash FROM vault_asked ANTI JOIN vault_known USING (hash) ORDER BY vault_asked.hash"
    )
    sent = 0
    try:
        for batch in reading.to_arrow_reader(_BATCH):
            refs = _random_refs(batch.num_rows)
            sealed = keys.seal(refs, batch.column(0).cast(pa.binary()).to_pylist())
            duck.register(
                "vault_batch",
                pa.table(
                    {
                        "hash": batch.column(1),
                        "ref": pa.array(refs, pa.binary()),
                        "sealed": pa.array(sealed, pa.binary()),
                    }
                ),
            )
            duck.execute(
                "CREATE OR REPLACE TABLE vault_sealed AS SELECT hash::UUID AS hash, hex(ref)::UUID AS ref, sealed FROM vault_batch"
            )
            duck.unregister("vault_batch")
            line = r"SELECT concat(hash, chr(9), ref, chr(9), '\\x', hex(sealed), chr(10)) AS line FROM vault_sealed"
            _send(cursor, duck, line, "arriving (hash, ref, sealed)")
            duck.execute("INSERT INTO vault_known SELECT hash, ref FROM vault_sealed")
            sent += batch.num_rows
    finally:
        reading.close()
    duck.execute("DROP TABLE vault_sealed")
    cursor.execute(
        "INSERT INTO vault.number (ref, hash, sealed, key_version) SELECT ref, hash, sealed, %s FROM arriving"
        " ON CONFLICT (hash) DO NOTHING",
        [keys.current],
    )
    return sent


def _send(cursor: Cursor, duck: duckdb.DuckDBPyConnection, lines: str, into: str) -> None:
    """COPY the lines of a query into a table; each batch is one piece of memory."""
    reading = duck.cursor()
    try:
        with cursor.copy(f"COPY {into} FROM STDIN".encode()) as copy:
            for batch in reading.execute(lines).to_arrow_reader(_BATCH):
                copy.write("".join(batch.column(0).to_pylist()))
    finally:
        reading.close()


def _random_refs(count: int) -> list[bytes]:
    """Random reference keys (UUID version 4, RFC 9562), as bytes."""
    random = bytearray(os.urandom(16 * count))
    random[6::16] = random[6::16].translate(_VERSION_4)
    random[8::16] = random[8::16].translate(_VARIANT)
    whole = bytes(random)
    return [whole[at : at + 16] for at in range(0, len(whole), 16)]


def _folder(duck: duckdb.DuckDBPyConnection) -> str | None:
    row = duck.execute("SELECT current_setting('temp_directory')").fetchone()
    return str(row[0]) if row and row[0] and os.path.isdir(str(row[0])) else None


def _count(duck: duckdb.DuckDBPyConnection, table: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
