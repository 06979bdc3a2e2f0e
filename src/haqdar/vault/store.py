"""What other stages ask of the vault: a reference key for a number, a number for a reference key, a drawer for eKYC data.

    ref = refer(actor, number, "ekyc")            # deposits a number that is new
    ref = find(actor, number, "search")           # looks only
    numbers = reveal(actor, refs, "apbs_file")    # in clear, for the few purposes that need it
    deposit(duck, "rows", "aadhaar", actor=actor, purpose="register_load")   # a whole column; see `bulk`

Each call is one transaction of the vault's own with one line in its log; each may be repeated. Outside the vault a number is its
reference key (`aadhaar_ref`, random) and its last four digits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.vault.bulk import deposit, refer_many
from haqdar.vault.keys import VaultSealBroken, keys_of
from haqdar.vault.purposes import purpose_for
from haqdar.vault.rooms import Entry, VaultNotReached, entered, inside, sealing, write

__all__ = [
    "NotInVault",
    "VaultNotReached",
    "VaultSealBroken",
    "clear",
    "deposit",
    "drop",
    "find",
    "keep",
    "last4",
    "open",
    "refer",
    "refer_many",
    "reveal",
]

_BATCH = 20_000


class NotInVault(Refusal):
    """The drawer is empty: its day has passed, or it was never filled."""

    code = "not_in_vault"
    en = "What was kept for this step is no longer there: its time has passed. Begin the step again."
    hi = "इस चरण के लिए रखी गई जानकारी अब नहीं है: उसका समय बीत गया। चरण फिर से शुरू करें।"


def last4(number: str) -> str:
    """All that is shown of a number.

    >>> last4("999912345678")
    '5678'
    """
    return number[-4:]


def refer(actor: Actor, number: str, purpose: str) -> UUID:
    """The reference key of a number, which is deposited when it is new. The caller has checked the number's form."""
    why = purpose_for(actor, purpose)
    with entered(actor, "refer", why) as (cursor, entry):
        sealing(cursor)
        keys = keys_of(cursor)
        hashed = keys.hash_of(number)
        cursor.execute("SELECT ref FROM vault.number WHERE hash = %s", [hashed])
        if (row := cursor.fetchone()) is None:
            new = uuid4()
            (sealed,) = keys.seal([new.bytes], [number.encode()])
            cursor.execute(
                "INSERT INTO vault.number (ref, hash, sealed, key_version) VALUES (%s, %s, %s, %s) ON CONFLICT (hash) DO NOTHING",
                [new, hashed, sealed, keys.current],
            )
            cursor.execute("SELECT ref FROM vault.number WHERE hash = %s", [hashed])
            row = cursor.fetchone()
        assert row is not None
        ref: UUID = row[0]
        entry.asked, entry.given, entry.refs = 1, 1, (ref,)
    return ref


def find(actor: Actor, number: str, purpose: str) -> UUID | None:
    """The reference key of a number that was deposited, None for any other; nothing is added."""
    why = purpose_for(actor, purpose)
    with entered(actor, "find", why) as (cursor, entry):
        cursor.execute("SELECT ref FROM vault.number WHERE hash = %s", [keys_of(cursor).hash_of(number)])
        row = cursor.fetchone()
        entry.asked = 1
        if row is None:
            return None
        ref: UUID = row[0]
        entry.given, entry.refs = 1, (ref,)
    return ref


def reveal(actor: Actor, refs: Collection[UUID], purpose: str) -> dict[UUID, str]:
    """The numbers in clear of those references that the vault knows; the log says which were asked for.

    Raises `NotRevealed` for a purpose that needs none, `VaultSealBroken`.
    """
    why = purpose_for(actor, purpose, reveal=True)
    asked = sorted(set(refs))
    clear: dict[UUID, str] = {}
    for at in range(0, len(asked), _BATCH):
        some = asked[at : at + _BATCH]
        with entered(actor, "reveal", why, as_of_one_moment=True) as (cursor, entry):
            keys = keys_of(cursor)
            cursor.execute("SELECT ref, sealed, key_version FROM vault.number WHERE ref = ANY(%s)", [some])
            opened = {
                ref: keys.open(ref, sealed, version).decode() for ref, sealed, version in cursor.fetchall()
            }
            entry.asked, entry.given, entry.refs = len(some), len(opened), some
        clear |= opened
    return clear


def keep(
    actor: Actor,
    kind: str,
    content: bytes,
    until: datetime,
    purpose: str = "ekyc",
    about: UUID | None = None,
) -> UUID:
    """Keep content (eKYC data in transit) sealed until an instant; gives the key of its drawer. What is past its time goes.

    `about` is the opaque key of the resident, for the log: of this access and of each one to the drawer.
    """
    why = purpose_for(actor, purpose)
    key = uuid4()
    with entered(actor, f"keep {kind}", why) as (cursor, entry):
        sealing(cursor)
        keys = keys_of(cursor)
        (sealed,) = keys.seal([key.bytes], [content])
        cursor.execute("DELETE FROM vault.content WHERE until < now()")
        cursor.execute(
            "INSERT INTO vault.content (key, kind, sealed, key_version, until, about) VALUES (%s, %s, %s, %s, %s, %s)",
            [key, kind, sealed, keys.current, until, about],
        )
        entry.asked, entry.given, entry.refs, entry.about = 1, 1, (key,), _known(about)
    return key


def clear(actor: Actor, purpose: str = "ekyc") -> int:
    """Empty every drawer whose time is over; returns how many. Where there is none, nothing is logged either."""
    why = purpose_for(actor, purpose)
    with inside() as cursor:
        cursor.execute("DELETE FROM vault.content WHERE until < now() RETURNING key, about")
        gone = cursor.fetchall()
        if gone:
            keys, about = [key for key, _ in gone], {one for _, one in gone if one}
            write(cursor, actor, "drop", why, Entry(len(keys), len(keys), keys, sorted(about)))
    return len(gone)


def open(actor: Actor, key: UUID, purpose: str) -> bytes:
    """What a drawer holds; raises `NotInVault` after its time, `VaultSealBroken`."""
    why = purpose_for(actor, purpose)
    with entered(actor, "open", why, as_of_one_moment=True) as (cursor, entry):
        cursor.execute(
            "SELECT sealed, key_version, about FROM vault.content WHERE key = %s AND until >= now()", [key]
        )
        row = cursor.fetchone()
        content = None if row is None else keys_of(cursor).open(key, *row[:2])
        entry.asked, entry.given, entry.refs = 1, int(row is not None), (key,)
        entry.about = () if row is None else _known(row[2])
    if content is None:
        raise NotInVault()
    return content


def drop(actor: Actor, key: UUID, purpose: str = "ekyc") -> None:
    """Empty a drawer before its time; nothing happens where it is empty."""
    why = purpose_for(actor, purpose)
    with entered(actor, "drop", why) as (cursor, entry):
        cursor.execute("DELETE FROM vault.content WHERE key = %s RETURNING about", [key])
        row = cursor.fetchone()
        entry.asked, entry.given, entry.refs = 1, int(row is not None), (key,)
        entry.about = () if row is None else _known(row[0])


def _known(about: UUID | None) -> tuple[UUID, ...]:
    return () if about is None else (about,)
