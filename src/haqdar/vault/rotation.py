"""Change of keys without downtime: a new data key for what is sealed from now on, everything older sealed anew in batches.

Readers go on throughout: a row opens by the version that it names, and a version's key goes only when no row names it any more.
A stopped rotation is continued by the next one; what was sealed anew stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.vault.keys import Keys, add_key, keys_of, rewrap
from haqdar.vault.purposes import PURPOSES
from haqdar.vault.rooms import Cursor, Entry, inside, retiring, write

BATCH = 10_000
_TABLES = {"vault.number": "ref", "vault.content": "key"}
_START = UUID(int=0)


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: the version that seals now, what was sealed anew, keys wrapped anew and keys removed."""

    version: int
    resealed: int
    rewrapped: int
    removed: int


@dataclass(frozen=True)
class Standing:
    """How the vault stands: how much it holds, under which key, wrapped by which master key, how much of it under older keys."""

    numbers: int
    drawers: int
    version: int
    older: int
    master: str
    accesses: int


def standing(actor: Actor) -> Standing:
    """Counts and names for whoever keeps the keys; needs `key.rotate`."""
    require(actor, "key.rotate")
    with inside() as cursor:
        version = keys_of(cursor).current
        cursor.execute(
            "SELECT (SELECT count(*) FROM vault.number), (SELECT count(*) FROM vault.content),"
            " (SELECT count(*) FROM vault.number WHERE key_version <> %(now)s)"
            " + (SELECT count(*) FROM vault.content WHERE key_version <> %(now)s),"
            " (SELECT string_agg(DISTINCT master, ', ') FROM vault.data_key), (SELECT count(*) FROM vault.access)",
            {"now": version},
        )
        row = cursor.fetchone()
    assert row is not None
    return Standing(row[0], row[1], version, row[2], row[3], row[4])


def rotate(actor: Actor, step: Callable[[int], None] = lambda _: None, batch: int = BATCH) -> Rotated:
    """Wrap the data keys by the present master key, start a new one unless a rotation was left unfinished, seal everything
    older anew, remove the keys that nothing needs. `step` is told of every batch.

    Needs `key.rotate`. Raises `WrongVaultKey` when neither the present nor the previous master key opens a data key.
    """
    actor = require(actor, "key.rotate")
    with inside() as cursor:
        retiring(cursor)
        before = keys_of(cursor)
        rewrapped = rewrap(cursor)
        if len(before.seals) == 1:
            add_key(cursor, before.current + 1, "seal")
        write(cursor, actor, "rotate", PURPOSES["rotation"], Entry())
    resealed = sum(_reseal(actor, table, step, batch) for table in _TABLES)
    with inside() as cursor:
        # whoever began to seal under an older key has ended; from here on nobody does
        retiring(cursor)
        keys = keys_of(cursor)
        late = sum(_some(cursor, keys, table, _START, batch=None)[0] for table in _TABLES)
        cursor.execute(
            "DELETE FROM vault.data_key WHERE purpose = 'seal' AND version <> %s RETURNING version",
            [keys.current],
        )
        removed = len(cursor.fetchall())
        done = Rotated(keys.current, resealed + late, rewrapped, removed)
        write(cursor, actor, "rotated", PURPOSES["rotation"], Entry(done.resealed, done.resealed))
    with acting(actor, "key.rotate"):
        record(
            actor,
            "key.rotate",
            "vault_key",
            str(done.version),
            new={"resealed": done.resealed, "rewrapped": done.rewrapped, "removed": done.removed},
        )
    return done


def _reseal(actor: Actor, table: str, step: Callable[[int], None], batch: int) -> int:
    """Seal a table's rows of older versions anew, a batch a transaction; returns how many."""
    done, after = 0, _START
    while True:
        with inside() as cursor:
            count, last = _some(cursor, keys_of(cursor), table, after, batch)
        if last is None:
            return done
        done, after = done + count, last
        step(count)


def _some(cursor: Cursor, keys: Keys, table: str, after: UUID, batch: int | None) -> tuple[int, UUID | None]:
    """Seal up to `batch` rows behind a reference anew; gives their number and the last of them, None where there was none."""
    name = _TABLES[table]
    cursor.execute(
        f"SELECT {name}, sealed, key_version FROM {table} WHERE {name} > %s AND key_version <> %s"
        f" ORDER BY {name} LIMIT %s FOR UPDATE".encode(),
        [after, keys.current, batch],
    )
    rows = cursor.fetchall()
    if not rows:
        return 0, None
    refs = [row[0] for row in rows]
    sealed = keys.seal([ref.bytes for ref in refs], [keys.open(*row) for row in rows])
    cursor.execute(
        f"UPDATE {table} t SET sealed = n.sealed, key_version = %s"
        f" FROM unnest(%s::uuid[], %s::bytea[]) AS n (ref, sealed) WHERE t.{name} = n.ref".encode(),
        [keys.current, refs, sealed],
    )
    return len(rows), refs[-1]
