"""The vault's data keys: read at each transaction, unwrapped once a process.

Numbers are sealed by AES-256-GCM under the data key of the highest version; what a former version sealed opens until `rotation`
has sealed it anew and removed that key. The hash key is one for ever: it makes a number stand once.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from haqdar.base.keyed import keyed_hash, keyed_hash_sql
from haqdar.base.refusal import Refusal
from haqdar.vault.masters import Master, WrongVaultKey, present_master, previous_master
from haqdar.vault.rooms import Cursor

_NONCE = 12
HASH = 0
_unwrapped: dict[bytes, bytes] = {}


class VaultSealBroken(Refusal):
    """What lies in the vault was changed, or moved from one row to another."""

    code = "vault_seal_broken"
    en = "A number in the vault cannot be opened: it was changed or damaged. Restore the vault from its backup, with its keys."
    hi = "तिजोरी की एक संख्या नहीं खुल सकी: वह बदली या बिगड़ी है। तिजोरी को उसकी कुंजियों सहित बैकअप से लौटाएँ।"


@dataclass(frozen=True)
class Keys:
    """The opened data keys: `current` seals, `seals` open, `hash_key` finds."""

    current: int
    seals: dict[int, bytes]
    hash_key: bytes

    def seal(self, refs: Sequence[bytes], contents: Sequence[bytes]) -> list[bytes]:
        """Each content sealed (nonce, then cipher text with tag) for the row of its reference, and for no other."""
        encrypt = AESGCM(self.seals[self.current]).encrypt
        random = os.urandom(_NONCE * len(contents))
        nonces = (random[at : at + _NONCE] for at in range(0, len(random), _NONCE))
        return [
            nonce + encrypt(nonce, content, ref)
            for nonce, ref, content in zip(nonces, refs, contents, strict=True)
        ]

    def open(self, ref: UUID, sealed: bytes, version: int) -> bytes:
        """What was sealed for this reference; raises `VaultSealBroken`."""
        try:
            return AESGCM(self.seals[version]).decrypt(sealed[:_NONCE], sealed[_NONCE:], ref.bytes)
        except (InvalidTag, KeyError) as error:
            raise VaultSealBroken() from error

    def hash_of(self, number: str) -> UUID:
        """The keyed hash by which a number is found."""
        return keyed_hash(self._aadhaar, number)

    def hash_sql(self, text: str) -> tuple[str, list[bytes]]:
        """The same as SQL of DuckDB, with its parameters."""
        return keyed_hash_sql(self._aadhaar, text)

    @property
    def _aadhaar(self) -> bytes:
        return hmac.digest(self.hash_key, b"aadhaar", "sha256")


def keys_of(cursor: Cursor) -> Keys:
    """The data keys as they are in this transaction, made at first use; raises `WrongVaultKey`, `BadVaultKey`."""
    rows = _stored(cursor)
    if not rows:
        cursor.execute("LOCK TABLE vault.data_key IN EXCLUSIVE MODE")
        if not (rows := _stored(cursor)):
            add_key(cursor, HASH, "hash")
            add_key(cursor, 1, "seal")
            rows = _stored(cursor)
    opened = {
        version: _opened(wrapped, master, label(purpose, version))
        for version, purpose, wrapped, master in rows
    }
    seals = {version: opened[version] for version, purpose, _, _ in rows if purpose == "seal"}
    return Keys(max(seals), seals, opened[HASH])


def add_key(cursor: Cursor, version: int, purpose: str) -> None:
    """Make a data key and keep it wrapped by the present master key."""
    master = present_master()
    cursor.execute(
        "INSERT INTO vault.data_key (version, purpose, wrapped, master) VALUES (%s, %s, %s, %s)",
        [version, purpose, master.wrap(os.urandom(32), label(purpose, version)), master.name],
    )


def rewrap(cursor: Cursor) -> int:
    """Wrap every data key that another master key wrapped by the present one; returns how many. Raises `WrongVaultKey`."""
    present = present_master()
    cursor.execute("SELECT version, purpose, wrapped, master FROM vault.data_key ORDER BY version FOR UPDATE")
    rows = [row for row in cursor.fetchall() if row[3] != present.name]
    for version, purpose, wrapped, master in rows:
        key = _opened(bytes(wrapped), master, label(purpose, version))
        cursor.execute(
            "UPDATE vault.data_key SET wrapped = %s, master = %s WHERE version = %s",
            [present.wrap(key, label(purpose, version)), present.name, version],
        )
    return len(rows)


def label(purpose: str, version: int) -> str:
    """What is bound into the wrapping, so that no key can take another's place."""
    return f"{purpose} {version}"


def _stored(cursor: Cursor) -> list[tuple[int, str, bytes, str]]:
    cursor.execute("SELECT version, purpose, wrapped, master FROM vault.data_key ORDER BY version")
    return cursor.fetchall()


def _opened(wrapped: bytes, master: str, bound: str) -> bytes:
    if wrapped in _unwrapped:
        return _unwrapped[wrapped]
    candidates: list[Master | None] = [present_master(), previous_master()]
    holder = next((one for one in candidates if one is not None and one.name == master), None)
    if holder is None:
        raise WrongVaultKey(master=master)
    _unwrapped[wrapped] = holder.unwrap(wrapped, bound)
    return _unwrapped[wrapped]
